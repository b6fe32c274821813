"""``flask nightlatch sessions``: list, end, sweep, stats, for people and for programs."""

import json

import pytest
from flask import Flask

from nightlatch.flask.cli import commands
from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import bare_app


@pytest.fixture
def manager(app):
    return app.extensions["nightlatch"].manager


@pytest.fixture
def run(app):
    """Runs a command line."""

    def command(*arguments):
        return app.test_cli_runner().invoke(args=["nightlatch", "sessions", *arguments])

    return command


def test_the_list_of_nobody_is_empty(run):
    """Nothing on stdout, the count on stderr."""
    result = run("list")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 live sessions\n"
    assert json.loads(run("list", "--json").stdout) == []


def test_the_list_shows_who_since_when_and_from_where(run, manager, clock):
    """One line for each session; visitors are told apart."""
    george = manager.start("george", device="Firefox", address="192.0.2.1").record
    clock.advance(minutes=5)
    visitor = manager.start(None).record

    lines = sorted(run("list").stdout.splitlines(), key=lambda line: "visitor" in line)

    assert lines == [
        f"{george.sid}  george  began 2026-01-05 09:00:00Z  seen 2026-01-05 09:00:00Z"
        "  192.0.2.1  Firefox",
        f"{visitor.sid}  (visitor)  began 2026-01-05 09:05:00Z  seen 2026-01-05 09:05:00Z",
    ]
    assert run("list").stderr == "2 live sessions\n"


def test_the_list_can_be_one_users(run, manager):
    """Exactly that name."""
    manager.start("george")
    connor = manager.start("O’Connor").record

    result = run("list", "--user", "O’Connor")

    assert connor.sid in result.stdout
    assert "O’Connor" in result.stdout
    assert result.stderr == "1 live session\n"


def test_programs_get_json(run, manager, clock):
    """Times in ms since the epoch; no hash and no data."""
    record = manager.start("O’Connor", values={"pin": "1234"}, device="Jo’s phone").record

    (listed,) = json.loads(run("list", "--json").stdout)

    assert listed == {
        "sid": record.sid,
        "user": "O’Connor",
        "created": clock.now(),
        "seen": clock.now(),
        "absolute_at": record.absolute_at,
        "auth_level": 1,
        "device": "Jo’s phone",
        "address": "",
    }


NASTY = "\x1b[2J\x1b]0;owned\x07 \x9b31m \r\n \u202e\u2066 tab\there"


def test_a_terminal_does_not_obey_what_a_browser_calls_itself(run, manager):
    """Control characters, also of the C1 set and of writing direction, are shown as '?'."""
    manager.start("ge\x1borge", device=NASTY)

    (line,) = run("list").stdout.splitlines()

    assert line.isprintable()
    assert "ge?orge" in line
    assert "?[2J?]0;owned? ?31m ?? ?? tab?here" in line


def test_json_carries_no_control_character_either(run, manager):
    """Nothing but ASCII is written; reading it gives the name back."""
    manager.start("george", device=NASTY)

    output = run("list", "--json").stdout

    assert output.isascii()
    assert output.rstrip("\n").isprintable()
    assert json.loads(output)[0]["device"] == NASTY


def test_a_terminal_that_cannot_spell_a_name_shows_its_number(app, manager):
    """An ASCII terminal still gets the whole list."""
    manager.start("O’Connor")

    result = app.test_cli_runner(charset="ascii").invoke(args=["nightlatch", "sessions", "list"])

    assert result.exit_code == 0
    assert "O\\u2019Connor" in result.stdout


@pytest.mark.parametrize("as_json", [False, True])
def test_one_session_ends_by_its_handle(run, manager, as_json):
    """As revoked; a second time there is nothing to end, and the exit code says so."""
    started = manager.start("george")
    arguments = ["end", started.record.sid, *(["--json"] if as_json else [])]

    first, second = run(*arguments), run(*arguments)

    assert (first.exit_code, second.exit_code) == (0, 1)
    expected = ['{"ended": 1}\n', '{"ended": 0}\n'] if as_json else ["Ended: 1\n", "Ended: 0\n"]
    assert [first.stdout, second.stdout] == expected
    assert manager.peek(started.token.text()).reason == "revoked"


def test_all_sessions_of_a_user_end_by_name(run, manager):
    """O’Connor’s two, and nobody else's."""
    manager.start("O’Connor")
    manager.start("O’Connor")
    george = manager.start("george").record

    result = run("end", "--user", "O’Connor")

    assert (result.exit_code, result.stdout) == (0, "Ended: 2\n")
    assert [info.sid for info in manager.list()] == [george.sid]
    assert run("end", "--user", "O’Connor").exit_code == 1


def test_everybodys_sessions_end_at_once(run, manager):
    """Visitors' too."""
    manager.start("george")
    manager.start(None)

    assert run("end", "--all").stdout == "Ended: 2\n"
    assert list(manager.list()) == []


@pytest.mark.parametrize(
    "arguments",
    [[], ["ab" * 16, "--all"], ["--user", "george", "--all"], ["ab" * 16, "--user", "george"]],
)
def test_what_is_to_end_must_be_said_once(run, manager, arguments):
    """A usage error, 2, and nothing ends."""
    manager.start("george")

    result = run("end", *arguments)

    assert result.exit_code == 2
    assert "Say which" in result.stderr
    assert len(list(manager.list())) == 1


def test_a_handle_that_is_none_ends_nothing(run):
    """Exit code 1, no traceback."""
    result = run("end", "../../etc/passwd")

    assert (result.exit_code, result.stdout) == (1, "Ended: 0\n")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_sweep_ends_what_is_over_and_removes_what_is_old(run, manager, clock, as_json):
    """First ended, a day later removed."""
    manager.start("george")
    clock.advance(hours=1)
    arguments = ["sweep", *(["--json"] if as_json else [])]

    first = run(*arguments).stdout
    clock.advance(hours=24)
    second = run(*arguments).stdout

    if as_json:
        assert json.loads(first) == {"ended": 1, "removed": 0}
        assert json.loads(second) == {"ended": 0, "removed": 1}
    else:
        assert (first, second) == ("Ended: 1, removed: 0\n", "Ended: 0, removed: 1\n")


def test_stats_count_sessions_visitors_and_users(run, manager):
    """George twice, O’Connor once, one visitor."""
    for user in ("george", "george", "O’Connor", None):
        manager.start(user)

    assert json.loads(run("stats", "--json").stdout) == {
        "live": 4,
        "signed_in": 3,
        "visitors": 1,
        "users": 2,
    }
    assert run("stats").stdout.splitlines() == [
        "live       4",
        "signed in  3",
        "visitors   1",
        "users      2",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--json"],
        ["end", "ab" * 16],
        ["end", "--user", "george"],
        ["end", "--all"],
        ["sweep"],
        ["stats"],
        ["stats", "--json"],
    ],
)
def test_a_store_out_of_reach_is_said_in_one_line(tmp_path, arguments):
    """Exit code 3, nothing on stdout and no traceback."""
    file = tmp_path / "sessions.db"
    app = bare_app(store=SqliteStore(file))
    file.rename(tmp_path / "moved.db")

    result = app.test_cli_runner().invoke(args=["nightlatch", "sessions", *arguments])

    assert (result.exit_code, result.stdout) == (3, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: the session store is out of reach (")
    assert line.endswith("Try again in 5 s.")


@pytest.mark.parametrize("arguments", [["check"], ["sessions", "list"]])
def test_an_application_without_nightlatch_is_told_so(arguments):
    """The commands are there wherever nightlatch is installed; exit code 2."""
    app = Flask("plain")
    app.cli.add_command(commands)

    result = app.test_cli_runner().invoke(args=["nightlatch", *arguments])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: this application does not use nightlatch: it never calls Nightlatch(app).\n"
    )


def test_two_hundred_sessions_are_listed_counted_and_swept(run, manager, clock):
    """More than a page of them; every one is there."""
    for number in range(200):
        manager.start(f"user {number}")

    assert len(json.loads(run("list", "--json").stdout)) == 200
    assert json.loads(run("stats", "--json").stdout)["users"] == 200
    clock.advance(hours=1)
    assert json.loads(run("sweep", "--json").stdout) == {"ended": 200, "removed": 0}
