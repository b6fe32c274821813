"""Weighs the browser half as a visitor downloads it: each file minified, then compressed."""

import gzip
import sys
from pathlib import Path
from typing import NamedTuple

import minify

STATIC = Path(__file__).parents[1] / "src" / "nightlatch" / "static" / "nightlatch"
BUDGET_BYTES = 6_000
# Loaded by pages of the classic interface only, which have the rest too.
APART = {"session-monitor.js", "classic.js"}
KINDS = {".js": "application/javascript", ".css": "text/css"}


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


def total_of(weights: list[Weight]) -> int:
    """Return the bytes that count against the budget: what every page of ours loads."""
    return sum(w.compressed for w in weights if w.name not in APART)


def table(weights: list[Weight]) -> str:
    """Return the weights as a table for people, with the total and the budget below."""
    rows = [f"{'file':<24}{'source':>9}{'min':>9}{'min+gzip':>10}"]
    rows += [f"{w.name:<24}{w.source:>9,}{w.minified:>9,}{w.compressed:>10,}" for w in weights]
    rows.append(f"{'total':<42}{total_of(weights):>10,}  of {BUDGET_BYTES:,} bytes")
    apart = [w for w in weights if w.name in APART]
    if apart:
        more = sum(w.compressed for w in apart)
        rows.append(f"{'sessionMonitor on top':<42}{more:>10,}  only for who uses it")
    return "\n".join(rows)


if __name__ == "__main__":
    found = weigh()
    print(table(found))
    if not found:
        sys.exit(f"No script was found under {STATIC.name}/: nothing was weighed.")
    if total_of(found) > BUDGET_BYTES:
        sys.exit("The browser half is over its budget: make it smaller, do not raise the number.")
