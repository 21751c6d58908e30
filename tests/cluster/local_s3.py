"""An S3 server on this machine's loopback address, and one in front of it that fails now and then."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUCKET = "builds"


@dataclass
class Store:
    """A server with one bucket."""

    port: int
    failed: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """What a build needs to know; the credentials come from the environment alone."""
        return {
            "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "tests",
            "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "tests",
        }

    def client(self) -> Any:
        """A client of the server itself."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="tests",
            aws_secret_access_key="tests",
            region_name="us-east-1",
        )

    def objects(self, prefix: str) -> dict[str, bytes]:
        """The contents of all objects whose names begin with `prefix`."""
        client = self.client()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        names = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return {name: client.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names}

    @contextmanager
    def failing(self, *, every: int) -> Iterator["Store"]:
        """A server that passes requests on, but answers 500 or 503 to one in `every`."""
        port, behind, count = free_port(), self.port, 0
        front = Store(port)
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                nonlocal count
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    count += 1
                    fails = count % every == 0
                    front.failed += fails
                if fails:
                    self.send_response(503 if front.failed % 2 else 500)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                onward = http.client.HTTPConnection("127.0.0.1", behind)
                onward.request(self.command, self.path, body, dict(self.headers.items()))
                reply = onward.getresponse()
                content = reply.read()
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                length = reply.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
                self.send_header("Content-Length", length or "0")
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield front
        finally:
            server.shutdown()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running_store() -> Iterator[Store]:
    """Start the server with its bucket, and end it."""
    store = Store(free_port())
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(store.port)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    ) as server:
        try:
            for _ in range(150):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", store.port)) == 0:
                        break
                time.sleep(0.2)
            store.client().create_bucket(Bucket=BUCKET)
            yield store
        finally:
            server.terminate()
