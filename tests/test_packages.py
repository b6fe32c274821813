"""What tests load from npm is pinned by hash, and comes from wherever this machine gets it."""

import json
import re
import subprocess

import pytest

from tools.files import ROOT, own_files

LOCKS = own_files("*package-lock.json")
EXACT = re.compile(r"(npm:[a-z]+@)?\d+\.\d+\.\d+")


def packages(lock):
    """Return what a lock pins, by the folder each goes into."""
    whole = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {name: entry for name, entry in whole.items() if name}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_an_npm_lock_holds_versions_and_hashes_and_no_address(lock):
    """Every package has its hash, none says where it is, and none is asked for by a range."""
    wanted = json.loads((lock.parent / "package.json").read_text(encoding="utf-8"))
    ranges = {**wanted.get("dependencies", {}), **wanted.get("devDependencies", {})}

    assert packages(lock)
    assert all(entry["integrity"].startswith("sha512-") for entry in packages(lock).values())
    assert all("resolved" not in entry for entry in packages(lock).values())
    assert "://" not in lock.read_text(encoding="utf-8")
    assert all(EXACT.fullmatch(version) for version in ranges.values())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_what_is_installed_is_what_the_lock_says(lock):
    """`make setup` has put it there, in exactly that version."""
    for name, entry in packages(lock).items():
        installed = json.loads((lock.parent / name / "package.json").read_text(encoding="utf-8"))
        assert installed["version"] == entry["version"], name


def test_without_npm_and_without_leave_to_install_it_one_is_told_how(tmp_path):
    """A sentence and an exit code, not a half-made folder."""
    # A PATH on which there is a shell's bare minimum and neither npm, sudo nor apt-get.
    id_program = subprocess.run(
        ["sh", "-c", "command -v id"], check=True, capture_output=True, text=True
    ).stdout.strip()
    (tmp_path / "id").symlink_to(id_program)

    done = subprocess.run(
        ["/bin/sh", "tools/packages.sh", "tests/types"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "apt-get install npm" in done.stderr


def test_setup_installs_every_lock_there_is():
    """Another folder of tests with a lock of its own is installed too, or this is red."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (named,) = re.findall(r"^PACKAGES := (.+)$", makefile, re.M)

    assert named.split() == sorted(str(lock.parent.relative_to(ROOT)) for lock in LOCKS)
