"""The page of the long proofs: what it says now, and how a run writes itself into it."""

import re

from tools.proof import PAGE, row, write


def test_the_page_has_a_million_steps_and_a_minute_over_http_without_a_violation():
    """What was promised has been run, and came out well."""
    rows = [line.split("|")[1:-1] for line in PAGE.read_text(encoding="utf-8").splitlines()
            if line.startswith("| 2")]  # fmt: skip
    sizes = {what.strip(): int(re.sub(r"\D", "", size)) for _, what, size, *_ in rows}

    assert sizes["state machine, memory"] >= 1_000_000
    assert sizes["state machine, sqlite"] >= 50_000
    assert any(what.startswith("over HTTP") for what in sizes)
    assert {cells[-1].strip() for cells in rows} == {"**0**"}


def test_a_run_takes_the_place_of_the_last_one_of_its_kind(tmp_path):
    """Others stay, and so does the text above the table."""
    page = tmp_path / "proof.md"
    page.write_text("Text.\n<!-- results -->\n", encoding="utf-8")

    write([row("one", "1 step", 1, 1, 0, 7), row("two", "2 steps", 1, 1, 0, 7)], page)
    write([row("one", "9 steps", 1, 1, 3, 8)], page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("Text.\n<!-- results -->\n")
    assert "1 step " not in text
    assert "| one | 9 steps | 1 | 1 | 8 | **3** |" in text
    assert "| two | 2 steps |" in text
