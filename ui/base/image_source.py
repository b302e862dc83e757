"""Choosing one image: upload, camera, an address, or one of a data set."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.sources.addresses import MAX_LENGTH
from ann_core.imaging.images import SUFFIXES, open_image
from ann_core.imaging.preprocessing import MAX_BITS
from ui.base import keys, services
from ui.base.buttons import was_pressed
from ui.base.kept_files import give_files
from ui.base.owners import visitor
from ui.base.privacy import hold, release, show_privacy_note
from ui.base.text import plain, short

MAX_PIXELS = 16_000_000
"""Of an image that is brought to a page; what is imported may have more."""

UPLOAD_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)
"""Endings of images, as `st.file_uploader` takes them."""


Opener = Callable[[int], Image.Image]


@dataclass(frozen=True)
class Chosen:
    """An image that somebody chose, and its class if it is known.

    Attributes
    ----------
    open : callable
        Gives the image, mode "L" or "RGB", for the bits that 16-bit images use (see
        `PreprocessConfig.bits_used`). A session keeps this, and no pixels.
    """

    open: Opener
    class_name: str | None = None


Source = Callable[[], Chosen | None]


def image_source(key: str, others: Mapping[str, Source]) -> Chosen | None:
    """Let people bring one image: upload, camera, an address, or one of `others`.

    Parameters
    ----------
    others : dict of label to function
        Further sources, each drawing its own controls.

    Raises
    ------
    ImageError
        If what came is no readable image.
    DatasetError, LimitError
        If an address gives none.
    """
    own: dict[str, Source] = {
        "Upload": lambda: _uploaded(key),
        "Camera": lambda: _photographed(key),
        "Address": lambda: _at_address(key),
    }
    sources = dict(others) | own
    choice = st.segmented_control(
        *("Picture from", list(sources)),
        default=next(iter(sources)),
        required=True,
        key=f"{key}_from",
        persist_state="session",
    )
    choice = choice or next(iter(sources))
    if choice not in own:
        release(key)
        return sources[choice]()
    try:
        return sources[choice]()
    finally:
        show_privacy_note("address question" if choice == "Address" else "question")


def dataset_image(dataset: Dataset) -> Chosen:
    """Let people choose any image of a data set; its number stands in the address.

    Raises
    ------
    ImageError
        If its file is gone.
    """
    row = choose_row(np.arange(len(dataset)), keys.IMAGE_NUMBER)
    image = dataset.images.iloc[row]
    class_name = str(image["class_name"])
    st.caption(f"Class {plain(short(class_name))}, {image['split']} split.")
    return Chosen(opener(dataset.path(row)), class_name)


def opener(path: Path) -> Opener:
    """Open an image of a data set now, and give a way to open it again.

    Raises
    ------
    ImageError
        If its file is gone or damaged.
    """
    try:
        about = path.stat()
        key = f"{path} {about.st_mtime_ns} {about.st_size}"
    except OSError:
        key = str(path)  # and `open_image` says what is wrong
    return _opened(key, lambda bits: open_image(path, bits_used=bits).image)


def choose_row(rows: np.ndarray, key: str) -> int:
    """Let people choose one of `rows` by its place in them, counted from 1."""
    if not 1 <= st.session_state.get(key, 1) <= len(rows):
        st.session_state[key] = 1  # of other images
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        number = st.number_input(
            *(f"Picture, 1 to {len(rows):,}", 1, len(rows)),
            key=key,
            persist_state="session",
            bind="query-params",
            width=180,
        )
        st.button(
            "Another picture",
            key=f"{key}_another",
            icon=":material/casino:",
            on_click=_choose_another,
            args=(key, len(rows)),
            disabled=len(rows) < 2,
        )
    return int(rows[int(number) - 1])


def _choose_another(key: str, n: int) -> None:
    """Choose any of `n` but the one that is shown."""
    step = 1 + secrets.randbelow(n - 1)
    st.session_state[key] = (int(st.session_state.get(key, 1)) - 1 + step) % n + 1


def _uploaded(key: str) -> Chosen | None:
    files = give_files(
        "A picture of yours",
        type=UPLOAD_TYPES,
        key=f"{key}_upload",
        help=f"At most {MAX_PIXELS // 1_000_000} megapixels.",
    )
    return _chosen_file(key, files[-1].content if files else None)


def _photographed(key: str) -> Chosen | None:
    photo = st.camera_input("Take a photo", key=f"{key}_camera", resolution="480p")
    return _chosen_file(key, None if photo is None else photo.getvalue())


def _at_address(key: str) -> Chosen | None:
    """Fetch an image from an address; the session keeps the address, and nothing a file of it."""
    url = st.text_input(
        "Address of a picture",
        key=f"{key}_address",
        persist_state="session",
        max_chars=MAX_LENGTH,
        placeholder="https://",
        help="In most browsers: right-click a picture, then Copy picture address.",
    ).strip()
    fetched = keys.fetched_image(key)
    if was_pressed("Fetch", key=f"{key}_fetch", icon=":material/download:", disabled=not url):
        st.session_state[fetched] = (url, secrets.token_hex(8))  # anew, also at the same address
    visit: tuple[str, str] | None = st.session_state.get(fetched)
    if visit is None or visit[0] != url:
        release(key)
        return None
    try:
        hold(key, visit[1])
        with st.spinner("Fetching the picture"):
            return Chosen(_opened(visit[1], lambda bits_used: _fetched(url, bits_used)))
    except Exception:
        del st.session_state[fetched]  # not again with every move of a slider
        raise


def _fetched(url: str, bits_used: int) -> Image.Image:
    content = services.image_fetches().fetch(url, visitor())
    return open_image(content, max_pixels=MAX_PIXELS, bits_used=bits_used).image


def _chosen_file(where: str, content: bytes | None) -> Chosen | None:
    if content is None:
        release(where)
        return None
    key = hashlib.sha256(content).hexdigest()
    hold(where, key)

    def decode(bits_used: int) -> Image.Image:
        return open_image(content, max_pixels=MAX_PIXELS, bits_used=bits_used).image

    return Chosen(_opened(key, decode))


def _opened(key: str, decode: Opener) -> Opener:
    """Decode an image, so that its errors are told here; return the way to it."""

    def open_again(bits_used: int) -> Image.Image:
        name = key if bits_used == MAX_BITS else f"{key} {bits_used} bits"
        return services.decoded_images().get(name, lambda: decode(bits_used))

    open_again(MAX_BITS)
    return open_again
