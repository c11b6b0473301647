#!/usr/bin/env python3
"""Answers how botocore resolves an environment: one JSON object for each one read.

A line in: {"environment": {...}, "profile": a name or null}. A line out: access key, region and the
endpoint of EC2 and of S3, or {"error": the exception's name}. Ends with its input.
"""

import json
import os
import sys

import botocore.session

# Reads each service's model once for all sessions.
LOADER = botocore.session.Session().get_component("data_loader")


def resolve(case):
    os.environ.clear()
    os.environ.update(case["environment"])
    session = botocore.session.Session(profile=case["profile"])
    session.register_component("data_loader", LOADER)
    credentials = session.get_credentials()
    region = session.get_config_variable("region")
    endpoints = {
        name: session.create_client(name, region_name=region or "us-east-1").meta.endpoint_url
        for name in ("ec2", "sts")
    }
    return {
        "key": credentials.get_frozen_credentials().access_key if credentials else None,
        "region": region,
        **endpoints,
    }


for line in sys.stdin:
    try:
        answer = resolve(json.loads(line))
    except Exception as error:
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)
