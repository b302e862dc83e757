"""``python -m ann_core``: the command line."""

from ann_core.cli import main

main()
