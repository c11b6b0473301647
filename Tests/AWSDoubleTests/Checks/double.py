"""What the checks share: clients of the double, whose answers botocore parses by AWS's own models."""

import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


def client(service, **changes):
    """A client that asks once and never again."""
    return boto3.client(service, **{"config": ONCE, **changes})


def refused(code, call, status=None, **arguments):
    """Runs `call`, which must be refused with `code`; gives botocore's error."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        actual = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert status in (None, actual), (actual, error)
        return error
    raise AssertionError(f"{code} was expected")


def control(method, path, body=None):
    """The double's own API."""
    data = json.dumps(body).encode() if body is not None else b""
    request = urllib.request.Request(f"{ENDPOINT}/_double/{path}", method=method, data=data)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())
