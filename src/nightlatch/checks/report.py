"""Findings as people and as programs read them: pure text, in 80 columns and in ASCII."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from nightlatch.checks.base import Finding, Verdict

WIDTH = 80
INDENT = " " * 4
# Raised when a field changes its meaning or goes; a new field does not raise it.
FORMAT = 1


def as_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """A report for a person, line by line; what is not met stands out by its words alone."""
    for _, group in groupby(findings, key=lambda one: one.profile):
        of_standard = list(group)
        first = of_standard[0]
        yield f"{first.standard} (--profile {first.profile})"
        yield ""
        for one in of_standard:
            yield f"  {one.clause:<9} {one.level:<9} {_shown(one.verdict)}"
            yield from _wrapped("", one.requirement)
            yield from _wrapped("Measured: ", one.measured)
            if one.action is not None:
                yield from _wrapped(
                    "Question: " if one.verdict is Verdict.NOT_OURS else "To do: ", one.action
                )
            yield ""
        yield f"  {first.profile}: {summary(of_standard)}"
        yield ""


def summary(findings: Sequence[Finding]) -> str:
    """How many of each: ``12 met, 1 not met, 9 not ours to know``."""
    counts = Counter(one.verdict for one in findings)
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)


def as_document(findings: Sequence[Finding]) -> dict[str, object]:
    """The same for programs; ``docs/commands.md`` describes each field."""
    counts = Counter(one.verdict for one in findings)
    return {
        "format": FORMAT,
        "ok": not counts[Verdict.NOT_MET],
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "findings": [
            {
                "profile": one.profile,
                "standard": one.standard,
                "clause": one.clause,
                "level": one.level,
                "requirement": one.requirement,
                "verdict": one.verdict.value,
                "measured": one.measured,
                "action": one.action,
            }
            for one in findings
        ],
    }


def _shown(verdict: Verdict) -> str:
    # Capitals, so that it is found without colour.
    return verdict.value.upper() if verdict is Verdict.NOT_MET else verdict.value


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        label + text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT + " " * len(label)
    )
