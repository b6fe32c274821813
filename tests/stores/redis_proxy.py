"""Something between a store and its server that can take answers away."""

from __future__ import annotations

import select
import socket
from threading import Thread

from tests.stores.redis_servers import HOST


class Proxy:
    """Passes everything on, until it is told to lose an answer.

    :ivar port: where it listens.
    :ivar lose_after: how many answers are still passed on before the connection is cut with the
        next one in hand: the server has done what was asked, and nobody hears of it. ``None``:
        all are passed on.
    """

    def __init__(self, port: int) -> None:
        self._there = (HOST, port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.lose_after: int | None = None
        self._ends: list[socket.socket] = [self._listener]
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Cut everything."""
        for one in self._ends:
            _shut(one)

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            there = socket.create_connection(self._there)
            self._ends += [here, there]
            Thread(target=self._pass, args=(here, there), daemon=True).start()

    def _pass(self, here: socket.socket, there: socket.socket) -> None:
        try:
            while True:
                ready, _, _ = select.select([here, there], [], [])
                for one in ready:
                    data = one.recv(1 << 20)
                    if not data:
                        return
                    if one is here:
                        there.sendall(data)
                        continue
                    # A script that the server does not know yet is only asked again.
                    if self.lose_after is not None and not data.startswith(b"-NOSCRIPT"):
                        if self.lose_after == 0:
                            return
                        self.lose_after -= 1
                    here.sendall(data)
        except (OSError, ValueError):
            return
        finally:
            _shut(here)
            _shut(there)


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        one.close()
