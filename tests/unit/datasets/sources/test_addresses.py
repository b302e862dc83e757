"""Which addresses may be fetched, by their look and where they lead; what others read of them."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from ann_core.datasets.sources.addresses import (
    MAX_LENGTH,
    AddressRules,
    check_address,
    file_name,
    is_address,
    shown_address,
    why_malformed,
    why_refused,
)
from ann_core.errors import DatasetError
from ann_core.settings import Settings

STRICT = AddressRules()
OPEN = AddressRules.of(Settings(allow_private_addresses=True))

GOOD = [
    "https://example.org/pets.zip",
    "HTTP://Example.org:80/a%20b.zip?sig=x#part",
    "https://example.org:443/",
    "http://8.8.8.8/x.zip",
    "https://[2001:4860:4860::8888]/x.zip",
    "https://bücher.example/Katzen.zip",
    "https://example.org./x.zip",
    "https://0xcats.example/x.zip",
]
BAD = {
    "ftp://example.org/x.zip": "begins with 'ftp:'",
    "file:///etc/passwd": "begins with 'file:'",
    "gopher://example.org/": "begins with 'gopher:'",
    "example.org/x.zip": "begins without 'https://'",
    "//example.org/x.zip": "begins without 'https://'",
    "https:///x.zip": "names no server",
    "https://user@example.org/x.zip": "user name or a password",
    "https://:secret@example.org/x.zip": "user name or a password",
    "https://example.org@10.0.0.1/x.zip": "user name or a password",
    "http://example.org:22/": "port 22",
    "http://example.org:8080/": "port 8080",
    "http://example.org:99999/": "damaged",
    "http://[::1/": "damaged",
    "http://example.org/a b": "a space",
    "http://example.org\\@127.0.0.1/": "backslash",
    "http://exa\tmple.org/": "cannot be seen",
    "http://example.org/\r\nHost: x": "cannot be seen",
    "http://exa\u200bmple.org/": "cannot be seen",
    "http://2130706433/": "unusual spelling",
    "http://0x7f000001/": "unusual spelling",
    "http://0x7f.1/": "unusual spelling",
    "http://127.1/": "unusual spelling",
    "http://0177.0.0.1/": "unusual spelling",
    "http://127.0.0.1./": "unusual spelling",
    "http://1.2.3.4.5/": "unusual spelling",
    "http://\uff11\uff12\uff17.\uff11/": "unusual spelling",
    "http://127\u30021/": "unusual spelling",
    "http://[fe80::1%25eth0]/": "names no server",
    "http://.example.org/": "names no server",
    "https://example.org/" + "x" * MAX_LENGTH: "2,020 letters",
}


@pytest.mark.parametrize("url", GOOD)
def test_plain_addresses_may_be_fetched(url: str) -> None:
    assert why_malformed(url, STRICT) == ""


@pytest.mark.parametrize("url", BAD)
def test_what_looks_wrong_is_refused_and_no_secret_repeated(url: str) -> None:
    with pytest.raises(DatasetError) as caught:
        check_address(f"{url}{'?sig=hush' if len(url) < 1_000 else ''}", STRICT)
    sentence = str(caught.value)
    assert BAD[url] in sentence or "letters" in sentence
    assert "hush" not in sentence and "secret" not in sentence and "\n" not in sentence


def test_other_ports_are_open_where_the_host_allows_others() -> None:
    assert why_malformed("http://nas.local:5000/pets.zip", OPEN) == ""
    assert "ANN_ALLOW_PRIVATE_ADDRESSES" in why_malformed("http://nas.local:5000/x.zip", STRICT)


PUBLIC = ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "2606:4700::1111", "64:ff9b::808:808"]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.5",
    "169.254.1.1",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "192.88.99.1",
    "0.1.2.3",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "5f00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2002:808:808::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
]
NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "0.0.0.0",
    "::",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "ff02::1",
    "::ffff:0.0.0.0",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    assert why_refused(ipaddress.ip_address(address), STRICT) == ""


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_reached_only_where_the_host_allows_it(address: str) -> None:
    parsed = ipaddress.ip_address(address)
    refusal = why_refused(parsed, STRICT)
    assert "only public addresses" in refusal and address not in refusal
    assert why_refused(parsed, OPEN) == ""


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_reached(address: str) -> None:
    parsed = ipaddress.ip_address(address)
    assert why_refused(parsed, STRICT)
    assert why_refused(parsed, OPEN)


def test_no_profile_allows_private_addresses_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for profile in ("local", "hosted"):
        assert AddressRules.of(Settings(profile=profile)) == STRICT
    monkeypatch.setenv("ANN_ALLOW_PRIVATE_ADDRESSES", "yes")
    assert AddressRules.of(Settings(profile="hosted")) == OPEN


@pytest.mark.parametrize(
    ("url", "shown"),
    {
        "https://example.org/pets.zip": "https://example.org/pets.zip",
        "https://example.org/s/TOKEN/pets.zip?sig=hush&x=1#y": "https://example.org/…/pets.zip",
        "https://user:hush@example.org:8443/pets.zip": "https://example.org/pets.zip",
        "https://example.org/s/hush": "https://example.org",
        "https://example.org/?file=hush.zip": "https://example.org",
        "https://example.org/a%2Fhush%0A.zip": "https://example.org",
        "https://[2001:4860::8888]/K%C3%A4tzchen.tar.gz": "https://[2001:4860::8888]/Kätzchen.tar.gz",
        "https://[oops/pets.zip": "an address",
        "": "an address",
    }.items(),
)
def test_others_read_the_host_and_the_name_of_the_file(url: str, shown: str) -> None:
    assert shown_address(url) == shown


def test_the_name_of_a_file_is_no_path() -> None:
    assert file_name("https://example.org/a/b/pets.ZIP?x=/y.zip") == "pets.ZIP"
    assert file_name("https://example.org/..%2F..%2Fpets.zip") == ""
    assert file_name("https://example.org/" + "x" * 300 + ".zip").endswith("x.zip")
    assert len(file_name("https://example.org/" + "x" * 300 + ".zip")) <= 80


def test_addresses_are_told_from_files() -> None:
    assert (
        is_address("https://example.org/x.zip") and is_address("HTTP://x") and is_address("ftp://x")
    )
    assert not any(map(is_address, ["pets.zip", "C:\\pets", str(Path.home()), "https-pets"]))
