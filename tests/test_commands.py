"""docs/commands.md says what the commands are, and what they print."""

import re

import click
import pytest

from bank import BankConfig, bank_of, create_app
from nightlatch.checks import STANDARDS
from nightlatch.flask.cli import commands
from tools.files import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", PAGE, re.MULTILINE))
BLOCKS = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
# A report, whole or in part, as a person sees it.
REPORTS = [one for one in BLOCKS if re.match(r"\$ .* check --profile \S+\n|  \d", one)]


def leaves(group, names=()):
    """Each command that does something, with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*names, name))
        else:
            yield pytest.param(" ".join([*names, name]), command, id=" ".join([*names, name]))


@pytest.mark.parametrize(("name", "command"), list(leaves(commands)))
def test_every_command_and_option_is_on_the_page(name, command):
    """In a section of its own, with a usage line that has every option and argument."""
    section = SECTIONS[name]
    usage = re.search(rf"^flask nightlatch {name}(.*)$", section, re.MULTILINE)
    options = [text for one in command.params for text in one.opts]

    assert usage is not None
    assert [one for one in [*options, "--help"] if one.lower() not in usage[1].lower()] == []
    assert f"$ flask --app bank nightlatch {name}" in section


@pytest.mark.parametrize(("name", "command"), list(leaves(commands)))
def test_no_option_is_on_the_page_that_is_not_there(name, command):
    """Whoever takes an option away hears of the page."""
    usage = re.search(rf"^flask nightlatch {name}(.*)$", SECTIONS[name], re.MULTILINE)
    known = {text for one in command.params for text in one.opts} | {"--help"}

    assert set(re.findall(r"--[a-z-]+", usage[1])) <= known


@pytest.mark.parametrize(("name", "command"), list(leaves(commands)))
def test_every_command_tells_its_exit_codes(name, command):
    """In --help, and each of them is in the page's table."""
    told = re.findall(r"^  (\d)  (.+)$", command.epilog, re.MULTILINE)

    codes = [code for code, _ in told]
    with_1 = name in {"check", "sessions end"}
    assert codes == ["0", *(["1"] if with_1 else []), "2", "3"]
    assert all(f"| {code} | " in SECTIONS["Exit codes"] for code in codes)


def test_every_profile_is_on_the_page():
    """In the usage line, in their order."""
    assert "|".join(STANDARDS) in SECTIONS["check"]


def test_the_examples_of_the_check_are_what_the_bank_prints(tmp_path):
    """Each requirement that the page shows is printed like that, to the letter."""
    app = create_app(BankConfig.from_env({"BANK_HOME": str(tmp_path / "home")}))
    printed = app.test_cli_runner().invoke(args=["nightlatch", "check"]).stdout
    bank_of(app).close()

    shown = [part.strip("\n") for report in REPORTS for part in report.split("\n\n")]

    assert len(shown) == 8
    for part in shown:
        assert re.sub(r"^\$ .*\n", "", part) in printed


def test_the_number_of_requirements_is_the_one_on_the_page():
    """So that nobody thinks the three examples are all."""
    assert f"Three of the {len(STANDARDS['owasp-asvs'].requirements)} requirements" in PAGE
