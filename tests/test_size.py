"""The browser half stays within the weight that the design promises."""

import pytest

from tools.size import BUDGET_BYTES, ON_DEMAND_BYTES, STATIC, table, totals, weigh


def test_the_browser_half_fits_its_budget():
    """Everything that every page loads is at most 6,000 bytes, minified and compressed."""
    weights = weigh(STATIC)

    total, budget = totals(weights)["every page"]

    assert budget == BUDGET_BYTES == 6_000
    assert any(weight.name.endswith(".js") for weight in weights)
    assert 0 < total <= budget, "\n" + table(weights)


@pytest.mark.parametrize("part", ON_DEMAND_BYTES)
def test_what_is_loaded_only_when_used_fits_a_budget_of_its_own(part):
    """Drafts, signing in again and the classic interface are weighed by themselves."""
    weights = weigh(STATIC)

    total, budget = totals(weights)[part]

    assert any(weight.name.startswith(part) for weight in weights)
    assert 0 < total <= budget, "\n" + table(weights)
    assert sum(each for each, _ in totals(weights).values()) == sum(w.compressed for w in weights)


def test_every_script_and_style_sheet_is_weighed(tmp_path):
    """Scripts in folders and style sheets count; other files do not."""
    (tmp_path / "words").mkdir()
    (tmp_path / "main.js").write_text("// why\nexport const one = 1;\n")
    (tmp_path / "words" / "en.js").write_text("export const yes = 'yes';\n")
    (tmp_path / "look.css").write_text("p { color: red }\n")
    (tmp_path / "notes.txt").write_text("not sent\n")

    weights = weigh(tmp_path)

    assert [weight.name for weight in weights] == ["look.css", "main.js", "words/en.js"]
    assert all(weight.compressed > 0 for weight in weights)
    assert weights[1].minified < weights[1].source
