"""Copying and decoding alone: a zip of JPEG files is unpacked, and each decoded to gray on the way.

``copy_and_decode.py ZIP FOLDER``: two threads, each with a half of the names; libjpeg-turbo. The
copies go to a new folder within FOLDER, and with it.
"""

import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from simplejpeg import decode_jpeg

N_THREADS = 2


def copy_and_decode(source, target, part):
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".jpg")]
        for number in range(part, len(names), N_THREADS):
            content = archive.read(names[number])
            Path(target, f"{number}.jpg").write_bytes(content)
            decode_jpeg(content, colorspace="GRAY")


if __name__ == "__main__":
    source, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=folder) as target:
        started = time.perf_counter()
        with ThreadPoolExecutor(N_THREADS) as pool:
            list(pool.map(lambda part: copy_and_decode(source, target, part), range(N_THREADS)))
        seconds = time.perf_counter() - started
    print(seconds)
