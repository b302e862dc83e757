"""Decoded images that many sessions share, as far as there is room.

A session keeps where an image comes from, never its pixels: an image of 16 megapixels takes
64 MB, and a hundred visitors may have one open each.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from PIL import Image

MAX_BYTES = 128_000_000

Decode = Callable[[], Image.Image]


class DecodedImages:
    """The images that were asked for last, up to a number of bytes; safe for threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._images: OrderedDict[str, Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def n_bytes(self) -> int:
        """Memory that all images take together."""
        with self._lock:
            return sum(map(_size, self._images.values()))

    def get(self, key: str, decode: Decode) -> Image.Image:
        """Return the image of `key`, decoded again if there was no room for it.

        Parameters
        ----------
        key : str
            Names the content of the file.
        decode : callable
            Called without a lock: several threads may decode the same image at once.
        """
        with self._lock:
            if key in self._images:
                self._images.move_to_end(key)
                return self._images[key]
        image = decode()
        with self._lock:
            self._images[key] = image
            total = sum(map(_size, self._images.values()))
            while total > self._max_bytes:  # the new one as well, if it alone is too large
                total -= _size(self._images.popitem(last=False)[1])
        return image

    def forget(self, key: str) -> None:
        """Let go of one image, also as it was read in other ways (`key`, a space, and which)."""
        with self._lock:
            for name in [each for each in self._images if each.partition(" ")[0] == key]:
                del self._images[name]

    def clear(self) -> None:
        """Let go of all images."""
        with self._lock:
            self._images.clear()


def _size(image: Image.Image) -> int:
    """Bytes of an image in memory: Pillow pads three channels to four bytes."""
    return image.width * image.height * (1 if len(image.getbands()) == 1 else 4)
