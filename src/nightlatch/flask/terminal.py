"""How the commands speak: exit codes, errors without a traceback, progress, any terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext

from nightlatch.errors import SettingError, StoreUnavailable
from nightlatch.flask.installed import NAME, Installed

# Every command's exit codes, documented in its --help and in docs/commands.md.
DONE = 0
NOTHING_OR_NOT_MET = 1
WRONG_USE = 2
OUT_OF_REACH = 3

USE = "wrong use, or a setting with which the application cannot start"
REACH = "the store is out of reach"

Item = TypeVar("Item")


class CannotRun(click.ClickException):
    """A command that got nowhere for a setting: one line on stderr and the exit code."""

    exit_code = WRONG_USE

    def show(self, file: Any = None) -> None:
        """As click does, on any terminal."""
        click.echo(spelled(f"Error: {self.message}", sys.stderr.encoding), err=True)


class StoreOutOfReach(CannotRun):
    """A command that got nowhere because the store did not answer."""

    exit_code = OUT_OF_REACH


def exit_codes(done: str, nothing: str | None = None, *, out_of_reach: str = REACH) -> str:
    """The end of a command's ``--help``.

    :param done: what 0 means; :param nothing: what 1 means; absent: it does not occur.
    """
    said = {DONE: done, NOTHING_OR_NOT_MET: nothing, WRONG_USE: USE, OUT_OF_REACH: out_of_reach}
    lines = [f"  {code}  {words}" for code, words in said.items() if words]
    return "\n".join(["\b", "Exit codes:", *lines])  # \b: click leaves the lines as they are


def with_installed(command: Callable[..., None]) -> Callable[..., None]:
    """Runs a command in the application, with its :class:`Installed` as first argument.

    Whatever keeps it from its work, the application's own start included, is said in a line.
    """

    @with_appcontext
    def inside(*args: Any, **options: Any) -> None:
        here = current_app.extensions.get(NAME)
        if not isinstance(here, Installed):
            raise CannotRun(
                "this application does not use nightlatch: it never calls Nightlatch(app)."
            )
        command(here, *args, **options)

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            inside(*args, **options)
        except StoreUnavailable as error:
            raise StoreOutOfReach(
                f"the session store is out of reach ({error.doing}: {error.cause}). "
                f"Try again in {error.retry_after_s} s."
            ) from error
        except SettingError as error:
            raise CannotRun(f"the application did not start: {error}") from error

    return run


def progress(
    steps: Iterable[Item], label: str, *, length: int | None = None
) -> AbstractContextManager[Iterable[Item]]:
    """A bar on stderr while ``steps`` are taken; nothing where nobody watches.

    :param length: how many there will be; absent: nobody knows.
    """
    watched = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return click.progressbar(
        steps, length=length, label=label, file=sys.stderr, hidden=not watched, show_pos=True
    )


def spelled(text: str, encoding: str | None) -> str:
    """Text as a terminal may show it: it obeys nothing in it, and can spell all of it."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    encoding = encoding or "ascii"
    return shown.encode(encoding, "backslashreplace").decode(encoding)
