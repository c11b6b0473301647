#!/usr/bin/env python3
"""Answers how botocore resolves an environment: one JSON object for each one read.

A line in: {"environment": {...}, "profile": a name or null}. A line out: access key, region, the
bundle of certificates, and the endpoints of EC2, STS, S3, SSM, SQS and Service Quotas, or {"error": the exception's name}. Ends with its input.
"""

import json
import os
import sys
from urllib.parse import urlsplit

import botocore.session

# Reads each service's model once for all sessions.
LOADER = botocore.session.Session().get_component("data_loader")


class Sent(Exception):
    """Where a request was about to go."""

    @staticmethod
    def stop(request, **_):
        raise Sent(request.url)


def resolve(case):
    os.environ.clear()
    os.environ.update(case["environment"])
    session = botocore.session.Session(profile=case["profile"])
    session.register_component("data_loader", LOADER)
    credentials = session.get_credentials()
    region = session.get_config_variable("region")
    endpoints = {
        name.replace("-", "_"): session.create_client(
            name, region_name=region or "us-east-1").meta.endpoint_url
        for name in ("ec2", "sts", "ssm", "sqs", "service-quotas")
    }
    # Which host S3 has shows only in a request about a bucket.
    s3 = session.create_client(
        "s3", region_name=region or "us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    s3.meta.events.register("before-send.s3", Sent.stop)
    try:
        s3.head_object(Bucket="bucket", Key="k")
    except Sent as sent:
        url = urlsplit(str(sent))
        endpoints["s3"] = f"{url.scheme}://{url.netloc.removeprefix('bucket.')}"
    return {
        "key": credentials.get_frozen_credentials().access_key if credentials else None,
        "region": region,
        "bundle": session.get_config_variable("ca_bundle"),
        **endpoints,
    }


for line in sys.stdin:
    try:
        answer = resolve(json.loads(line))
    except Exception as error:
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)
