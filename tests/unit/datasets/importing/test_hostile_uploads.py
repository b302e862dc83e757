"""Hundreds of hostile files: each is taken, or left out by name with a reason, every time."""

from __future__ import annotations

import csv
import io
import os
import socket
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.import_report import REPORT_COLUMNS, import_report, report_csv
from ann_core.datasets.importing.importer import import_folder, import_images, import_zip
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from tests.helpers.hostile_files import ORIENTATIONS, SUFFIX_OF, Case, hostile_files, photo, saved

ROOT = Path(__file__).resolve().parents[4]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@pytest.fixture(scope="module")
def files() -> dict[str, Case]:
    return hostile_files()


@pytest.fixture(scope="module")
def cases(files: dict[str, Case]) -> dict[str, Case]:
    return {name: case for name, case in files.items() if case.outcome != "ignored"}


@pytest.fixture(scope="module")
def folder(files: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.name == "nt":
        pytest.skip("Windows has no such names")
    folder = tmp_path_factory.mktemp("hostile") / "pictures"
    for name, case in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.content)
    n_files = sum(path.is_file() for path in folder.rglob("*"))
    if n_files < len(files):
        pytest.skip("this disk takes names that differ in case or in accents for one")
    return folder


def packed(files: dict[str, Case]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as bundle:
        for name, case in files.items():
            bundle.writestr(name, case.content)
    return content.getvalue()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return Catalog(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def from_folder(folder: Path, catalog: Catalog) -> Dataset:
    return import_folder(folder, "from-folder", catalog)


@pytest.fixture(scope="module")
def from_zip(files: dict[str, Case], catalog: Catalog) -> Dataset:
    return import_zip(io.BytesIO(packed(files)), "from-zip", catalog)


@pytest.fixture(scope="module", params=["from_folder", "from_zip"])
def dataset(request: pytest.FixtureRequest) -> Iterator[Dataset]:
    yield request.getfixturevalue(request.param)


def test_the_set_is_large_and_hostile(files: dict[str, Case]) -> None:
    assert len(files) >= 300
    outcomes = Counter(case.outcome for case in files.values())
    assert min(outcomes[o] for o in ("taken", "left out", "either")) >= 100
    assert max(len(name.split("/")[-1].encode()) for name in files) == 255
    assert len({name.casefold() for name in files}) < len(files)


def test_every_file_is_accounted_for(dataset: Dataset, cases: dict[str, Case]) -> None:
    assert Counter(import_report(dataset)["file"]) == Counter(cases.keys())
    assert dataset.info.n_found == len(cases)
    assert dataset.info.n_images == len(dataset) == len(dataset.images)
    assert dataset.info.n_skipped == len(dataset.skipped)


def test_what_is_left_out_has_a_reason_of_a_line(dataset: Dataset) -> None:
    for source, reason in dataset.skipped.itertuples(index=False):
        assert 8 < len(reason) < 160, source
        assert reason == reason.strip() and "\n" not in reason
        assert "Error" not in reason and "Exception" not in reason, (source, reason)


def test_good_images_are_taken_and_others_are_not(dataset: Dataset, cases: dict[str, Case]) -> None:
    report = import_report(dataset)
    results = dict(zip(report["file"], report["result"], strict=True))
    expected = {name: case.outcome for name, case in cases.items() if case.outcome != "either"}
    assert {name: results[name] for name in expected} == expected


def test_damaged_images_go_both_ways(dataset: Dataset, cases: dict[str, Case]) -> None:
    report = import_report(dataset)
    taken = set(report["file"][report["result"] == "taken"])
    damaged = {name for name, case in cases.items() if case.outcome == "either"}
    assert 20 < len(damaged & taken) < len(damaged) - 20


def test_what_was_taken_is_what_was_imported(dataset: Dataset, cases: dict[str, Case]) -> None:
    for row, source in enumerate(dataset.images["source"]):
        assert dataset.path(row).read_bytes() == cases[source].content


def test_what_was_taken_can_be_learned_from(dataset: Dataset) -> None:
    config = PreprocessConfig(image_size=(8, 8))
    for row in range(len(dataset)):
        features = preprocess(open_image(dataset.path(row)).image, config)
        assert (features.size, features.dtype) == (64, np.uint8)


def test_the_same_files_give_the_same_data_set(
    folder: Path,
    files: dict[str, Case],
    from_folder: Dataset,
    from_zip: Dataset,
    catalog: Catalog,
) -> None:
    backwards = dict(reversed(files.items()))
    again = [
        from_zip,
        import_folder(folder, "folder-again", catalog),
        import_zip(io.BytesIO(packed(backwards)), "zip-again", catalog),
    ]
    for other in again:
        assert other.fingerprint == from_folder.fingerprint
        assert other.info.counts == from_folder.info.counts
        assert other.images.equals(from_folder.images)
        assert import_report(other).equals(import_report(from_folder))


def test_every_rotation_ends_upright(dataset: Dataset) -> None:
    rows = {source: row for row, source in enumerate(dataset.images["source"])}
    for value, size in ORIENTATIONS.items():
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            row = rows[f"cat/turned-{value}.{SUFFIX_OF[kind]}"]
            image = dataset.images.iloc[row]
            assert (image["width"], image["height"]) == size
            with Image.open(dataset.path(row)) as image:
                expected = ImageOps.exif_transpose(image)
            ours = open_image(dataset.path(row)).image
            assert np.array_equal(np.asarray(ours), np.asarray(expected.convert("RGB")))


@posix
def test_links_and_pipes_are_named_and_not_opened(folder: Path, tmp_path: Path) -> None:
    images = tmp_path / "pictures"
    for name in ("cat", "dog"):
        (images / name).mkdir(parents=True)
        for number in range(6):
            (images / name / f"{number}.png").write_bytes(saved(photo(number), "PNG"))
    (images / "cat" / "link.png").symlink_to(folder / "dog" / "0.png")
    (images / "cat" / "broken.png").symlink_to("nowhere.png")
    (images / "cat" / "loop.png").symlink_to("loop.png")
    (images / "mouse").symlink_to(folder / "dog")
    (images / "dog" / ".link.png").symlink_to("0.png")
    os.mkfifo(images / "dog" / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(images / "dog")  # the path of a socket has to be short
        try:
            listener.bind("socket.png")
        finally:
            os.chdir(here)
    dataset = import_folder(images, "special", Catalog(tmp_path / "catalog"))
    link = "it is a link, and links are not followed"
    special = "it is no plain file (a pipe, a socket or a device)"
    assert dict(dataset.skipped.itertuples(index=False)) == {
        **dict.fromkeys(("cat/link.png", "cat/broken.png", "cat/loop.png", "mouse"), link),
        **dict.fromkeys(("dog/pipe.png", "dog/socket.png"), special),
    }
    assert dataset.info.n_found == 18


@posix
def test_folders_too_deep_to_be_opened_are_named(tmp_path: Path) -> None:
    images = tmp_path / "pictures"
    for name in ("cat", "dog"):
        (images / name).mkdir(parents=True)
        for number in range(6):
            (images / name / f"{number}.png").write_bytes(saved(photo(number), "PNG"))
    here = Path.cwd()
    os.chdir(images / "cat")
    try:
        for _ in range(20):  # paths end at 4,096 bytes, unless one walks
            Path(250 * "d").mkdir()
            os.chdir(250 * "d")
            Path("1.png").write_bytes(saved(photo(1), "PNG"))
    finally:
        os.chdir(here)
    dataset = import_folder(images, "deep", Catalog(tmp_path / "catalog"))
    assert set(dataset.skipped["reason"]) == {"it cannot be read (File name too long)"}
    depths = dataset.images["source"].str.count("/").tolist()
    assert sorted(depths)[12:] == list(range(2, 2 + len(depths) - 12))
    assert max(depths) >= 3


@posix
def test_names_that_are_no_text_are_accounted_for(tmp_path: Path) -> None:
    images = tmp_path / "pictures"
    for name in ("cat", "dog"):
        (images / name).mkdir(parents=True)
        for number in range(6):
            raw = os.fsdecode(b"h\xfcnd%d.png" % number)
            (images / name / raw).write_bytes(saved(photo(number), "PNG"))
        (images / name / os.fsdecode(b"\xff\xfe.png")).write_bytes(b"")
    dataset = import_folder(images, "bytes", Catalog(tmp_path / "catalog"))
    assert (dataset.info.n_images, dataset.info.n_found) == (12, 14)
    assert set(dataset.skipped["source"]) == {"cat/??.png", "dog/??.png"}


def test_damaged_entries_of_a_zip_are_named(
    files: dict[str, Case], from_zip: Dataset, catalog: Catalog
) -> None:
    content = bytearray(packed(files))
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        doomed = [e for e in bundle.infolist() if e.filename.startswith(("cat/turned", "dog/mode"))]
    for entry in doomed:
        data = entry.header_offset + 30 + len(entry.filename.encode())
        content[data + entry.file_size // 2] ^= 1
    dataset = import_zip(io.BytesIO(content), "damaged-zip", catalog)
    names = {entry.filename for entry in doomed}
    assert len(names) > 80
    assert Counter(import_report(dataset)["file"]) == Counter(import_report(from_zip)["file"])
    reasons = dict(dataset.skipped.itertuples(index=False))
    assert {reasons[name] for name in names} == {"its bytes in the zip file are damaged"}
    others = from_zip.skipped[~from_zip.skipped["source"].isin(names)]
    assert set(reasons) == names | set(others["source"])


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_the_same_name_twice_in_a_zip_is_two_files(
    files: dict[str, Case], catalog: Catalog
) -> None:
    content = io.BytesIO(packed({name: c for name, c in files.items() if c.outcome == "taken"}))
    with zipfile.ZipFile(content, "a") as bundle:
        bundle.writestr("cat/0.png", saved(photo(50), "PNG"))
        bundle.writestr("cat/0.png", b"")
    dataset = import_zip(content, "twice", catalog)
    report = import_report(dataset)
    assert report[report["file"] == "cat/0.png"]["result"].tolist() == [
        *("taken", "taken", "left out")
    ]


def test_images_given_by_class_are_accounted_for(
    cases: dict[str, Case], from_zip: Dataset, catalog: Catalog
) -> None:
    given: dict[str, list[tuple[str, bytes | Path]]] = {"cat": [], "dog": []}
    for name, case in cases.items():
        class_name, _, rest = name.partition("/")
        if rest:
            given[class_name].append((rest, case.content))
    dataset = import_images(given, "given", catalog)
    assert Counter(import_report(dataset)["file"]) == Counter(n for n in cases if "/" in n)
    assert dataset.fingerprint == from_zip.fingerprint
    assert set(dataset.skipped["source"]) == {s for s in from_zip.skipped["source"] if "/" in s}


def test_the_report_is_safe_in_a_spreadsheet(dataset: Dataset, cases: dict[str, Case]) -> None:
    text = report_csv(dataset).decode("utf-8-sig")
    assert report_csv(dataset).startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == REPORT_COLUMNS
    assert len(rows) == dataset.info.n_found
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r\n"))]
    assert Counter(row[0] for row in rows) == Counter(cases.keys())
    for _, result, class_name, split, reason in rows:
        assert (result == "taken") == bool(class_name) == bool(split) == (not reason)


def test_cells_that_begin_like_a_formula_are_defused(catalog: Catalog) -> None:
    image = saved(photo(1), "PNG")
    bad = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1+1"]
    files = {f"{name}{number}.png": image for name in ("=cat ", "-dog ") for number in range(6)}
    files |= {f"{name}.txt": b"x" for name in bad}
    content = packed({name: Case(data, "taken") for name, data in files.items()})
    dataset = import_zip(io.BytesIO(content), "formulas", catalog)
    text = report_csv(dataset).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert {row[0] for row in rows} == {f"'{name}" for name in files}
    assert {row[2] for row in rows} == {"'=cat", "'-dog", ""}


def test_no_cell_is_a_formula_where_semicolons_part_them(catalog: Catalog) -> None:
    files = {f"{name}/{n}.png": saved(photo(n), "PNG") for name in ("a;=1", "b") for n in range(6)}
    content = packed({name: Case(data, "taken") for name, data in files.items()})
    text = report_csv(import_zip(io.BytesIO(content), "semicolons", catalog)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert sum(cell.startswith("'=1") for cell in cells) == 6
    assert not [cell for cell in cells if cell.startswith("=")]


def test_the_command_line_imports_them_without_a_traceback(
    files: dict[str, Case], from_zip: Dataset, tmp_path: Path
) -> None:
    archive = tmp_path / "hostile.zip"
    archive.write_bytes(packed(files))
    ended = subprocess.run(
        [sys.executable, "-m", "ann_core", "import", str(archive)],
        cwd=ROOT,
        env=os.environ | {"ANN_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr and "Error" not in ended.stderr
    n_images, n_left_out = from_zip.info.n_images, from_zip.info.n_skipped
    assert ended.stdout.startswith(f"hostile: {n_images:,} pictures, {n_left_out:,} left out\n")
