"""What the bank's own commands have in common: their manners, and how they fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from bank.audit.text import escape, spelled_for
from nightlatch import StoreUnavailable

DONE, NOTHING_DONE, WRONG_USE, OUT_OF_REACH = 0, 1, 2, 3

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")


def say(text: str) -> None:
    """Writes a line of results, in letters that the terminal can spell and does not obey."""
    click.echo(spelled_for(escape(text), sys.stdout.encoding))


def say_json(value: object) -> None:
    """Writes one document, in ASCII."""
    click.echo(json.dumps(value))


def note(text: str) -> None:
    """Writes a line that is no result: to stderr."""
    click.echo(spelled_for(escape(text), sys.stderr.encoding), err=True)


def give_up(text: str, code: int) -> NoReturn:
    """Ends the command with one line."""
    note(f"Error: {text}")
    sys.exit(code)


@contextmanager
def or_give_up() -> Iterator[None]:
    """Ends the command with 3 when the database or the sessions do not answer."""
    try:
        yield
    except SQLAlchemyError as error:
        # Not what it says: that repeats statements and what was to be written.
        kind = type(error).__name__
        give_up(f"the bank's database does not answer ({kind}). Try again.", OUT_OF_REACH)
    except StoreUnavailable as error:
        give_up(str(error), OUT_OF_REACH)
