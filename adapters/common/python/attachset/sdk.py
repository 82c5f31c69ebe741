"""Drives the AWS SDK for Python and what is built like it."""

import binascii
import http.client
import json
import os
import sys
import traceback

import urllib3.exceptions
from botocore import exceptions, xform_name
from botocore.config import Config
from botocore.parsers import ResponseParserError

from attachset.environment import ISOLATED
from attachset.protocol import error, output, unsupported, with_bytes

os.environ.update(ISOLATED)

SETTINGS = ["endpoint", "region", "credentials", "maxAttempts", "timeoutMs"]

# The first kind that fits: botocore's time-outs are transport errors too, and both
# are BotoCoreErrors. What is left of those (parameters, credentials, endpoint,
# configuration) is raised before anything is sent.
KINDS = {
    "timeout": (
        exceptions.ReadTimeoutError,
        exceptions.ConnectTimeoutError,
        TimeoutError,
    ),
    "transport": (
        exceptions.HTTPClientError,
        exceptions.ConnectionError,
        exceptions.IncompleteReadError,
        urllib3.exceptions.HTTPError,
        http.client.HTTPException,
        OSError,
    ),
    # The language's own: JSON that is none, or too deep for it; text that is not UTF-8,
    # or no base64.
    "decode": (
        ResponseParserError,
        json.JSONDecodeError,
        RecursionError,
        UnicodeDecodeError,
        binascii.Error,
    ),
    "client": exceptions.BotoCoreError,
}


class Sdk:
    """A client, kept for as long as the calls want the same settings."""

    client = None
    settings = None

    def connect(self, **options):
        raise NotImplementedError

    def send(self, method, input):
        return method(**input)

    def close(self):
        self.client.close()

    @property
    def operations(self):
        self.client = self.connect(service_name="support", region_name="us-east-1")
        names = self.client.meta.service_model.operation_names
        self.close()
        return names

    def __call__(self, operation, call):
        input = with_bytes(call["input"])
        try:
            self.use({name: call[name] for name in SETTINGS})
            method = getattr(self.client, xform_name(operation), None)
            if not method:
                return unsupported(f"this client has no {operation}")
            missing = input.keys() - self.input_members(operation)
            if missing:
                return unsupported(f"this client has no {', '.join(missing)}")
            response = self.send(method, input)
        except Exception as raised:
            # Where the service answered, that is always the same.
            if not isinstance(raised, exceptions.ClientError):
                tell(raised)
            return describe(raised)
        del response["ResponseMetadata"]
        return output(response)

    def use(self, settings):
        if settings == self.settings:
            return
        if self.settings:
            self.close()
            self.settings = None
        self.client = self.connect(**options(settings))
        self.settings = settings

    def input_members(self, operation):
        model = self.client.meta.service_model
        return model.operation_model(operation).input_shape.members.keys()


def tell(raised):
    """Writes where it was raised, without the source: reading that takes longer
    than the call. The whole way there is long, and always the same."""
    for frame, line in list(traceback.walk_tb(raised.__traceback__))[-4:]:
        code = frame.f_code
        print(f"  {code.co_filename}:{line}, in {code.co_name}", file=sys.stderr)
    print(f"{type(raised).__name__}: {raised}", file=sys.stderr, flush=True)


def options(settings):
    credentials = settings["credentials"]
    seconds = settings["timeoutMs"] / 1000
    attempts = settings["maxAttempts"]
    return {
        "service_name": "support",
        "endpoint_url": settings["endpoint"],
        "region_name": settings["region"],
        "aws_access_key_id": credentials["accessKeyId"],
        "aws_secret_access_key": credentials["secretAccessKey"],
        "aws_session_token": credentials.get("sessionToken"),
        "config": Config(
            connect_timeout=seconds,
            read_timeout=seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
    }


def describe(raised):
    if isinstance(raised, exceptions.ClientError):
        details = raised.response.get("Error", {})
        metadata = raised.response.get("ResponseMetadata", {})
        return error(
            "service",
            details.get("Message"),
            code=details.get("Code"),
            status=metadata.get("HTTPStatusCode"),
            requestId=metadata.get("RequestId"),
        )
    for kind, classes in KINDS.items():
        if isinstance(raised, classes):
            return error(kind, str(raised))
    return error("unexpected", f"{type(raised).__name__}: {raised}")
