"""Files of cartoons: the same from the same seed, whoever draws them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from ann_core.datasets.sources.cartoon_files import write_cartoons
from ann_core.datasets.sources.cartoons import CartoonConfig, draw_cartoon


def test_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    config = CartoonConfig(n_images=10, image_size=32, seed=3)
    write_cartoons(tmp_path / "a", config)
    write_cartoons(tmp_path / "b", config)
    longer = CartoonConfig(n_images=14, image_size=32, seed=3)
    write_cartoons(tmp_path / "c", longer)
    for path in (tmp_path / "a").rglob("*.jpg"):
        for other in ("b", "c"):
            twin = tmp_path / other / path.relative_to(tmp_path / "a")
            assert path.read_bytes() == twin.read_bytes()


def test_files_are_jpegs_in_class_folders_and_the_odd_one_is_a_cat(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    config = CartoonConfig(n_images=11, image_size=48)
    write_cartoons(tmp_path / "new" / "set", config, lambda *call: calls.append(call))
    written = {p.relative_to(tmp_path / "new" / "set").as_posix() for p in tmp_path.rglob("*.*")}
    assert written == {f"cat/cat.{i}.jpg" for i in range(6)} | {
        f"dog/dog.{i}.jpg" for i in range(5)
    }
    for path in tmp_path.rglob("*.jpg"):
        with Image.open(path) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (48, 48))
    assert calls == [(done, 11) for done in range(1, 12)]


def test_a_file_holds_the_image_that_draw_cartoon_gives(tmp_path: Path) -> None:
    config = CartoonConfig(n_images=10, noise=0.0)
    write_cartoons(tmp_path, config)
    with Image.open(tmp_path / "dog" / "dog.4.jpg") as image:
        stored = np.asarray(image).astype(int)
    difference = np.abs(stored - np.asarray(draw_cartoon("dog", config, 4)))
    assert difference.mean() < 4


def test_several_processes_write_the_same_files_and_count_them_in_order(tmp_path: Path) -> None:
    config = CartoonConfig(n_images=330, image_size=32)
    calls: list[tuple[int, int]] = []
    write_cartoons(tmp_path / "a", config, n_processes=1)
    write_cartoons(tmp_path / "b", config, lambda *call: calls.append(call), n_processes=2)
    one, two = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*.jpg")} for f in tmp_path.iterdir()
    )
    assert len(one) == 330
    assert one == two
    assert list(dict.fromkeys(done for done, _ in calls if done)) == list(range(1, 331))


def test_whoever_drew_beside_is_gone_when_it_is_called_off(tmp_path: Path) -> None:
    beside = set(psutil.Process().children())

    def call_off(done: int, total: int) -> None:
        if set(psutil.Process().children()) > beside and done > 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_cartoons(tmp_path, CartoonConfig(n_images=1000), call_off, n_processes=2)
    assert set(psutil.Process().children()) == beside
