import boto3
import urllib3

from attachset.environment import runtime
from attachset.protocol import serve
from attachset.sdk import Sdk


class Boto3(Sdk):
    session = boto3.Session()  # it keeps the service models that it has read

    def connect(self, **options):
        return self.session.client(**options)


serve("boto3", boto3.__version__, runtime(urllib3), Boto3())
