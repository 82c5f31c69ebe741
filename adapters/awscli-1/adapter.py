from attachset.cli import Cli, Unsupported, input_json
from attachset.protocol import serve, with_bytes


def arguments(input, folder):
    """Version 1 takes the data in JSON as text; other bytes it takes from files."""
    input = with_bytes(input)
    try:
        return input_json(with_text(input), folder)
    except UnicodeDecodeError:
        attachments = enumerate(input.pop("attachments"))
        shorthand = [from_files(*attachment, folder) for attachment in attachments]
        return [*input_json(input, folder), "--attachments", *shorthand]


def with_text(input):
    if "attachments" not in input:
        return input
    attachments = [
        {**it, "data": it["data"].decode()} if "data" in it else it
        for it in input["attachments"]
    ]
    return {**input, "attachments": attachments}


def from_files(number, attachment, folder):
    if not attachment:
        raise Unsupported("the CLI has no shorthand for an empty attachment")
    if "\r" in attachment.get("fileName", ""):
        raise Unsupported("the CLI reads a carriage return in a text file as a newline")
    fields = []
    for member, value in attachment.items():
        file = folder / f"{number}.{member}"
        if member == "data":
            file.write_bytes(value)
            fields.append(f"data@=fileb://{file.name}")
        else:
            file.write_bytes(value.encode())
            fields.append(f"{member}@=file://{file.name}")
    return ",".join(fields)


cli = Cli("installed/venv/bin/aws", arguments)
serve("awscli", cli.version, cli.runtime, cli)
