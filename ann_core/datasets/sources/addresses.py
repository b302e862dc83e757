"""Which addresses of strangers are fetched, and what of them may be shown.

A server that fetches what anybody names can be sent where its visitors cannot go: to itself,
into the network that it stands in, to the service that hands out the keys of a cloud. So only
public addresses are fetched, unless the host allows others. How an address looks is checked
here, and so is what its name stands for; `ann_core.datasets.sources.connections` goes there.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from ann_core.errors import DatasetError
from ann_core.imaging.images import SUFFIXES
from ann_core.settings import Settings

MAX_LENGTH = 2_000
PORTS = (80, 443)
SETTING = "ANN_ALLOW_PRIVATE_ADDRESSES"

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_IPV4 = 4
_EVERYWHERE: tuple[Network, ...] = (
    ipaddress.IPv4Network("0.0.0.0/0"),
    ipaddress.IPv6Network("::/0"),
)
_IN_USE = ipaddress.IPv6Network("2000::/3")  # all of IPv6 that is given out as public
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last bits
# For special purposes, whatever the version of Python knows of them:
# https://www.iana.org/assignments/iana-ipv4-special-registry (and ipv6). 6to4 is no more.
_SPECIAL: tuple[Network, ...] = (
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv6Network("2001::/23"),
    ipaddress.IPv6Network("2002::/16"),
    ipaddress.IPv6Network("3fff::/20"),
)

# They hand out the keys of the computer that asks. No file of anybody's lies there.
_METADATA = frozenset(
    ipaddress.ip_address(each)
    for each in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"),
        *("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd20:ce::254"),
    )
)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_ARCHIVES = {".zip", ".tar", ".tgz", ".gz", ".bz2", ".tbz2", ".xz", ".txz", ".7z", ".rar"}
_MAX_NAME = 80


@dataclass(frozen=True)
class AddressRules:
    """Where an address may lead.

    Attributes
    ----------
    allowed : tuple of networks
        That may be reached though they are not public; with any, all ports are open.
    """

    allowed: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> AddressRules:
        """Read the rules of this installation."""
        return cls(_EVERYWHERE if settings.allow_private_addresses else ())


def is_address(text: str) -> bool:
    """Whether somebody means an address on the network, not a file (``file://`` neither)."""
    if re.match(r"\W*file:", text, re.IGNORECASE):
        return False
    return re.match(r"\s*(https?|ftps?):", text, re.IGNORECASE) is not None or "://" in text


def check_address(url: str, rules: AddressRules) -> None:
    """Refuse an address by its look; nothing is looked up.

    Raises
    ------
    DatasetError
        It repeats nothing of the address that may be a secret.
    """
    if reason := why_malformed(url, rules):
        raise DatasetError(f"This address cannot be used: {reason}.")


def why_malformed(url: str, rules: AddressRules) -> str:
    """Say what is wrong with the look of an address; "" if nothing is."""
    if len(url) > MAX_LENGTH:
        return f"it has {len(url):,} letters, and at most {MAX_LENGTH:,} are taken"
    if "\\" in url or any(unicodedata.category(each)[0] in "CZ" for each in url):
        return "it holds a space, a backslash or a character that cannot be seen; copy it again"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is damaged; copy it again"
    if parts.scheme not in {"http", "https"}:
        begins = f"with '{parts.scheme[:20]}:'" if parts.scheme else "without 'https://'"
        return f"expected one that begins with https:// or http://, but it begins {begins}"
    if parts.username is not None or parts.password is not None:
        return "it holds a user name or a password; use an address that needs none"
    if reason := _why_no_host(parts.hostname or ""):
        return reason
    if port is not None and port not in PORTS and not rules.allowed:
        return (
            f"it names port {port}, and only {PORTS[0]} and {PORTS[1]} are open here; {_advice()}"
        )
    return ""


def why_refused(address: Ip, rules: AddressRules) -> str:
    """Say why no connection is made to what a name stands for; "" if one is.

    The address itself is not repeated: names of a private network are nobody's business.
    """
    inner = _inner(address)
    never = inner.is_multicast or inner.is_unspecified or inner in _METADATA
    if never or (isinstance(inner, ipaddress.IPv4Address) and inner.is_reserved):
        return "it leads where no files of anybody lie"
    networks = [each for each in rules.allowed if each.version == inner.version]
    if _is_public(inner) or any(inner in each for each in networks):
        return ""
    return (
        "it leads to this server itself or into a private network, and only public addresses are "
        f"fetched here; {_advice()}"
    )


def shown_address(url: str) -> str:
    """Return what others may read of an address: scheme, host and the file's name.

    The rest may be a secret: links that are signed hold it in their query, and shared folders
    in their path.
    """
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "an address"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    name = file_name(url)
    between = "/…/" if parts.path.count("/") > 1 else "/"
    shown = f"{parts.scheme}://{host}{between}{name}" if name else f"{parts.scheme}://{host}"
    return "".join(each if each.isprintable() else "?" for each in shown)


def file_name(url: str) -> str:
    """Name of the file at an address; "" if its last part does not look like one."""
    parts = _split(url)
    name = unquote(PurePosixPath(parts.path).name) if parts is not None else ""
    path = PurePosixPath(name)
    is_file = path.suffix.lower() in SUFFIXES | _ARCHIVES and path.name == name
    return name[-_MAX_NAME:] if is_file and name.isprintable() else ""


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _why_no_host(host: str) -> str:
    # Wide digits and dots mean the same to whoever looks a name up.
    host = unicodedata.normalize("NFKC", host).replace("\u3002", ".")
    if not host:
        return "it names no server"
    if "%" in host or host.startswith((".", "*")):
        return "it names no server that can be looked up"
    last = host.rstrip(".").rpartition(".")[2]
    if ":" not in host and _NUMBER.fullmatch(last) and not _is_ipv4(host):
        return (
            "its server is a number in an unusual spelling; write four numbers with dots between, "
            "or its name"
        )
    return ""


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _inner(address: Ip) -> Ip:
    """Return the IPv4 address that an IPv6 address only wraps."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Ip) -> bool:
    is_given_out = address.version == _IPV4 or address in _IN_USE
    is_special = any(address in each for each in _SPECIAL if each.version == address.version)
    return address.is_global and is_given_out and not is_special


def _advice() -> str:
    return f"whoever runs this server can allow others ({SETTING})"
