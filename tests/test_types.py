"""The TypeScript declarations that are shipped: they compile, and say all that there is."""

import re
import subprocess

import pytest

from tests.test_javascript import ROOT, node

STATIC = ROOT / "src" / "nightlatch" / "static" / "nightlatch"
FOLDER = ROOT / "tests" / "types"
COMPILER = FOLDER / "node_modules" / "typescript" / "lib" / "tsc.js"
CHECK = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"]
LIBRARIES = ["--lib", "es2022,dom,dom.iterable"]


def source(name):
    """Return the text of one shipped file."""
    return (STATIC / name).read_text(encoding="utf-8")


def compile_file(path):
    """Check one file as a strict project does; return what the compiler has against it."""
    done = subprocess.run(
        [node(), str(COMPILER), *CHECK, *LIBRARIES, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def members(text, interface):
    """Return the names that an interface declares."""
    # A brace that closes it stands as far to the left as the word.
    body = re.search(
        rf"^( *)(?:export )?interface {interface}\b[^{{]*{{(.*?)^\1}}", text, re.S | re.M
    )
    declared = body[2]
    return set(re.findall(r"^ +([a-zA-Z_]\w*)\??[(:]", declared, re.M))


def test_a_typed_page_compiles_and_its_mistakes_do_not():
    """Every option, function and event is used once; each expected error is one."""
    assert compile_file(FOLDER / "usage.ts") == ""


@pytest.mark.parametrize("line", ["start({ url: 5 });", "sessionMonitor({ ping: 5 });"])
def test_the_compiler_is_strict_and_hears_of_a_mistake(line, tmp_path):
    """Otherwise the test above would pass for a compiler that looks at nothing."""
    usage = (FOLDER / "usage.ts").read_text(encoding="utf-8")
    wrong = FOLDER / f"wrong-{tmp_path.name}.ts"
    try:
        wrong.write_text(f"{usage}\n{line}\n", encoding="utf-8")
        report = compile_file(wrong)
    finally:
        wrong.unlink()

    assert "error TS" in report


# What the other modules take from this one; no page needs it, and it may change.
BETWEEN_MODULES = {"api", "channel", "credible", "isStatus"}


def test_every_export_of_the_module_is_declared():
    """Whoever exports another name to pages has to say what it is."""
    exported = set(
        re.findall(
            r"^export (?:async )?(?:function|const|let) (\w+)", source("nightlatch.js"), re.M
        )
    )
    declared = set(re.findall(r"^export (?:function|const) (\w+)", source("nightlatch.d.ts"), re.M))

    assert exported
    assert declared == exported - BETWEEN_MODULES


def test_every_option_of_the_module_is_declared():
    """What `start` takes out of its options, and what it insists on."""
    text = source("nightlatch.js")
    (taken,) = re.findall(r"const \{ ([^}]*) \} = read\(options\)", text)
    needed = re.findall(r'need\("(\w+)"', text)
    used = {name.strip() for name in taken.split(",")} | set(needed)

    assert used <= members(source("nightlatch.d.ts"), "Options")
    assert len(used) >= 5


def test_every_event_of_the_module_is_declared():
    """The events that the monitor tells the page of."""
    emitted = set(
        re.findall(
            r'\b(?:emit|CustomEvent)\("(?:nightlatch:)?(\w+)"',
            source("monitor.js") + source("again.js"),
        )
    )
    declared = set(re.findall(r'"nightlatch:(\w+)":', source("nightlatch.d.ts")))

    assert emitted
    assert declared == emitted


def test_every_option_and_function_of_the_classic_script_is_declared():
    """Its defaults are the whole list, with `url`, `extendsess` and `stop` beside them."""
    text = source("session-monitor.js")
    (defaults,) = re.findall(r"const defaults = \{(.*?)\n    \};", text, re.S)
    options = set(re.findall(r"^      (\w+)[:(]", defaults, re.M))
    more = set(re.findall(r"self\.(\w+) (?:\?\?)?= ", text))
    types = source("session-monitor.d.ts")

    assert len(options) == 13
    assert members(types, "SessionMonitorOptions") == options | {"url"}
    assert more == {"url", "extendsess", "stop"}
    assert members(types, "SessionMonitor") == more
