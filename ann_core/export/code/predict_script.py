"""A short program that asks an exported network about images, without Flatland."""

from __future__ import annotations

from collections.abc import Sequence

from ann_core.escaping import FORMULA
from ann_core.export.code.notebook import assemble, render
from ann_core.export.code.ood_code import RULE_FILE, ood_code
from ann_core.export.code.preprocess_code import imports_of_pillow, preprocess_cell
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.prediction.batch import UNLIKE

_PROGRAM = '''
"""Predict pictures with a dense network: python predict.py picture.jpg another.png

It prints CSV, or JSON with --json. It needs ai-edge-litert, NumPy and Pillow, and
$FILES beside it.
"""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import $PILLOW

$SETTINGS

$READING

$UNLIKE
def predict(network, path):
    """Return the probability of each class for one picture, and whether it may be none of them."""
    row = to_row(path)
    outputs = network(**{next(iter(network.get_input_details())): row[np.newaxis]})
    answer = outputs["answer"] if "answer" in outputs else next(iter(outputs.values()))
    probabilities = dict(zip(CLASSES, (float(value) for value in answer[0]), strict=True))
    return probabilities, is_unlike(row)


def safe(text):
    """Keep a spreadsheet from taking a name for a formula."""
    return FORMULA.sub("'", text)


def main(arguments):
    model = Interpreter(str(Path(__file__).parent / "model.tflite"), num_threads=1)
    network = model.get_signature_runner()
    answers = []
    for path in (name for name in arguments if name != "--json"):
        try:
            probabilities, unlike = predict(network, path)
        except Exception as error:  # of damaged images, Pillow raises nearly everything
            answers.append({"picture": path, "error": str(error)})
        else:
            best = max(probabilities, key=probabilities.get)
            answer = {"picture": path, "class": best, "unlike": unlike}
            answers.append(answer | {"probabilities": probabilities})
    if "--json" in arguments:
        print(json.dumps(answers, indent=2, ensure_ascii=False))
        return
    table = csv.writer(sys.stdout, lineterminator="\\n")
    table.writerow(["picture", "class", "warning", *map(safe, CLASSES)])
    for answer in answers:
        result = answer.get("class", answer.get("error"))
        warning = $WARNING if answer.get("unlike") else ""
        probabilities = answer.get("probabilities", {}).values()
        table.writerow([safe(answer["picture"]), safe(result), warning, *probabilities])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
'''


_NO_RULE = '''

def is_unlike(row):
    """Whether a picture is unlike those that the network was trained on: that is not known."""


'''


def predict_script(
    config: PreprocessConfig, class_names: Sequence[str], *, has_rule: bool = False
) -> str:
    """Write ``predict.py`` for the ``model.tflite`` of a run.

    Parameters
    ----------
    has_rule : bool
        Whether the rule that tells unlike pictures lies beside it.
    """
    height, width = config.image_size
    sizes = "HEIGHT, WIDTH = $H, $W\nCLASSES = $C\nFORMULA = re.compile($F)"
    reading = preprocess_cell(config, None)
    return (
        assemble(
            _PROGRAM,
            PILLOW=imports_of_pillow(config),
            SETTINGS=render(sizes, H=height, W=width, C=list(class_names), F=FORMULA.pattern),
            READING=reading.code,
            FILES=f"model.tflite and {RULE_FILE}" if has_rule else "model.tflite",
            UNLIKE=f"{ood_code('Path(__file__).parent')}\n\n" if has_rule else _NO_RULE,
            WARNING=render("$UNLIKE", UNLIKE=UNLIKE),
        )
        + "\n"
    )
