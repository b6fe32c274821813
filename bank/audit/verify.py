"""Whether the trail is as it was written, and if not, where."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bank.audit.chain import FIRST_PREV, RECOVERED, SEALED, Chain, fields_of, seal, utc
from bank.audit.rows import AuditRow

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
    :ivar without_row: how many lines the database does not have; None when it was not asked.
    """

    lines: int
    faults: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    rows: int | None = None
    without_row: int | None = None

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
        self._keys = chain.keys.all()
        self._seq, self._prev = 0, FIRST_PREV
        self._torn: tuple[int, bytes] | None = None
        # By the key that is not here: the first line that needs it, and how many do.
        self._locked: dict[str, tuple[int, int]] = {}
        # By number: where it stands, and its seal.
        self._seals: dict[int, tuple[int, bytes]] = {}
        self.lines = 0
        self._faults: list[Finding] = []
        self.notes: list[Finding] = []

    def fault(self, line: int, what: str) -> None:
        if len(self._faults) < MAX_FAULTS:
            self._faults.append(Finding(line, what))

    def faults(self) -> tuple[Finding, ...]:
        locked = [
            Finding(
                line,
                f"is sealed with the key {key}, which is not in the bank's folder, as are "
                f"{count} lines in all",
            )
            for key, (line, count) in self._locked.items()
        ]
        found = sorted([*self._faults, *locked], key=lambda finding: finding.line)
        return tuple(found[:MAX_FAULTS])

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

    def _sealed(self, seq: int, body: bytes, its_seal: str, fields: Mapping[str, object]) -> None:
        genuine = self._is_genuine(body, its_seal, fields)
        if genuine is False:
            self.fault(self.lines, "was changed: its seal does not fit")
        elif genuine is None:
            key = str(fields["key"])
            first, count = self._locked.get(key, (self.lines, 0))
            self._locked[key] = (first, count + 1)
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
        self._seq, self._prev = seq, its_seal
        self._seals[seq] = (self.lines, bytes.fromhex(its_seal))

    def _is_genuine(self, body: bytes, its_seal: str, fields: Mapping[str, object]) -> bool | None:
        """None: it was sealed with a key that is not here."""
        name = fields.get("key")
        if not isinstance(name, str):
            return False
        key = self._keys.get(name)
        return None if key is None else seal(key, body) == its_seal

    def _give_up_on_torn(self) -> None:
        if self._torn is not None:
            self.fault(self._torn[0], "is no line of the trail")
            self._torn = None

    def compare(self, rows: Iterable[AuditRow]) -> tuple[int, int]:
        """:returns: how many rows there are, and how many lines have none."""
        count = 0
        met = set()
        for row in rows:
            count += 1
            seq = row.seq or 0
            met.add(seq)
            if seq > self._seq:
                self.fault(
                    self.lines + seq - self._seq,
                    f"is missing: the database has event {seq}, and the file ends before it",
                )
                continue
            place = self._seals.get(seq)
            if place is None:
                # That it is not there is a fault of the file already.
                continue
            if place[1].hex() != row.hash:
                self.fault(place[0], f"is not what the database has as event {seq}")
            elif not self._says_the_same(row):
                self.fault(place[0], f"is good, but its row in the database was changed ({seq})")
        return count, len(self._seals.keys() - met)

    def _says_the_same(self, row: AuditRow) -> bool:
        found = SEALED.fullmatch(row.line.encode())
        fields = fields_of(found[1]) if found else None
        if found is None or fields is None or found[3].decode() != row.hash:
            return False
        columns = {
            "seq": row.seq,
            "datetime": utc(row.at_ms),
            "event": row.event,
            "level": row.level,
            "user": row.user,
            "session": row.session,
        }
        if any(fields.get(name) != value for name, value in columns.items()):
            return False
        return self._is_genuine(found[1], found[3].decode(), fields) is not False


def verify(
    chain: Chain,
    rows: Iterable[AuditRow] | None = None,
    *,
    progress: Callable[[int], object] = lambda _bytes: None,
) -> Report:
    """Checks every line, and holds the file against the rows of the database.

    The rows are what shows that the end was cut off: a chain cannot tell that there was more.
    An event without a row is no fault; its writer may have been killed between the two.

    :param rows: by number, as :meth:`bank.audit.rows.Rows.sealed` has them; None leaves them out.
    :param progress: told now and then how many more bytes were read.
    :raises OSError: the file cannot be read.
    """
    check = _Check(chain)
    check.walk(_lines(chain.path, progress))
    count, without_row = (None, None) if rows is None else check.compare(rows)
    return Report(check.lines, check.faults(), tuple(check.notes), count, without_row)


def _lines(path: Path, progress: Callable[[int], object]) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                yield line
                progress(len(line))
    except FileNotFoundError:
        # Nothing has happened yet; or the rows will say what has.
        return
