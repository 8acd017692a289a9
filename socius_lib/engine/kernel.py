"""IPython's kernel in this process: without sockets, with the outputs of an ordinary one.

What a cell gives goes the way it goes in a kernel: through the classes of ipykernel, as its messages,
to the client of papermill, which makes the outputs of them. Only what lies between is left out.
Threads begin in `DirectApp.begin`, so in the forked process, and only to read its two descriptors.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import select
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine

NOTEBOOK = "notebook"
Tell = Callable[[int | str, Any], None]
"""Takes what is to be known of a notebook while it runs: itself first, then a cell and its place."""


class DirectSession(Session):
    """Puts messages in a row instead of in a socket, as they would come out of it."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.replies: deque[dict[str, Any]] = deque()
        self.published: deque[dict[str, Any]] = deque()

    def send(
        self,
        stream: Any,  # noqa: ARG002
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,  # noqa: ARG002
        buffers: Any = None,
        track: bool = False,  # noqa: ARG002
        header: Any = None,
        metadata: Any = None,
    ) -> dict[str, Any]:
        message: dict[str, Any] = (
            msg_or_type
            if isinstance(msg_or_type, dict)
            else self.msg(msg_or_type, content, parent, header, metadata)
        )
        # As JSON makes of it: bytes become base64, tuples lists, and nobody changes it afterwards.
        sent = {**message, "content": json.loads(self.pack(message["content"]))}
        is_reply = message["msg_type"].endswith("_reply")
        (self.replies if is_reply else self.published).append(sent | {"buffers": buffers or []})
        return message


class DirectThread(IOPubThread):
    """In place of the thread that sends: sends at once; what is due later, before the next write."""

    thread = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.io_loop = self  # type: ignore[assignment]
        self.due: deque[tuple[float, Callable[[], None]]] = deque()

    def schedule(self, f: Callable[[], None]) -> None:
        f()

    def call_later(self, delay: float, f: Callable[[], None]) -> None:
        self.due.append((time.monotonic() + delay, f))

    def run_due(self) -> None:
        with contextlib.suppress(IndexError):  # a thread of the notebook was first
            while self.due and self.due[0][0] <= time.monotonic():
                self.due.popleft()[1]()


class DirectStream(OutStream):
    """`sys.stdout` or `sys.stderr` of a notebook, with what is written past them to the descriptor."""

    def __init__(self, session: Session, thread: DirectThread, name: str, descriptor: int) -> None:
        self._thread, self._descriptor, self._reading = thread, descriptor, threading.Lock()
        self._past, into = os.pipe()
        os.set_blocking(self._past, False)
        os.dup2(into, descriptor)
        os.close(into)
        super().__init__(session, thread, name, watchfd=False)
        self._original_stdstream_copy = os.open(os.devnull, os.O_WRONLY)
        threading.Thread(target=self._watch, daemon=True).start()

    def write(self, string: str) -> int | None:  # type: ignore[override]
        if not self._is_master_process() and isinstance(string, str):  # a worker of the notebook
            os.write(self._descriptor, string.encode(errors="replace"))
            return len(string)
        self._thread.run_due()
        self._take()
        return super().write(string)

    def flush(self) -> None:
        self._take()
        super().flush()

    def _watch(self) -> None:
        """Read even when the notebook itself is waiting, so that whoever writes need not."""
        while select.select([self._past], [], []):
            self._thread.run_due()
            self._take()

    def _take(self) -> None:
        if self._is_master_process():
            with self._reading, contextlib.suppress(BlockingIOError):
                while taken := os.read(self._past, 1 << 16):
                    super().write(taken.decode(errors="replace"))


class DirectKernel(IPythonKernel):
    """The kernel without what serves its sockets."""

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """There is no queue: the client stops by itself."""


class DirectApp(IPKernelApp):
    """Sets up path, profile, shell and matplotlib as a kernel's application does; opens nothing."""

    def _nothing(self, *_: object, **__: object) -> None:
        pass

    init_connection_file = init_poller = init_heartbeat = _nothing
    write_connection_file = log_connection_info = init_io = _nothing

    def init_sockets(self) -> None:
        self.session = DirectSession(parent=self)

    def init_kernel(self) -> None:
        self.kernel = DirectKernel.instance(
            parent=self,
            session=self.session,
            shell_channel_thread=SimpleNamespace(parent_thread=None),
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )

    def begin(self) -> None:
        """Make of this process, just forked, the kernel of one notebook."""
        thread = DirectThread()
        sys.stdout = DirectStream(self.session, thread, "stdout", 1)
        sys.stderr = DirectStream(self.session, thread, "stderr", 2)
        self.outstream_class = None  # type: ignore[assignment]
        super().init_io()
        sys.argv = ["ipykernel_launcher.py"]
        for handler in self.log.handlers:
            handler.setStream(io.StringIO())
        shell = cast("Any", self.shell)
        shell.history_manager.dir_hist[:] = [Path.cwd()]
        shell.starting_dir = str(Path.cwd())


class DirectChannels:
    """What papermill's client asks of a kernel through its sockets."""

    def __init__(self, app: DirectApp) -> None:
        self.kernel, self.session = app.kernel, app.session
        replies, published = self.session.replies, self.session.published
        self.shell_channel = SimpleNamespace(get_msg=lambda timeout=None: replies.popleft())
        self.iopub_channel = SimpleNamespace(get_msg=lambda timeout=None: published.popleft())

    def is_alive(self) -> bool:
        return True

    def kernel_info(self) -> str:
        request = self.session.msg("kernel_info_request")
        info = {"status": "ok", **self.kernel.kernel_info}
        self.session.send(None, "kernel_info_reply", info, request)
        return str(request["msg_id"])

    async def execute(self, code: str, store_history: bool, stop_on_error: bool) -> str:
        if cast("Any", self.kernel.shell).exit_now:  # a cell said `quit()`
            os._exit(0)
        asked = {"code": code, "silent": False, "user_expressions": {}, "allow_stdin": False}
        asked |= {"store_history": store_history, "stop_on_error": stop_on_error}
        request = self.session.msg("execute_request", asked)
        self.kernel.set_parent([], request, "shell")
        self.kernel._publish_status("busy", "shell")
        self.kernel.pre_handler_hook()
        try:
            await self.kernel.execute_request(None, [], request)
        finally:
            self.kernel.post_handler_hook()
        self.kernel._publish_status("idle", "shell")
        return str(request["msg_id"])


class DirectClient(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client, which tells of each cell when it begins and what it gave."""

    def __init__(self, manager: Any, app: DirectApp, tell: Tell) -> None:
        super().__init__(manager, log=logging.getLogger("papermill"))
        self.app, self.tell = app, tell

    @contextlib.contextmanager
    def setup_kernel(self, **_: Any) -> Iterator[None]:
        self.kc = DirectChannels(self.app)
        self.tell(NOTEBOOK, self.nb)
        yield

    def execute_cell(self, cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            self.tell(cell_index, {**cell, "execution_count": self.app.kernel.execution_count})
        try:
            super().execute_cell(cell, cell_index)
        finally:
            self.tell(cell_index, cell)


class DirectEngine(Engine):  # type: ignore[misc]
    """What runs a notebook in this process, for papermill."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, _kernel_name: str, *, app: DirectApp, tell: Tell, **_: Any
    ) -> None:
        DirectClient(nb_man, app, tell).execute()
        warnings.simplefilter("ignore")  # the notebook may have made them errors: not for us
