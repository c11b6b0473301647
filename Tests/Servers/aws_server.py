#!/usr/bin/env python3
"""A strict stand-in for any AWS service on 127.0.0.1; prints its port, ends with its stdin.

Each request must be signed, as botocore recomputes it, for the credentials AKIDEXAMPLE/SECRET; its
path chooses the answer. N is how often the fault comes for that path before it succeeds.

  /ok/K             200, with the method, the path as sent, and the body's SHA-256
  /throttle/N/K     503 RequestLimitExceeded in EC2's form
  /slow-down/N/K    503 SlowDown in S3's form, with Retry-After: 7
  /fail/N/K         500 InternalError in S3's form
  /lost/N/K         does it, then closes the connection without an answer
  /cut/N/K          promises a body, sends half of it, closes
  /dry/K            500 InsufficientInstanceCapacity in EC2's form
  /skewed/S/K       as /ok by a clock S seconds ahead; RequestTimeTooSkewed beyond five minutes
  /expired/K        400 ExpiredToken in S3's form unless the session token is "new"
  /denied/K         403 UnauthorizedOperation with an encoded authorisation message
  /echo/xml/K       403 SignatureDoesNotMatch with the canonical string, in the query protocol's form
  /echo/json/K      the same in AWS JSON's form
  /sts/K            403 AccessDenied in the query protocol's form
  /json/K           400 ParameterNotFound in AWS JSON's form
  /elsewhere/K      301 PermanentRedirect: the bucket is in eu-west-1
  /late/N/K         200 with an error in its body
  /status/CODE/K    an empty answer of that status
  /drip/K           ten bytes, one each 200 ms
  /bytes/N          N bytes
  /unsigned/K       as /ok, and must not be signed
  /log              one line for each request so far: method, path, status
"""

import calendar
import hashlib
import json
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials


class Refusal(Exception):
    """Why a signature does not hold."""


def signature_of(request, body):
    """Recomputes the signature of what came; raises Refusal where it breaks a rule."""
    given = request.headers.get("Authorization", "")
    kind, _, rest = given.partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        raise Refusal("not signed")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, _, region, service, _ = fields["Credential"].split("/")
    signed = fields["SignedHeaders"].split(";")
    if signed != sorted(signed) or "host" not in signed:
        raise Refusal("signed headers are not sorted, or lack the host")
    for name in request.headers.keys():
        if name.lower().startswith("x-amz-") and name.lower() not in signed:
            raise Refusal(f"{name} is not signed")
    digest = hashlib.sha256(body).hexdigest()
    if service == "s3":
        claimed = request.headers.get("x-amz-content-sha256")
        if claimed != digest:
            raise Refusal("x-amz-content-sha256 is not the body's")
    copy = AWSRequest(method=request.command, url=f"http://{request.headers['Host']}{request.path}")
    copy.headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name.lower() in signed:
            copy.headers.add_header(name, value)
    copy.context["timestamp"] = request.headers["X-Amz-Date"]
    token = request.headers.get("X-Amz-Security-Token")
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(Credentials(access, "SECRET", token), service, region)
    signer.payload = lambda _: digest
    text = signer.string_to_sign(copy, signer.canonical_request(copy))
    if signer.signature(text, copy) != fields["Signature"] or access != "AKIDEXAMPLE":
        raise Refusal("the signature does not match")


def s3_error(code, message="try later", extra=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{message}</Message>{extra}<RequestId>S3REQUEST</RequestId></Error>"
    )


def ec2_error(code, message="try later"):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code>'
        f"<Message>{message}</Message></Error></Errors><RequestID>ec2-request</RequestID></Response>"
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    seen = []
    faults = {}
    ahead = 0

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return formatdate(time.time() + self.ahead, usegmt=True)

    def answer(self, status, body="", headers=()):
        with self.lock:
            self.seen.append(f"{self.command} {self.path} {status}")
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def fails_now(self, times):
        """Whether this path has not yet had its faults."""
        with self.lock:
            count = self.faults.get(self.path, 0)
            self.faults[self.path] = count + 1
        return count < int(times)

    def drop(self):
        with self.lock:
            self.seen.append(f"{self.command} {self.path} lost")
        self.close_connection = True

    def handle_request(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        mode, *rest = unquote(urlsplit(self.path).path).strip("/").split("/")
        if mode == "log":
            self.send_response(200)
            data = "\n".join(self.seen).encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        if mode == "unsigned":
            if "Authorization" in self.headers:
                self.answer(403, s3_error("SignatureDoesNotMatch", "must not be signed"))
            else:
                self.ok(body)
            return
        self.ahead = int(rest[0]) if mode == "skewed" else 0
        stamp = self.headers.get("X-Amz-Date", "19700101T000000Z")
        signed_at = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        if abs(time.time() + self.ahead - signed_at) > 300:
            self.answer(403, s3_error("RequestTimeTooSkewed", "your clock is wrong"))
            return
        try:
            signature_of(self, body)
        except Refusal as error:
            self.answer(403, s3_error("SignatureDoesNotMatch", str(error)))
            return
        getattr(self, "do_" + mode.replace("-", "_"), self.unknown)(rest, body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request

    def unknown(self, rest, body):
        self.answer(404, s3_error("NoSuchKey", "no such path"))

    def ok(self, body):
        text = f"{self.command} {self.path} {hashlib.sha256(body).hexdigest()}"
        self.answer(200, text, [("X-Seen", self.headers.get("X-Note", ""))])

    def do_ok(self, rest, body):
        self.ok(body)

    do_skewed = do_ok

    def do_throttle(self, rest, body):
        if self.fails_now(rest[0]):
            self.answer(503, ec2_error("RequestLimitExceeded", "Request limit exceeded."))
        else:
            self.ok(body)

    def do_slow_down(self, rest, body):
        if self.fails_now(rest[0]):
            self.answer(503, s3_error("SlowDown"), [("Retry-After", "7")])
        else:
            self.ok(body)

    def do_fail(self, rest, body):
        if self.fails_now(rest[0]):
            self.answer(500, s3_error("InternalError"))
        else:
            self.ok(body)

    def do_lost(self, rest, body):
        if self.fails_now(rest[0]):
            self.drop()
        else:
            self.ok(body)

    def do_cut(self, rest, body):
        if self.fails_now(rest[0]):
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.drop()
        else:
            self.ok(body)

    def do_dry(self, rest, body):
        self.answer(500, ec2_error("InsufficientInstanceCapacity", "no capacity"))

    def do_expired(self, rest, body):
        if self.headers.get("X-Amz-Security-Token") == "new":
            self.ok(body)
        else:
            self.answer(400, s3_error("ExpiredToken", "The provided token has expired."))

    def do_denied(self, rest, body):
        message = (
            "You are not authorized to perform this operation. "
            "Encoded authorization failure message: " + "4GIOHlTkIaWHQD0Q" * 90 + " Ask us."
        )
        self.answer(403, ec2_error("UnauthorizedOperation", message))

    def do_echo(self, rest, body):
        token = self.headers.get("x-amz-security-token")
        message = (
            "The request signature we calculated does not match the signature you provided.\n\n"
            f"The Canonical String for this request should have been\n'POST\n/\n\n"
            f"x-amz-security-token:{token}\n'\n\n"
            "The String-to-Sign should have been\n'AWS4-HMAC-SHA256'"
        )
        if rest[0] == "json":
            error = {"__type": "InvalidSignatureException", "message": message}
            return self.answer(400, json.dumps(error))
        self.answer(
            403,
            "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>"
            f"<Message>{message}</Message></Error></ErrorResponse>",
        )

    def do_sts(self, rest, body):
        self.answer(
            403,
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
            "<Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error>"
            "<RequestId>sts-request</RequestId></ErrorResponse>",
        )

    def do_json(self, rest, body):
        error = {"__type": "com.amazonaws.ssm#ParameterNotFound", "message": "no such name"}
        self.answer(400, json.dumps(error), [("x-amzn-RequestId", "json-request")])

    def do_elsewhere(self, rest, body):
        self.answer(
            301,
            s3_error("PermanentRedirect", "use the right endpoint"),
            [("x-amz-bucket-region", "eu-west-1")],
        )

    def do_late(self, rest, body):
        if self.fails_now(rest[0]):
            self.answer(200, s3_error("InternalError", "late"))
        else:
            self.answer(200, "<CompleteMultipartUploadResult/>")

    def do_status(self, rest, body):
        self.answer(int(rest[0]))

    def do_drip(self, rest, body):
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        for _ in range(10):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.2)

    def do_bytes(self, rest, body):
        self.answer(200, bytes(range(256)) * (int(rest[0]) // 256))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that goes away is what some tests do."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
