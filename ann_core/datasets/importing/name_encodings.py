"""Names in archives that do not say how their bytes are to be read.

Old zip files keep names in the code page of the computer that packed them, and do not say which.
What is valid UTF-8 is UTF-8: hardly any other text is. Of the rest, each code page that can read
the bytes is judged by what comes out: letters that people use, in words of one script, speak for
it; box drawings and signs speak against it. A guess is a guess, so it is told and can be changed.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Literal

Encoding = Literal[
    "utf-8",
    "cp437",
    "cp850",
    "cp1252",
    "cp852",
    "cp1250",
    "cp866",
    "cp1251",
    "gbk",
    "cp932",
    "big5",
    "cp949",
]
ENCODINGS: dict[Encoding, str] = {
    "utf-8": "Unicode",
    "cp437": "DOS, English",
    "cp850": "DOS, Western Europe",
    "cp1252": "Windows, Western Europe",
    "cp852": "DOS, Central Europe",
    "cp1250": "Windows, Central Europe",
    "cp866": "DOS, Cyrillic",
    "cp1251": "Windows, Cyrillic",
    "gbk": "Chinese, simplified",
    "cp932": "Japanese",
    "big5": "Chinese, traditional",
    "cp949": "Korean",
}
"""Encodings that names may be read in, the likelier of equals first."""

_EASTERN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"}
_MAX_NAMES = 2_000  # that are looked at
_FREQUENT = frozenset("äöüßÄÖÜéèêàçñáíóúåøæâôî")
_CYRILLIC = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯіїєґІЇЄҐ")
_COMMON_LEADS = {  # first bytes of the characters that a code page counts as frequent
    "gbk": range(0xB0, 0xD8),
    "cp932": range(0x88, 0x98),
    "big5": range(0xA4, 0xC7),
    "cp949": range(0xB0, 0xC9),
}
# That two bytes make a frequent character is a little more than that one makes a letter; nearly
# every pair of bytes is some Korean syllable.
_LIKELY = {"gbk": 1.0, "cp932": 1.02, "big5": 0.95, "cp949": 1.01}
_MIN_KOREAN = 4  # characters; fewer may as well be Chinese


def guess_encoding(names: Sequence[bytes]) -> Encoding:
    """Guess how names are to be read; "utf-8" if all of them are plain or valid UTF-8."""
    words = list(dict.fromkeys(names))
    if all(_decoded(word, "utf-8") is not None for word in words):
        return "utf-8"
    words = [word for word in words if not word.isascii()][:_MAX_NAMES]
    scores = {each: _score(words, each) for each in ENCODINGS if each != "utf-8"}
    return max(scores, key=lambda encoding: scores[encoding])


def describe_guess(encoding: Encoding, names: Sequence[str]) -> tuple[str, ...]:
    """Say what was guessed, with a name to judge it by."""
    example = next((name for name in names if not name.isascii()), "")
    return (
        f"names in this archive do not say how they are written and were read as {encoding} "
        f"({ENCODINGS[encoding]}), such as '{example[-40:]}'; if that looks wrong, choose another "
        "encoding of names",
    )


def decoded(name: bytes, encoding: str) -> str:
    """Read a name; what is no text in that encoding is replaced by a mark."""
    return name.decode(encoding, errors="replace")


def _decoded(word: bytes, encoding: str) -> str | None:
    try:
        return word.decode(encoding)
    except UnicodeDecodeError:
        return None


def _score(words: Sequence[bytes], encoding: str) -> float:
    """Judge what comes out, from -1 to 1 a character."""
    total, n_characters = 0.0, 0
    for word in words:
        text = _decoded(word, encoding)
        if text is None:
            return float("-inf")
        marks = [_weight(c, encoding) for c in text if not c.isascii()]
        total += sum(marks) - sum(itertools.starmap(_clash, itertools.pairwise(text)))
        n_characters += len(marks)
    if encoding == "cp949" and n_characters < _MIN_KOREAN:
        total -= 0.05 * n_characters
    return total / max(1, n_characters)


def _weight(character: str, encoding: str) -> float:
    """Say how likely a character is to be meant, beyond ASCII."""
    if encoding in _COMMON_LEADS:
        raw = character.encode(encoding, errors="replace")
        if len(raw) == 1:  # half-width, of old Japanese computers
            return 0.1
        if "\u3040" <= character <= "\u30ff":
            return 1.1 if encoding == "cp932" else 0.1
        if not character.isalpha():
            return -0.5
        common = raw[0] in _COMMON_LEADS[encoding]
        return _LIKELY[encoding] if common else 0.1
    if not character.isalpha() or unicodedata.category(character) == "Lo":
        return -1.0
    if character in _FREQUENT or (encoding in ("cp866", "cp1251") and character in _CYRILLIC):
        return 1.0
    script = _script(character)
    return 0.7 if script == "LATIN" and character != "ƒ" else 0.0


def _clash(one: str, other: str) -> float:
    """Say how unlikely two characters are beside each other."""
    if (one.isascii() and other.isascii()) or not (one.isalpha() and other.isalpha()):
        return 0.0
    if _script(one) != _script(other):
        return 1.0
    if _script(one) == "CYRILLIC":
        return 0.5 * (one.islower() and other.isupper())
    return 0.5 * (_script(one) == "LATIN" and not one.isascii() and not other.isascii())


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    script = name.split(" ", 1)[0]
    return "EAST" if script in _EASTERN else script
