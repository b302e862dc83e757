"""What ten hostile visitors do to a demo, each for as long as they are let: see `hostile`.

``python -m benchmarks.attacks ADDRESS RUN SECONDS`` prints how often each did it.
"""

import asyncio
import collections
import json
import secrets
import sys
from collections.abc import Awaitable, Callable

from benchmarks.hostile_uploads import (
    directory_zip,
    large_png,
    many_scans,
    noise_zip,
    two_classes,
    zipped,
)
from benchmarks.socket_visitor import SocketVisitor

N_PUTS = 8
PUT_BYTES = 20 << 20

Attack = Callable[[SocketVisitor, str], Awaitable[None]]


def new_owner(visitor: SocketVisitor) -> None:
    """Pretend to be another browser."""
    key = secrets.token_urlsafe(24)
    visitor.values["owner_keeper"] = {"json_value": json.dumps({"key": key})}


async def open_import(visitor: SocketVisitor, way: str) -> None:
    await visitor.open("dataset")
    if "import_from" not in visitor.ids:
        await visitor.choose("import_panel", bool_value=True)
    await visitor.choose("import_from", string_array_value=[way])


async def import_zip(visitor: SocketVisitor, content: bytes, n_presses: int) -> None:
    await open_import(visitor, "Zip file")
    await visitor.upload("import_zip", "x.zip", content)
    await visitor.run()
    for _ in range(n_presses):
        await visitor.choose("import_zip_name", string_value=f"junk-{secrets.token_hex(4)}")
        await visitor.press("import_zip_go")


NOISE, PNG, PETS = noise_zip(20), large_png(), two_classes()
SCANS = many_scans(5000)
DIRECTORY = directory_zip(1_000_000)


async def refused_imports(visitor: SocketVisitor, run: str) -> None:
    await import_zip(visitor, NOISE, 6)


async def uploads_without_widget(visitor: SocketVisitor, run: str) -> None:
    await visitor.open("dataset")
    for _ in range(N_PUTS):
        path = f"/_stcore/upload_file/{visitor.session}/{secrets.token_hex(4)}"
        await visitor.put(path, NOISE[:PUT_BYTES])


async def minted_imports(visitor: SocketVisitor, run: str) -> None:
    new_owner(visitor)
    await import_zip(visitor, PETS, 3)


async def minted_trainings(visitor: SocketVisitor, run: str) -> None:
    new_owner(visitor)
    for _ in range(3):
        await visitor.open("training", "epochs=100&size=96&data=cartoons")
        await visitor.choose("seed", double_value=float(secrets.randbelow(10_000)))
        await visitor.press("start")


async def bring(
    visitor: SocketVisitor,
    page: tuple[str, str],
    *,
    choice: tuple[str, str],
    file: tuple[str, str, bytes],
) -> None:
    """Open a page with its query, choose an option of a control, and upload a file by a widget."""
    control, option = choice
    await visitor.open(*page)
    await visitor.choose(control, string_array_value=[option])
    await visitor.upload(*file)
    await visitor.run()


async def large_images(visitor: SocketVisitor, run: str) -> None:
    page, choice = ("pixels", "data=cartoons"), ("pixels_from", "Upload")
    await bring(visitor, page, choice=choice, file=("pixels_upload", "large.png", PNG))


async def slow_images(visitor: SocketVisitor, run: str) -> None:
    page, choice = ("prediction", f"run={run}"), ("predict_from", "Upload")
    await bring(visitor, page, choice=choice, file=("predict_upload", "slow.jpg", SCANS))


async def slow_imports(visitor: SocketVisitor, run: str) -> None:
    new_owner(visitor)
    await import_zip(visitor, zipped("a/1.jpg", SCANS), 1)


async def full_directories(visitor: SocketVisitor, run: str) -> None:
    page, choice = ("prediction", f"run={run}"), ("ask", "Many pictures")
    await bring(visitor, page, choice=choice, file=("many_upload", "many.zip", DIRECTORY))


async def reloading(visitor: SocketVisitor, run: str) -> None:
    for closer in ("Move+the+picture", "Nearest+training+pictures"):
        number = 1 + secrets.randbelow(20)
        await visitor.open("prediction", f"run={run}&closer={closer}&test_number={number}")


async def wrong_messages(visitor: SocketVisitor, run: str) -> None:
    wrong = (
        {"int_value": -5},
        {"double_value": float("nan")},
        {"string_value": "x" * 100_000},
        {"string_array_value": ["nothing", "../x"]},
        {"json_value": "no json"},
    )
    await visitor.open("results", f"run={run}")
    for widget_id in list(visitor.ids.values())[:10]:
        await visitor.run({widget_id: secrets.choice(wrong)})


ATTACKS: tuple[Attack, ...] = (
    *(refused_imports, uploads_without_widget, minted_imports, minted_trainings, large_images),
    *(slow_images, slow_imports, full_directories, reloading, wrong_messages),
)


async def repeat(attack: Attack, address: str, run: str, *, until: float) -> str:
    """Attack in one session after another; say how often, and what got in the way."""
    sender = f"192.0.2.{10 + ATTACKS.index(attack)}"
    rounds, refusals = 0, collections.Counter[str]()
    clock = asyncio.get_running_loop().time
    while clock() < until:
        try:
            async with SocketVisitor(address, sender) as visitor, asyncio.timeout_at(until):
                await attack(visitor, run)
                rounds += 1
                refusals.update(sentence[:70] for sentence in visitor.sentences)
        except Exception as error:
            if clock() > until - 0.1:
                break
            refusals[f"{type(error).__name__} {str(error)[:60]}"] += 1
            await asyncio.sleep(0.2)
    heard = "; ".join(f"{n} x {what}" for what, n in refusals.most_common(3))
    return f"  {attack.__name__:22} {rounds:4} rounds. {heard}"


async def main(address: str, run: str, seconds: float) -> None:
    until = asyncio.get_running_loop().time() + seconds
    lines = (repeat(attack, address, run, until=until) for attack in ATTACKS)
    print(*await asyncio.gather(*lines), sep="\n", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
