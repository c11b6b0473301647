"""Signatures, skew, session tokens and STS, with botocore as the other signer."""

import datetime
import urllib.error
import urllib.request

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from double import ENDPOINT, client, control, refused

ADMIN = client("sts")._get_credentials()
ROLE = "arn:aws:iam::123456789012:role/holdfast-controller"
sts = client("sts")

# Who am I, and keys for a role.
me = sts.get_caller_identity()
assert me["Account"] == "123456789012" and me["Arn"] == "arn:aws:iam::123456789012:user/admin"
session = sts.assume_role(RoleArn=ROLE, RoleSessionName="ci", DurationSeconds=900)
assert session["AssumedRoleUser"]["Arn"].endswith("assumed-role/holdfast-controller/ci")
keys = session["Credentials"]
left = keys["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
assert 800 < left.total_seconds() <= 900
as_role = {
    "aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"],
    "aws_session_token": keys["SessionToken"]}
assert ":assumed-role/" in client("sts", **as_role).get_caller_identity()["Arn"]
control("POST", "roles", {
    "name": "from-web", "webIdentityToken": "a.b.c", "policy": {"Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}})
WEB = "arn:aws:iam::123456789012:role/from-web"
web = client("sts").assume_role_with_web_identity(
    RoleArn=WEB, RoleSessionName="web", WebIdentityToken="a.b.c")["Credentials"]
refused("InvalidIdentityToken", sts.assume_role_with_web_identity, RoleArn=WEB,
        RoleSessionName="web", WebIdentityToken="another")
refused("AccessDenied", sts.assume_role, RoleArn="arn:aws:iam::123456789012:role/nobody",
        RoleSessionName="ci")
refused("UnauthorizedOperation", client(
    "ec2", aws_access_key_id=web["AccessKeyId"], aws_secret_access_key=web["SecretAccessKey"],
    aws_session_token=web["SessionToken"]).describe_instances, status=403)

# Every service says no in its own words.
WORDS = {
    "sts": (sts.__class__.get_caller_identity, "InvalidClientTokenId", "SignatureDoesNotMatch",
            "ExpiredToken"),
    "ec2": (client("ec2").__class__.describe_instances, "AuthFailure", "AuthFailure",
            "RequestExpired"),
    "s3": (client("s3").__class__.list_buckets, "InvalidAccessKeyId", "SignatureDoesNotMatch",
           "ExpiredToken"),
    "ssm": (lambda ssm: ssm.get_parameter(Name="x"), "UnrecognizedClientException",
            "InvalidSignatureException", "ExpiredTokenException"),
}
for service, (call, unknown, mismatch, _) in WORDS.items():
    refused(unknown, lambda: call(client(
        service, aws_access_key_id="AKIANOBODY0000000000", aws_secret_access_key="x")))
    refused(mismatch, lambda: call(client(
        service, aws_access_key_id=ADMIN.access_key, aws_secret_access_key="wrong")))
    refused("InvalidToken" if service == "s3" else unknown, lambda: call(client(service, **{
        **as_role, "aws_session_token": "another"})))
control("POST", "expire-sessions", {"role": "holdfast-controller"})
for service, (call, _, _, expired) in WORDS.items():
    refused(expired, lambda: call(client(service, **as_role)))


def send(tamper=None, service="ec2", age=0, body=b"Action=DescribeInstances&Version=2016-11-15",
         headers=(), region="us-east-1"):
    """Signs a request with botocore, tampers with it, sends it; gives status and body."""
    request = AWSRequest("POST", ENDPOINT + "/?b=2&a=%20x", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded", **dict(headers)})
    signer = SigV4Auth(Credentials(ADMIN.access_key, ADMIN.secret_key), service, region)
    import botocore.auth as auth
    real = auth.get_current_datetime
    auth.get_current_datetime = lambda *a, **k: real() - datetime.timedelta(seconds=age)
    try:
        signer.add_auth(request)
    finally:
        auth.get_current_datetime = real
    prepared = request.prepare()
    wire = urllib.request.Request(
        prepared.url, data=prepared.body, method="POST", headers=dict(prepared.headers))
    if tamper:
        tamper(wire)
    try:
        with urllib.request.urlopen(wire) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


assert send()[0] == 200
assert send(headers={"X-Spaces": "  a   b  "})[0] == 200


def other_body(wire):
    wire.data = wire.data.replace(b"Instances", b"InstanceS")


def other_query(wire):
    wire.full_url = wire.full_url.replace("b=2", "b=3")


def other_header(wire):
    wire.add_header("X-spaces", "c")


def unsigned_header(wire):
    wire.add_header("X-amz-extra", "1")


def no_signature(wire):
    wire.remove_header("Authorization")


for tamper in other_body, other_query, unsigned_header:
    status, text = send(tamper)
    assert status == 401 and b"<Code>AuthFailure" in text, (tamper, status, text)
status, text = send(other_header, headers={"X-Spaces": "a"})
assert status == 401, text

# EC2 takes five minutes of skew either way.
assert send(age=240)[0] == 200 and send(age=-240)[0] == 200
status, text = send(age=400)
assert status == 400 and b"<Code>RequestExpired" in text, text
assert send(age=-400)[0] == 401
assert send(region="mars-north-1")[0] >= 400
