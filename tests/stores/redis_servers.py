"""Redis processes for tests: on ports that the system chose, in folders that go with them."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from nightlatch.clock import pause

PROGRAM = os.environ.get("REDIS_SERVER", "/usr/bin/redis-server")
HOST = "127.0.0.1"
# Only a failure ever waits for it.
PATIENCE_S = 60
# Short, so that a failover takes a second; far longer than an answer takes on a busy machine.
NODE_TIMEOUT_MS = 1_500
SLOTS = 16_384


def until(condition: Callable[[], Any]) -> Any:
    """Come back with the condition's value as soon as it is true; fail after a minute."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        if value := condition():
            return value
        assert time.monotonic() < give_up, "it did not happen within a minute"
        pause(10)


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens, outside those that the system gives to connections.

    Chance keeps test processes that ask at the same moment from getting the same ones.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            port = random.randrange(12_000, 32_000)
            one = held.enter_context(closing(socket.socket()))
            with suppress(OSError):
                one.bind((HOST, port))
                found.append(port)
    return found


class RedisServer:
    """One ``redis-server`` process, of this test run alone.

    :ivar port: where it listens; the same after a restart.
    """

    def __init__(
        self, folder: Path, *options: object, port: int | None = None, sentinel: bool = False
    ) -> None:
        if not os.access(PROGRAM, os.X_OK):
            raise AssertionError(f"no Redis server at {PROGRAM}: run `make redis`")
        self.folder = folder
        self.port = port or free_ports(1)[0]
        folder.mkdir(exist_ok=True)
        self._command: list[str] = [PROGRAM]
        if sentinel:
            self._command += [str(folder / "sentinel.conf"), "--sentinel"]
        self._command += [
            *("--port", str(self.port), "--bind", HOST, "--dir", str(folder)),
            *("--unixsocket", str(folder / "socket"), "--loglevel", "notice"),
        ]
        if not sentinel:
            # The longest that a copy waits for the next attempt, and nothing on the disk.
            self._command += ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
        self._command += [str(option) for option in options]
        self.process: subprocess.Popen[bytes]
        self.start()

    @property
    def url(self) -> str:
        """Where a store finds it."""
        return f"redis://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it, and come back when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        try:
            until(self._answers)
        except BaseException as error:
            self.kill()
            error.add_note((self.folder / "log").read_text())
            raise

    def ask(self, *words: object) -> Any:
        """Its answer to a command of somebody else's."""
        with Redis(
            unix_socket_path=str(self.folder / "socket"), socket_timeout=10, protocol=2
        ) as client:
            return client.execute_command(*words)  # type: ignore[no-untyped-call]

    def facts(self, section: str) -> dict[str, Any]:
        """What INFO says."""
        found: dict[str, Any] = self.ask("INFO", section)
        return found

    def has_replica(self) -> bool:
        """Whether a replica follows it, and has told it so."""
        told = self.facts("replication")
        return bool(told["connected_slaves"] and told["slave0"]["state"] == "online")

    def pause(self) -> None:
        """Stop it where it is: connections stay, and nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut does (kill -9)."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def _answers(self) -> bool:
        assert self.process.poll() is None
        try:
            return bool(self.ask("PING"))
        except (RedisError, OSError):
            return False


class RedisCluster:
    """Three masters and a replica of each.

    :ivar masters: as they are at the start; :ivar replicas: in the same order.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        ports = free_ports(12)
        self.nodes: list[RedisServer] = []
        try:
            self._form(folder, ports)
        except BaseException:
            self.stop()
            raise

    def _form(self, folder: Path, ports: list[int]) -> None:
        for number in range(6):
            options = (
                *("--cluster-enabled", "yes", "--cluster-port", ports[6 + number]),
                *("--cluster-node-timeout", NODE_TIMEOUT_MS, "--cluster-config-file", "nodes.conf"),
                *("--cluster-replica-validity-factor", 0, "--repl-ping-replica-period", 1),
            )
            self.nodes.append(RedisServer(folder / str(number), *options, port=ports[number]))
        self.masters, self.replicas = self.nodes[:3], self.nodes[3:]
        for number, node in enumerate(self.masters):
            first, last = number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
        for number, node in enumerate(self.nodes[1:], 1):
            self.nodes[0].ask("CLUSTER", "MEET", HOST, node.port, ports[6 + number])
        until(lambda: all(self.known(node) == 6 for node in self.nodes))
        for master, replica in zip(self.masters, self.replicas, strict=True):
            name = master.ask("CLUSTER", "MYID")
            replica.ask("CLUSTER", "REPLICATE", name)
        until(lambda: all(self.state(node) == "ok" for node in self.nodes))
        until(lambda: all(one.has_replica() for one in self.masters))

    @property
    def url(self) -> str:
        """Where a store finds it: two of its nodes."""
        return f"redis+cluster://{HOST}:{self.masters[0].port},{HOST}:{self.replicas[1].port}"

    @staticmethod
    def state(node: RedisServer) -> str:
        """``"ok"`` when this node knows who has every slot."""
        told: bytes = node.ask("CLUSTER", "INFO")
        return re.search(rb"cluster_state:(\w+)", told)[1].decode()  # type: ignore[index]

    @staticmethod
    def known(node: RedisServer) -> int:
        """How many nodes this one knows for good."""
        told: bytes = node.ask("CLUSTER", "NODES")
        return sum(b"handshake" not in line for line in told.splitlines())

    def stop(self) -> None:
        """End every process."""
        stop(self.nodes)


def stop(servers: Sequence[RedisServer]) -> None:
    """End every process, those that are stopped too."""
    for one in servers:
        one.kill()


class Sentinels:
    """A master, a replica of it, and three sentinels that watch them."""

    def __init__(self, folder: Path, *options: object) -> None:
        folder.mkdir(exist_ok=True)
        self.sentinels: list[RedisServer] = []
        self.master = RedisServer(folder / "master", *options)
        self._all = [self.master]
        try:
            self._form(folder, *options)
        except BaseException:
            self.stop()
            raise

    def _form(self, folder: Path, *options: object) -> None:
        self.replica = RedisServer(
            folder / "replica", "--replicaof", f"{HOST} {self.master.port}", *options
        )
        self._all.append(self.replica)
        for number in range(3):
            home = folder / f"sentinel{number}"
            home.mkdir()
            (home / "sentinel.conf").write_text(
                f"sentinel monitor bank {HOST} {self.master.port} 2\n"
                "sentinel down-after-milliseconds bank 1000\n"
                "sentinel failover-timeout bank 5000\n"
            )
            self.sentinels.append(RedisServer(home, sentinel=True))
            self._all.append(self.sentinels[-1])
        until(self.master.has_replica)
        until(lambda: all(self._sees_all(one) for one in self.sentinels))

    @property
    def url(self) -> str:
        """Where a store finds it."""
        hosts = ",".join(f"{HOST}:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{hosts}/bank"

    def stop(self) -> None:
        """End every process."""
        stop(self._all)

    @staticmethod
    def _sees_all(sentinel: RedisServer) -> bool:
        flat = sentinel.ask("SENTINEL", "MASTER", "bank")
        facts = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
        named = {
            (key.decode() if isinstance(key, bytes) else key): value for key, value in facts.items()
        }
        return int(named["num-slaves"]) == 1 and int(named["num-other-sentinels"]) == 2
