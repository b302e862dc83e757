"""One image of a run, large, as its network saw it."""

from __future__ import annotations

import numpy as np

from ann_core.plots.images import fit_png
from ann_core.runs.run import Run
from ui.base.datasets import may_see_images_of
from ui.base.show_png import show_png
from ui.runs.run_cache import run_inputs_of

SIDE = 384  # of the image, in pixels of the page


def show_input_image(run: Run, row: int, class_name: str) -> np.ndarray | None:
    """Show an image as the network saw it; return it, or None if the images are gone.

    Parameters
    ----------
    row : int
        Of ``Dataset.images``.
    class_name : str
        What it shows in truth, for those who cannot see it.
    """
    inputs = run_inputs_of(run) if may_see_images_of(run) else None
    if inputs is None:
        return None
    image: np.ndarray = inputs.images(np.array([row]))[0]
    png, width = fit_png(image, side=SIDE)
    show_png(png, width=width, alt=f"A picture of {class_name}, as the network saw it")
    return image
