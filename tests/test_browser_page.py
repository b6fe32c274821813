"""docs/browser.md names everything that a page can say to the browser half, and nothing else."""

import json
import re
import subprocess

import pytest

from tests.test_javascript import ROOT, node
from tests.test_types import BETWEEN_MODULES, STATIC

PAGE = (ROOT / "docs" / "browser.md").read_text(encoding="utf-8")
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("**/*.js")}
LIST_WORDS = """
const list = (part, path = "") => Object.entries(part).flatMap(([key, value]) =>
  typeof value === "object" ? list(value, `${path}${key}.`)
  : typeof value === "string" ? [path + key] : []);
const [core, drafts, again] = await Promise.all(process.argv.slice(1).map((one) => import(one)));
console.log(JSON.stringify([core.words(), drafts.en, again.en].flatMap((part) => list(part))));
"""
# What the modules ask of a page before they are used.
NO_PAGE = "globalThis.document = { querySelector: () => null };"


def kebab(name):
    """Return the attribute for a name in a dataset."""
    return "data-" + re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name)


def attributes():
    """Return every data-* that the scripts look for, and those that are read from the tag."""
    found = {
        name
        for text in SCRIPTS.values()
        for name in re.findall(r"\bdata-nightlatch[a-z-]*|\bdata-no-[a-z-]+", text)
    }
    (taken,) = re.findall(r"const \{ ([^}]*) \} = read\(options\)", SCRIPTS["nightlatch.js"])
    return found | {kebab(name.strip()) for name in taken.split(",")}


def properties():
    """Return every custom property of ours that a style sheet reads."""
    sheets = [path.read_text(encoding="utf-8") for path in STATIC.glob("**/*.css")]
    return {name for text in sheets for name in re.findall(r"var\((--nightlatch-[a-z-]+)", text)}


def messages():
    """Return the keys of a catalogue, as the modules themselves have them."""
    files = [(STATIC / name).as_uri() for name in ("view.js", "drafts-words.js", "again.js")]
    done = subprocess.run(
        [node(), "--input-type=module", "--eval", NO_PAGE + LIST_WORDS, *files],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout))


def events():
    """Return the events that the page is told of."""
    return {
        f"nightlatch:{name}"
        for name in re.findall(
            r'\b(?:emit|CustomEvent)\("(?:nightlatch:)?(\w+)"',
            SCRIPTS["monitor.js"] + SCRIPTS["again.js"],
        )
    }


def exports():
    """Return the names of the module."""
    exported = re.findall(r"^export (?:async )?function (\w+)", SCRIPTS["nightlatch.js"], re.M)
    return set(exported) - BETWEEN_MODULES


def classic():
    """Return the options and functions of the classic interface."""
    text = SCRIPTS["session-monitor.js"]
    (defaults,) = re.findall(r"const defaults = \{(.*?)\n    \};", text, re.S)
    names = re.findall(r"^      (\w+)[:(]", defaults, re.M)
    return set(names) | set(re.findall(r"self\.(\w+) (?:\?\?)?= ", text))


@pytest.mark.parametrize("kind", [attributes, properties, messages, events, exports, classic])
def test_everything_that_the_source_reads_stands_on_the_page(kind):
    """An attribute, property, message, event, function or option that nobody wrote down is told."""
    named = kind()

    unwritten = {name for name in named if not re.search(rf"`{re.escape(name)}[`(]", PAGE)}

    assert named
    assert unwritten == set()


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        (r"`(data-[a-z-]+)`", attributes),
        (r"`(--nightlatch-[a-z-]+)`", properties),
        (r"`(nightlatch:[a-z]+)`", events),
        (r"`((?:idle|absolute|hidden|drafts|again)\.(?!js`)\w+)`", messages),
    ],
)
def test_nothing_stands_on_the_page_that_the_source_does_not_read(pattern, kind):
    """What was taken away is not promised any more."""
    assert set(re.findall(pattern, PAGE)) <= kind()
