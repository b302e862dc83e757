"""First bytes by which files are known, and what is said of each kind.

Sources: the libmagic database, https://www.garykessler.net/library/file_sigs.html and the
formats' own specifications.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["image", "picture", "archive", "page", "other"]


@dataclass(frozen=True)
class FileType:
    """What a file is, whatever its name says.

    Attributes
    ----------
    what : str
        With its article, such as "a RAR archive".
    group : str
        "image" is opened here; "picture" shows something, in a format that is not;
        "archive" holds other files; "page" came from the web in place of a file; "other".
    advice : str
        What to do with it, as the second half of a sentence; "" if the group says it.
    """

    what: str
    group: Group = "other"
    advice: str = ""


_UNPACK = "unpack it and give the folder, or a zip file of it"
_AGAIN = "copy or download the file again"
_CONVERT = "convert it to JPEG or PNG"

EMPTY = FileType("an empty file (0 bytes)", "other", _AGAIN)
ZEROS = FileType("nothing but zero bytes: a copy or download that did not finish", "other", _AGAIN)
UNKNOWN = FileType("a file of a kind that is not known here")
TEXT = FileType("text")
CSV = FileType(
    "a table as text (CSV)",
    "other",
    "labels in a table are not read, so put the pictures into a folder for each class",
)
JSON_TEXT = FileType("text (JSON), such as a list of labels or the error of a server")
XML_TEXT = FileType("text (XML), such as a list of labels or the error of a server")
WEB_PAGE = FileType(
    "a web page (HTML) in place of the file, such as an error or a page to sign in",
    "page",
    "download the file itself in a browser",
)
SVG = FileType("an SVG drawing, which has no pixels", "picture", "export it as PNG")

RAW = FileType(
    "a RAW file of a camera", "picture", "develop it: save it as JPEG or TIFF with a photo program"
)
HEIC = FileType(
    "a HEIC photograph",
    "picture",
    "on an iPhone choose Settings, Camera, Formats, Most Compatible; convert those that are "
    "there to JPEG",
)
AVIF = FileType("an AVIF picture", "image")
TIFF = FileType("a TIFF picture", "image")
VIDEO = FileType("a video", "other", "save single pictures of it as JPEG or PNG")
SOUND = FileType("a sound file")

ZIP = FileType("a zip file", "archive", "unpack it and give the folder")
EMPTY_ZIP = FileType("a zip file with nothing in it", "archive", "pack the folder of pictures")
SPLIT_ZIP = FileType(
    "one part of a zip file in several parts", "archive", "join the parts and unpack them"
)
TAR = FileType("a tar archive", "archive", _UNPACK)
OFFICE = FileType(
    "an Office document", "other", "save the pictures in it one by one as JPEG or PNG"
)
NPZ = FileType("NumPy arrays (npz)", "other", "save each picture in it as PNG")
KERAS = FileType("a model for Keras")
APP = FileType("an app or a library, packed as zip")
TORCH = FileType("a model of PyTorch")

COMPRESSED = {
    "gzip": (b"\x1f\x8b\x08", "a gzip file"),
    "bzip2": (b"BZh", "a bzip2 file"),
    "xz": (b"\xfd7zXZ\0", "an xz file"),
    "zstd": (b"\x28\xb5\x2f\xfd", "a zstd file"),
}
"""Compressed files: first bytes, and what is said if no tar archive is seen inside."""


def compressed(what: str) -> FileType:
    """Return what is said of a compressed file."""
    return FileType(what, "archive", _UNPACK)


def compressed_tar(name: str) -> FileType:
    """Return what is said of a tar archive inside a compressed file."""
    return FileType(f"a tar archive packed by {name} (tar.{_ENDINGS[name]})", "archive", _UNPACK)


_ENDINGS = {"gzip": "gz", "bzip2": "bz2", "xz": "xz", "zstd": "zst"}


def _unread(what: str, advice: str = _CONVERT) -> FileType:
    return FileType(what, "picture", advice)


def _archive(what: str) -> FileType:
    return FileType(what, "archive", _UNPACK)


SIGNATURES: tuple[tuple[int, bytes, FileType], ...] = (
    (0, b"\xff\xd8", FileType("a JPEG picture", "image")),
    (0, b"\x89PNG", FileType("a PNG picture", "image")),
    (0, b"GIF8", FileType("a GIF picture", "image")),
    (0, b"PK\5\6", EMPTY_ZIP),
    (0, b"PK\7\x08", SPLIT_ZIP),
    (0, b"7z\xbc\xaf\x27\x1c", _archive("a 7-Zip archive (7z)")),
    (0, b"Rar!\x1a\7\0", _archive("a RAR archive")),
    (0, b"Rar!\x1a\7\1", _archive("a RAR archive (RAR 5)")),
    (0, b"Rar!", _archive("a RAR archive")),
    (0, b"RE~^", _archive("an old RAR archive")),
    (0, b"\x04\x22\x4d\x18", _archive("an LZ4 file")),
    (0, b"LZIP", _archive("an lzip file")),
    (0, b"\x1f\x9d", _archive("a file of compress (.Z)")),
    (0, b"MSCF", _archive("a cabinet archive (CAB)")),
    (0, b"xar!", _archive("a xar archive")),
    (0, b"SIT!", _archive("a StuffIt archive")),
    (0, b"StuffIt", _archive("a StuffIt archive")),
    (2, b"-lh", _archive("an LHA archive")),
    (0, b"`\xea", _archive("an ARJ archive")),
    (7, b"**ACE**", _archive("an ACE archive")),
    (257, b"ustar", TAR),
    (0, b"8BPS", _unread("a Photoshop document (PSD)", "save it as JPEG or PNG in Photoshop")),
    (0, b"gimp xcf", _unread("a picture of GIMP (XCF)", "export it as JPEG or PNG in GIMP")),
    (0, b"\xff\x0a", _unread("a JPEG XL picture")),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", _unread("a JPEG XL picture")),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", _unread("a JPEG 2000 picture")),
    (0, b"\xff\x4f\xff\x51", _unread("a JPEG 2000 picture")),
    (0, b"II\xbc\x01", _unread("a JPEG XR picture")),
    (0, b"\x76\x2f\x31\x01", _unread("an OpenEXR picture")),
    (0, b"#?RADIANCE", _unread("a Radiance picture (HDR)")),
    (0, b"DDS ", _unread("a DirectDraw texture (DDS)")),
    (0, b"qoif", _unread("a QOI picture")),
    (0, b"\0\0\1\0", _unread("an icon (ICO)")),
    (0, b"SIMPLE  =", _unread("a FITS image of astronomy", "save it as 8 bit PNG")),
    (128, b"DICM", _unread("a DICOM image of medicine", "export it as PNG")),
    (344, b"n+1\0", _unread("a NIfTI volume of medicine", "export its slices as PNG")),
    (0, b"AT&TFORM", _unread("a DjVu document", "save its pages as PNG")),
    (0, b"%PDF", _unread("a PDF document", "save its pages as JPEG or PNG")),
    (0, b"%!PS", _unread("a PostScript document", "save its pages as PNG")),
    (0, b"\xc5\xd0\xd3\xc6", _unread("a PostScript document", "save its pages as PNG")),
    (0, b"FUJIFILMCCD-RAW", RAW),
    (0, b"IIRO", RAW),
    (0, b"IIRS", RAW),
    (0, b"MMOR", RAW),
    (0, b"IIU\0", RAW),
    (0, b"FOVb", RAW),
    (0, b"\0MRM", RAW),
    (0, b"PAR1", FileType("a Parquet table", "other", CSV.advice)),
    (0, b"ARROW1", FileType("an Arrow table", "other", CSV.advice)),
    (0, b"\x93NUMPY", FileType("a NumPy array (npy)", "other", NPZ.advice)),
    (0, b"\x89HDF\r\n\x1a\n", FileType("an HDF5 file", "other", NPZ.advice)),
    (0, b"MATLAB 5.0", FileType("a file of MATLAB", "other", NPZ.advice)),
    (0, b"SQLite format 3", FileType("an SQLite database")),
    (4, b"TFL3", FileType("a model for LiteRT")),
    (0, b"\x80\x02", FileType("a pickle of Python, which is never opened")),
    (0, b"\x80\x03", FileType("a pickle of Python, which is never opened")),
    (0, b"\x80\x04\x95", FileType("a pickle of Python, which is never opened")),
    (0, b"\x80\x05\x95", FileType("a pickle of Python, which is never opened")),
    (0, b"\xd0\xcf\x11\xe0", OFFICE),
    (0, b"{\\rtf", OFFICE),
    (0, b"bplist00", FileType("a note of macOS in place of a file", "other", _AGAIN)),
    (0, b"\0\5\x16\7", FileType("a note of macOS beside a file", "other", "leave it out")),
    (0, b"L\0\0\0\1\x14\2\0", FileType("a shortcut of Windows", "other", "give the file itself")),
    (0, b"MZ", FileType("a program for Windows")),
    (0, b"\x7fELF", FileType("a program for Linux")),
    (0, b"\x1a\x45\xdf\xa3", VIDEO),
    (0, b"FLV\1", VIDEO),
    (0, b"\0\0\1\xba", VIDEO),
    (0, b"\0\0\1\xb3", VIDEO),
    (0, b"0&\xb2u\x8ef\xcf\x11", VIDEO),
    (4, b"moov", VIDEO),
    (4, b"mdat", VIDEO),
    (4, b"wide", VIDEO),
    (0, b"ID3", SOUND),
    (0, b"OggS", SOUND),
    (0, b"fLaC", SOUND),
)

RIFF = {
    b"WEBP": FileType("a WebP picture", "image"),
    b"AVI ": VIDEO,
    b"WAVE": SOUND,
}

BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), HEIC),
    **dict.fromkeys((b"mif1", b"msf1", b"mif2"), FileType("a HEIF picture", "picture", _CONVERT)),
    b"crx ": RAW,
    **dict.fromkeys((b"M4A ", b"M4B "), SOUND),
}
"""Kinds of ISO media files (``ftyp``); of any other brand they are videos."""

BY_TEXT = (
    (
        b"version https://git-lfs.github.com/spec/",
        FileType("a Git LFS pointer, which stands in for a file", "page", "run 'git lfs pull'"),
    ),
    (b"[InternetShortcut]", FileType("a link to a web page", "page", WEB_PAGE.advice)),
    (b"data:image/", FileType("a picture written as text (base64)", "picture", "save it as PNG")),
)
