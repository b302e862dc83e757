"""Find the name of a group in the name of a file, by a pattern that somebody typed.

A regular expression can take longer than the universe is old (``(a+)+b``, and many that do not
look like it), and Python cannot interrupt one in a thread. So patterns are tried in a process of
their own, which is ended when its time is over: https://owasp.org/www-community/attacks/ReDoS
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from ann_core.errors import DatasetError

MAX_PATTERN = 200
SECONDS = 20.0

_SEARCH = """
import json, re, sys
pattern, names = json.load(sys.stdin)
hits = [re.search(pattern, name) for name in names]
json.dump([m.group(1) if m else None for m in hits], sys.stdout)
"""


def check_pattern(pattern: str) -> None:
    """Refuse what is no regular expression, or does not have exactly one group; "" is none.

    Raises
    ------
    ValueError
        Says what is wrong.
    """
    if not pattern:
        return
    example = r"such as ^(\w+?)_ for the letters before the first underscore"
    try:
        n_groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"expected a regular expression {example}, but {error}") from error
    if n_groups != 1:
        raise ValueError(
            f"expected one group in round brackets, {example}, but there are {n_groups}"
        )


def groups_in_names(
    pattern: str, names: Sequence[str], *, seconds: float = SECONDS
) -> list[str | None]:
    """Search each name, and return what the pattern's group found; None where it does not match.

    Raises
    ------
    DatasetError
        If it takes longer than `seconds`, or matches no name at all.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _SEARCH],
            input=json.dumps([pattern, list(names)]),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise DatasetError(
            f"The pattern {pattern!r} was not through {len(names):,} file names after "
            f"{seconds:.0f} seconds. Write one without repetitions inside of repetitions."
        ) from error
    except subprocess.CalledProcessError as error:
        raise DatasetError(
            f"The pattern {pattern!r} cannot be searched for. Write a simpler one."
        ) from error
    matches: list[str | None] = json.loads(ended.stdout)
    if names and not any(matches):
        raise DatasetError(
            f"The pattern {pattern!r} finds no group in any of the {len(names):,} file names, "
            f"such as '{names[0][-80:]}'. Change it so that its brackets hold what tells who or "
            "what is in the picture."
        )
    return matches
