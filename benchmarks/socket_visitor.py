"""A visitor without a browser: says to the server what a browser would say, or anything else."""

import asyncio
import urllib.request
import uuid
from typing import Any, Self

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE_SECONDS = 60


class SocketVisitor:
    """One session.

    Parameters
    ----------
    sender : str
        Address that a proxy would name; the server believes one on the same computer.

    Attributes
    ----------
    ids : dict
        The id of each widget that was drawn last, by its key.
    sentences : list of str
        What warnings and errors on the page said.
    """

    def __init__(self, address: str, sender: str) -> None:
        self.address = address
        self.headers = {"X-Forwarded-For": sender}
        self.session = ""
        self.page, self.query = "", ""
        self.values: dict[str, dict[str, Any]] = {}
        self.ids: dict[str, str] = {}
        self.sentences: list[str] = []

    async def __aenter__(self) -> Self:
        stream = self.address.replace("http", "ws") + "/_stcore/stream"
        self._socket = await websockets.connect(
            stream, max_size=None, subprotocols=["streamlit"], additional_headers=self.headers
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def open(self, page: str, query: str = "") -> None:
        """Go to a page with fresh controls, and wait until it is drawn."""
        self.page, self.query = page, query
        self.values = {key: each for key, each in self.values.items() if key == "owner_keeper"}
        await self.run()

    async def choose(self, key: str, **value: Any) -> None:
        """Set a control, as ``string_value="cats"``, and wait for the page."""
        self.values[key] = value
        await self.run()

    async def press(self, key: str) -> None:
        await self.run({key: {"trigger_value": True}})

    async def run(self, once: dict[str, dict[str, Any]] | None = None) -> None:
        """Send all that is set, and `once` beside it; wait until the page is drawn."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        for key, value in {**self.values, **(once or {})}.items():
            self._add(message.rerun_script.widget_states, self.ids.get(key, key), value)
        await self._socket.send(message.SerializeToString())
        await self._drawn()

    async def upload(self, key: str, name: str, content: bytes) -> None:
        """Upload a file for a widget, which hears of it with the next run."""
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.session_id = self.session
        message.file_urls_request.file_names.append(name)
        await self._socket.send(message.SerializeToString())
        while True:
            reply = ForwardMsg.FromString(await self._receive())
            if reply.WhichOneof("type") == "file_urls_response":
                break
        [urls] = reply.file_urls_response.file_urls
        await self.put(urls.upload_url, content, name)
        self.values[key] = {"files": [(urls, name, len(content))]}

    async def put(self, path: str, content: bytes, name: str = "x.bin") -> None:
        """Send a file to any path of the server."""
        await asyncio.to_thread(self._put, path, content, name)

    def _put(self, path: str, content: bytes, name: str) -> None:
        with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=60) as health:
            cookies = [value for name, value in health.getheaders() if name.lower() == "set-cookie"]
        token = next(each for each in cookies if "xsrf" in each).split(";")[0].split("=", 1)[1]
        border = uuid.uuid4().hex
        begin = (
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        )
        begin += "Content-Type: application/octet-stream\r\n\r\n"
        request = urllib.request.Request(
            self.address + path,
            data=begin.encode() + content + f"\r\n--{border}--\r\n".encode(),
            method="PUT",
            headers={
                **self.headers,
                "Content-Type": f"multipart/form-data; boundary={border}",
                "Cookie": f"_streamlit_xsrf={token}",
                "X-Xsrftoken": token,
            },
        )
        with urllib.request.urlopen(request, timeout=60):
            pass

    def _add(self, states: Any, widget_id: str, value: dict[str, Any]) -> None:
        state = states.widgets.add()
        state.id = widget_id
        for name, each in value.items():
            if name == "files":
                for urls, file_name, size in each:
                    info = state.file_uploader_state_value.uploaded_file_info.add()
                    info.file_id, info.name, info.size = urls.file_id, file_name, size
                    info.file_urls.CopyFrom(urls)
            elif name.endswith("array_value"):
                getattr(state, name).data.extend(each)
            else:
                setattr(state, name, each)

    async def _receive(self) -> Any:
        return await asyncio.wait_for(self._socket.recv(), PATIENCE_SECONDS)

    async def _drawn(self) -> None:
        self.sentences = []
        while True:
            message = ForwardMsg.FromString(await self._receive())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id or self.session
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta":
                self._note(message.delta)
            elif kind == "script_finished":
                return

    def _note(self, delta: Any) -> None:
        kind = delta.WhichOneof("type")
        if kind not in {"new_element", "add_block"}:
            return
        outer = delta.new_element if kind == "new_element" else delta.add_block
        what = outer.WhichOneof("type")
        inner = getattr(outer, what) if what else None
        widget_id = getattr(inner, "id", "") or getattr(outer, "id", "")
        if widget_id:
            self.ids[widget_id.split("-")[-1]] = widget_id
        if what == "alert":
            self.sentences.append(inner.body)
        elif what == "exception":
            self.sentences.append(f"{inner.type}: {inner.message}")
