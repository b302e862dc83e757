"""Connections to addresses that strangers name: made to the very address that was checked.

A name is looked up once, all it stands for is checked, and the connection goes there: a second
look-up could give another answer. Redirects are followed here, one by one, each as an address
of its own. Nothing is sent along that this computer knows: no cookies, no passwords of its
``.netrc``. One clock runs for all of it, whatever is being waited for.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urljoin

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from ann_core.datasets.sources.addresses import AddressRules, why_malformed, why_refused

MAX_REDIRECTS = 5

_REDIRECTS = {301, 302, 303, 307, 308}
# Not packed once more on the way: the bytes are to be those of the file.
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "Flatland"}


class RefusedError(Exception):
    """An address leads where nothing is fetched from, or takes too long; says why."""


@contextlib.contextmanager
def open_address(
    url: str, rules: AddressRules, *, silence: float, seconds: float
) -> Iterator[urllib3.BaseHTTPResponse]:
    """Open an address and give what its server answers, its body still unread.

    Parameters
    ----------
    silence : float
        How long a server may say nothing, in seconds.
    seconds : float
        How long all of it may take: connecting, redirects, and what the block reads.

    Raises
    ------
    RefusedError
        In words that repeat nothing of the address.
    urllib3.exceptions.HTTPError
    """
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings hold whole addresses
    with _Visit(rules, seconds) as visit:
        for _ in range(1 + MAX_REDIRECTS):
            if reason := why_malformed(url, rules):
                raise RefusedError(reason)
            url = url.partition("#")[0]
            with visit.pools(url) as pools:
                response = pools.request(
                    "GET",
                    url,
                    headers=_HEADERS,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=urllib3.Timeout(connect=silence, read=silence),
                )
                with contextlib.closing(response):  # of a redirect, the body is not read
                    target = response.headers.get("Location")
                    if response.status not in _REDIRECTS or not target:
                        yield response
                        return
            url = urljoin(url, target.strip().replace(" ", "%20"))
    raise RefusedError(f"it leads on from address to address more than {MAX_REDIRECTS} times")


class _Visit:
    """All connections of one fetch, and the clock that breaks them off.

    A time limit on each wait is not enough: a server may send a byte whenever it nears.
    """

    def __init__(self, rules: AddressRules, seconds: float) -> None:
        self._rules = rules
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_over = False
        self._clock = threading.Timer(seconds, self._break_off)
        self._clock.daemon = True

    def __enter__(self) -> Self:
        self._clock.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._clock.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
        # Broken off, a body whose length nobody knows seems to be at its end.
        if self._is_over and (kind is None or issubclass(kind, Exception)):
            raise RefusedError(
                f"it takes longer than {_duration(self._seconds)}, which is the limit here"
            ) from None

    @contextlib.contextmanager
    def pools(self, url: str) -> Iterator[urllib3.PoolManager]:
        """Give what makes connections to an address; by a proxy only where all is allowed.

        A proxy looks names up itself, and nobody checks what it finds.
        """
        proxies = get_environ_proxies(url) if self._rules.allowed else {}
        proxy = select_proxy(url, proxies)
        trusted = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        options: dict[str, Any] = {
            "cert_reqs": "CERT_REQUIRED",
            "ca_certs": trusted or DEFAULT_CA_BUNDLE_PATH,
        }
        made = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)
        with made as pools:
            pools.pool_classes_by_scheme = {
                "http": self._pool_class(HTTPConnectionPool, HTTPConnection),
                "https": self._pool_class(HTTPSConnectionPool, HTTPSConnection),
            }
            yield pools

    def _pool_class(self, pool: type, connection: type) -> Any:
        connect = {"_new_conn": lambda connection: self._connect(connection)}
        return type("_Pool", (pool,), {"ConnectionCls": type("_Checked", (connection,), connect)})

    def _connect(self, connection: HTTPConnection) -> socket.socket:
        """Look a name up, check all it stands for, and connect to the first that takes part."""
        try:
            entries = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            reason = error if isinstance(error, socket.gaierror) else socket.gaierror()
            raise NameResolutionError(connection.host, connection, reason) from error
        for *_, target in entries:
            if reason_against := why_refused(ipaddress.ip_address(target[0]), self._rules):
                raise RefusedError(reason_against)
        trouble: OSError | None = None
        for family, kind, protocol, _, target in entries:
            try:
                return self._connected(socket.socket(family, kind, protocol), target, connection)
            except OSError as error:
                trouble = error
        if isinstance(trouble, TimeoutError):
            raise ConnectTimeoutError(connection, "no connection") from trouble
        raise NewConnectionError(connection, "no connection") from trouble

    def _connected(
        self, made: socket.socket, target: Any, connection: HTTPConnection
    ) -> socket.socket:
        try:
            left = max(0.1, self._until - time.monotonic())
            made.settimeout(min(float(connection.timeout or left), left))
            made.connect(target)
            with self._lock:
                self._sockets.append(made.dup())  # TLS takes the other one over
                if self._is_over:
                    raise TimeoutError
        except OSError:
            made.close()
            raise
        return made

    def _break_off(self) -> None:
        with self._lock:
            self._is_over = True
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:,.0f} minutes" if seconds >= 120 else f"{seconds:g} seconds"
