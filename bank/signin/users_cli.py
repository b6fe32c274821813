"""``flask --app bank users …``: who can sign in."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from bank.audit.causes import By, ended_by
from bank.audit.events import WARN, AuditEvent
from bank.commands import NOTHING_DONE, WRONG_USE, as_json, give_up, note, or_give_up, say, say_json
from bank.context import the_bank
from bank.names import BadText
from bank.signin.models import User, find_user
from bank.signin.password_rules import fault
from bank.signin.passwords import kind_of, make_hash
from bank.signin.registry import NameTaken, add_user, all_users, set_disabled
from bank.words import moment

commands = AppGroup("users", help="Who can sign in: add, disable, enable, list.")


@commands.command("add")
@click.argument("name")
@click.option("--full-name", help="What the bank calls them; absent: NAME.")
@click.option("--admin", is_flag=True, help="They look after everyone's sessions.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of stdin."
)
@as_json
def add(name: str, full_name: str | None, admin: bool, password_stdin: bool, as_json: bool) -> None:
    """Add somebody who can sign in as NAME; asks for their password, twice.

    A password is no argument, because everybody on a machine can see the arguments of its
    commands. It must be one that the page for changing one takes. Exits with 1 when the name is
    taken, and with 2 when name or password cannot be used.
    """
    bank = the_bank()
    try:
        password = _password(password_stdin)
        if refusal := fault(password, (name, full_name or name)):
            give_up(refusal, WRONG_USE)
        password_hash = make_hash(password, bank.config.password_scheme)
        with or_give_up():
            user = add_user(bank.database, name, full_name or name, password_hash, is_admin=admin)
    except NameTaken:
        give_up("that name is taken, in this or another spelling.", NOTHING_DONE)
    except (BadText, ValueError) as error:
        give_up(str(error), WRONG_USE)
    _tell("user_created", user, "A user was added", admin="yes" if admin else "no")
    if as_json:
        say_json(_shown(user))
    else:
        say(f"Added {user.name}, number {user.id}{', an administrator' if admin else ''}.")


@commands.command("disable")
@click.argument("name")
@as_json
def disable(name: str, as_json: bool) -> None:
    """Keep NAME out: end their sessions, and answer their sign-in like a wrong password.

    Exits with 1 when they were disabled already; their sessions are ended again all the same.
    """
    bank = the_bank()
    user = _user(name)
    with or_give_up():
        # First, so that whoever is signing in at this moment is refused by one or the other.
        with bank.database.write() as session:
            changed = set_disabled(session, user, bank.now())
        if changed:
            _tell("user_disabled", user, "A user may not sign in any more")
        with ended_by(By.COMMAND_LINE):
            ended = len(bank.sessions.end_user(user.get_id()).ended)
    if as_json:
        say_json({"id": user.id, "changed": changed, "ended": ended})
    else:
        how = "is disabled" if changed else "was disabled already"
        say(f"{user.name} {how}; sessions ended: {ended}.")
    sys.exit(0 if changed else NOTHING_DONE)


@commands.command("enable")
@click.argument("name")
@as_json
def enable(name: str, as_json: bool) -> None:
    """Let NAME sign in again, with the password they had.

    Exits with 1 when they were not disabled.
    """
    bank = the_bank()
    user = _user(name)
    with or_give_up(), bank.database.write() as session:
        changed = set_disabled(session, user, None)
    if changed:
        _tell("user_enabled", user, "A user may sign in again")
    if as_json:
        say_json({"id": user.id, "changed": changed})
    else:
        say(f"{user.name} {'may sign in again' if changed else 'was not disabled'}.")
    sys.exit(0 if changed else NOTHING_DONE)


@commands.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """List everybody who has a name here, by number."""
    with or_give_up(), the_bank().database.read() as session:
        users = all_users(session)
    if as_json:
        say_json([_shown(user) for user in users])
    else:
        for user in users:
            say(_row(user))
        note(f"{len(users)} users")


def _row(user: User) -> str:
    marks = ["administrator"] if user.is_admin else []
    if user.disabled_ms is not None:
        marks.append(f"disabled since {moment(user.disabled_ms)}")
    return "  ".join(
        (f"{user.id:>6}", f"{user.name:<20}", f"{user.full_name:<24}", *marks)
    ).rstrip()


def _shown(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "name": user.name,
        "full_name": user.full_name,
        "is_admin": user.is_admin,
        "disabled_ms": user.disabled_ms,
        "password": kind_of(user.password_hash, the_bank().config.password_scheme).standing,
    }


def _user(name: str) -> User:
    with or_give_up(), the_bank().database.read() as session:
        user = find_user(session, name)
    if user is None:
        give_up("nobody has that name. Names: flask --app bank users list", WRONG_USE)
    return user


def _password(from_stdin: bool) -> str:
    if from_stdin:
        line = sys.stdin.buffer.readline()
        try:
            password = line.removesuffix(b"\n").removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            # Not its own text: that shows a byte of the password.
            raise ValueError("the password on stdin is not UTF-8.") from None
    else:
        password = str(
            click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        )
    if not password:
        raise ValueError("a password has at least one character.")
    return password


def _tell(word: str, user: User, what: str, **details: str) -> None:
    bank = the_bank()
    name = f"{word}:{user.id},command line"
    bank.audit.tell(AuditEvent(name, bank.now(), WARN, what, user.get_id(), details=details))
