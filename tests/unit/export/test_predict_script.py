"""The program that asks an exported network, as far as it runs without one."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from ann_core.export.code.predict_script import predict_script
from ann_core.imaging.preprocessing import PreprocessConfig


@pytest.mark.parametrize(
    "cell", ["=1+1.jpg", "\uff1d1+1.jpg", "a;=1+1.jpg", "\n@x.jpg", " '-1.jpg"]
)
def test_no_name_that_it_prints_is_a_formula(cell: str) -> None:
    program = ast.parse(predict_script(PreprocessConfig(), ["cat", "dog"]))
    kept: list[ast.stmt] = [
        each
        for each in program.body
        if (isinstance(each, ast.FunctionDef) and each.name == "safe")
        or (isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "FORMULA")
    ]
    names: dict[str, Any] = {"re": re}
    exec(compile(ast.Module(kept, []), "predict.py", "exec"), names)
    safe = names["safe"](cell)
    assert safe != cell
    assert names["safe"]("cat/1.jpg") == "cat/1.jpg"
