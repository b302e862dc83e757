"""Tar files of strangers: the limits of zip files, in one pass."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
from pathlib import Path

import pytest

from ann_core.datasets.importing.archives import ArchiveLimits, names_in, unpack
from ann_core.errors import ArchiveError

LIMITS = ArchiveLimits()
FILES = {"pets/cat/1.jpg": b"one" * 500, "pets/dog/1.jpg": b"", "pets/dog/2.jpg": bytes(1024)}
PACKED = {
    "tar": lambda content: content,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "two xz": lambda content: lzma.compress(content[:700]) + lzma.compress(content[700:]),
}
every_kind = pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)


def tarred(files: dict[str, bytes], **fields: object) -> bytes:
    """Pack files; `fields` are set on the header of the last."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as bundle:
        for number, (name, data) in enumerate(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            if number == len(files) - 1:
                for field, value in fields.items():
                    setattr(entry, field, value)
            bundle.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def refused(archive: bytes, folder: Path, limits: ArchiveLimits = LIMITS) -> str:
    with pytest.raises(ArchiveError) as caught:
        unpack(io.BytesIO(archive), folder, limits)
    return str(caught.value)


@every_kind
def test_files_come_out_as_they_went_in(pack: object, tmp_path: Path) -> None:
    archive = pack(tarred({f"./{name}": data for name, data in (FILES | {"._1": b"x"}).items()}))  # type: ignore[operator]
    files, damaged, guessed = unpack(io.BytesIO(archive), tmp_path, LIMITS)
    assert {file.name: file.path.read_bytes() for file in files} == FILES
    assert (damaged, guessed) == ([], None)
    assert names_in(io.BytesIO(archive), LIMITS, max_tar_bytes=10**6).names == list(FILES)


@every_kind
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_one_that_is_cut_off_is_refused(pack: object, share: float, tmp_path: Path) -> None:
    dice = random.Random(0)
    content = tarred({f"cat/{n}.jpg": dice.randbytes(2_000) for n in range(5)})[:15_000]
    archive = pack(content)  # type: ignore[operator]
    sentence = refused(archive[: int(share * len(archive))], tmp_path)
    assert "damaged, cut off or no tar file" in sentence


def test_what_is_packed_and_no_tar_file_is_told(tmp_path: Path) -> None:
    assert "no tar file" in refused(gzip.compress(b"words" * 300), tmp_path)


@pytest.mark.parametrize("name", ["../evil.jpg", "/etc/evil.jpg", "a/../../b.jpg", "C:\\evil.jpg"])
def test_a_path_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    archive = tarred({"cat/1.jpg": b"1", name: b"evil"})
    assert "leads out of its folder" in refused(archive, tmp_path)
    with pytest.raises(ArchiveError):
        names_in(io.BytesIO(archive), LIMITS, max_tar_bytes=10**6)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (tarfile.SYMTYPE, "holds a link ('link')"),
        (tarfile.LNKTYPE, "holds a link ('link')"),
        (tarfile.FIFOTYPE, "no plain file"),
        (tarfile.CHRTYPE, "no plain file"),
        (tarfile.BLKTYPE, "no plain file"),
    ],
)
def test_links_and_devices_are_refused(kind: bytes, sentence: str, tmp_path: Path) -> None:
    archive = tarred({"cat/1.jpg": b"1", "link": b""}, type=kind, linkname="/etc/passwd")
    assert sentence in refused(archive, tmp_path)


def test_the_limits_are_exact(tmp_path: Path) -> None:
    archive = gzip.compress(tarred({f"{n}.jpg": bytes(600_000) for n in range(3)}))
    assert len(archive) < 10_000
    few = ArchiveLimits(max_entries=2)
    assert "more than 2 entries" in refused(archive, tmp_path, few)
    small = ArchiveLimits(max_entries=3, max_bytes=1_799_999)
    assert "unpacks to more than 2 MB, which is the limit" in refused(archive, tmp_path, small)
    enough = ArchiveLimits(max_entries=3, max_bytes=1_800_000)
    assert len(unpack(io.BytesIO(archive), tmp_path, enough).files) == 3


def test_a_header_cannot_claim_memory(tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as bundle:
        entry = tarfile.TarInfo("././@LongLink")
        entry.type, entry.size = tarfile.GNUTYPE_LONGNAME, 50_000_000
        bundle.addfile(entry, io.BytesIO(b"a" * 50_000_000))
    assert "a header larger than any name needs" in refused(content.getvalue(), tmp_path)


def test_what_is_skipped_counts_as_well(tmp_path: Path) -> None:
    archive = gzip.compress(tarred({".hidden": bytes(30_000_000), "cat/1.jpg": b"1"}))
    limits = ArchiveLimits(max_entries=3, max_bytes=1_000_000)
    assert "unpacks to more than 1 MB" in refused(archive, tmp_path, limits)


def test_an_xz_file_cannot_claim_memory(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 * 1024**2}]
    archive = lzma.compress(b"", filters=filters)
    assert "damaged, cut off or no tar file" in refused(archive, tmp_path)


def test_a_damaged_header_is_not_the_end(tmp_path: Path) -> None:
    archive = bytearray(tarred(FILES))
    archive[archive.index(b"pets/dog/1.jpg")] ^= 1
    assert "a header is damaged" in refused(bytes(archive), tmp_path)


def test_names_of_old_systems_are_guessed(tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(
        fileobj=content, mode="w", format=tarfile.USTAR_FORMAT, encoding="cp1251"
    ) as bundle:
        bundle.addfile(tarfile.TarInfo("Кошки/1.jpg"))
    [file], _, guessed = unpack(content, tmp_path, LIMITS)
    assert (file.name, guessed) == ("Кошки/1.jpg", "cp1251")


def test_damage_gives_files_or_a_sentence_and_nothing_else(tmp_path: Path) -> None:
    dice = random.Random(0)
    whole = tarred({f"cat/{n}.jpg": dice.randbytes(700) for n in range(4)})
    limits = ArchiveLimits(max_bytes=100_000)
    n_refused = 0
    for number in range(120):
        pack = dice.choice(list(PACKED.values()))
        content = bytearray(pack(whole))  # type: ignore[no-untyped-call]
        for _ in range(dice.choice([1, 2, 5])):
            content[dice.randrange(len(content))] = dice.randrange(256)
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            unpack(io.BytesIO(content), folder, limits)
        except ArchiveError as error:
            assert str(error).endswith(".")
            n_refused += 1
    assert n_refused > 40
