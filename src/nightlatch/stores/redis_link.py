"""Connections of :mod:`nightlatch.stores.redis`: questions, and answers or an error.

Nothing is asked twice, but what a server said that it did not do: a script that it does not know
yet, and a key that another node of the cluster has.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any, NamedTuple

from redis.cluster import ClusterNode
from redis.exceptions import (
    AskError,
    MovedError,
    NoScriptError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)

from nightlatch.errors import StoreUnavailable
from nightlatch.stores.redis_lua import Script
from nightlatch.stores.redis_pool import cluster, pool
from nightlatch.stores.redis_url import Address

_log = logging.getLogger("nightlatch")

# How often a cluster may say "not here" before nobody follows any more.
REDIRECTIONS = 5

TROUBLE = (RedisError, RedisClusterException, OSError)


class Question(NamedTuple):
    """One command about one slot.

    :ivar key: says which slot.
    :ivar what: a script, whose first key is ``key``; or the name of a command.
    """

    key: str
    what: Script | str
    arguments: tuple[Any, ...] = ()

    def command(self, *, whole: bool = False) -> tuple[Any, ...]:
        """The words to send; ``whole`` with the text of the script."""
        if isinstance(self.what, str):
            return self.what, self.key, *self.arguments
        name = ("EVAL", self.what.text) if whole else ("EVALSHA", self.what.sha)
        return *name, self.what.keys, self.key, *self.arguments


class Link:
    """Asks one server: the one in the URL, or whichever the sentinels call the master."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._pool = pool(address)

    def ask(self, doing: str, questions: Sequence[Question], *, kept: bool = False) -> list[Any]:
        """Ask in one round trip.

        :param kept: answer only when as many replicas have what was written as the URL says.
        :returns: the answers, in order.
        :raises StoreUnavailable: some question was not answered; others may have been.
        """
        wait = self._address if kept else None
        return _good(doing, _ask(self._pool, doing, questions, wait))

    def every(self, doing: str, *command: str) -> list[Any]:
        """The answer of every server that takes writes, to a command that is about no key."""
        return _good(doing, _send(self._pool, doing, [command]))

    def close(self) -> None:
        """Release every connection."""
        self._pool.disconnect()


class Search:
    """Looks for the nodes of a cluster, in a thread of its own.

    :ivar over: it has found them or given up. :ivar error: why it gave up.
    :ivar pid: the process whose thread it is; a fork has none.
    """

    def __init__(self, find: Callable[[], None]) -> None:
        self.over = Event()
        self.error: BaseException | None = None
        self.pid = os.getpid()
        Thread(target=self._run, args=(find,), daemon=True).start()

    def _run(self, find: Callable[[], None]) -> None:
        try:
            find()
        except TROUBLE as error:
            self.error = error
        finally:
            self.over.set()


class ClusterLink:
    """Asks the nodes of a cluster, each of them once for all its questions."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._client: Any = None
        self._lost = False
        self._search: Search | None = None
        self._searching = Lock()

    def ask(self, doing: str, questions: Sequence[Question], *, kept: bool = False) -> list[Any]:
        """As :meth:`Link.ask`: one round trip per node that has any of the keys."""
        wait = self._address if kept else None
        client = self._found(doing)
        answers: list[Any] = [None] * len(questions)
        trouble: StoreUnavailable | None = None
        rest: list[tuple[int, Any]] = [(place, None) for place in range(len(questions))]
        tries = 0
        while rest and tries < REDIRECTIONS:
            tries += 1
            groups: dict[tuple[Any, bool], list[int]] = {}
            for place, asking in rest:
                with _answering(doing):
                    slot = client.keyslot(questions[place].key)
                    node = asking or client.nodes_manager.get_node_from_slot(slot)
                groups.setdefault((node, asking is not None), []).append(place)
            rest = []
            for (node, asking), places in groups.items():
                asked = [questions[place] for place in places]
                try:
                    found = _ask(self._pool(node), doing, asked, wait, asking=asking)
                except StoreUnavailable as error:
                    # The others are asked all the same: what can be ended is to be ended.
                    self._lost = True
                    trouble = error
                    continue
                for place, answer in zip(places, found, strict=True):
                    answers[place] = answer
                    if isinstance(answer, AskError):
                        # A slot on its way: only this time, or for good.
                        moved = isinstance(answer, MovedError)
                        rest.append((place, None if moved else self._there(answer)))
                        if moved:
                            client.nodes_manager.move_slot(answer)
        if trouble is not None:
            raise trouble
        return _good(doing, answers)

    def every(self, doing: str, *command: str) -> list[Any]:
        """As :meth:`Link.every`."""
        nodes = self._found(doing).get_primaries()
        return _good(doing, [_send(self._pool(one), doing, [command])[0] for one in nodes])

    def close(self) -> None:
        """Release every connection."""
        if self._client is not None:
            self._client.close()

    def _found(self, doing: str) -> Any:
        """Who has which slot; asked for anew after a node did not answer.

        The nodes are asked one after the other, and none may answer: so it is done beside, once
        for all who wait, and nobody waits for it longer than for an answer.
        """
        if self._client is not None and not self._lost:
            return self._client
        with self._searching:
            search = self._search
            if search is None or search.over.is_set() or search.pid != os.getpid():
                search = self._search = Search(self._find)
        search.over.wait(self._address.timeout_ms / 1000)
        if self._client is None:
            cause = type(search.error or TimeoutError()).__name__
            raise StoreUnavailable(doing, cause) from search.error
        return self._client

    def _find(self) -> None:
        if self._client is None:
            self._client = cluster(self._address)
        else:
            self._client.nodes_manager.initialize()
        self._lost = False

    def _pool(self, node: ClusterNode) -> Any:
        return self._client.get_redis_connection(node).connection_pool

    def _there(self, answer: AskError) -> ClusterNode:
        known = self._client.get_node(answer.host, answer.port)
        return known or ClusterNode(answer.host, answer.port)


def link(address: Address) -> Link | ClusterLink:
    """The link that an address asks for. It connects when it is first asked."""
    return ClusterLink(address) if address.kind == "cluster" else Link(address)


def _ask(
    pool: Any,
    doing: str,
    questions: Sequence[Question],
    wait: Address | None,
    *,
    asking: bool = False,
) -> list[Any]:
    """The answers of one server, errors among them."""
    confirm = questions[0].key if wait else ""
    answers = _send(pool, doing, [one.command() for one in questions], wait, confirm, asking=asking)
    unknown = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
    if unknown:
        whole = [questions[at].command(whole=True) for at in unknown]
        again = _send(pool, doing, whole, wait, confirm, asking=asking)
        for at, answer in zip(unknown, again, strict=True):
            answers[at] = answer
    return answers


def _send(
    pool: Any,
    doing: str,
    commands: Sequence[tuple[Any, ...]],
    wait: Address | None = None,
    confirm: str = "",
    *,
    asking: bool = False,
) -> list[Any]:
    words: list[tuple[Any, ...]] = []
    for command in commands:
        words += [("ASKING",), command] if asking else [command]
    if wait:
        # Something is written in any case: WAIT is about this connection's own writes, and an
        # end that finds the session ended must not answer before its replicas know it too.
        slot = confirm[: confirm.index("}") + 1]
        words.append(("SET", f"{slot}:confirmed", "", "PX", 60_000))
        words.append(("WAIT", wait.wait, wait.wait_ms))
    with _answering(doing):
        connection = pool.get_connection()
        whole = False
        try:
            connection.send_packed_command(connection.pack_commands(words))
            replies = [_reply(connection) for _ in words]
            # A server that became a replica goes on reading: this one is not asked again.
            whole = not any(isinstance(reply, ReadOnlyError) for reply in replies)
        finally:
            if not whole:
                # What was sent may still be answered, and must answer nothing else.
                connection.disconnect()
            pool.release(connection)
    if wait:
        written, confirmed = replies[-2:]
        del replies[-2:]
        # A script that was unknown is sent again, and waited for then.
        unknown = any(isinstance(reply, NoScriptError) for reply in replies)
        if not (unknown or isinstance(written, RedisError)) and confirmed < wait.wait:
            _log.warning(
                "Only %d of %d replicas confirmed what %s wrote.",
                confirmed,
                wait.wait,
                doing,
            )
            raise StoreUnavailable(doing, f"{confirmed} of {wait.wait} replicas confirmed")
    return replies[1::2] if asking else replies


def _reply(connection: Any) -> Any:
    try:
        return connection.read_response()
    except ResponseError as error:
        # An answer all the same; the connection is fine.
        return error


@contextmanager
def _answering(doing: str) -> Iterator[None]:
    try:
        yield
    except TROUBLE as error:
        raise StoreUnavailable(doing, type(error).__name__) from error


def _good(doing: str, answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, RedisError):
            raise StoreUnavailable(doing, type(answer).__name__) from answer
    return answers
