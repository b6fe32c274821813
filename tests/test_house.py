"""The repository itself: what must not be in it, and what its front doors promise."""

import ast
import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import nightlatch
from tools.coverage_floors import shortfalls
from tools.files import ROOT, own_files
from tools.links import anchors, broken_links

LOCKS = ["flask", "lock", "run", "test"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

_PINNED = re.compile(r"([a-z0-9-]+)==(\S+)(?: ; [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def lines_of(lock):
    """Return the lines of one lock file."""
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()


def versions(lock):
    """Return what one lock pins: for each name the versions, of which a platform takes one."""
    pinned = {}
    for line in lines_of(lock):
        if found := _PINNED.fullmatch(line):
            pinned.setdefault(found[1], set()).add(found[2])
    return pinned


def texts():
    """Yield every text file of the repository with its contents."""
    for path in own_files():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock):
    """No address, no path and no option can hide in a lock: each line is a pin or a hash."""
    lines = lines_of(lock)

    strange = [line for line in lines if not (_PINNED.fullmatch(line) or _HASH.fullmatch(line))]

    assert strange == []
    assert versions(lock)


@pytest.mark.parametrize("lock", ["flask", "run"])
def test_a_smaller_lock_pins_what_was_tested(lock):
    """What runs is what the gate ran: every pin stands in the test lock too."""
    tested = versions("test")

    assert {name: tested.get(name) for name in versions(lock)} == versions(lock)


def test_the_locks_answer_to_pyproject():
    """Whoever changes a requirement and forgets `make lock` hears of it."""
    groups = PYPROJECT["dependency-groups"]
    extras = PYPROJECT["project"]["optional-dependencies"]
    wanted = [*extras.values(), groups["bank"], groups["build"], groups["test"]]
    pinned = versions("test")

    unmet = [
        text
        for text in (text for group in wanted for text in group)
        if not any(
            Requirement(text).specifier.contains(version)
            for version in pinned.get(Requirement(text).name.lower(), ())
        )
    ]

    assert unmet == []


def test_the_library_needs_the_standard_library_only():
    """Whatever an adapter needs is an extra."""
    assert PYPROJECT["project"]["dependencies"] == []


def test_no_file_names_a_package_registry_or_a_folder_of_a_machine():
    """A clone works anywhere: with any registry, in any folder, for any user."""
    # In pieces, or this file would be its own first finding.
    registries = ["pypi" + ".org", "python" + "hosted", "npm" + "js.org", "index" + "-url ="]
    folders = [f"{ROOT}/", f"{Path.home()}/.", "/home" + "/", "/Users" + "/"]

    found = [
        f"{name}: {word}"
        for name, text in texts()
        for word in registries + folders
        if word in text and len(word) > 3
    ]

    assert found == []


def test_no_foreign_source_is_kept_here():
    """Third-party code comes from packages: nothing minified, nothing very large."""
    large = [
        path.relative_to(ROOT).as_posix()
        for path in own_files()
        if path.stat().st_size > 100_000 and path.parent.name not in {"requirements", "pictures"}
    ]

    assert large == []
    assert own_files("*.min.js", "*.min.css", "*.whl", "*.zip") == []


def test_no_test_waits_for_time_to_pass():
    """Time is moved or a condition is polled; a test that sleeps is slow or wrong."""
    waits = re.compile(r"\btime\.sleep\(|\bwait_for_timeout\(|import sleep\b")

    found = [
        name
        for name, text in texts()
        if name.startswith("tests/") and name != "tests/test_house.py" and waits.search(text)
    ]

    assert found == []


def test_every_test_says_which_behaviour_it_shows():
    """The docstring of a test is the sentence that its failure is read with."""
    silent = [
        f"{name}:{node.lineno}: {node.name}"
        for name, text in texts()
        if name.startswith("tests/") and name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_one_version_everywhere():
    """The package, its metadata and the newest heading of the changelog agree."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)

    assert newest is not None
    assert newest[1] == PYPROJECT["project"]["version"] == nightlatch.__version__


@pytest.mark.parametrize(
    "target", ["run", "demo", "test", "test-long", "lint", "types", "bench", "docs", "clean"]
)
def test_make_knows_its_verbs(target):
    """Each verb is listed by `make`, and make can say what it would do for it."""
    listed = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True)
    planned = subprocess.run(
        ["make", "-n", target], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert re.search(rf"^  make {target} ", listed.stdout, re.MULTILINE)
    assert planned.stdout.strip()


def test_the_gate_is_make_test_and_nothing_else():
    """What a machine runs before a change lands is what a person runs."""
    script = ROOT / ".ci" / "run"
    commands = script.read_text(encoding="utf-8").splitlines()

    assert script.stat().st_mode & stat.S_IXUSR
    assert os.access(script, os.X_OK)
    assert commands == ["#!/usr/bin/env bash", "set -e", 'cd "$(dirname "$0")/.."', "make test"]


def test_no_link_between_our_pages_is_broken():
    """README, docs and the rest lead where they say."""
    pages = own_files("*.md")

    assert ROOT / "README.md" in pages
    assert broken_links(pages, ROOT) == []


def test_a_broken_link_is_found(tmp_path):
    """A missing file, a missing heading and a way out are told; code and addresses are not."""
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing & another\n"
        "[good](#one-thing--another) [gone](gone.md) [bad](#nowhere) [out](../other.md)\n"
        "[address](https://example.org/nowhere) `[code](in-code.md)`\n"
        "```\n[code](in-a-block.md)\n```\n"
    )
    (tmp_path.parent / "other.md").write_text("elsewhere")

    found = broken_links([page], tmp_path)

    assert anchors(page.read_text()) == {"one-thing--another"}
    assert found == [
        "page.md: gone.md: no such file",
        "page.md: #nowhere: no such heading",
        "page.md: ../other.md: leads out of the repository",
    ]


def test_a_folder_under_its_coverage_floor_is_told():
    """Each folder has its own floor, and a folder that was not measured is under it."""
    wanted = {"src/nightlatch": 100.0, "bank": 95.0, "gone": 1.0}

    found = shortfalls({"src/nightlatch": 99.99, "bank": 95.0}, wanted)

    assert found == [
        "src/nightlatch: 99.99 % is covered, 100 % is asked for",
        "gone: 0.00 % is covered, 1 % is asked for",
    ]
