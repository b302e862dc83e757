"""The same image again: other bytes, other size, other place, but nothing else."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from ann_core.datasets.profile.duplicates import Group, exact_groups, keep, near_groups
from ann_core.datasets.profile.hashing import HASH_BITS, gists, perceptual_hashes, unit_vectors
from ann_core.datasets.profile.tolerance import MAX_TOLERANCE, MIN_TOLERANCE, tolerance
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from tests.helpers.profile_images import jpeg, near_copy, photograph


def index_of(contents: list[bytes], splits: list[str] | None = None) -> pd.DataFrame:
    sizes = [Image.open(io.BytesIO(content)).size for content in contents]
    return pd.DataFrame(
        {
            "file": [f"{number:03d}.jpg" for number in range(len(contents))],
            "split": splits or ["train"] * len(contents),
            "width": [width for width, _ in sizes],
            "height": [height for _, height in sizes],
            "bytes": [len(content) for content in contents],
            "sha256": [hashlib.sha256(content).hexdigest() for content in contents],
        }
    )


def pixels_of(contents: list[bytes]) -> np.ndarray:
    images = [Image.open(io.BytesIO(content)) for content in contents]
    return np.stack([preprocess(image, PreprocessConfig()).ravel() for image in images])


def near(contents: list[bytes]) -> list[tuple[int, ...]]:
    return [group.rows for group in near_groups(pixels_of(contents), index_of(contents))]


SOUND = [jpeg(photograph(seed)) for seed in range(30)]


def test_a_gist_is_the_mean_of_squares() -> None:
    pixels = pixels_of(SOUND[:2])
    expected = pixels[1].reshape(96, 96)[3:6, 90:93].mean()
    assert gists(pixels)[1, 1, 30] == pytest.approx(expected)


def test_hashes_of_copies_differ_in_few_bits_and_others_in_about_half() -> None:
    contents = [*SOUND, *(near_copy(photograph(seed)) for seed in range(30))]
    hashes = perceptual_hashes(gists(pixels_of(contents)))
    assert hashes.dtype == np.uint64
    assert hashes.max() < np.uint64(1) << np.uint64(HASH_BITS)
    bits = np.bitwise_count(hashes[:30, None] ^ hashes[None, 30:])
    assert np.diagonal(bits).max() <= 6
    assert bits[~np.eye(30, dtype=bool)].min() > 10
    assert 25 < bits[~np.eye(30, dtype=bool)].mean() < 35


def test_a_darker_and_paler_copy_has_the_same_hash_and_vector() -> None:
    small = gists(pixels_of(SOUND[:5]))
    pale = 0.4 * small + 50
    np.testing.assert_array_equal(perceptual_hashes(pale), perceptual_hashes(small))
    np.testing.assert_allclose(unit_vectors(pale), unit_vectors(small), atol=1e-5)


def test_products_of_unit_vectors_are_correlations() -> None:
    small = gists(pixels_of(SOUND[:6]))
    vectors = unit_vectors(small)
    np.testing.assert_allclose(vectors @ vectors.T, np.corrcoef(small.reshape(6, -1)), atol=1e-5)


def test_copies_of_other_size_and_quality_are_found_and_nothing_else() -> None:
    copies = [
        near_copy(photograph(3), size=(40, 30), quality=80),
        near_copy(photograph(8), size=(120, 120), quality=30),
        jpeg(photograph(12), quality=15),
        jpeg(ImageOps.grayscale(photograph(20))),
    ]
    assert near([*SOUND, *copies]) == [(3, 30), (8, 31), (12, 32), (20, 33)]


ALTERED = {
    "mirrored": ImageOps.mirror,
    "turned": lambda image: image.rotate(90, expand=True),
    "mirrored and turned": ImageOps.flip,
    "cut": lambda image: image.crop((9, 0, 64, 48)),
    "mirrored and cut": lambda image: ImageOps.mirror(image.crop((4, 2, 60, 43))),
}


@pytest.mark.parametrize("how", ALTERED)
def test_a_copy_is_found_that_was(how: str) -> None:
    contents = [*SOUND, near_copy(ALTERED[how](photograph(11)), size=(70, 50), quality=80)]
    (group,) = near_groups(pixels_of(contents), index_of(contents))
    assert (group.rows, group.how) == ((11, 30), how)
    assert 0.97 <= group.likeness < 1


def test_copies_of_a_copy_are_one_group() -> None:
    mirrored = ImageOps.mirror(photograph(5))
    chain = [mirrored, mirrored.resize((40, 30)), mirrored.crop((6, 0, 64, 44))]
    contents = [*SOUND, *map(jpeg, chain), SOUND[5]]
    (group,) = near_groups(pixels_of(contents), index_of(contents))
    assert (group.rows, group.how) == ((5, 30, 31, 32, 33), "mirrored and cut")


def test_an_image_like_its_own_mirror_image_is_no_copy_of_itself() -> None:
    half = photograph(40).crop((0, 0, 32, 48))
    even = Image.new("RGB", (64, 48))
    even.paste(half, (0, 0))
    even.paste(ImageOps.mirror(half), (32, 0))
    assert near([*SOUND, jpeg(even)]) == []


def test_handwritten_digits_are_alike_and_yet_no_copies() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits().images[:240] / 16 * 255
    contents = [jpeg(Image.fromarray(digit.astype(np.uint8)).resize((32, 32))) for digit in digits]
    assert near(contents) == []


def test_an_image_of_which_much_was_cut_off_is_another_one() -> None:
    assert near([*SOUND, jpeg(photograph(3).crop((16, 12, 64, 48)))]) == []


def test_the_same_bytes_alone_are_no_near_copies_but_belong_to_their_group() -> None:
    assert near([*SOUND, SOUND[4]]) == []
    assert near([*SOUND, SOUND[4], near_copy(photograph(4)), SOUND[4]]) == [(4, 30, 31, 32)]


def test_plain_images_are_not_compared() -> None:
    rng = np.random.default_rng(0)
    plain = [np.full((48, 64), 20 * n, np.uint8) + rng.integers(0, 3, (48, 64)) for n in range(5)]
    assert near([*SOUND, *(jpeg(Image.fromarray(v.astype(np.uint8))) for v in plain)]) == []
    assert near([jpeg(Image.new("L", (20, 20), value)) for value in (0, 1, 255)]) == []


def test_the_scenes_of_a_film_are_one_group_each() -> None:
    rng = np.random.default_rng(0)
    frames = []
    for number in range(140):  # more than two blocks
        values = np.asarray(photograph(50 + number % 2), dtype=float) + rng.normal(
            0, 4, (48, 64, 3)
        )
        frames.append(jpeg(Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))))
    groups = near([*SOUND, *frames])
    assert groups == [tuple(range(30, 170, 2)), tuple(range(31, 170, 2))]


def test_groups_are_those_of_all_pairs_compared_one_by_one() -> None:
    copies = [near_copy(photograph(n), size=(30 + n, 40), quality=40 + n) for n in range(0, 30, 3)]
    contents = [*SOUND, *copies]
    vectors = unit_vectors(gists(pixels_of(contents)))
    least = 1 - tolerance(vectors)
    pairs = [
        (first, second)
        for first in range(len(contents))
        for second in range(first + 1, len(contents))
        if vectors[first] @ vectors[second] >= least
    ]
    assert near(contents) == pairs
    assert len(pairs) == 10


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_images_does_not_matter(seed: int) -> None:
    copies = [SOUND[0], near_copy(photograph(0)), near_copy(photograph(7)), SOUND[9], SOUND[9]]
    contents = [*SOUND, *copies]
    splits = [("train", "test", "validation", "train")[n % 4] for n in range(len(contents))]
    pixels, index = pixels_of(contents), index_of(contents, splits)
    order = np.random.default_rng(seed).permutation(len(contents))
    shuffled = index.iloc[order].reset_index(drop=True)

    def named(groups: list[Group], table: pd.DataFrame) -> set[tuple[frozenset[str], str, float]]:
        files = table["file"]
        return {
            (frozenset(files[row] for row in g.rows), files[g.kept], round(g.likeness, 5))
            for g in groups
        }

    plain = [*exact_groups(index), *near_groups(pixels, index)]
    mixed = [
        *exact_groups(shuffled),
        *near_groups(pixels[order], shuffled),
    ]
    assert named(mixed, shuffled) == named(plain, index)
    assert len(plain) == 4


def test_the_copy_that_is_kept_is_tested_with_before_it_is_large_before_it_is_first() -> None:
    contents = [*SOUND[:1] * 2, near_copy(photograph(0), size=(128, 96)), *SOUND[:1] * 3]
    splits = ["train", "validation", "train", "test", "test", "validation"]
    index = index_of(contents, splits)
    assert keep([0, 1, 2, 3, 4, 5], index) == 3
    assert keep([4, 3], index) == 3
    assert keep([0, 1, 2, 5], index) == 1
    assert keep([0, 2], index) == 2
    (group,) = exact_groups(index)
    assert (group.rows, group.kept, group.likeness) == ((0, 1, 3, 4, 5), 3, 1.0)


def test_likeness_is_that_of_the_least_alike_with_the_one_kept() -> None:
    contents = [*SOUND, near_copy(photograph(6)), jpeg(photograph(6), quality=20)]
    pixels = pixels_of(contents)
    (group,) = near_groups(pixels, index_of(contents))
    assert group.kept == 6
    vectors = unit_vectors(gists(pixels))
    expected = min(vectors[6] @ vectors[30], vectors[6] @ vectors[31])
    assert group.likeness == pytest.approx(expected, abs=1e-6)


def test_images_that_are_all_alike_must_be_more_alike_to_be_copies() -> None:
    different = unit_vectors(gists(pixels_of(SOUND)))
    assert tolerance(different) == MAX_TOLERANCE
    alike = unit_vectors(gists(pixels_of(SOUND)) + 20 * gists(pixels_of(SOUND[:1])))
    assert tolerance(alike) == MIN_TOLERANCE
    assert tolerance(different[:1]) == MIN_TOLERANCE


def test_nothing_to_compare_is_no_error() -> None:
    assert near(SOUND[:1]) == []
    assert exact_groups(index_of(SOUND[:1])) == []
