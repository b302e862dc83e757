"""scikit-learn's handwritten digits: 1,797 real images of 8 x 8 pixels.

Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits,
UCI Machine Learning Repository, 1998 (CC BY 4.0); the test part, as scikit-learn
ships it.
"""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from ann_core.files import ProgressCallback, no_progress

N_IMAGES = 1797
_WHITE = 16  # the set counts ink on a scale of 0 to 16


def write_digits(folder: Path, progress: ProgressCallback = no_progress) -> None:
    """Write the digits as PNG files: ``folder/0/0.0.png`` to ``folder/9/9.179.png``.

    Gray, black ground, white ink; intensities 0..16 become 0..255.
    """
    seen: Counter[int] = Counter()
    for number, (values, label) in enumerate(zip(*read_digits(), strict=True)):
        progress(number, N_IMAGES)
        target = folder / str(label) / f"{label}.{seen[label]}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.rint(values * 255 / _WHITE).astype(np.uint8)).save(target)
        seen[label] += 1
    progress(N_IMAGES, N_IMAGES)


def read_digits() -> tuple[np.ndarray, np.ndarray]:
    """Read what ``sklearn.datasets.load_digits`` gives as ``images`` and ``target``.

    The file is read without that import, which would cost the web process 76 MB
    and some seconds.

    Returns
    -------
    images : int64 array, shape (1797, 8, 8)
        Ink, 0 to 16.
    labels : int64 array, shape (1797,)
    """
    package = find_spec("sklearn")
    assert package is not None and package.submodule_search_locations
    file = Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    return table[:, :-1].reshape(-1, 8, 8), table[:, -1]
