"""Code that says which pictures are unlike those that a network was trained on."""

from __future__ import annotations

import inspect
from pathlib import Path

from ann_core.imaging import statistics

RULE_FILE = "ood_rule.json"

_RULE = '''
RULE = json.loads($FILE.read_text(encoding="utf-8"))


def is_unlike(row):
    """Whether a picture is unlike those that the network was trained on: none of the classes?"""
    values = image_statistics(row.reshape(HEIGHT, WIDTH, -1))
    z = (values - np.array(RULE["mean"])) / np.array(RULE["deviation"])
    scores = {"distance": np.sqrt(max((z @ np.array(RULE["precision"]) * z).sum(), 0))}
    for kind, direction in RULE["directions"].items():
        scores[kind] = z @ np.array(direction)
    return any(bool(scores[name] > limit) for name, limit in RULE["limits"].items())
'''


def ood_code(folder: str) -> str:
    """Write the function ``is_unlike``, of one row of bytes; it needs json, np, HEIGHT and WIDTH.

    Parameters
    ----------
    folder : str
        Code of the folder that `RULE_FILE` lies in.
    """
    module = Path(inspect.getfile(statistics)).read_text(encoding="utf-8")
    _, _, own = module.partition("import numpy as np\n")  # what is before is there already
    head, _, rest = own.partition("def statistic_names")
    _, _, rest = rest.partition("\n\n\n")  # the names are for people
    rule = _RULE.strip("\n").replace("$FILE", f'({folder} / "{RULE_FILE}")')
    return f"{head.strip()}\n\n\n{rest.rstrip()}\n\n\n{rule}"
