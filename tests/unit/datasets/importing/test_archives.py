"""Zip files of strangers: unpacked whole, or refused with nothing left behind."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from ann_core.datasets.importing.archives import ArchiveLimits, _unpack_all, unpack
from ann_core.errors import ArchiveError

LIMITS = ArchiveLimits()
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
NO_DATE = struct.pack("<HH", 0, 0x21)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return content.getvalue()


def patched(archive: bytes, *, local: int, central: int, value: bytes) -> bytes:
    """Write `value` at an offset into each header of both kinds."""
    changed = bytearray(archive)
    for magic, offset in ((LOCAL, local), (CENTRAL, central)):
        index = -1
        while (index := archive.find(magic, index + 1)) >= 0:
            changed[index + offset : index + offset + len(value)] = value
    return bytes(changed)


def refused(archive: bytes, folder: Path, limits: ArchiveLimits = LIMITS) -> str:
    """The sentence, after proof that not one file was unpacked."""
    with pytest.raises(ArchiveError) as caught:
        unpack(io.BytesIO(archive), folder, limits)
    assert list(folder.iterdir()) == []
    return str(caught.value)


def test_names_become_numbers(tmp_path: Path) -> None:
    archive = zipped({"Cat/1.jpg": b"one", "Cat/": b"", "Dog/2.jpg": b"two", "note.txt": b"three"})
    files, damaged, _ = unpack(io.BytesIO(archive), tmp_path, LIMITS)
    assert {file.name: file.path.read_bytes() for file in files} == {
        **{"Cat/1.jpg": b"one", "Dog/2.jpg": b"two", "note.txt": b"three"}
    }
    assert damaged == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000", "000001", "000002"]


def test_paths_and_open_files_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "pictures.zip"
    path.write_bytes(zipped({"Cat/1.jpg": b"one"}))
    for number, archive in enumerate((path, str(path), io.BytesIO(path.read_bytes()))):
        folder = tmp_path / str(number)
        folder.mkdir()
        files, *_ = unpack(archive, folder, LIMITS)
        assert [(file.name, file.path.read_bytes()) for file in files] == [("Cat/1.jpg", b"one")]


def test_litter_is_not_unpacked(tmp_path: Path) -> None:
    archive = zipped({"__MACOSX/Cat/._1.jpg": b"x", "Cat/.DS_Store": b"x", "Cat/Thumbs.db": b"x"})
    assert unpack(io.BytesIO(archive), tmp_path, LIMITS) == ([], [], None)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_the_files(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    archive = zipped({"a/": b"", "a/1.jpg": b"1", "a/2.jpg": b"2"})
    unpack(
        io.BytesIO(archive),
        tmp_path,
        LIMITS,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_backslashes_of_old_windows_programs_are_slashes(tmp_path: Path) -> None:
    archive = zipped({"Cat|1.jpg": b"one"}).replace(b"Cat|1.jpg", b"Cat\\1.jpg")
    [file], *_ = unpack(io.BytesIO(archive), tmp_path, LIMITS)
    assert file.name == "Cat/1.jpg"


def test_an_empty_zip_has_no_files(tmp_path: Path) -> None:
    assert unpack(io.BytesIO(zipped({})), tmp_path, LIMITS) == ([], [], None)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_a_truncated_zip_is_refused(tmp_path: Path, share: float) -> None:
    archive = zipped({f"Cat/{number}.jpg": bytes(100) for number in range(20)})
    sentence = refused(archive[: int(share * len(archive))], tmp_path)
    assert sentence.startswith("Expected a whole zip file, but this one is damaged or cut off")
    assert sentence.endswith("Copy or download it again.")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"not a zip at all", "this is text; give a folder"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(100), "this is a RAR archive"),
        (
            b"7z\xbc\xaf\x27\x1c" + bytes(100),
            "this is a 7-Zip archive (7z); unpack it and give the folder",
        ),
        (b"id,label\n1,cat\n2,dog\n", "this is a table as text (CSV)"),
        (b"", "this is an empty file"),
    ],
)
def test_another_kind_of_file_is_told(tmp_path: Path, content: bytes, what: str) -> None:
    assert f"Expected a zip or tar file of pictures, but {what}" in refused(content, tmp_path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = zipped({"Cat/1.jpg": b"one", "Dog/1.jpg": b"two"})
    locked = patched(archive, local=6, central=8, value=struct.pack("<H", 1))
    sentence = refused(locked, tmp_path)
    assert "locked with a password" in sentence
    assert "pack it again without one" in sentence


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg",
        "Cat/../../evil.jpg",
        "..",
        "/etc/evil.jpg",
        "//server/share/evil.jpg",
        "C:\\evil.jpg",
        "C:evil.jpg",
        "c:/evil.jpg",
        "\\evil.jpg",
        "\\\\server\\share\\evil.jpg",
        "Cat\\..\\..\\evil.jpg",
        "../evil/",
    ],
)
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    sentence = refused(zipped({"Cat/1.jpg": b"one", name: b"evil"}), folder)
    assert repr(name) in sentence
    assert "leads out of its folder" in sentence
    assert sentence.endswith("Pack the folder of pictures again.")
    assert [path.name for path in tmp_path.rglob("*")] == ["inside"]


def test_an_endless_name_is_refused(tmp_path: Path) -> None:
    sentence = refused(zipped({"a/" * 30_000 + "1.jpg": b"one"}), tmp_path)
    assert "a name of 60,005 letters ('a/a/" in sentence
    assert "at most 1,000 are taken" in sentence
    assert len(sentence) < 300


def test_a_link_is_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        link = zipfile.ZipInfo("Cat/1.jpg")
        link.create_system = 3  # Unix
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        bundle.writestr(link, "/etc/passwd")
    sentence = refused(content.getvalue(), tmp_path)
    assert "holds a link ('Cat/1.jpg')" in sentence
    assert "Pack the pictures themselves." in sentence


def empty_entries(n_entries: int, suffix: str = ".jpg") -> bytes:
    """A whole zip of empty files, written by hand: zipfile takes half a minute for it."""
    local, central, offset = [], [], 0
    for number in range(n_entries):
        name = f"Cat/{number:06d}{suffix}".encode()
        common = struct.pack("<HHH4sIIIHH", 20, 0, 0, NO_DATE, 0, 0, 0, len(name), 0)
        local.append(LOCAL + common + name)
        rest = struct.pack("<HHHII", 0, 0, 0, 0, offset)
        central.append(CENTRAL + struct.pack("<H", 20) + common + rest + name)
        offset += len(local[-1])
    table = b"".join(central)
    counted = min(n_entries, 0xFFFF)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, counted, counted, len(table), offset, 0)
    return b"".join([*local, table, end])


def test_the_zip_written_by_hand_is_a_zip(tmp_path: Path) -> None:
    files, damaged, _ = unpack(io.BytesIO(empty_entries(30)), tmp_path, LIMITS)
    assert (len(files), damaged) == (30, [])


@pytest.mark.parametrize(("n_entries", "suffix"), [(200_000, ".jpg"), (100_001, "/")])
def test_two_hundred_thousand_entries_are_refused(
    tmp_path: Path, n_entries: int, suffix: str
) -> None:
    sentence = refused(empty_entries(n_entries, suffix), tmp_path)
    assert f"has {n_entries:,} entries; at most 100,000 are taken" in sentence
    assert "Put fewer files into it." in sentence


def test_the_limit_of_entries_is_exact(tmp_path: Path) -> None:
    limits = ArchiveLimits(max_entries=3)
    files, *_ = unpack(io.BytesIO(empty_entries(3)), tmp_path, limits)
    assert len(files) == 3
    (tmp_path / "again").mkdir()
    assert "has 4 entries; at most 3" in refused(empty_entries(4), tmp_path / "again", limits)


def test_a_bomb_that_says_so_is_refused_at_once(tmp_path: Path) -> None:
    archive = zipped({"Cat/1.jpg": b"one"})
    archive = patched(archive, local=22, central=24, value=struct.pack("<I", 3 * 1024**3))
    sentence = refused(archive, tmp_path)
    assert "unpacks to more than 2 GB, which is the limit" in sentence
    assert "Put fewer or smaller pictures into it." in sentence


def test_the_limit_of_bytes_is_that_of_all_files(tmp_path: Path) -> None:
    archive = zipped({"Cat/1.jpg": bytes(600_000), "Cat/2.jpg": bytes(600_000)})
    assert len(archive) < 5_000
    assert "which is the limit" in refused(archive, tmp_path, ArchiveLimits(max_bytes=1_199_999))
    files, *_ = unpack(io.BytesIO(archive), tmp_path, ArchiveLimits(max_bytes=1_200_000))
    assert sum(file.path.stat().st_size for file in files) == 1_200_000


@pytest.mark.parametrize("checksum", [None, zlib.crc32(bytes(100))])
def test_a_bomb_that_lies_about_its_size_stays_small(tmp_path: Path, checksum: int | None) -> None:
    archive = zipped({"Cat/1.jpg": bytes(20_000_000)})
    archive = patched(archive, local=22, central=24, value=struct.pack("<I", 100))
    if checksum is not None:
        archive = patched(archive, local=14, central=16, value=struct.pack("<I", checksum))
    files, damaged, _ = unpack(io.BytesIO(archive), tmp_path, ArchiveLimits(max_bytes=1_000))
    # Whoever lies about the checksum too gets what was declared, and no byte more.
    assert [len(file.path.read_bytes()) for file in files] == ([] if checksum is None else [100])
    assert [note.reason for note in damaged] == (
        ["its bytes in the zip file are damaged"] if checksum is None else []
    )
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 100


def test_bytes_are_counted_while_unpacking(tmp_path: Path) -> None:
    # Past the table of contents, as if zipfile had believed a lie in it.
    archive = zipped({"Cat/1.jpg": bytes(700_000), "Cat/2.jpg": bytes(20_000_000)})
    written: list[int] = []

    def watch(done: int, total: int) -> None:
        written.append(sum(path.stat().st_size for path in tmp_path.iterdir()))

    with (
        zipfile.ZipFile(io.BytesIO(archive)) as bundle,
        pytest.raises(ArchiveError, match="unpacks to more than"),
    ):
        _unpack_all(bundle, tmp_path, ArchiveLimits(max_bytes=1_000_000), progress=watch)
    assert written == [0, 700_000]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1_000_000


def test_one_damaged_entry_does_not_spoil_the_others(tmp_path: Path) -> None:
    archive = bytearray(zipped({"Cat/1.jpg": b"first", "Cat/2.jpg": b"second"}, zipfile.ZIP_STORED))
    archive[archive.index(b"first")] ^= 255
    files, [damaged], _ = unpack(io.BytesIO(archive), tmp_path, LIMITS)
    assert [file.path.read_bytes() for file in files] == [b"second"]
    assert (damaged.name, damaged.reason) == ("Cat/1.jpg", "its bytes in the zip file are damaged")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 98])
def test_other_methods_of_packing_are_left_out_with_a_reason(tmp_path: Path, method: int) -> None:
    if method == 98:
        archive = patched(zipped({"1.jpg": b"1"}), local=8, central=10, value=b"\x62\0")
    else:
        archive = zipped({"1.jpg": b"1"}, method)
    files, [left_out], _ = unpack(io.BytesIO(archive), tmp_path, LIMITS)
    assert files == []
    assert left_out.reason == f"the zip file packs it by method {method}, not known here"


def test_damage_gives_files_or_a_sentence_and_nothing_else(tmp_path: Path) -> None:
    dice = random.Random(0)
    names = [f"{name}/{number}.jpg" for name in ("Cat", "Dög") for number in range(3)]
    whole = zipped({name: dice.randbytes(300) for name in names})
    path, limits = tmp_path / "pictures.zip", ArchiveLimits(max_bytes=100_000)
    n_refused = 0
    for number in range(300):
        content = bytearray(whole)
        if dice.random() < 0.1:
            del content[dice.randrange(len(content)) :]
        for _ in range(dice.choice([1, 2, 5, 20])):
            # Half of the hits go to the table of contents.
            start = dice.choice([0, content.find(CENTRAL)])
            content[dice.randrange(max(0, start), len(content))] = dice.randrange(256)
        path.write_bytes(content)
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            files, *_ = unpack(path if number % 2 else io.BytesIO(content), folder, limits)
        except ArchiveError as error:
            assert str(error).endswith(".")
            n_refused += 1
        else:
            assert {file.path for file in files} == set(folder.iterdir())
        assert sum(file.stat().st_size for file in folder.iterdir()) <= limits.max_bytes
    assert 30 < n_refused < 270, "the damage is too small or too large to tell anything"
