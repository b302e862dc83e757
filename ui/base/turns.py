"""Work of the web process that visitors wait for in line, so that all others are served meanwhile.

A page that computes for half a second holds up everybody if a dozen visitors ask for it at once
and again and again. One computes, those who ask get in line, and who only looks is not held up.
"""

from __future__ import annotations

import threading

SHORT_WORK = threading.Semaphore(1)
"""For maps and neighbours of one image: half a second."""

LONG_WORK = threading.Semaphore(1)
"""For many images of one visitor: up to minutes, and nobody else's short work waits for it."""
