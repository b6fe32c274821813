"""Weighs the browser half as a visitor downloads it: each file minified, then compressed."""

import gzip
import re
import sys
from pathlib import Path
from typing import NamedTuple

import minify

STATIC = Path(__file__).parents[1] / "src" / "nightlatch" / "static" / "nightlatch"
BUDGET_BYTES = 6_000
# Loaded only by pages that use them, so each has a budget of its own. Signing in again has 400 more
# than at first: for pages of a server that is away or refuses, and forms that it must not send.
ON_DEMAND_BYTES = {"again": 2_400, "drafts": 3_600, "session-monitor": 3_600}
# Of the language of a page, where it is not English; no page loads two.
LANGUAGE_BYTES = 1_100
KINDS = {".js": "application/javascript", ".css": "text/css"}
# What every page under a session loads; `core` finds the rest.
ENTRIES = ("nightlatch.js", "nightlatch.css")
_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from "\./([\w./]+)";""", re.MULTILINE)

# Scripts of others, minified and compressed alike, and what they need besides. Style sheets and
# markup that a page brings itself are not in it; versions as of the autumn of 2026.
PEERS = (
    ("session-timeout-example", 612, "+ jQuery 30,209 + Bootstrap 10,903"),
    ("django-session-security", 1_096, "+ jQuery 30,209"),
    ("jquery-idleTimeout", 1_231, "+ jQuery, jQuery UI 67,665 + store 2,262"),
    ("bootstrap-session-timeout", 1_476, "+ jQuery + Bootstrap 41,112"),
    ("login.gov", 2_741, ""),
    ("hmrc-frontend", 3_070, ""),
    ("ng-idle", 4_252, "+ Angular, RxJS"),
    ("ONS design system", 5_979, "18,009 with DOMPurify"),
    ("react-idle-timer", 6_279, "+ React 45,613; has no dialog"),
)


class Weight(NamedTuple):
    """The bytes of one file: as written, minified, and minified and compressed."""

    name: str
    source: int
    minified: int
    compressed: int


def weigh(folder: Path = STATIC) -> list[Weight]:
    """Return the weight of every script and style sheet under `folder`, by name.

    Each file by itself: names between modules stay, names inside them are shortened. Nothing
    is bundled, so this is what a deployment gets by minifying the files as they are.
    """
    weights = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in KINDS):
        source = path.read_text(encoding="utf-8")
        minified = minify.string(KINDS[path.suffix], source).encode()
        compressed = gzip.compress(minified, compresslevel=9, mtime=0)
        name = path.relative_to(folder).as_posix()
        weights.append(Weight(name, len(source.encode()), len(minified), len(compressed)))
    return weights


def core(folder: Path = STATIC) -> set[str]:
    """Return the names that every page loads: the entries and all that they import at once.

    What a script asks for with ``import()`` is loaded only when it is used.
    """
    found: set[str] = set()
    due = [name for name in ENTRIES if (folder / name).exists()]
    while due:
        name = due.pop()
        if name not in found:
            found.add(name)
            due += _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
    return found


def total(weights: list[Weight]) -> int:
    """Return the compressed bytes of all together."""
    return sum(weight.compressed for weight in weights)


def on_demand_total(weights: list[Weight], part: str) -> int:
    """Return the compressed bytes of the files whose names begin with the part's."""
    return total([weight for weight in weights if weight.name.startswith(part)])


def table(always: list[Weight], on_demand: list[Weight]) -> str:
    """Return the weights as a table for people, with the totals, the budget and the peers'."""
    rows = [f"{'loaded by every page':<30}{'source':>9}{'min':>9}{'min+gzip':>10}"]
    rows += [_row(weight) for weight in always]
    rows += [f"{'total':<48}{total(always):>10,}  of {BUDGET_BYTES:,} bytes"]
    rows += ["", "loaded when it is used", *(_row(weight) for weight in on_demand)]
    rows += ["", "others, without a style sheet"]
    rows += [f"  {name:<46}{size:>10,}  {needs}".rstrip() for name, size, needs in PEERS]
    return "\n".join(rows)


def _row(weight: Weight) -> str:
    return f"  {weight.name:<28}{weight.source:>9,}{weight.minified:>9,}{weight.compressed:>10,}"


if __name__ == "__main__":
    found = weigh()
    if not found:
        sys.exit(f"No script was found under {STATIC.name}/: nothing was weighed.")
    names = core()
    always = [weight for weight in found if weight.name in names]
    print(table(always, [weight for weight in found if weight.name not in names]))
    if total(always) > BUDGET_BYTES:
        sys.exit("The browser half is over its budget: make it smaller, do not raise the number.")
    for part, budget in ON_DEMAND_BYTES.items():
        if on_demand_total(found, part) > budget:
            sys.exit(f"The part {part} is over its budget of {budget:,} bytes: make it smaller.")
    for weight in found:
        if weight.name.startswith("words.") and weight.compressed > LANGUAGE_BYTES:
            sys.exit(f"{weight.name} is over the {LANGUAGE_BYTES:,} bytes of a language.")
