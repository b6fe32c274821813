"""The browser half stays within the weight that the design promises."""

from tools.size import (
    BUDGET_BYTES,
    LANGUAGE_BYTES,
    ON_DEMAND_BYTES,
    STATIC,
    core,
    on_demand_total,
    table,
    total,
    weigh,
)


def test_the_browser_half_fits_its_budget():
    """Everything that every page downloads is at most 6,000 bytes, minified and compressed."""
    names = core(STATIC)
    always = [weight for weight in weigh(STATIC) if weight.name in names]

    assert {"nightlatch.js", "nightlatch.css", "monitor.js", "view.js"} <= names
    assert not [name for name in names if name.startswith("words.")]
    assert total(always) <= BUDGET_BYTES, "\n" + table(always, [])


def test_each_part_on_demand_fits_its_own():
    """What only some pages load is weighed by itself."""
    weights = weigh(STATIC)

    sizes = {part: on_demand_total(weights, part) for part in ON_DEMAND_BYTES}

    assert all(0 < sizes[part] <= budget for part, budget in ON_DEMAND_BYTES.items()), sizes
    assert not [name for name in core(STATIC) if name.startswith(tuple(ON_DEMAND_BYTES))]


def test_each_language_fits_its_own():
    """A page in another language than English loads one such file, with the words of all parts."""
    sizes = {
        weight.name: weight.compressed
        for weight in weigh(STATIC)
        if weight.name.startswith("words.")
    }

    assert len(sizes) == 7
    assert all(0 < size <= LANGUAGE_BYTES for size in sizes.values()), sizes


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


def test_what_an_entry_imports_at_once_is_loaded_by_every_page(tmp_path):
    """Also by way of another file, and passed on; what is asked for with import() is not."""
    (tmp_path / "nightlatch.js").write_text(
        'import { one } from "./one.js";\nimport {\n  two,\n} from "./two.js";\n'
        'import("./late.js");\n'
    )
    (tmp_path / "one.js").write_text('export { three } from "./three.js";\n')
    for name in ("two.js", "three.js", "late.js", "nightlatch.css"):
        (tmp_path / name).write_text("")

    found = core(tmp_path)

    assert found == {"nightlatch.js", "nightlatch.css", "one.js", "two.js", "three.js"}


def test_the_table_stands_beside_the_sizes_of_others():
    """So that the budget can be judged."""
    weights = weigh(STATIC)

    text = table(weights[:1], weights[1:])

    assert "of 6,000 bytes" in text
    assert "hmrc-frontend" in text
    assert "3,070" in text
