"""S3 through boto3: conditions, checksums, ranges, listings, parts, aws-chunked, regions."""

import base64
import hashlib
import http.client
import urllib.parse
import zlib

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from double import ENDPOINT, client, control, refused

s3 = client("s3")
ADMIN = s3._get_credentials()

# Buckets live in regions.
s3.create_bucket(Bucket="states")
west = client("s3", region_name="us-west-2")
west.create_bucket(
    Bucket="western", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="states")
refused("IllegalLocationConstraintException", s3.create_bucket, Bucket="eastern",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
assert west.get_bucket_location(Bucket="western")["LocationConstraint"] == "us-west-2"
assert s3.get_bucket_location(Bucket="states")["LocationConstraint"] is None
assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} == {"states", "western"}
refused("NoSuchBucket", s3.list_objects_v2, Bucket="nothing")
refused("404", s3.head_bucket, Bucket="nothing")
home = s3.head_bucket(Bucket="states")["ResponseMetadata"]["HTTPHeaders"]
assert home["x-amz-bucket-region"] == "us-east-1"

# One object and its conditions.
put = s3.put_object(
    Bucket="states", Key="a/b", Body=b"one", ContentType="application/json",
    Metadata={"upload": "nonce-1"}, IfNoneMatch="*")
etag = put["ETag"]
assert etag.startswith('"') and etag.endswith('"')
refused("PreconditionFailed", s3.put_object, status=412, Bucket="states", Key="a/b", Body=b"x",
        IfNoneMatch="*")
got = s3.get_object(Bucket="states", Key="a/b", ChecksumMode="ENABLED")
assert got["Body"].read() == b"one" and got["ETag"] == etag
assert got["ContentType"] == "application/json" and got["Metadata"] == {"upload": "nonce-1"}
assert got["ServerSideEncryption"] == "AES256" and got["ChecksumType"] == "FULL_OBJECT"
refused("304", s3.get_object, Bucket="states", Key="a/b", IfNoneMatch=etag)
refused("PreconditionFailed", s3.get_object, Bucket="states", Key="a/b", IfMatch='"0"')
second = s3.put_object(Bucket="states", Key="a/b", Body=b"two", IfMatch=etag)["ETag"]
refused("PreconditionFailed", s3.put_object, Bucket="states", Key="a/b", Body=b"x", IfMatch=etag)
refused("NoSuchKey", s3.put_object, Bucket="states", Key="absent", Body=b"x", IfMatch=etag)
refused("PreconditionFailed", s3.delete_object, Bucket="states", Key="a/b", IfMatch=etag)
head = s3.head_object(Bucket="states", Key="a/b")
assert head["ContentLength"] == 3 and head["ETag"] == second and head["LastModified"]
refused("404", s3.head_object, Bucket="states", Key="absent")
refused("NoSuchKey", s3.get_object, status=404, Bucket="states", Key="absent")
assert s3.get_object(Bucket="states", Key="a/b", Range="bytes=1-")["ContentRange"] == "bytes 1-2/3"
assert s3.get_object(Bucket="states", Key="a/b", Range="bytes=0-0")["Body"].read() == b"t"
refused("InvalidRange", s3.get_object, status=416, Bucket="states", Key="a/b", Range="bytes=3-")

# Checksums are verified and kept.
body = bytes(range(256)) * 40
sha = base64.b64encode(hashlib.sha256(body).digest()).decode()
for algorithm in "CRC32", "SHA256":
    kept = s3.put_object(Bucket="states", Key="sum", Body=body, ChecksumAlgorithm=algorithm)
    assert kept["Checksum" + algorithm], kept
assert kept["ChecksumSHA256"] == sha
read = s3.head_object(Bucket="states", Key="sum", ChecksumMode="ENABLED")
assert read["ChecksumSHA256"] == sha
refused("BadDigest", s3.put_object, Bucket="states", Key="sum", Body=b"other", ChecksumSHA256=sha)
refused("BadDigest", s3.put_object, Bucket="states", Key="sum", Body=b"other",
        ContentMD5=base64.b64encode(hashlib.md5(b"x").digest()).decode())

# Keys of every sort, page by page.
keys = ["l/ä ö", "l/a+b", "l/a b", "l/%41", "l/&<>\"'", "l/~x", "l/日本", "l/a//b", "l/./c", "l/z="]
for key in keys:
    s3.put_object(Bucket="states", Key=key, Body=key.encode())
    assert s3.get_object(Bucket="states", Key=key)["Body"].read() == key.encode(), key
found = []
for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket="states", Prefix="l/", PaginationConfig={"PageSize": 3}):
    assert page["KeyCount"] <= 3
    found += [item["Key"] for item in page["Contents"]]
assert found == sorted(keys, key=str.encode), found
grouped = s3.list_objects_v2(Bucket="states", Delimiter="/")
assert [prefix["Prefix"] for prefix in grouped["CommonPrefixes"]] == ["a/", "l/"]
later = s3.list_objects_v2(Bucket="states", Prefix="l/", StartAfter="l/a b", MaxKeys=1)
assert later["Contents"][0]["Key"] == "l/a+b" and later["IsTruncated"]

# Parts.
control("POST", "least-part-size", {"bytes": 1000})
pieces = [b"a" * 1000, b"b" * 1500, b"c" * 7]
upload = s3.create_multipart_upload(
    Bucket="states", Key="big", ChecksumAlgorithm="SHA256", Metadata={"upload": "nonce-2"})
place = {"Bucket": "states", "Key": "big", "UploadId": upload["UploadId"]}
parts = []
for number, piece in enumerate(pieces, 1):
    digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
    refused("BadDigest", s3.upload_part, **place, PartNumber=number, Body=piece + b"!",
            ChecksumSHA256=digest)
    sent = s3.upload_part(**place, PartNumber=number, Body=piece, ChecksumSHA256=digest)
    parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": digest})
assert len(s3.list_parts(**place)["Parts"]) == 3
assert s3.list_multipart_uploads(Bucket="states")["Uploads"][0]["Key"] == "big"
refused("InvalidPart", s3.complete_multipart_upload, **place, MultipartUpload={
    "Parts": [{**parts[0], "ETag": '"0"'}]})
control("POST", "faults", {
    "name": "late", "service": "s3", "operation": "CompleteMultipartUpload", "first": 1,
    "effect": "refuse", "status": 200, "code": "InternalError"})
refused("InternalError", s3.complete_multipart_upload, **place, MultipartUpload={"Parts": parts})
done = s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
assert done["ETag"].endswith('-3"') and done["ChecksumSHA256"].endswith("-3")
assert s3.get_object(Bucket="states", Key="big")["Body"].read() == b"".join(pieces)
assert s3.head_object(Bucket="states", Key="big")["Metadata"] == {"upload": "nonce-2"}
refused("NoSuchUpload", s3.abort_multipart_upload, **place)
upload = s3.create_multipart_upload(Bucket="states", Key="big")["UploadId"]
place["UploadId"] = upload
sent = s3.upload_part(**place, PartNumber=1, Body=b"x")
refused("PreconditionFailed", s3.complete_multipart_upload, **place, IfNoneMatch="*",
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": sent["ETag"]}]})
s3.abort_multipart_upload(**place)


def send_chunked(data, trailer, promised=None, tamper=b""):
    """As SDKs send a body over TLS: in chunks, unsigned, with a checksum behind it."""
    url = ENDPOINT + "/states/chunked%20key"
    request = AWSRequest("PUT", url, headers={
        "Content-Encoding": "aws-chunked", "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Decoded-Content-Length": str(promised or len(data)),
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
    signer = S3SigV4Auth(Credentials(ADMIN.access_key, ADMIN.secret_key), "s3", "us-east-1")
    signer.payload = lambda _: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    signer.add_auth(request)
    body = b"%x\r\n%s\r\n" % (len(data), data + tamper) + (
        b"0\r\nx-amz-checksum-crc32:%s\r\n\r\n" % trailer)
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(ENDPOINT).netloc)
    headers = {name: value for name, value in request.headers.items()}
    connection.request("PUT", "/states/chunked%20key", body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big"))
status, text = send_chunked(body, crc)
assert status == 200, text
stored = s3.get_object(Bucket="states", Key="chunked key", ChecksumMode="ENABLED")
assert stored["Body"].read() == body and stored["ChecksumCRC32"] == crc.decode()
assert send_chunked(body, b"AAAAAA==")[0] == 400
assert send_chunked(body, crc, promised=5)[0] == 400
assert send_chunked(body, crc, tamper=b"!")[0] == 400

# Deleting.
s3.delete_object(Bucket="states", Key="a/b")
s3.delete_object(Bucket="states", Key="a/b")
gone = s3.delete_objects(Bucket="states", Delete={"Objects": [{"Key": key} for key in keys]})
assert len(gone["Deleted"]) == len(keys)
assert s3.list_objects_v2(Bucket="states", Prefix="l/")["KeyCount"] == 0

# A bucket's policy holds: nothing below runs/ without a condition, and only a lister learns of
# absence.
s3.put_bucket_policy(Bucket="states", Policy="""{"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::states/runs/*",
    "Condition": {"Null": {"s3:if-none-match": "true"},
                  "Bool": {"s3:ObjectCreationOperation": "true"}}}]}""")
refused("AccessDenied", s3.put_object, status=403, Bucket="states", Key="runs/x", Body=b"x")
s3.put_object(Bucket="states", Key="runs/x", Body=b"x", IfNoneMatch="*")
many = {"Bucket": "states", "Key": "runs/many"}
many["UploadId"] = s3.create_multipart_upload(**many)["UploadId"]
part = s3.upload_part(**many, PartNumber=1, Body=b"parts need no condition")
parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
refused("AccessDenied", s3.complete_multipart_upload, **many, MultipartUpload=parts)
s3.complete_multipart_upload(**many, MultipartUpload=parts, IfNoneMatch="*")

# What was set is shown.
refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket="states")
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket="states")
s3.put_public_access_block(
    Bucket="states", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
block = s3.get_public_access_block(Bucket="states")["PublicAccessBlockConfiguration"]
assert block["BlockPublicAcls"] is True
control("POST", "users", {
    "name": "reader", "accessKey": "AKIAREADER0000000000", "secret": "s", "policy": {
        "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}})
reader = client("s3", aws_access_key_id="AKIAREADER0000000000", aws_secret_access_key="s")
assert reader.get_object(Bucket="states", Key="runs/x")["Body"].read() == b"x"
refused("AccessDenied", reader.get_object, status=403, Bucket="states", Key="runs/y")
refused("AccessDenied", reader.list_objects_v2, Bucket="states")

# What goes wrong on demand.
control("POST", "faults", {
    "name": "slow", "service": "s3", "operation": "GetObject", "first": 2, "effect": "refuse",
    "status": 503, "code": "SlowDown"})
for _ in range(2):
    refused("SlowDown", s3.get_object, status=503, Bucket="states", Key="runs/x")
s3.get_object(Bucket="states", Key="runs/x")
control("POST", "faults", {
    "name": "lost", "service": "s3", "operation": "PutObject", "nth": 1, "effect": "loseReply"})
try:
    s3.put_object(Bucket="states", Key="lost", Body=b"done")
    raise AssertionError("the answer should have been lost")
except Exception as error:
    assert type(error).__name__ == "ConnectionClosedError", error
assert s3.get_object(Bucket="states", Key="lost")["Body"].read() == b"done"
control("POST", "faults", {
    "name": "outage", "region": "us-west-2", "effect": "unreachable"})
try:
    west.list_objects_v2(Bucket="western")
    raise AssertionError("the region should be away")
except Exception as error:
    assert type(error).__name__ == "ConnectionClosedError", error
control("DELETE", "faults/outage")
assert west.list_objects_v2(Bucket="western")["KeyCount"] == 0
