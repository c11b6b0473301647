#!/usr/bin/env python3
"""An HTTP proxy on 127.0.0.1 that knows one host name; prints its port, ends with its stdin.

It answers every request for http://behind.test/ itself, with the request line that it got, and
refuses to open tunnels: CONNECT gets 403 with the asked host in the log.

  http://behind.test/log   one line for each request so far
"""

import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def log_message(self, *_):
        pass

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.endswith("/log"):
            self.answer(200, "\n".join(self.seen))
            return
        self.seen.append(self.requestline)
        given = self.headers.get("Proxy-Authorization", "none")
        self.answer(200, f"{self.requestline}\n{given}")

    def do_CONNECT(self):
        self.seen.append(self.requestline)
        self.answer(403, "no tunnels")


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A client that goes away is no fault."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
