#!/usr/bin/env python3
"""Signs with botocore what it reads as JSON lines from standard input; ends with its input.

A line in: {"service", "region", "time" (20261121T120000Z), "access", "secret", "token" (or none),
"method", "url" (as sent), "headers": [[name, value]...], "payload" (its digest or
UNSIGNED-PAYLOAD)}. A line out: the Authorization header.
"""

import json
import sys
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials


def authorization(case):
    credentials = Credentials(case["access"], case["secret"], case.get("token"))
    kind = S3SigV4Auth if case["service"] == "s3" else SigV4Auth
    signer = kind(credentials, case["service"], case["region"])
    signer.payload = lambda _: case["payload"]
    request = AWSRequest(method=case["method"], url=case["url"], data=b"")
    request.headers = HTTPHeaders()
    for name, value in case["headers"]:
        # Adds another value where there is one already.
        request.headers.add_header(name, value)
    request.headers.add_header("X-Amz-Date", case["time"])
    if case.get("token"):
        request.headers.add_header("X-Amz-Security-Token", case.get("token"))
    request.context["timestamp"] = case["time"]
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    return (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, "
        f"SignedHeaders={names}, Signature={signature}"
    )


for line in sys.stdin:
    print(authorization(json.loads(line)), flush=True)
