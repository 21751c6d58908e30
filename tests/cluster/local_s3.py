"""An S3 server on this machine's loopback address, and one in front of it that fails now and then."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUCKET = "builds"
SLOW_S = 0.3
NO_CONTENT = (("Content-Length", "0"),)


@dataclass
class Store:
    """A server with one bucket."""

    port: int
    faults: int = 0
    """How many requests met with the fault of a server in front."""

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
    def behind(self, fault: "Fault", *, every: int = 1) -> Iterator["Store"]:
        """A server that passes requests on, but meets one in `every` that it could meet with the fault."""
        front, behind, count, lock = Store(free_port()), self.port, 0, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                nonlocal count
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                onward = http.client.HTTPConnection("127.0.0.1", behind)
                is_hit = False
                if fault is not Fault.TRUNCATED or self.command == "GET":
                    with lock:
                        count += 1
                        is_hit = count % every == 0
                        front.faults += is_hit
                if is_hit and fault is Fault.ERRORS:
                    self.reply(503 if front.faults % 2 else 500)
                    return
                if is_hit and fault is Fault.REFUSED:
                    self.reply(403)
                    return
                if is_hit and fault is Fault.SLOW:
                    time.sleep(SLOW_S)
                onward.request(self.command, self.path, body, dict(self.headers.items()))
                answer = onward.getresponse()
                content = answer.read()
                kept = [
                    (name, value)
                    for name, value in answer.getheaders()
                    if name.lower() not in ("transfer-encoding", "connection", "content-length")
                ]
                length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
                if is_hit and fault is Fault.TRUNCATED:
                    content, self.close_connection = content[: len(content) // 2], True
                self.reply(answer.status, content, [*kept, ("Content-Length", length or "0")])

            def reply(
                self, status: int, content: bytes = b"", headers: Sequence[tuple[str, str]] = NO_CONTENT
            ) -> None:
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", front.port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield front
        finally:
            server.shutdown()
            server.server_close()


class Fault(Enum):
    """What a server does to its clients."""

    ERRORS = "answers 500 and 503 in turn"
    REFUSED = "does not know the credentials"
    SLOW = "takes its time"
    TRUNCATED = "closes the connection in the middle of what it sends"


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
