"""Keeps clients made of botocore to what a call says."""

import os
import platform

ISOLATED = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def runtime(http):
    """The interpreter of this process and the HTTP library, a module, that it uses."""
    name = f"{http.__name__} {http.__version__}"
    return f"{platform.python_implementation()} {platform.python_version()}, {name}"


if __name__ == "__main__":
    import urllib3

    print(runtime(urllib3), end="")
