"""Sessions that watch a run: what a browser says to the server, without drawing anything."""

import asyncio
import sys
from dataclasses import dataclass

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


@dataclass
class Page:
    """A page that is watched; counts what is drawn on it, for all who watch."""

    stream: str
    name: str
    query: str
    n_drawn: int = 0

    def rerun(self, fragment: str = "") -> bytes:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.name
        if fragment:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        return message.SerializeToString()


async def watch(page: Page, late: float) -> None:
    """Come `late` seconds after the first; run the page's fragment whenever a browser would."""
    await asyncio.sleep(late)
    async with websockets.connect(page.stream, max_size=None, subprotocols=["streamlit"]) as socket:
        await socket.send(page.rerun())
        timer: asyncio.Task[None] | None = None
        async for data in socket:
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "auto_rerun":
                if timer is not None:
                    timer.cancel()
                timer = asyncio.create_task(repeat(socket, page, message.auto_rerun))
            elif message.WhichOneof("type") == "delta":
                page.n_drawn += 1


async def repeat(socket: websockets.ClientConnection, page: Page, auto) -> None:
    while True:
        await asyncio.sleep(auto.interval)
        await socket.send(page.rerun(auto.fragment_id))


async def main(page: Page, n_watchers: int) -> None:
    # People do not come in the same millisecond, and their clocks are not in step.
    lateness = [3 * number / n_watchers for number in range(n_watchers)]
    gathered = asyncio.gather(*(watch(page, late) for late in lateness))
    while not gathered.done():
        before = page.n_drawn
        await asyncio.sleep(1)
        print(page.n_drawn - before, flush=True)  # elements drawn in the last second
    await gathered


if __name__ == "__main__":
    asyncio.run(main(Page(*sys.argv[1:4]), int(sys.argv[4])))
