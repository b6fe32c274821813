"""What is published: the wheel alone, in an environment of its own, serves a warned session."""

import email
import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"

# The two lines of nightlatch, among the least that makes an application with sign-in.
APP = """\
from datetime import timedelta
from flask import Flask, render_template_string
from flask_login import LoginManager, UserMixin, login_user
from nightlatch.flask import Nightlatch

app = Flask(__name__)
app.secret_key = "only for this test"
Nightlatch(app, idle=timedelta(seconds=8), warn=timedelta(seconds=6), demo=True)

class User(UserMixin):
    id = "george"

@LoginManager(app).user_loader
def load(name):
    return User()

@app.post("/sign-in")
def sign_in():
    return str(login_user(User()))

@app.get("/")
def home():
    return render_template_string("<!doctype html><title>Small</title>{{ nightlatch() }}")
"""


def clean_environment():
    """Return an environment without this run's own Python, coverage and product settings."""
    ours = ("PYTHON", "COVERAGE", "COV_", "NIGHTLATCH", "FLASK", "VIRTUAL_ENV", "PIP_TARGET")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def run(*command, cwd=ROOT):
    """Run a program that has to succeed; its output is shown when it does not."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the source distribution as a publisher builds it."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The Python of a new environment that holds Flask, Flask-Login and the wheel alone."""
    place = tmp_path_factory.mktemp("user") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    install = [sys.executable, "-m", "pip", "--python", place / "bin" / "python", "install"]
    # Both come from this disk, so that the test says nothing about a network.
    offline = ["--no-index", "--no-deps", "--quiet"]
    wheels = ROOT / ".venv" / "wheels"
    lock = ROOT / "requirements" / "flask.txt"
    run(*install, *offline, "--require-hashes", "--find-links", wheels, "--requirement", lock)
    run(*install, *offline, wheel)
    return place / "bin" / "python"


@pytest.fixture
def address(python, tmp_path):
    """The address of the ten-line application, served by a process of the new environment."""
    (tmp_path / "small.py").write_text(APP, encoding="utf-8")
    server = subprocess.Popen(
        [str(python), "-u", "-m", "flask", "--app", "small", "run", "--port", "0"],
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"Running on (http://[\d.:]+)", line):
                break
        else:
            pytest.fail("the application did not start:\n" + "".join(said))
        yield found[1]
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


def test_the_wheel_holds_the_library_and_nothing_else(wheel):
    """Code, type marker, scripts, styles and licence are in it; tests, bank and tools are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (metadata,) = (archive.read(name) for name in names if name.endswith("/METADATA"))
    source = ROOT / "src"
    written = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    packed = {name for name in names if ".dist-info/" not in name}
    needs = email.message_from_bytes(metadata).get_all("Requires-Dist")

    assert packed == written
    assert "nightlatch/py.typed" in packed
    assert any(name.startswith("nightlatch/static/nightlatch/") for name in packed)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert all("extra ==" in need for need in needs)


def test_the_wheel_is_what_the_new_environment_imports(python, tmp_path):
    """Nothing of this checkout leaks into the smoke test below."""
    where = run(python, "-c", "import nightlatch; print(nightlatch.__file__)", cwd=tmp_path)

    assert Path(where.strip()).is_relative_to(python.parents[1])


@pytest.mark.process
def test_the_commands_come_with_the_wheel(python, tmp_path):
    """A team's first check needs nothing but the two lines: nothing is not met."""
    (tmp_path / "small.py").write_text(APP, encoding="utf-8")
    flask = [python, "-m", "flask", "--app", "small", "nightlatch"]

    report = json.loads(
        run(*flask, "check", "--profile", "owasp-asvs", "--json", cwd=tmp_path),
    )

    assert report["ok"] is True
    assert report["counts"]["met"] >= 12
    assert run(*flask, "sessions", "list", "--json", cwd=tmp_path) == "[]\n"


@pytest.mark.browser
@pytest.mark.process
def test_a_ten_line_application_gets_the_warning(address):
    """Two lines of a team's own are enough: its page fetches the assets and warns in time."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            page = browser.new_page(base_url=address)
            assert page.request.post("/sign-in").text() == "True"

            page.goto("/")
            script = page.locator("script[data-nightlatch]").get_attribute("src")
            style = page.locator("link[rel=stylesheet]").get_attribute("href")

            expect(page.get_by_role("alertdialog")).to_be_visible(timeout=20_000)
        finally:
            browser.close()
    for asset, kind in ((script, "text/javascript"), (style, "text/css")):
        with urllib.request.urlopen(address + asset) as answer:
            assert answer.status == 200
            assert answer.headers.get_content_type() == kind
            assert answer.read()
