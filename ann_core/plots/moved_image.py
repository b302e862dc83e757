"""A picture and a small network as one message for the browser, which moves the picture."""

from __future__ import annotations

import json
import struct

import numpy as np
from PIL import Image

from ann_core.imaging.preprocessing import edge_colour, preprocess
from ann_core.plots.images import encode_png
from ann_core.plots.theme import class_colour
from ann_core.prediction.example_network import PREPROCESS, ExampleNetwork


def pack_moved_image(
    network: ExampleNetwork, image: Image.Image, *, words: dict[str, str]
) -> bytes:
    """Put all that a browser needs to move a picture and predict it into one message.

    Parameters
    ----------
    image : RGB image
        The network gets it as `PREPROCESS` says; people see it as it is.
    words : dict of name to str
        Texts of the component, such as its label for those who cannot see it.

    Returns
    -------
    bytes
        Length of a JSON text (uint32, little-endian), the text in UTF-8, the gray pixels, the
        weights of the first layer (int8, all of a node one after the other), the image as PNG.
    """
    small = preprocess(image, PREPROCESS)
    red, green, blue = edge_colour(np.asarray(image)).tolist()
    about = {
        "side": small.shape[0],
        "edge": int(edge_colour(small)[0]),
        "wall": f"rgb({red}, {green}, {blue})",
        "classes": [
            {"name": name, "colour": class_colour(label)}
            for label, name in enumerate(network.class_names)
        ],
        "steps": network.steps.tolist(),
        "biases": network.biases.tolist(),
        "outputWeights": network.output_weights.tolist(),
        "outputBiases": network.output_biases.tolist(),
        **words,
    }
    text = json.dumps(about, separators=(",", ":")).encode()
    parts = (struct.pack("<I", len(text)), text, small.tobytes(), network.weights.T.tobytes())
    return b"".join(parts) + encode_png(image)
