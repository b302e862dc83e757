"""Whose run is it: a key that only one browser knows.

The registry stores a digest of the key, never the key. So neither a shared link,
nor the id of a run, nor a look into the database gives anybody a right to it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from dataclasses import dataclass
from typing import Final

from ann_core.errors import RunError

_KEY = re.compile(r"[A-Za-z0-9_-]{32}")
_IPV6_PREFIX = 64  # what one household, or one school, has

# Of this process alone and kept nowhere: there are so few addresses that a digest without it
# could be turned back by trying them all.
_SALT = secrets.token_bytes(32)


class Operator:
    """Whoever works on the computer itself, and may do everything.

    The command line is one: it can read and write the database anyway.
    """

    def __repr__(self) -> str:
        return "OPERATOR"


OPERATOR: Final = Operator()

EXAMPLE_OWNER: Final = "example"
"""Stands as owner of what comes with Flatland: no key has this digest, and all may look."""

Caller = str | Operator
"""An owner key, or `OPERATOR`."""


@dataclass(frozen=True)
class Visitor:
    """Who files a job by a page; the key alone is theirs to choose.

    Attributes
    ----------
    key : str
        The owner key.
    session, address : str
        Digests of the session and of the address; "" where they are not counted.
    link_keys : tuple of str
        What links that they came by gave along: see `ann_core.runs.dataset_owners`.
    """

    key: str
    session: str = ""
    address: str = ""
    link_keys: tuple[str, ...] = ()


Filer = Caller | Visitor
"""Who may file a job."""


class NotYoursError(RunError):
    """Somebody without the owner's key wanted to change a run."""

    def __init__(self, run_id: str, what: str) -> None:
        self.run_id = run_id
        super().__init__(
            f"Only the browser that started this training can {what} it. You can look at it, and "
            "start one of your own with the same settings."
        )


def new_owner_key() -> str:
    """32 characters that nobody can guess (192 bits)."""
    return secrets.token_urlsafe(24)


def is_owner_key(text: object) -> bool:
    """Whether a browser's word can be an owner key at all."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def owner_digest(caller: Caller) -> str:
    """Compute what the registry keeps of an owner key; "" for the operator."""
    if isinstance(caller, Operator):
        return ""
    return hashlib.sha256(b"flatland owner " + caller.encode()).hexdigest()


def filer_digests(filer: Filer) -> dict[str, str | None]:
    """Return what the registry keeps of who filed a job, by its columns."""
    if not isinstance(filer, Visitor):
        return {"owner": owner_digest(filer), "session": None, "address": None}
    known = {"session": filer.session or None, "address": filer.address or None}
    return {"owner": owner_digest(filer.key), **known}


def address_digest(address: str | None) -> str:
    """Compute what tells visitors' addresses apart, as long as this process lives; "" of none.

    Of an IPv6 address the network counts, for a visitor has a whole one to choose from.
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        network = ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False)
        counted = str(parsed.ipv4_mapped or network)
    else:
        counted = str(parsed)
    return hashlib.sha256(_SALT + counted.encode()).hexdigest()


def may_manage(owner: str, caller: Caller) -> bool:
    """Whether `caller` may change a run that has this `owner` digest."""
    if isinstance(caller, Operator):
        return True
    return secrets.compare_digest(owner, owner_digest(caller))


@dataclass(frozen=True)
class Submission:
    """Who files a job, and as what.

    Attributes
    ----------
    key : str
        Minted when the form was opened; the same key gives the same job, so a double
        click files one.
    owner : Visitor, str or Operator
        Of the owner key, a digest is stored.
    name : str
        What to call it.
    """

    key: str
    owner: Filer = OPERATOR
    name: str = ""
