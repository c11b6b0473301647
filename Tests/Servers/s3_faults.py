#!/usr/bin/env python3
"""One bucket of a strict S3 with faults, on 127.0.0.1; prints its port, ends with its stdin.

What a body is promised to be (x-amz-content-sha256, x-amz-checksum-sha256) it must be; conditions
hold; parts are put together in their order; checksums are shown when asked for. Arguments name
faults: OPERATION=FAULT, or OPERATION=FAULT*N for the first N calls (one without a number).

  operations  get head put delete list begin part complete abort bucket
  faults      lost       done, but the connection closes without an answer
              late       200 with an error in the body, not done
              late-done  200 with an error in the body, but done
              conflict   409 ConditionalRequestConflict
              cut        half of the body, then the connection closes
              hang       no answer for a minute
              swap       done, after which another writer replaces the object
              rot        done, but what is stored has another checksum
              slow-down  503 SlowDown
              denied     403 AccessDenied; forbidden is the same without a body
              kms        400 KMS.DisabledException
              elsewhere  301 PermanentRedirect: the bucket is in eu-west-1
              no-bucket  404 NoSuchBucket

GET /_log gives one line for each call so far, GET /_peak the most parts and ranges at one time, and
GET /_open the uploads that were begun and neither completed nor aborted.
"""

import base64
import hashlib
import re
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit

lock = threading.Lock()
objects, uploads, log = {}, {}, []
faults = []
busy = peak = 0
for argument in sys.argv[1:]:
    operation, _, fault = argument.partition("=")
    fault, _, count = fault.partition("*")
    faults.append([operation, fault, int(count or 1)])


def base64_digest(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Refusal(Exception):
    def __init__(self, status, code, message="as arranged", headers=()):
        self.status, self.code, self.message, self.headers = status, code, message, headers


ARRANGED = {
    "conflict": Refusal(409, "ConditionalRequestConflict"),
    "slow-down": Refusal(503, "SlowDown"),
    "denied": Refusal(403, "AccessDenied", "not authorized to perform: s3:PutObject"),
    "forbidden": Refusal(403, "AccessDenied"),
    "kms": Refusal(400, "KMS.DisabledException", "the key is disabled"),
    "elsewhere": Refusal(
        301, "PermanentRedirect", headers=[("x-amz-bucket-region", "eu-west-1")]),
    "no-bucket": Refusal(404, "NoSuchBucket", "The specified bucket does not exist"),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        global busy, peak
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/_"):
            return self.control(parts.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        _, self.bucket, *rest = unquote(parts.path).split("/", 2)
        self.key = rest[0] if rest else ""
        operation = self.operation()
        with lock:
            log.append(f"{operation} {self.key}".strip())
            busy += operation in ("part", "get")
            peak = max(peak, busy)
            self.fault = next((f for f in faults if f[0] == operation and f[2] > 0), [0, "", 0])
            self.fault[2] -= 1
            self.fault = self.fault[1]
        try:
            self.run(operation, body)
        finally:
            with lock:
                busy -= operation in ("part", "get")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def operation(self):
        has = self.query.__contains__
        names = {
            "GET": "list" if has("list-type") else "get", "HEAD": "head" if self.key else "bucket",
            "PUT": "part" if has("partNumber") else "put",
            "POST": "begin" if has("uploads") else "complete",
            "DELETE": "abort" if has("uploadId") else "delete",
        }
        return names[self.command]

    def run(self, operation, body):
        if self.fault == "hang":
            time.sleep(60)
        try:
            if self.fault in ARRANGED:
                raise ARRANGED[self.fault]
            self.verify(body)
            if self.fault == "late":
                return self.answer(200, xml("Error", Code="InternalError", Message="as arranged"))
            if operation in ("part", "get"):
                time.sleep(0.01)
            with lock:
                answer = getattr(self, "do_" + operation)(body)
                if self.fault == "swap":
                    self.store(b"another's", {})
                if self.fault == "rot":
                    objects[self.key]["checksum"] = base64_digest(b"rot")
            if self.fault == "late-done":
                return self.answer(200, xml("Error", Code="InternalError", Message="as arranged"))
            if self.fault == "lost":
                self.close_connection = True
                return None
            self.answer(*answer)
        except Refusal as refusal:
            body = xml("Error", Code=refusal.code, Message=refusal.message)
            empty = self.command == "HEAD" or self.fault == "forbidden"
            self.answer(refusal.status, b"" if empty else body, refusal.headers)

    def verify(self, body):
        if "AWS4-HMAC-SHA256" not in self.headers.get("Authorization", ""):
            raise Refusal(403, "AccessDenied", "not signed")
        if self.headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided hash does not match")
        promised = self.headers.get("x-amz-checksum-sha256")
        if promised not in (None, base64_digest(body)):
            raise Refusal(400, "BadDigest", "The checksum does not match")

    def answer(self, status, body=b"", headers=()):
        headers = dict(headers)
        self.send_response_only(status)
        self.send_header("Date", formatdate(usegmt=True))
        self.send_header("Content-Length", headers.pop("Content-Length", len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            if self.fault == "cut":
                body, self.close_connection = body[:len(body) // 2], True
            self.wfile.write(body)

    def control(self, path):
        self.fault, self.query = "", {}
        with lock:
            text = {"/_log": "\n".join(log), "/_peak": str(peak),
                    "/_open": "\n".join(uploads)}[path]
        self.answer(200, text.encode())

    # What the operations do, under the lock.

    def condition(self):
        current = objects.get(self.key)
        wanted = self.headers.get("If-Match")
        if self.headers.get("If-None-Match") == "*" and current:
            raise Refusal(412, "PreconditionFailed")
        if wanted and not current:
            raise Refusal(404, "NoSuchKey")
        if wanted and current["ETag"] != wanted:
            raise Refusal(412, "PreconditionFailed")

    def store(self, data, meta, checksum=None):
        # No digest of the bytes, as under KMS.
        number = sum(line.startswith("put") or line.startswith("complete") for line in log)
        objects[self.key] = {
            "data": data, "meta": meta, "checksum": checksum or base64_digest(data),
            "ETag": f'"{number:032x}-{len(data)}"', "time": int(time.time()),
        }

    def meta(self):
        return {k: v for k, v in self.headers.items() if k.lower().startswith("x-amz-meta-")}

    def do_put(self, body):
        self.condition()
        self.store(body, self.meta())
        return 200, b"", {"ETag": objects[self.key]["ETag"]}

    def facts(self):
        found = objects.get(self.key)
        if not found:
            raise Refusal(404, "NoSuchKey")
        wanted, known = self.headers.get("If-Match"), self.headers.get("If-None-Match")
        if wanted and wanted != found["ETag"]:
            raise Refusal(412, "PreconditionFailed")
        headers = {"ETag": found["ETag"], "Last-Modified": formatdate(found["time"], usegmt=True),
                   **found["meta"]}
        if self.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers["x-amz-checksum-sha256"] = found["checksum"]
        return found, headers, known == found["ETag"]

    def do_get(self, body):
        found, headers, unchanged = self.facts()
        if unchanged:
            return 304, b"", {"ETag": found["ETag"]}
        data = found["data"]
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not asked:
            return 200, data, headers
        first, last = int(asked[1]), min(int(asked[2]), len(data) - 1)
        if first >= len(data):
            raise Refusal(416, "InvalidRange")
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return 206, data[first:last + 1], headers

    def do_head(self, body):
        found, headers, _ = self.facts()
        return 200, b"", {**headers, "Content-Length": len(found["data"])}

    def do_bucket(self, body):
        return 200, b"", {"x-amz-bucket-region": "us-east-1"}

    def do_delete(self, body):
        objects.pop(self.key, None)
        return 204, b""

    def do_list(self, body):
        keys = sorted(k for k in objects if k.startswith(self.query.get("prefix", "")))
        # Every second page is empty, as S3 may give them.
        token = int(self.query.get("continuation-token", 0))
        start, page = token // 2, token % 2 * 2
        found = "".join(
            f"<Contents><Key>{quote(k, safe='/')}</Key><Size>{len(objects[k]['data'])}</Size>"
            f"<ETag>{objects[k]['ETag'].replace(chr(34), '&quot;')}</ETag>"
            "<LastModified>"
            + time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(objects[k]["time"]))
            + "</LastModified></Contents>"
            for k in keys[start:start + page])
        done = start + page >= len(keys)
        following = "" if done else (
            f"<NextContinuationToken>{(start + page) * 2 + (page == 0)}</NextContinuationToken>")
        return 200, (
            '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><EncodingType>url'
            f"</EncodingType><IsTruncated>{'false' if done else 'true'}</IsTruncated>"
            f"{following}{found}</ListBucketResult>").encode()

    def do_begin(self, body):
        name = f"upload-{len(log)}"
        uploads[name] = {"meta": self.meta(), "parts": {}}
        return 200, xml("InitiateMultipartUploadResult", UploadId=name)

    def upload(self):
        if self.query["uploadId"] not in uploads:
            raise Refusal(404, "NoSuchUpload")
        return uploads[self.query["uploadId"]]

    def do_part(self, body):
        self.upload()["parts"][int(self.query["partNumber"])] = body
        return 200, b"", {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}

    def do_complete(self, body):
        upload = self.upload()
        listed = re.findall(
            r"<PartNumber>(\d+)</PartNumber><ETag>\"(\w+)\"</ETag>"
            r"<ChecksumSHA256>([^<]*)<", body.decode())
        parts = []
        for expected, (number, etag, checksum) in enumerate(listed, 1):
            part = upload["parts"].get(int(number))
            if part is None or int(number) != expected or base64_digest(part) != checksum \
                    or hashlib.md5(part).hexdigest() != etag:
                raise Refusal(400, "InvalidPart")
            parts.append(part)
        if not parts or any(len(part) < 5 << 20 for part in parts[:-1]):
            raise Refusal(400, "EntityTooSmall")
        data = b"".join(parts)
        if int(self.headers["x-amz-mp-object-size"]) != len(data):
            raise Refusal(400, "InvalidRequest", "x-amz-mp-object-size does not match")
        self.condition()
        digests = b"".join(hashlib.sha256(part).digest() for part in parts)
        self.store(data, upload["meta"], f"{base64_digest(digests)}-{len(parts)}")
        del uploads[self.query["uploadId"]]
        return 200, xml("CompleteMultipartUploadResult", ETag="later")

    def do_abort(self, body):
        self.upload()
        del uploads[self.query["uploadId"]]
        return 204, b""


def xml(root, **children):
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in children.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{inside}</{root}>'.encode()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
