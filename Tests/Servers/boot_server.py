#!/usr/bin/env python3
"""Instance metadata and S3 for a machine's first boot, both strict; ends with its stdin.

  boot_server.py BUCKET KEY FILE REGION [no-role=N] [deny=N] [cut=N] [other-bytes]

Prints its port. Metadata is under /latest, version 2 only. S3 has one object, in path style; each
request must carry a signature that botocore recomputes, for the role's credentials. The first N
asks for the role are answered by 404, the first N of S3 by 403, the next N by half of the object.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

BUCKET, KEY, FILE, REGION = sys.argv[1:5]
LEFT = {"no-role": 0, "deny": 0, "cut": 0}
for word in sys.argv[5:]:
    name, _, count = word.partition("=")
    LEFT[name] = int(count or 1)
TOKEN = "AQAEAtoken=="
KEYS = Credentials(
    "ASIAEXAMPLE", "secret/+with$odd'characters0123456789abc", "session/+==" * 30
)


def fault(name):
    LEFT[name] = LEFT.get(name, 0) - 1
    return LEFT[name] >= 0


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body=b"", length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code):
        self.answer(status, f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode())

    def do_PUT(self):
        life = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != "/latest/api/token" or not life.isdigit():
            return self.answer(400)
        self.answer(200, TOKEN.encode())

    def do_GET(self):
        if self.path.startswith("/latest/"):
            self.metadata(self.path.removeprefix("/latest/meta-data/"))
        else:
            self.object()

    def metadata(self, path):
        if self.headers.get("X-aws-ec2-metadata-token") != TOKEN:
            return self.answer(401)
        if path == "iam/security-credentials/":
            return self.answer(404) if fault("no-role") else self.answer(200, b"trainers")
        if path == "iam/security-credentials/trainers":
            found = {
                "Code": "Success",
                "Type": "AWS-HMAC",
                "AccessKeyId": KEYS.access_key,
                "SecretAccessKey": KEYS.secret_key,
                "Token": KEYS.token,
            }
            return self.answer(200, json.dumps(found, indent=2).encode())
        self.answer(404)

    def object(self):
        if self.headers.get("Authorization", "").replace(", ", ",") != self.expected():
            return self.refuse(403, "SignatureDoesNotMatch")
        if fault("deny"):
            return self.refuse(403, "AccessDenied")
        if self.path != f"/{BUCKET}/{quote(KEY, safe='/-._~')}":
            return self.refuse(404, "NoSuchKey")
        with open(FILE, "rb") as file:
            body = file.read()
        if fault("cut"):
            self.answer(200, body[: len(body) // 2], len(body))
            return self.connection.close()
        self.answer(200, b"other bytes" if "other-bytes" in LEFT else body)

    def expected(self):
        signer = S3SigV4Auth(KEYS, "s3", REGION)
        time = self.headers.get("X-Amz-Date", "")
        request = AWSRequest(method="GET", url=f"http://{self.headers['Host']}{self.path}")
        signer.payload = lambda _: self.headers.get("X-Amz-Content-SHA256")
        request.headers = HTTPHeaders()
        for name in ("X-Amz-Content-SHA256", "X-Amz-Date", "X-Amz-Security-Token"):
            request.headers.add_header(name, self.headers.get(name, ""))
        request.context["timestamp"] = time
        text = signer.string_to_sign(request, signer.canonical_request(request))
        names = signer.signed_headers(signer.headers_to_sign(request))
        return (
            f"AWS4-HMAC-SHA256 Credential={signer.scope(request)},"
            f"SignedHeaders={names},Signature={signer.signature(text, request)}"
        )

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
