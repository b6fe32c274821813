"""``flask --app bank passwords …``: how the stored passwords are protected."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import click
from flask.cli import AppGroup

from bank.audit.events import PASSWORDS_WRAPPED, WARN, AuditEvent
from bank.commands import NOTHING_DONE, WRONG_USE, as_json, give_up, note, or_give_up, say, say_json
from bank.context import the_bank
from bank.signin import passwords
from bank.signin.models import StoredHash, replace_hash
from bank.signin.passwords import Kind, Standing, kind_of
from bank.signin.registry import count_users, hashes_after

# Several seconds' worth of hashing; fewer are done before a bar would have been read.
PROGRESS_FROM_USERS = 100

commands = AppGroup("passwords", help="Stored passwords: count them by scheme, wrap weak ones.")


@dataclass(slots=True)
class Wrapped:
    """What came of one run.

    :ivar seen: hashes that were looked at.
    :ivar weak: those of them that were weak.
    :ivar wrapped: those that are wrapped now.
    :ivar changed: weak ones whose owner signed in, or changed the password, meanwhile.
    """

    seen: int = 0
    weak: int = 0
    wrapped: int = 0
    changed: int = 0


@commands.command("report")
@as_json
def report(as_json: bool) -> None:
    """Count the stored passwords by scheme, and say which are weak.

    Exits with 1 when there is a weak one, or one that cannot be read.
    """
    scheme = the_bank().config.password_scheme
    counts: Counter[Kind] = Counter()
    with or_give_up(), _progress("Reading") as advance:
        for batch in _batches(500):
            counts.update(kind_of(each.password_hash, scheme) for each in batch)
            advance(len(batch))
    totals = {standing.value: 0 for standing in Standing}
    for kind, count in counts.items():
        totals[kind.standing] += count
    rows = sorted(counts.items(), key=lambda row: (row[0].standing, row[0].scheme))
    if as_json:
        schemes = [
            {"scheme": kind.scheme, "standing": kind.standing, "users": count}
            for kind, count in rows
        ]
        say_json({"users": counts.total(), "standings": totals, "schemes": schemes})
    else:
        for kind, count in rows:
            say(f"{count:>8}  {kind.standing:<10}  {kind.scheme}")
        note(f"{counts.total()} users: " + ", ".join(f"{n} {name}" for name, n in totals.items()))
    bad = totals[Standing.WEAK] + totals[Standing.UNREADABLE]
    sys.exit(NOTHING_DONE if bad else 0)


@commands.command("wrap")
@click.option("--dry-run", is_flag=True, help="Only count what would be wrapped.")
@click.option("--yes", is_flag=True, help="Do it.")
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At a time."
)
@as_json
def wrap(dry_run: bool, yes: bool, batch: int, as_json: bool) -> None:
    """Put every weak hash inside a hash of today, without knowing the password.

    Everybody signs in as before, and gets an ordinary hash of today when they do. It can be
    stopped at any moment and started again: what is wrapped stays so. Exits with 1 when there
    was nothing weak.
    """
    if dry_run == yes:
        give_up("say --dry-run, to see how many, or --yes, to do it.", WRONG_USE)
    done = Wrapped()
    with or_give_up(), _progress("Wrapping" if yes else "Counting") as advance:
        for hashes in _batches(batch):
            for each in hashes:
                _wrap_one(each, done, for_real=yes)
                advance(1)
    if done.wrapped:
        what = "Weak hashes of passwords were wrapped"
        bank = the_bank()
        event = AuditEvent(
            PASSWORDS_WRAPPED, bank.now(), WARN, what, details={"users": done.wrapped}
        )
        bank.audit.tell(event)
    if as_json:
        say_json(asdict(done) | {"dry_run": dry_run})
    elif dry_run:
        say(f"{done.weak} of {done.seen} would be wrapped.")
    else:
        say(f"{done.wrapped} of {done.seen} were wrapped.")
    if done.changed:
        note(f"{done.changed} were replaced by their owners meanwhile.")
    sys.exit(0 if done.weak else NOTHING_DONE)


def _wrap_one(each: StoredHash, done: Wrapped, *, for_real: bool) -> None:
    bank = the_bank()
    scheme = bank.config.password_scheme
    done.seen += 1
    if kind_of(each.password_hash, scheme).standing is not Standing.WEAK:
        return
    done.weak += 1
    if not for_real:
        return
    inside = passwords.wrap(each.password_hash, scheme)
    assert inside is not None
    # Hashing takes its time, so each is written by itself: nobody who signs in waits for it.
    with bank.database.write() as session:
        if replace_hash(session, each, inside):
            done.wrapped += 1
        else:
            done.changed += 1


def _batches(size: int) -> Iterator[list[StoredHash]]:
    last = 0
    while True:
        with the_bank().database.read() as session:
            found = hashes_after(session, last, size)
        if not found:
            return
        yield found
        last = found[-1].id


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int], object]]:
    with the_bank().database.read() as session:
        users = count_users(session)
    # A bar that is hidden writes nothing, into a file or a pipe neither.
    hidden = users < PROGRESS_FROM_USERS or not sys.stderr.isatty()
    with click.progressbar(length=users, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update
