"""The browser half stays within the weight that the design promises."""

from tools.size import APART, BUDGET_BYTES, STATIC, table, total_of, weigh


def test_the_browser_half_fits_its_budget():
    """Everything a visitor downloads is at most 6,000 bytes, minified and compressed."""
    weights = weigh(STATIC)

    total = total_of(weights)

    assert any(weight.name.endswith(".js") for weight in weights)
    assert total <= BUDGET_BYTES, "\n" + table(weights)


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


def test_what_only_the_classic_interface_loads_is_weighed_beside_the_budget():
    """Both of its files exist, are told in the table, and count for nobody else."""
    weights = weigh(STATIC)

    apart = sum(weight.compressed for weight in weights if weight.name in APART)

    assert {weight.name for weight in weights} > APART
    assert total_of(weights) + apart == sum(weight.compressed for weight in weights)
    assert f"{apart:,}  only for who uses it" in table(weights)
