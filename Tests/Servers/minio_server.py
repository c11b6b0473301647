#!/usr/bin/env python3
"""A real MinIO on 127.0.0.1, as an independent S3; prints its port, ends with its stdin.

The argument is the program, which `HOLDFAST_MINIO` names to the tests.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time

with tempfile.TemporaryDirectory(prefix="holdfast-minio-") as folder:
    # It takes no port 0, so a free one is looked for.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.argv[1], "server", folder, "--address", f"127.0.0.1:{port}", "--quiet"],
        env={**os.environ, "HOME": folder, "MINIO_ROOT_USER": "AKIDEXAMPLE",
             "MINIO_ROOT_PASSWORD": "SECRETEXAMPLE", "MINIO_BROWSER": "off"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit("MinIO does not listen")
        print(port, flush=True)
        sys.stdin.read()
    finally:
        server.kill()
        server.wait()
