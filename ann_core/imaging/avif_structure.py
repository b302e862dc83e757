"""What an AVIF asks of its decoder, read from its boxes before it decodes.

The boxes say how large the picture is, and so does the AV1 stream inside; a decoder makes room
for what the stream says, and then scales to what the boxes say. So both are looked at. The
boxes are those of ISO/IEC 14496-12 and 23008-12, the stream is that of the AV1 specification,
sections 5.3 to 5.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from ann_core.errors import ImageError

MAX_ITEMS = 1_024
"""Parts of an AVIF: a photograph of 48 megapixels has 192 tiles."""

_MAX_BOXES = 10_000
_SEQUENCE_HEADER = 1


def check_avif(content: bytes, max_pixels: int) -> None:
    """Refuse an AVIF that is a film, has too many parts, or too many pixels in one of them.

    Parameters
    ----------
    content : bytes
        The whole file; if it is damaged, it may pass.

    Raises
    ------
    ImageError
    """
    try:
        _check(content, max_pixels)
    except (IndexError, ValueError):  # it ends early, and is damaged
        return


def _check(content: bytes, max_pixels: int) -> None:
    top = list(_boxes(content, 0, len(content)))
    if any(kind == b"moov" for kind, _, _ in top):
        raise ImageError("it is an AVIF film; save one picture of it as JPEG or PNG")
    for start, end in _of(top, b"meta"):
        meta = list(_boxes(content, start + 4, end))
        for first, last in _of(meta, b"iprp"):
            for begin, stop in _of(list(_boxes(content, first, last)), b"ipco"):
                _check_sizes(content[begin:stop], max_pixels)
        data = next(_of(meta, b"idat"), (0, 0))[0]
        for first, last in _of(meta, b"iloc"):
            for position, length in _extents(_Numbers(content, first, last), data):
                end_of_item = position + length if length else len(content)
                _check_stream(content[position:end_of_item], max_pixels)


Box = tuple[bytes, int, int]


def _boxes(content: bytes, position: int, end: int) -> Iterator[Box]:
    """Name the boxes between two positions, each with where its inside begins and ends."""
    for _ in range(_MAX_BOXES):
        if position + 8 > end:
            return
        length, kind, head = _number(content, position, 4), content[position + 4 : position + 8], 8
        if length == 1:
            length, head = _number(content, position + 8, 8), 16
        length = length or end - position
        if length < head:
            return
        yield kind, position + head, min(position + length, end)
        position += length
    raise ImageError(f"it is an AVIF in more than {_MAX_BOXES:,} parts; save it as JPEG or PNG")


def _of(boxes: list[Box], sought: bytes) -> Iterator[tuple[int, int]]:
    return ((start, end) for kind, start, end in boxes if kind == sought)


def _check_sizes(properties: bytes, max_pixels: int) -> None:
    for first, _ in _of(list(_boxes(properties, 0, len(properties))), b"ispe"):
        width, height = _number(properties, first + 4, 4), _number(properties, first + 8, 4)
        _check_pixels(width, height, max_pixels)


def _check_pixels(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        megapixels = max_pixels // 1_000_000
        raise ImageError(
            f"{width:,} x {height:,} pixels are more than {megapixels} megapixels; "
            "make it smaller first"
        )


class _Numbers:
    """Whole numbers of some bytes each, one after another."""

    def __init__(self, content: bytes, position: int, end: int) -> None:
        self._content, self._position, self._end = content, position, end

    def next(self, width: int) -> int:
        if self._position + width > self._end:
            raise IndexError
        self._position += width
        return _number(self._content, self._position - width, width)


def _extents(numbers: _Numbers, data: int) -> Iterator[tuple[int, int]]:
    """Say where the bytes of each item lie (``iloc``): position and length, 0 for all the rest."""
    version = numbers.next(4) >> 24
    widths = numbers.next(2)
    of_offset, of_length, of_base = widths >> 12, widths >> 8 & 15, widths >> 4 & 15
    of_index = widths & 15 if version else 0
    n_items = numbers.next(2 if version < 2 else 4)
    n_extents = 0
    for _ in range(n_items):
        numbers.next(2 if version < 2 else 4)
        method = numbers.next(2) & 15 if version else 0
        numbers.next(2)
        base = numbers.next(of_base) + (data if method == 1 else 0)
        for _ in range(numbers.next(2)):
            n_extents += 1
            if n_extents > MAX_ITEMS:
                raise ImageError(
                    f"it is an AVIF in more than {MAX_ITEMS:,} parts; save it as JPEG or PNG"
                )
            numbers.next(of_index)
            offset = numbers.next(of_offset)
            yield base + offset, numbers.next(of_length)


def _check_stream(item: bytes, max_pixels: int) -> None:
    """Look at the size in each sequence header of an AV1 stream."""
    position = 0
    while position < len(item):
        head = item[position]
        position += 1 + (head >> 2 & 1)
        length = len(item) - position
        if head & 2:
            length, position = _leb128(item, position)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            _check_pixels(*_frame_size(item[position : position + length]), max_pixels)
        position += length


def _leb128(item: bytes, position: int) -> tuple[int, int]:
    """Read a number of seven bits a byte; give it and the position behind it."""
    value = 0
    for number in range(8):
        byte = item[position + number]
        value |= (byte & 127) << 7 * number
        if byte < 128:
            return value, position + number + 1
    raise ValueError


class _Bits:
    """The bits of a header, one after another."""

    def __init__(self, content: bytes) -> None:
        self._bits, self._left = int.from_bytes(content[:512]), 8 * len(content[:512])

    def next(self, n_bits: int) -> int:
        self._left -= n_bits
        if self._left < 0:
            raise IndexError
        return self._bits >> self._left & (1 << n_bits) - 1

    def skip_uvlc(self) -> None:
        n_zeros = 0
        while not self.next(1):
            n_zeros += 1
        if n_zeros < 32:
            self.next(n_zeros)


def _frame_size(header: bytes) -> tuple[int, int]:
    """Read the greatest width and height of a frame from a sequence header."""
    bits = _Bits(header)
    bits.next(4)  # profile, still picture
    if bits.next(1):  # the short form
        bits.next(5)
    else:
        _skip_timing(bits)
    of_width, of_height = bits.next(4) + 1, bits.next(4) + 1
    return bits.next(of_width) + 1, bits.next(of_height) + 1


def _skip_timing(bits: _Bits) -> None:
    delay_bits = 0
    if bits.next(1):
        bits.next(64)
        if bits.next(1):
            bits.skip_uvlc()
        if bits.next(1):
            delay_bits = bits.next(5) + 1
            bits.next(42)
    has_display_delay = bits.next(1)
    for _ in range(bits.next(5) + 1):
        bits.next(12)
        if bits.next(5) > 7:
            bits.next(1)
        if delay_bits and bits.next(1):
            bits.next(2 * delay_bits + 1)
        if has_display_delay and bits.next(1):
            bits.next(4)


def _number(content: bytes, position: int, width: int) -> int:
    return int.from_bytes(content[position : position + width])
