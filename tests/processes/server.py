"""Real server processes: started, waited for, stopped, killed, and their last words kept."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
BANK = "bank"
NOTES_BANK = "tests.processes.notes_bank"

# Longer than any start or stop takes on a slow machine; only a failure ever waits for it.
PATIENCE_S = 60

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


def environment(home, settings=None):
    """Return the environment of a server whose folder is ``home``, with no settings but these."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BANK_", "NIGHTLATCH_", "FLASK_", "GUNICORN_"))
    }
    # Whatever looks for its user's own folder finds none, as many a service does.
    own = {"BANK_HOME": str(home), "HOME": str(home.parent / "nobody")}
    return kept | own | (settings or {})


def command(module, *arguments):
    """Return the command line of a server that treats every warning as an error.

    But for one: gunicorn forgets to close the socket by which it finds out the address of a
    listener that it has inherited.
    """
    strict = ("-W", "error", "-W", "ignore:unclosed <socket.socket:ResourceWarning")
    return [sys.executable, *strict, "-m", module, *map(str, arguments)]


class Server:
    """One ``python -m bank``, or a like program, in a process group of its own.

    :ivar port: where it listens; the system chose it.
    """

    def __init__(self, home, log, module=BANK, *arguments, settings=None):
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                command(module, "--port", 0, *arguments),
                cwd=ROOT,
                env=environment(home, settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                text=True,
                encoding="utf-8",
            )
        self.port = None

    def wait_until_it_listens(self):
        """Read what it prints until it has named its address; requests may be sent then."""
        for line in self.process.stdout:
            if found := _ADDRESS.search(line):
                self.port = int(found[1])
                return self
        self.process.wait(PATIENCE_S)
        raise AssertionError(f"exit code {self.process.returncode}:\n{self.stderr()}")

    def stderr(self):
        """Return all that it has complained about; a server that is well writes nothing."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self, number=signal.SIGTERM):
        """Ask it to end, as a service manager does, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def kill(self):
        """End every process of it at once, in the middle of whatever it does (kill -9)."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE_S)
        until(lambda: not self.members())

    def members(self):
        """Return the ids of its living processes: the first one, its workers, theirs."""
        return [
            int(stat.parent.name)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if _is_living_member(stat, self.process.pid)
        ]

    def close(self):
        """Leave nothing behind, however the test went."""
        for member in self.members():
            try:
                os.kill(member, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


def until(condition):
    """Come back as soon as ``condition()`` is true, with its value; fail after a minute."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        if value := condition():
            return value
        assert time.monotonic() < give_up, "it did not happen within a minute"


def _is_living_member(stat, group):
    try:
        # The name in parentheses may hold anything; what follows the last one is fixed.
        state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(its_group) == group and state not in "ZX"
