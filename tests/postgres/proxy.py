"""A connection that is cut when the server has done what it was asked, before it can say so."""

from __future__ import annotations

import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.postgres.server import Server

NAME = ".s.PGSQL.5432"


class CuttingProxy:
    """Passes on what a client and the server say; on request it drops the server's answer."""

    def __init__(self, folder: Path) -> None:
        self._server = str(folder / NAME)
        self._folder = Path(tempfile.mkdtemp(prefix="nl-px-"))
        self._losing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / NAME))
        self._listener.listen()
        self._threads: list[threading.Thread] = []
        self._stop, self._stopped = socket.socketpair()

    def url(self, server: Server) -> str:
        return server.url(host=self._folder)

    @contextmanager
    def answers_lost(self) -> Iterator[None]:
        self._losing.set()
        yield
        self._losing.clear()

    def __enter__(self) -> Self:
        self._run(self._listen)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.close()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._stopped.close()
        shutil.rmtree(self._folder)

    def _run(self, target: object, *given: object) -> None:
        thread = threading.Thread(target=target, args=given)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while self._listener in select.select([self._listener, self._stopped], [], [])[0]:
            self._run(self._serve, self._listener.accept()[0])

    def _serve(self, client: socket.socket) -> None:
        with ExitStack() as stack, suppress(OSError):
            stack.enter_context(client)
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.connect(self._server)
            asked_while_losing = False
            while True:
                ready = select.select([client, server, self._stopped], [], [])[0]
                if self._stopped in ready:
                    return
                if client in ready:
                    asked = client.recv(65_536)
                    # "X" is a good-bye; a question is what is answered.
                    asked_while_losing = self._losing.is_set() and asked[:1] not in (b"", b"X")
                    if not asked:
                        return
                    server.sendall(asked)
                if server in ready:
                    said = server.recv(65_536)
                    if not said or (asked_while_losing and said[:1] != b"R"):
                        return
                    client.sendall(said)
