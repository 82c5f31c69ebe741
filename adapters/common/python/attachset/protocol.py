"""The adapter protocol: a JSON object a line in, one out."""

import base64
import json
import os
import sys

MODELLED = ["attachmentSetId", "expiryTime"]


def serve(name, version, runtime, call):
    """Answers standard input until it ends; `call` makes one call of the client."""
    # Standard output carries the protocol alone: whatever a library or a child
    # process prints goes to standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    client = {
        "name": name,
        "version": version,
        "language": "python",
        "runtime": runtime,
    }
    for line in sys.stdin.buffer:
        request = json.loads(line.decode())
        if "protocol" in request:
            answer = {"protocol": 1, "client": client}
        else:
            answer = {"id": request["id"], **call(request)}
        answers.write(to_line(answer))
        answers.flush()


def output(members):
    told = {name: members.get(name) for name in MODELLED}
    other = [name for name in members if name not in MODELLED]
    return {"output": present({**told, "other": other or None})}


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
    answer = json.loads(json.dumps(answer), parse_constant=str)
    text = json.dumps(answer, ensure_ascii=False)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.encode() + b"\n"
