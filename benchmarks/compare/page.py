"""Writes what was found into docs/comparison.md, beside what was measured with others."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.compare import peers
from benchmarks.compare.found import Found, spread

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"
BEGIN, END = "<!-- compare: begin -->\n", "<!-- compare: end -->\n"
NOT_MEASURED = "not measured"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of the page."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def side_by_side(found: list[Found], others: Mapping[str, tuple[str, str]]) -> str:
    """Return ours beside others, a line for each row that any of them has a figure for.

    :param others: keys of `peers.CELLS`, each with the name of its column and its version.
    """
    rows = []
    for one in found:
        cells = peers.CELLS.get(one.row.key, {})
        if cells.keys() & others.keys():
            theirs = [cells.get(key, NOT_MEASURED) for key in others]
            rows.append([one.row.what, f"**{one.cell}**", *theirs])
    return table(["", "nightlatch", *(name for name, _ in others.values())], rows)


def alone(found: list[Found]) -> str:
    """Return those of ours that nobody else has a figure for."""
    rows = [[one.row.what, f"**{one.cell}**"] for one in found if one.row.key not in peers.CELLS]
    return table(["", "nightlatch"], rows)


def runs(found: list[Found]) -> str:
    """Return how each of ours was found, and how far its figures lie apart."""
    rows = [
        [
            one.row.what,
            one.row.how,
            str(len(one.values)),
            one.spread,
            spread(one.bare) if one.bare else "–",
        ]
        for one in found
    ]
    head = [
        "",
        "how",
        "figures",
        "median (least to most), in ms where it is time",
        "without our script",
    ]
    return table(head, rows)


def versions() -> str:
    """Return what was run and what was read, with versions."""
    lines = [f"- {name}: {version}" for name, version in peers.RUN.values()]
    lines += [f"- {name} (read, not run): {version}" for name, version in peers.READ.values()]
    return "\n".join(lines) + "\n"


def text(found: list[Found], where: str) -> str:
    """Return everything that stands between the marks.

    :param where: machine, versions and number of runs.
    """
    return "\n".join(
        [
            f"Ours: {where}\n",
            "### Beside projects whose code was run\n",
            side_by_side(found, peers.RUN),
            "### Beside projects whose source was read\n",
            side_by_side(found, peers.READ),
            "### Measured with ours only\n",
            alone(found),
            "### How ours was found\n",
            runs(found),
            "### Their versions\n",
            versions(),
        ]
    )


def write(found: list[Found], where: str, page: Path = PAGE) -> None:
    """Put the result of this run in the place of the last one."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{page.name} has no place for the tables: {BEGIN!r} to {END!r}.")
    page.write_text(f"{before}{BEGIN}\n{text(found, where)}\n{END}{after}", encoding="utf-8")
