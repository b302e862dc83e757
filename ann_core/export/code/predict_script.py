"""A short program that asks an exported network about images, without Flatland."""

from __future__ import annotations

from collections.abc import Sequence

from ann_core.export.code.notebook import assemble, render
from ann_core.export.code.preprocess_code import imports_of_pillow, preprocess_cell
from ann_core.imaging.preprocessing import PreprocessConfig

_PROGRAM = '''
"""Ask a dense network about pictures: python predict.py picture.jpg another.png

It prints CSV, or JSON with --json. It needs ai-edge-litert, NumPy and Pillow, and
model.tflite beside it.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import $PILLOW

$SETTINGS

$READING


def ask(network, path):
    """Return the probability of each class for one picture."""
    row = to_row(path)[np.newaxis]
    outputs = network(**{next(iter(network.get_input_details())): row})
    answer = outputs["answer"] if "answer" in outputs else next(iter(outputs.values()))
    return dict(zip(CLASSES, (float(value) for value in answer[0]), strict=True))


def safe(text):
    """Keep a spreadsheet from taking a name for a formula."""
    is_formula = text.lstrip(" '\\"").startswith(("=", "+", "-", "@", "\\t", "\\r"))
    return f"'{text}" if is_formula else text


def main(arguments):
    model = Interpreter(str(Path(__file__).parent / "model.tflite"), num_threads=1)
    network = model.get_signature_runner()
    answers = []
    for path in (name for name in arguments if name != "--json"):
        try:
            said = ask(network, path)
        except Exception as error:  # of damaged images, Pillow raises nearly everything
            answers.append({"picture": path, "error": str(error)})
        else:
            best = max(said, key=said.get)
            answers.append({"picture": path, "class": best, "probabilities": said})
    if "--json" in arguments:
        print(json.dumps(answers, indent=2, ensure_ascii=False))
        return
    table = csv.writer(sys.stdout, lineterminator="\\n")
    table.writerow(["picture", "class", *map(safe, CLASSES)])
    for answer in answers:
        said = answer.get("class", answer.get("error"))
        probabilities = answer.get("probabilities", {}).values()
        table.writerow([safe(answer["picture"]), safe(said), *probabilities])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
'''


def predict_script(config: PreprocessConfig, class_names: Sequence[str]) -> str:
    """Write ``predict.py`` for the ``model.tflite`` of a run."""
    height, width = config.image_size
    sizes = "HEIGHT, WIDTH = $H, $W\nCLASSES = $C"
    reading = preprocess_cell(config, None)
    return (
        assemble(
            _PROGRAM,
            PILLOW=imports_of_pillow(config),
            SETTINGS=render(sizes, H=height, W=width, C=list(class_names)),
            READING=reading.code,
        )
        + "\n"
    )
