"""The article's loop over the files of a folder, by Pillow: gray, 96 x 96, flat, from 0 to 1.

The figure is that of the loop; the table that the article makes of its rows takes longer still.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

if __name__ == "__main__":
    started = time.perf_counter()
    rows = []
    for path in sorted(Path(sys.argv[1]).rglob("*.jpg")):
        image = ImageOps.grayscale(Image.open(path)).resize(size=(96, 96))
        rows.append(np.ravel(image) / 255.0)
    seconds = time.perf_counter() - started
    table = pd.DataFrame(rows)
    print(f"with a table of {table.shape}: {time.perf_counter() - started:.2f} s")
    print(seconds)
