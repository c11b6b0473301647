#!/usr/bin/env python3
"""Instance metadata (version 2), a container's endpoint and STS on 127.0.0.1, each strict.

Prints its port; ends with its standard input. A test changes what it answers by PUT:

  PUT /set/latest/PATH     the body stands there from now on; an empty one: nothing does
  PUT /status/CODE/PATH    every request below that path gets this status; 0 ends it
  PUT /life/SECONDS        how long new tokens live, whatever is asked for
  PUT /forget              no token given so far is valid any more
  PUT /slow/MILLISECONDS   how long each answer waits
  GET /log                 one line for each other request so far

Metadata: PUT /latest/api/token with a time to live from 1 to 21600 and no X-Forwarded-For; every GET
below /latest/ needs a living token. Container: GET /container/NAME needs NAME as authorisation. STS:
POST / answers with credentials whose access key tells who asked:
ASIA-<role's name>-<session>-by-<access key or token>.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

END = "2037-01-01T00:00:00Z"


class World:
    lock = threading.Lock()
    standing = {}
    statuses = {}
    tokens = {}
    life = None
    slow = 0.0
    given = 0
    log = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def blocked(self):
        time.sleep(World.slow)
        with World.lock:
            World.log.append(f"{self.command} {self.path}")
            for prefix, status in World.statuses.items():
                if status and self.path.startswith(prefix):
                    self.answer(status)
                    return True
        return False

    def do_PUT(self):
        body = self.body()
        parts = self.path.split("/", 2)[1:]
        if parts[0] == "latest":
            return self.token()
        with World.lock:
            if parts[0] == "set":
                World.standing["/" + parts[1]] = body
            elif parts[0] == "status":
                code, path = parts[1].split("/", 1)
                World.statuses["/" + path] = int(code)
            elif parts[0] == "life":
                World.life = int(parts[1])
            elif parts[0] == "forget":
                World.tokens.clear()
            elif parts[0] == "slow":
                World.slow = int(parts[1]) / 1000
        self.answer(200)

    def token(self):
        if self.blocked():
            return
        life = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if "X-Forwarded-For" in self.headers or self.path != "/latest/api/token":
            return self.answer(403)
        if not life.isdigit() or not 1 <= int(life) <= 21600:
            return self.answer(400)
        with World.lock:
            World.given += 1
            token = f"token-{World.given}=="
            life = int(life) if World.life is None else World.life
            World.tokens[token] = time.monotonic() + life
        self.answer(
            200, token.encode(), [("X-aws-ec2-metadata-token-ttl-seconds", str(life))]
        )

    def do_GET(self):
        if self.path == "/log":
            with World.lock:
                return self.answer(200, "\n".join(World.log).encode())
        if self.blocked():
            return
        if self.path.startswith("/container/"):
            name = self.path.removeprefix("/container/")
            if self.headers.get("Authorization") != name:
                return self.answer(401)
            document = {
                "AccessKeyId": f"ASIA-container-{name}",
                "SecretAccessKey": "container-secret",
                "Token": "container-session",
                "Expiration": END,
            }
            return self.answer(200, json.dumps(document).encode())
        token = self.headers.get("X-aws-ec2-metadata-token")
        with World.lock:
            lives = World.tokens.get(token, 0) > time.monotonic()
            body = World.standing.get(self.path)
        if not lives:
            return self.answer(401)
        self.answer(200, body) if body else self.answer(404)

    def do_POST(self):
        body = self.body().decode()
        if self.blocked():
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        action = form.get("Action")
        signature = self.headers.get("Authorization", "")
        if action == "AssumeRoleWithWebIdentity":
            if signature:
                return self.fault(400, "Signed", "this call is not signed")
            asker = form["WebIdentityToken"]
        else:
            if not signature.startswith("AWS4-HMAC-SHA256 Credential="):
                return self.fault(403, "MissingAuthenticationToken", "not signed")
            asker = signature.split("=", 1)[1].split("/", 1)[0]
        role = form["RoleArn"].rsplit("/", 1)[-1]
        if role == "forbidden":
            return self.fault(403, "AccessDenied", f"{asker} may not assume {role}")
        name = "-".join([role, form["RoleSessionName"], form.get("ExternalId", "none")])
        expiry = time.strftime(
            "%Y-%m-%dT%H:%M:%SZ",
            time.gmtime(time.time() + int(form.get("DurationSeconds", 3600))),
        )
        self.answer(
            200,
            f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <{action}Result><Credentials>
                <AccessKeyId>ASIA-{name}-by-{asker}</AccessKeyId>
                <SecretAccessKey>sts-secret</SecretAccessKey>
                <SessionToken>sts-session</SessionToken>
                <Expiration>{expiry}</Expiration>
              </Credentials></{action}Result>
            </{action}Response>""".encode(),
        )

    def fault(self, status, code, message):
        self.answer(
            status,
            f"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
              <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>
            </Error><RequestId>r-1</RequestId></ErrorResponse>""".encode(),
        )


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
