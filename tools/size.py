"""Weighs the browser half as a visitor downloads it: each file minified, then compressed."""

import gzip
import sys
from pathlib import Path
from typing import NamedTuple

import minify

STATIC = Path(__file__).parents[1] / "src" / "nightlatch" / "static" / "nightlatch"
BUDGET_BYTES = 6_000
# Loaded only by pages that use them, so each has a budget of its own.
ON_DEMAND_BYTES = {"again": 2_000, "drafts": 3_600, "session-monitor": 3_600}
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


def totals(weights: list[Weight]) -> dict[str, tuple[int, int]]:
    """Return bytes and budget of what every page loads, and of each part that is on demand.

    A part is the files whose names begin with its own.
    """
    found = dict.fromkeys(["every page", *ON_DEMAND_BYTES], 0)
    for weight in weights:
        parts = (part for part in ON_DEMAND_BYTES if weight.name.startswith(part))
        found[next(parts, "every page")] += weight.compressed
    return {part: (found[part], ON_DEMAND_BYTES.get(part, BUDGET_BYTES)) for part in found}


def table(weights: list[Weight]) -> str:
    """Return the weights as a table for people, with the totals and their budgets below."""
    rows = [f"{'file':<24}{'source':>9}{'min':>9}{'min+gzip':>10}"]
    rows += [f"{w.name:<24}{w.source:>9,}{w.minified:>9,}{w.compressed:>10,}" for w in weights]
    rows += [
        f"{part:<42}{total:>10,}  of {budget:,} bytes"
        for part, (total, budget) in totals(weights).items()
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    found = weigh()
    print(table(found))
    if not found:
        sys.exit(f"No script was found under {STATIC.name}/: nothing was weighed.")
    if any(total > budget for total, budget in totals(found).values()):
        sys.exit("The browser half is over its budget: make it smaller, do not raise the number.")
