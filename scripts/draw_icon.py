"""Draw the page icon: a square of four pixels, and below it the same four in one row."""

from pathlib import Path

from PIL import Image, ImageDraw

GROUND = "#0b57b8"
PIXELS = ("#ffffff", "#e69f00", "#9cc3f2", "#ffffff")  # in C order, as the strip shows
GRID = 64  # every edge lies on a whole pixel of the smallest size
SIZES = {"icon.png": 64, "icon-256.png": 256}


def draw(size: int) -> Image.Image:
    """Draw the icon `size` pixels high and wide."""
    unit = size // GRID
    icon = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(icon)
    pen.rounded_rectangle((0, 0, size - 1, size - 1), radius=10 * unit, fill=GROUND)

    def cell(x: int, y: int, size: tuple[int, int], *, colour: str) -> None:
        right, bottom = (x + size[0]) * unit - 1, (y + size[1]) * unit - 1
        pen.rectangle((x * unit, y * unit, right, bottom), fill=colour)

    for i, colour in enumerate(PIXELS):
        row, column = divmod(i, 2)
        cell(17 + 16 * column, 7 + 16 * row, (14, 14), colour=colour)
        cell(5 + 14 * i, 45, (12, 12), colour=colour)
    return icon


if __name__ == "__main__":
    folder = Path(__file__).resolve().parent.parent / "static"
    for name, size in SIZES.items():
        draw(size).save(folder / name, optimize=True)
