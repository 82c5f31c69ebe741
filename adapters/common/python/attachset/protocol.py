"""The adapter protocol: a JSON object a line in, one out."""

import base64
import json
import os
import sys


def serve(name, version, runtime, client):
    """Answers standard input until it ends; `client` makes one call when it is called,
    and its `operations` are the names of what it can call."""
    # Standard output carries the protocol alone: whatever a library or a child
    # process prints goes to standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    about = {
        "name": name,
        "version": version,
        "language": "python",
        "runtime": runtime,
    }
    for line in sys.stdin.buffer:
        request = json.loads(line.decode())
        if "protocol" in request:
            answer = {"protocol": 1, "client": about, "operations": [*client.operations]}
        else:
            operation = request.get("operation", "AddAttachmentsToSet")
            answer = {"id": request["id"], **client(operation, request)}
        answers.write(to_line(answer))
        answers.flush()


def output(members):
    return {"output": present(members)}


def error(kind, message, **details):
    return {"error": present({"kind": kind, "message": message, **details})}


def unsupported(reason):
    return {"unsupported": reason}


def with_bytes(input):
    """The input of a call with the data of each attachment as bytes."""
    if "attachments" not in input:
        return input
    return {**input, "attachments": list(map(decode_data, input["attachments"]))}


def decode_data(attachment):
    if "data" not in attachment:
        return attachment
    return {**attachment, "data": base64.b64decode(attachment["data"], validate=True)}


def present(members):
    return {name: value for name, value in members.items() if value is not None}


def to_line(answer):
    # Python reads NaN and lone surrogates, which JSON cannot carry to the
    # harness: they become "NaN" and U+FFFD.
    answer = json.loads(json.dumps(answer, default=to_base64), parse_constant=str)
    text = json.dumps(answer, ensure_ascii=False)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.encode() + b"\n"


def to_base64(data):
    return base64.b64encode(data).decode()
