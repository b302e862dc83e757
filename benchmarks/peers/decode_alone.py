"""Decoding alone: each JPEG of a folder to gray by libjpeg-turbo, two threads, result dropped."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from simplejpeg import decode_jpeg

N_THREADS = 2


def decode(path):
    decode_jpeg(path.read_bytes(), colorspace="GRAY")


if __name__ == "__main__":
    started = time.perf_counter()
    with ThreadPoolExecutor(N_THREADS) as pool:
        list(pool.map(decode, sorted(Path(sys.argv[1]).rglob("*.jpg"))))
    print(time.perf_counter() - started)
