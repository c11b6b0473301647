#!/usr/bin/env python3
"""A Git and HTTP(S) server on 127.0.0.1 for tests; prints its port, ends when its stdin closes.

The first part of the path chooses how the server behaves; --root holds the repositories.

  /git/REPO/...      git http-backend, open to all
  /basic/REPO/...    the same for --user NAME:PASSWORD
  /bearer/REPO/...   the same for --token TOKEN
  /moved/REPO/...    redirects to /git/REPO/... on this host
  /away/REPO/...     redirects to /git/REPO/... on another host name
  /circle            redirects to itself
  /stall/...         takes the request and never answers
  /unhurried/...     reads the body 300 ms late
  /drip/REPO/...     lists refs, then stops in the middle of the pack
  /garble/REPO/...   lists refs, then sends a pack with one byte changed
  /bytes/N           N bytes
  /cut/N             promises N bytes, sends half of them, closes
  /status/CODE       an empty response with that status
  /echo              the request as text: its line, headers, body
  /log               one line for each request so far: method and path
"""

import argparse
import base64
import os
import ssl
import subprocess
import sys
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    options = None
    seen = []

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def redirect(self, host, rest):
        port = self.server.server_address[1]
        query = urlsplit(self.path).query
        target = f"http://{host}:{port}/git/{rest}" + (f"?{query}" if query else "")
        self.answer(302, b"moved", [("Location", target)])

    def handle_request(self):
        parts = urlsplit(self.path).path.strip("/").split("/", 1)
        mode, rest = parts[0], parts[1] if len(parts) > 1 else ""
        if mode != "log":
            self.seen.append(f"{self.command} {self.path}")
        if mode == "unhurried":
            time.sleep(0.3)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        given = self.headers.get("Authorization", "")
        if mode == "git":
            self.git(rest, body)
        elif mode == "basic":
            wanted = "Basic " + base64.b64encode(self.options.user.encode()).decode()
            self.guarded(given == wanted, rest, body)
        elif mode == "bearer":
            self.guarded(given == "Bearer " + self.options.token, rest, body)
        elif mode == "moved":
            self.redirect("127.0.0.1", rest)
        elif mode == "away":
            self.redirect("localhost", rest)
        elif mode == "circle":
            self.answer(302, b"", [("Location", "/circle")])
        elif mode == "stall":
            self.server.ended.wait()
        elif mode == "drip":
            self.git(rest, body, stop_after=None if self.command == "GET" else 64)
        elif mode == "garble":
            self.git(rest, body, garbles=self.command == "POST")
        elif mode == "bytes":
            self.stream(int(rest), int(rest))
        elif mode == "cut":
            self.stream(int(rest), int(rest) // 2)
            self.close_connection = True
        elif mode == "status":
            self.answer(int(rest))
        elif mode == "echo":
            head = f"{self.command} {self.path}\n{self.headers}".encode()
            self.answer(200, head + body, [("X-Note", "  spaced  ")])
        elif mode == "log":
            self.answer(200, "\n".join(self.seen).encode())
        else:
            self.answer(404)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request

    def stream(self, promised, sent):
        self.send_response(200)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        block = bytes(range(256)) * 256
        while sent > 0:
            self.wfile.write(block[: min(sent, len(block))])
            sent -= len(block)

    def guarded(self, is_allowed, rest, body):
        if is_allowed:
            self.git(rest, body)
        else:
            self.answer(401, b"who are you?", [("WWW-Authenticate", 'Basic realm="test"')])

    def git(self, rest, body, stop_after=None, garbles=False):
        """Runs git http-backend as the CGI program it is."""
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "GIT_PROJECT_ROOT": self.options.root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": "/" + rest,
            "QUERY_STRING": urlsplit(self.path).query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
        }
        result = subprocess.run(
            ["git", "http-backend"], input=body, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment, check=False)
        head, _, content = result.stdout.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            elif name:
                headers.append((name, value))
        if garbles:
            middle = content.index(b"PACK") + 40
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        if stop_after is None:
            self.answer(status, content, headers)
            return
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:stop_after])
        self.wfile.flush()
        self.server.ended.wait()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    ended = threading.Event()

    def handle_error(self, request, client_address):
        pass  # A client that goes away is what some tests are about.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="/nonexistent")
    parser.add_argument("--user", default="user:password")
    parser.add_argument("--token", default="token")
    parser.add_argument("--certificate", help="PEM file with key: speak TLS")
    parser.add_argument("--tls", default="TLSv1_3", help="the one version of TLS that is spoken")
    Handler.options = options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    if options.certificate:
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(options.certificate)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[options.tls]
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
