from attachset.cli import Cli, input_json
from attachset.protocol import serve

# Version 2 takes the data in JSON as base64, as the call gives it.
cli = Cli("/usr/bin/aws", input_json)
serve("awscli", cli.version, cli.runtime, cli)
