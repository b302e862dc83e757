"""A real server on this machine that behaves as badly as servers can."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from ann_core.datasets.sources.fetch import Patience, RemoteFile

ONCE = Patience(seconds=20, n_retries=0)
Result = Callable[["Handler", bytes], None]


class Site(ThreadingHTTPServer):
    """A server on this machine: `files` by path, and how it answers, request by request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.responses: list[Result] = []  # for the next requests; then it behaves
        self.requested: list[str] = []
        self.headers: list[dict[str, str]] = []  # of each request
        self.over = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def offer(self, name: str, content: bytes, **known: object) -> RemoteFile:
        """Put a file on the site and describe it truly, unless told otherwise."""
        self.files[f"/{name}"] = content
        file = RemoteFile(
            name, f"{self.url}/{name}", len(content), hashlib.sha256(content).hexdigest()
        )
        return replace(file, **known)  # type: ignore[arg-type]


@contextlib.contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Let a site answer as long as the block lasts."""
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.over.set()
    site.shutdown()
    thread.join()
    site.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.requested.append(self.path)
        self.server.headers.append(dict(self.headers))
        response = self.server.responses.pop(0) if self.server.responses else whole
        # The other side may have had enough.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            response(self, self.server.files.get(self.path, b""))

    def begin(self, *, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def whole(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    request.wfile.write(content)


def slow(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    for piece in np.array_split(np.frombuffer(content, np.uint8), 8):
        request.wfile.write(piece.tobytes())
        time.sleep(0.05)


def without_length(request: Handler, content: bytes) -> None:
    request.begin()
    request.wfile.write(content)


def packed_on_the_way(request: Handler, content: bytes) -> None:
    request.begin(length=len(content), Content_Encoding="gzip")
    request.wfile.write(content)


def silent(request: Handler, content: bytes) -> None:
    request.server.over.wait(5)


def silent_halfway(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    request.wfile.write(content[: len(content) // 2])
    request.wfile.flush()
    request.server.over.wait(5)


def cut_off(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    request.wfile.write(content[: len(content) // 2])


def cut_off_without_length(request: Handler, content: bytes) -> None:
    request.begin()
    request.wfile.write(content[: len(content) // 2])


def hang_up(request: Handler, content: bytes) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def no_http(request: Handler, content: bytes) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH_9.7\r\n")


def page_instead(request: Handler, content: bytes) -> None:
    whole(request, b"<html>Please log in to this network</html>")


def length_too_large(request: Handler, content: bytes) -> None:
    request.begin(length=len(content) + 1_000)
    request.wfile.write(content)


def other_bytes(request: Handler, content: bytes) -> None:
    whole(request, content[::-1])


def endless(request: Handler, content: bytes) -> None:
    request.begin()
    for _ in range(10_000):
        request.wfile.write(bytes(100_000))


def redirected(target: str) -> Result:
    def respond(request: Handler, content: bytes) -> None:
        request.begin(status=302, Location=target, Set_Cookie="seen=1; Path=/")
        request.wfile.write(bytes(10_000_000))  # of which nobody should read much

    return respond


def declared(length: int) -> Result:
    return lambda request, content: request.begin(length=length)


def chunked_without_end(request: Handler, content: bytes) -> None:
    request.begin(Transfer_Encoding="chunked")
    for _ in range(10_000):
        request.wfile.write(b"186a0\r\n" + bytes(100_000) + b"\r\n")


def dripping(request: Handler, content: bytes) -> None:
    request.begin()
    _drip(request, b"x" * 200)


def dripping_header(request: Handler, content: bytes) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(request, b"x" * 200)


def _drip(request: Handler, content: bytes) -> None:
    for each in content:
        request.wfile.write(bytes([each]))
        if request.server.over.wait(0.05):
            return


def round_and_round(request: Handler, content: bytes) -> None:
    request.server.responses.append(round_and_round)
    request.begin(status=302, length=0, Location=request.path)


def status(code: int) -> Result:
    return lambda request, content: whole_with(request, code)


def whole_with(request: Handler, code: int) -> None:
    request.begin(status=code, length=4)
    request.wfile.write(b"oops")


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
