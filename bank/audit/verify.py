"""Whether the trail is as it was written, and if not, where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bank.audit.chain import FIRST_PREV, RECOVERED, SEALED, Chain, fields_of

# One cut or edit may break very many lines after it.
MAX_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one line.

    :ivar line: its number in the file, from 1.
    """

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of checking a trail.

    :ivar lines: how many the file has.
    :ivar faults: where the file is not what was written; at most :data:`MAX_FAULTS`.
    :ivar notes: what happened and is accounted for.
    :ivar rows: how many rows of the database were held against it; None for none.
    """

    lines: int
    faults: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    rows: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was changed."""
        return not self.faults

    @property
    def first_bad_line(self) -> int | None:
        """The number of the first line that is wrong, or missing."""
        return min((fault.line for fault in self.faults), default=None)

    def as_dict(self) -> dict[str, object]:
        """For other programs."""
        return asdict(self) | {"ok": self.ok, "first_bad_line": self.first_bad_line}


class _Check:
    """One walk along the file."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._seq, self._prev = 0, FIRST_PREV
        self._torn: tuple[int, bytes] | None = None
        self.seals: dict[int, tuple[int, str]] = {}
        self.lines = 0
        self.faults: list[Finding] = []
        self.notes: list[Finding] = []

    def fault(self, line: int, what: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Finding(line, what))

    def walk(self, lines: Iterable[bytes]) -> None:
        for raw in lines:
            self.lines += 1
            line = raw.removesuffix(b"\n")
            if line == raw:
                self.fault(self.lines, "was never finished; the next event will go on after it")
                continue
            found = SEALED.fullmatch(line)
            fields = fields_of(found[1]) if found else None
            if found is None or fields is None:
                self._give_up_on_torn()
                self._torn = (self.lines, line)
            else:
                self._sealed(int(found[2]), found[1], found[3].decode(), fields)
        self._give_up_on_torn()

    def _sealed(self, seq: int, body: bytes, seal: str, fields: Mapping[str, object]) -> None:
        genuine = self._chain.seal(body) == seal
        if not genuine:
            self.fault(self.lines, "was changed: its seal does not fit")
        if self._torn is not None and genuine and fields.get("event") == RECOVERED:
            number, torn = self._torn
            if fields.get("torn_sha256") == hashlib.sha256(torn).hexdigest():
                self.notes.append(Finding(number, "was never finished; the next line says so"))
                self._torn = None
        self._give_up_on_torn()
        if seq != self._seq + 1:
            self.fault(
                self.lines,
                f"has number {seq} where {self._seq + 1} should be: lines before it were "
                "removed, moved or put in",
            )
        elif fields.get("prev") != self._prev:
            self.fault(self.lines, "does not follow from the line before it")
        self._seq, self._prev = seq, seal
        self.seals[seq] = (self.lines, seal)

    def _give_up_on_torn(self) -> None:
        if self._torn is not None:
            self.fault(self._torn[0], "is no line of the trail")
            self._torn = None

    def compare(self, rows: Iterable[tuple[int, str]]) -> int:
        count = 0
        for seq, seal in rows:
            count += 1
            if seq > self._seq:
                self.fault(
                    self.lines + seq - self._seq,
                    f"is missing: the database has event {seq}, and the file ends before it",
                )
            elif (line := self.seals.get(seq)) is not None and line[1] != seal:
                self.fault(line[0], f"is not what the database has as event {seq}")
        return count


def verify(chain: Chain, rows: Iterable[tuple[int, str]] | None = None) -> Report:
    """Checks every line, and holds the file against the rows of the database.

    The rows are what shows that the end was cut off: a chain cannot tell that there was more.
    An event without a row is no fault; its writer may have been killed between the two.

    :param rows: number and seal of each, by number; None leaves them out.
    :raises OSError: the file cannot be read.
    """
    check = _Check(chain)
    check.walk(_lines(chain.path))
    count = None if rows is None else check.compare(rows)
    return Report(check.lines, tuple(check.faults), tuple(check.notes), count)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        # Nothing has happened yet; or the rows will say what has.
        return
