"""``python -m bank``: serves the bank and says how to use it."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence
from functools import partial
from io import TextIOWrapper

from bank import BankConfig, bank_of, create_app, seed, serve
from bank.words import duration
from nightlatch import Limits, SettingError, StoreUnavailable

EXIT_CANNOT_LISTEN = 1
EXIT_BAD_SETTING = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until it is interrupted.

    :returns: 0; 1 when nothing can listen at that address; 2 for a setting that cannot be right,
        or a store that cannot be opened.
    """
    # A name with ’ in it must not stop the start on a terminal that knows only ASCII.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    options = _options(arguments)
    try:
        config = BankConfig.from_env(demo=options.demo)
        limits = _rehearse(config)
    except (SettingError, StoreUnavailable) as error:
        print(f"The bank did not start. {error}", file=sys.stderr)
        return EXIT_BAD_SETTING

    listener = None
    if not serve.replaces_another():
        try:
            listener = serve.listen(options.host, options.port)
        except OSError as error:
            print(_cannot_listen(options.host, options.port, error), file=sys.stderr)
            return EXIT_CANNOT_LISTEN
        print(banner(options.host, listener.getsockname()[1], limits, config), flush=True)
    serve.Server(partial(create_app, config, is_worker=True), listener).run()
    return 0


def banner(host: str, port: int, limits: Limits, config: BankConfig) -> str:
    """What is printed before the server runs: where, who, how long, and how to stop."""
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    widest = max(len(person.name) for person in seed.PEOPLE)
    people = "\n".join(
        f"    {person.name:<{widest}}   password  {person.password}" for person in seed.PEOPLE
    )
    return f"""
  Latch & Key Bank{", demonstration timing" if config.demo else ""}
  is at  {address}

  Sign in as
{people}

  After {duration(limits.idle_ms)} without activity you are signed out; a warning comes \
{duration(limits.warn_ms)} before.
  After {duration(limits.absolute_ms)} you are signed out in any case.

  Its data is in {config.home}
  Press Ctrl-C to stop.
"""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bank", description="Serves the bank.")
    parser.add_argument(
        "--demo", action="store_true", help="sign out after 14 seconds and warn 6 seconds before"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen at (%(default)s)"
    )
    parser.add_argument(
        "--port", type=_port, default=5000, help="the port; 0 takes a free one (%(default)s)"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is no port; use 0 to 65535")
    return port


def _rehearse(config: BankConfig) -> Limits:
    """Puts the bank together once, so that a bad setting is found here and not in a worker."""
    if config.session_store == "memory://":
        raise SettingError(
            "NIGHTLATCH_STORE",
            config.session_store,
            f"a store that {serve.WORKERS} processes share, such as sqlite:////srv/sessions.db",
        )
    app = create_app(config)
    bank = bank_of(app)
    # Nothing that this process opened may be inherited by the workers.
    bank.close()
    return bank.limits


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use by another program. Stop that one, or choose "
            f"another port: python -m bank --port {port + 1}"
        )
    return (
        f"Cannot listen at {host}, port {port}: {error.strerror}. Choose another with --host "
        "and --port."
    )


if __name__ == "__main__":
    sys.exit(main())
