"""Drives the AWS CLI by its public interface: arguments, environment, exit, output."""

import json
import math
import re
import subprocess
import sys
import tempfile
from functools import cache, cached_property
from pathlib import Path

from attachset import environment
from attachset.environment import ISOLATED
from attachset.protocol import error, output, present, unsupported

SERVICE_ERROR = re.compile(
    r"^An error occurred \((?P<code>.*?)\) when calling the \w+ "
    r"operation(?: \(reached max retries: \d+\))?: (?P<message>.*)\n\Z",
    re.DOTALL | re.MULTILINE,
)

# A program has no exception types, only text: it prints the bare message of whatever
# exception ended the call. These are CPython's for an AttributeError, a TypeError, a
# KeyError, an IndexError.
MISTAKE = (
    r"\w+ object has no attribute \S+"
    r"|'\S+' object has no attribute \S+"
    r"|(argument of type|expected|unhashable type|unsupported operand|object of type) .*'\w+'.*"
    r"|'\S+' object (is not|does not support|cannot be) .+"
    r"|(string|list|tuple|bytes?) ind(ex|ices) (must be|out of range).*"
    r"|can only concatenate .+"
    r"|'[^'\n]*'"
)

# What none of these knows came up when the CLI tried to make sense of an answer.
OTHER_ERRORS = {
    "unexpected": r"^Traceback \(most recent call last\):\n[\s\S]*"
    r"^(Assertion|Attribute|Index|Key|Name|Type|UnboundLocal)Error\b"
    rf"|\A(?:aws: \[ERROR\]: )?(?:{MISTAKE})\Z",
    "timeout": r"^(Read|Connect) timeout on endpoint URL",
    "transport": r"^(Could not connect to the endpoint URL|Connection was closed before"
    r"|An HTTP Client |An error occurred while reading|SSL validation failed"
    r"|\d+ read, but total bytes expected is)",
    "client": r"^(Parameter validation failed|Error parsing parameter|usage:"
    r"|Unable to locate credentials|Partial credentials|You must specify a region)",
}


class Unsupported(Exception):
    """The CLI has no way to express a call."""


class Cli:
    """A process for each call, in an empty folder of its own.

    `arguments(input, folder)` expresses the input of a call as arguments, and
    writes the files which they name to the folder.
    """

    def __init__(self, program, arguments):
        self.program = Path(program).absolute()
        self.arguments = arguments

    def __call__(self, operation, call):
        if operation not in self.operations:
            return unsupported(f"this client has no {operation}")
        command = ["support", self.operations[operation]]
        missing = call["input"].keys() - self.input_members(*command)
        if missing:
            return unsupported(f"this client has no {', '.join(missing)}")
        with tempfile.TemporaryDirectory() as folder:
            try:
                arguments = self.arguments(call["input"], Path(folder))
            except Unsupported as reason:
                return unsupported(str(reason))
            arguments = [*command, *arguments, *options(call)]
            return describe(*self.run(arguments, folder, variables(call)))

    @cached_property
    def version(self):
        _, printed, _ = self.ask("--version")
        return re.match(r"aws-cli/(\S+)", printed)[1]

    @cached_property
    def runtime(self):
        """As `environment.runtime`, of the interpreter that the program names."""
        interpreter = self.program.open().readline().removeprefix("#!").strip()
        command = [interpreter, environment.__file__]
        return subprocess.run(command, capture_output=True, text=True).stdout

    @cached_property
    def operations(self):
        """Each operation with its command: the CLI lists those for one that it has not."""
        _, _, complaint = self.ask("support", "list")
        commands = re.findall(r"[a-z]+(?:-[a-z]+)+", complaint.partition("choices are:")[2])
        return {command.title().replace("-", ""): command for command in commands}

    @cache
    def input_members(self, *command):
        _, skeleton, _ = self.ask(*command, "--generate-cli-skeleton", "input")
        return json.loads(skeleton).keys()

    def ask(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            return self.run(arguments, folder, {})

    def run(self, arguments, folder, variables):
        process = subprocess.run(
            [self.program, *arguments],
            cwd=folder,
            # Nothing else: the user's environment and home configure the CLI, too.
            env={"HOME": folder, "LC_ALL": "C.UTF-8", **ISOLATED, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        complaint = process.stderr.decode()
        sys.stderr.write(complaint)
        return process.returncode, process.stdout.decode(), complaint


def input_json(input, folder):
    (folder / "input.json").write_text(json.dumps(input))
    return ["--cli-input-json", "file://input.json"]


def options(call):
    # A time-out of 0 seconds would mean none.
    seconds = str(max(1, math.ceil(call["timeoutMs"] / 1000)))
    return [
        *("--endpoint-url", call["endpoint"]),
        *("--region", call["region"]),
        *("--cli-connect-timeout", seconds),
        *("--cli-read-timeout", seconds),
        *("--output", "json"),
        # By itself, the CLI asks for all pages.
        "--no-paginate",
    ]


def variables(call):
    credentials = call["credentials"]
    return present({
        "AWS_ACCESS_KEY_ID": credentials["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["secretAccessKey"],
        "AWS_SESSION_TOKEN": credentials.get("sessionToken"),
        "AWS_MAX_ATTEMPTS": str(call["maxAttempts"]),
        "AWS_RETRY_MODE": "standard",
        "AWS_PAGER": "",
    })


def describe(status, printed, complaint):
    if status == 0:
        # The CLI prints nothing when the answer has no members.
        return output(json.loads(printed or "{}"))
    service_error = SERVICE_ERROR.search(complaint)
    if service_error:
        return error("service", **service_error.groupdict())
    complaint = complaint.strip("\n")
    for kind, pattern in OTHER_ERRORS.items():
        if re.search(pattern, complaint, re.MULTILINE):
            return error(kind, complaint)
    return error("decode", complaint)
