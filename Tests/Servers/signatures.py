"""Recomputes with botocore the signature of a request that came; shared by servers of tests."""

import hashlib

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

ACCESS, SECRET = "AKIDEXAMPLE", "SECRET"


def fault(request, body):
    """Why the signature of a request to another service than S3 does not hold; None if it does."""
    kind, _, rest = request.headers.get("Authorization", "").partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        return "not signed"
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, _, region, service, _ = fields["Credential"].split("/")
    signed = fields["SignedHeaders"].split(";")
    if signed != sorted(signed) or "host" not in signed:
        return "signed headers are not sorted, or lack the host"
    copy = AWSRequest(method=request.command, url=f"http://{request.headers['Host']}{request.path}")
    copy.headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name.lower() in signed:
            copy.headers.add_header(name, value)
        elif name.lower().startswith("x-amz-"):
            return f"{name} is not signed"
    copy.context["timestamp"] = request.headers["X-Amz-Date"]
    token = request.headers.get("X-Amz-Security-Token")
    signer = SigV4Auth(Credentials(access, SECRET, token), service, region)
    signer.payload = lambda _: hashlib.sha256(body).hexdigest()
    text = signer.string_to_sign(copy, signer.canonical_request(copy))
    if signer.signature(text, copy) != fields["Signature"] or access != ACCESS:
        return "the signature does not match"
    return None
