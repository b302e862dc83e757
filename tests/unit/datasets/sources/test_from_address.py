"""Files from addresses of strangers: whole and public, or a sentence and nothing."""

from __future__ import annotations

import io
import ipaddress
import shutil
import socket
import traceback
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.importer import import_zip
from ann_core.datasets.sources.addresses import AddressRules
from ann_core.datasets.sources.fetch import Patience
from ann_core.datasets.sources.from_address import fetch_image, import_address
from ann_core.errors import FlatlandError
from ann_core.settings import Settings
from tests.helpers.download_site import (
    Result,
    Site,
    chunked_without_end,
    cut_off,
    declared,
    dripping,
    dripping_header,
    endless,
    everything,
    length_too_large,
    packed_on_the_way,
    page_instead,
    redirected,
    round_and_round,
    silent,
    slow,
    status,
    whole,
    without_length,
)
from tests.helpers.runs import write_images

if TYPE_CHECKING:
    from tests.unit.conftest import RunOnSmallDisk, Untouched

HERE = AddressRules((ipaddress.ip_network("127.0.0.1/32"),))
STRICT = AddressRules()
HASTY = Patience(seconds=0.4, n_retries=0, total_seconds=0.8)
ONCE = Patience(seconds=20, n_retries=0, total_seconds=60)
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500
SECRET = "?sig=hush"


def zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        for path in sorted(folder.rglob("*.png")):
            bundle.write(path, path.relative_to(folder).as_posix())
    return content.getvalue()


def at(site: Site, content: bytes = IMAGE, name: str = "cat.png") -> str:
    """Put a file on the site; its address holds a secret."""
    site.files[f"/s/{name}{SECRET}"] = site.files[f"/s/{name}"] = content
    return f"{site.url}/s/{name}{SECRET}"


@pytest.mark.parametrize("response", [whole, slow, without_length, packed_on_the_way])
def test_an_image_comes_as_it_is(site: Site, response: Result) -> None:
    url = at(site)
    site.responses = [response]
    assert fetch_image(url, HERE, patience=ONCE) == IMAGE


def test_redirects_are_followed_without_cookies(site: Site) -> None:
    url = at(site)
    site.responses = [redirected("/s/other.png"), redirected(url)]
    assert fetch_image(url, HERE, patience=ONCE) == IMAGE
    assert len(site.requested) == 3
    sent = [{name.lower() for name in headers} for headers in site.headers]
    assert all(each <= {"host", "accept-encoding", "user-agent"} for each in sent)


BAD_ANSWERS: dict[str, tuple[Result, str]] = {
    "to another computer": (redirected("http://127.0.0.2/x.png"), "only public addresses"),
    "to it in other words": (redirected("http://[::ffff:127.0.0.2]/x.png"), "only public"),
    "to keys of a cloud": (redirected("http://169.254.169.254/latest"), "no files of anybody"),
    "to a number": (redirected("http://2130706434/"), "unusual spelling"),
    "to a file": (redirected("file:///etc/passwd"), "begins with 'file:'"),
    "to a password": (redirected("http://a:hush@127.0.0.1/"), "user name or a password"),
    "round and round": (round_and_round, "from address to address more than 5 times"),
    "silent": (silent, "127.0.0.1 was silent for 0.4 seconds"),
    "dripping": (dripping, "it takes longer than 0.8 seconds"),
    "dripping header": (dripping_header, "it takes longer than 0.8 seconds"),
    "cut off": (cut_off, "broke off after"),
    "shorter than it says": (length_too_large, "broke off after 0.1 MB"),
    "10 GB": (declared(10**10), "it has 10.0 GB, and at most 20.0 MB are taken"),
    "beyond counting": (declared(10**4000), "at most 20.0 MB are taken"),
    "404": (status(404), r"no such file any more \(HTTP 404\)"),
    "403": (status(403), r"does not hand it out \(HTTP 403\)"),
    "a page": (page_instead, "a web page came"),
    "nothing": (declared(0), "an empty file"),
    "not modified": (status(304), r"\(HTTP 304\)"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_what_a_server_does_wrong_is_said_without_the_secret(case: str, site: Site) -> None:
    response, words = BAD_ANSWERS[case]
    url = at(site)
    site.responses = [response]
    patient = case not in {"silent", "dripping", "dripping header"}
    with pytest.raises(FlatlandError, match=words) as caught:
        fetch_image(url, HERE, patience=ONCE if patient else HASTY)
    assert "127.0.0.1/…/cat.png" in str(caught.value)
    assert "hush" not in "".join(traceback.format_exception(caught.value))
    assert len(site.requested) == (6 if case == "round and round" else 1)


@pytest.mark.parametrize("response", [endless, chunked_without_end])
def test_a_body_without_end_is_left_at_the_limit(
    site: Site, settings: Settings, untouched: Untouched, response: Result
) -> None:
    small = settings.model_copy(
        update={"allow_private_addresses": True, "max_upload_bytes": 1_000_000}
    )
    url = at(site, name="pets.zip")
    site.responses = [response]
    with (
        untouched(settings.data_dir),
        pytest.raises(FlatlandError, match=r"127\.0\.0\.1 sends more than 1\.0 MB"),
    ):
        import_address(url, "pets", small, patience=ONCE)


def test_private_addresses_are_refused_before_anything_is_sent(site: Site) -> None:
    url = at(site).replace(f":{site.server_port}", "")
    for host in ("127.0.0.1", "localhost", "[::1]"):
        with pytest.raises(FlatlandError, match="only public addresses"):
            fetch_image(url.replace("127.0.0.1", host), STRICT)
    with pytest.raises(FlatlandError, match=f"port {site.server_port}"):
        fetch_image(at(site), STRICT)
    assert site.requested == []


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever owns a name may let it stand for another computer a moment later."""
    lookup, given = socket.getaddrinfo, [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]]

    def rebinding(host: str, port: int, *rest: Any, **options: Any) -> list[Any]:
        assert host == "cats.example"
        return [e for each in given.pop(0) for e in lookup(each, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = at(site).replace("127.0.0.1", "cats.example")
    assert fetch_image(url, HERE, patience=ONCE) == IMAGE
    assert site.headers[0]["Host"] == f"cats.example:{site.server_port}"
    for _ in range(2):  # another computer, and both at once
        with pytest.raises(FlatlandError, match="only public addresses"):
            fetch_image(url, HERE, patience=ONCE)
    assert len(site.requested) == 1 and given == []


def test_a_proxy_is_asked_only_where_all_addresses_are_allowed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", site.url)
    url = "http://cats.invalid/cat.png"
    with pytest.raises(FlatlandError, match=r"cats\.invalid cannot be reached"):
        fetch_image(url, STRICT, patience=ONCE)
    assert site.requested == []
    site.files[url] = IMAGE
    assert fetch_image(url, HERE, patience=ONCE) == IMAGE
    assert site.requested == [url]


def test_a_certificate_is_checked_against_the_name(
    tls_site: tuple[Site, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, certificate = tls_site
    url = at(site)
    with pytest.raises(FlatlandError, match="localhost does not prove who it is"):
        fetch_image(url, HERE, patience=ONCE)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert fetch_image(url, HERE, patience=ONCE) == IMAGE
    with pytest.raises(FlatlandError, match=r"127\.0\.0\.1 does not prove who it is"):
        fetch_image(url.replace("localhost", "127.0.0.1"), HERE, patience=ONCE)


def test_a_data_set_comes_from_an_address(site: Site, settings: Settings, tmp_path: Path) -> None:
    content = zipped(write_images(tmp_path / "toy", n_images=5))
    allowed = settings.model_copy(update={"allow_private_addresses": True})
    url = at(site, content, "pets.zip")
    made = import_address(url, "pets", allowed, patience=ONCE)
    packed = Path(shutil.make_archive(str(tmp_path / "toy"), "gztar", tmp_path / "toy"))
    by_tar = import_address(at(site, packed.read_bytes(), "pets.tar.gz"), "by-tar", allowed)
    assert by_tar.info.fingerprint == made.info.fingerprint
    assert made.info.source == "address http://127.0.0.1/…/pets.zip"
    uploaded = import_zip(io.BytesIO(content), "uploaded", Catalog(settings.datasets_dir))
    assert made.info.counts == uploaded.info.counts
    assert made.info.fingerprint == uploaded.info.fingerprint
    assert everything(settings.downloads_dir) == []
    assert {path.name for path in settings.datasets_dir.iterdir()} == {"pets", "by-tar", "uploaded"}


@pytest.mark.parametrize(
    ("response", "content", "words"),
    [
        (whole, IMAGE, "a single picture came"),
        (page_instead, b"", "a web page came"),
        (whole, b"no zip file", "text came"),
        (cut_off, bytes(1000), "broke off"),
        (status(404), b"", "HTTP 404"),
    ],
)
def test_an_import_is_whole_or_not_at_all(
    site: Site,
    settings: Settings,
    untouched: Untouched,
    response: Result,
    content: bytes,
    words: str,
) -> None:
    allowed = settings.model_copy(update={"allow_private_addresses": True})
    url = at(site, content, "pets.zip")
    site.responses = [response]
    with untouched(settings.data_dir), pytest.raises(FlatlandError, match=words) as caught:
        import_address(url, "pets", allowed, patience=ONCE)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_an_import_that_is_ended_leaves_nothing(
    site: Site, settings: Settings, untouched: Untouched
) -> None:
    def end(done: int, total: int) -> None:
        raise KeyboardInterrupt

    allowed = settings.model_copy(update={"allow_private_addresses": True})
    with untouched(settings.data_dir), pytest.raises(KeyboardInterrupt):
        import_address(at(site, bytes(10**6)), "pets", allowed, patience=ONCE, progress=end)


def test_a_full_disk_is_said_and_nothing_stays(site: Site, small_disk: RunOnSmallDisk) -> None:
    results = small_disk(
        """
        from ann_core.datasets.sources.from_address import import_address
        from ann_core.errors import FlatlandError
        from ann_core.settings import Settings
        settings = Settings(data_dir=disk, allow_private_addresses=True)
        settings.datasets_dir.mkdir()
        try:
            import_address(sys.argv[1], "pets", settings)
        except FlatlandError as error:
            results["said"] = str(error)
        results["left"] = listing()
        """,
        at(site, bytes(3_000_000), "pets.zip"),
    )
    assert "is full. Nothing that existed was changed" in results["said"]
    assert results["left"] == []
