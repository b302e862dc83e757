"""Names in archives that do not say how they are written: read as people wrote them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from ann_core.datasets.importing.archives import ArchiveLimits, names_in, unpack
from ann_core.datasets.importing.name_encodings import ENCODINGS, guess_encoding
from ann_core.errors import ArchiveError
from tests.helpers.old_zips import zip_of_bytes

WORDS = {
    "utf-8": ["Kätzchen", "猫", "Кошки", "cafe\u0301"],
    "cp437": ["Kätzchen", "Hündchen", "café"],
    "cp850": ["Água", "São João", "Ørsted"],
    "cp1252": ["Kätzchen", "Hündchen", "Señal"],
    "cp852": ["kočka", "ptáček", "žába"],
    "cp866": ["Кошки", "Собаки"],
    "cp1251": ["Кошки", "Собаки"],
    "gbk": ["苹果", "香蕉", "玫瑰花"],
    "cp932": ["りんご", "バナナ", "表示", "猫"],
    "big5": ["蘋果", "香蕉"],
    "cp949": ["고양이", "강아지"],
}


@pytest.mark.parametrize("encoding", WORDS)
def test_what_people_wrote_is_what_is_read(encoding: str, tmp_path: Path) -> None:
    names = [f"{word}/{n}.jpg" for word in WORDS[encoding] for n in range(2)]
    archive = zip_of_bytes({name.encode(encoding): b"x" for name in names})
    read, guessed = names_in(io.BytesIO(archive), ArchiveLimits(), max_tar_bytes=0)
    assert read == names
    assert guessed == (None if encoding == "utf-8" else encoding)
    assert [f.name for f in unpack(io.BytesIO(archive), tmp_path, ArchiveLimits()).files] == names


def test_a_guess_can_be_overruled() -> None:
    archive = zip_of_bytes({"kočka/1.jpg".encode("cp1250"): b"x"})
    seen = names_in(io.BytesIO(archive), ArchiveLimits(), max_tar_bytes=0)
    assert seen.names == ["koèka/1.jpg"]
    chosen = names_in(io.BytesIO(archive), ArchiveLimits(), max_tar_bytes=0, encoding="cp1250")
    assert chosen == (["kočka/1.jpg"], None)


def test_names_that_say_their_encoding_are_left_alone() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        bundle.writestr("Кошки/1.jpg", b"x")
    seen = names_in(content, ArchiveLimits(), max_tar_bytes=0, encoding="cp932")
    assert seen.names == ["Кошки/1.jpg"]


def test_the_name_beside_the_name_is_taken() -> None:
    raw, text = "Кошки/1.jpg".encode("cp866"), "Кошки/1.jpg".encode()
    field = struct.pack("<HHBI", 0x7075, 5 + len(text), 1, zlib.crc32(raw)) + text
    archive = zip_of_bytes({raw: b"x"}, extra=field)
    assert names_in(io.BytesIO(archive), ArchiveLimits(), max_tar_bytes=0).names == ["Кошки/1.jpg"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_encoding_leads_outside(encoding: str, tmp_path: Path) -> None:
    archive = zip_of_bytes({b"\x81/../../evil.jpg": b"x"})
    with pytest.raises(ArchiveError, match="leads out of its folder"):
        unpack(io.BytesIO(archive), tmp_path, ArchiveLimits(), encoding=encoding)  # type: ignore[arg-type]


def test_any_bytes_are_some_names() -> None:
    assert guess_encoding([bytes([n, m]) for n in range(128, 256) for m in (n, 65)]) in ENCODINGS
