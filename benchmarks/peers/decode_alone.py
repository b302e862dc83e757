"""Decoding alone: every JPEG of a folder to gray by libjpeg-turbo, in two threads, result dropped.

``decode_alone.py FOLDER [COPY]``; with COPY, every file is also copied into that folder, as an
import does, by the thread that decodes it, and the whole is on the disk (`fsync`) in the end.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from simplejpeg import decode_jpeg

N_THREADS = 2


def decode(path):
    decode_jpeg(path.read_bytes(), colorspace="GRAY")


def decode_and_copy(path, target):
    content = path.read_bytes()
    target.write_bytes(content)
    decode_jpeg(content, colorspace="GRAY")


def main(folder, copy):
    started = time.perf_counter()
    paths = sorted(Path(folder).rglob("*.jpg"))
    with ThreadPoolExecutor(N_THREADS) as pool:
        if copy is None:
            list(pool.map(decode, paths))
        else:
            targets = [Path(copy) / f"{number}.jpg" for number in range(len(paths))]
            list(pool.map(decode_and_copy, paths, targets))
            os.sync()
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
