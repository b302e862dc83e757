"""Sessions that watch a run: what a browser says to the server, without drawing anything."""

import asyncio
import sys

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


async def watch(address: str, page: str, query: str, counts: list[int], late: float) -> None:
    """Come `late` seconds after the first; run the page's fragment whenever a browser would."""
    await asyncio.sleep(late)
    async with websockets.connect(address, max_size=None, subprotocols=["streamlit"]) as socket:
        await socket.send(rerun(page, query))
        timer: asyncio.Task[None] | None = None
        async for data in socket:
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "auto_rerun":
                auto = message.auto_rerun
                if timer is not None:
                    timer.cancel()
                timer = asyncio.create_task(repeat(socket, page, query, auto))
            elif message.WhichOneof("type") == "delta":
                counts[0] += 1


async def repeat(socket: websockets.ClientConnection, page: str, query: str, auto) -> None:
    while True:
        await asyncio.sleep(auto.interval)
        await socket.send(rerun(page, query, auto.fragment_id))


def rerun(page: str, query: str, fragment: str = "") -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    if fragment:
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = True
    return message.SerializeToString()


async def main(address: str, page: str, query: str, n_watchers: int) -> None:
    counts = [0]
    # People do not come in the same millisecond, and their clocks are not in step.
    lateness = [3 * number / n_watchers for number in range(n_watchers)]
    watchers = [watch(address, page, query, counts, late) for late in lateness]
    gathered = asyncio.gather(*watchers)
    while not gathered.done():
        before = counts[0]
        await asyncio.sleep(1)
        print(counts[0] - before, flush=True)  # elements drawn in the last second
    await gathered


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
