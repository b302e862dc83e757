#!/usr/bin/env bash
# Print a Python that can run Flatland: 3.11 to 3.13 (TensorFlow has no build for others), with venv and pip.
# PYTHON=/path/to/python3.12 names one yourself.
set -euo pipefail

for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            command -v "$candidate"
            exit 0
        fi
        without_venv=$candidate
    fi
done

if [ -n "${without_venv:-}" ]; then
    echo "$without_venv cannot make virtual environments. Install that part of Python first (on Debian and Ubuntu: apt-get install python3-venv)." >&2
else
    python=${PYTHON:-python3}
    seen=$("$python" --version 2>/dev/null || echo "no Python that runs")
    echo "Flatland needs Python 3.11, 3.12 or 3.13; $python is $seen." >&2
    echo "Install one, or name the one to use: make run PYTHON=/path/to/python3.12" >&2
fi
exit 1
