import boto3

from attachset.protocol import serve
from attachset.sdk import Sdk


class Boto3(Sdk):
    def connect(self, **options):
        return boto3.Session().client(**options)


serve("boto3", boto3.__version__, Boto3())
