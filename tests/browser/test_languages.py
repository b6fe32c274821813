"""The warning in the language of its page, with that language's plurals and direction."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.warning import any_dialog, count

# The title, and 10 minutes as that language counts them.
SAID = {
    "en-GB": ("Are you still there?", "10 minutes"),
    "es": ("¿Sigue ahí?", "10 minutos"),
    "fr": ("Êtes-vous toujours là ?", "10 minutes"),
    "de": ("Sind Sie noch da?", "10 Minuten"),
    "cy": ("Ydych chi yno o hyd?", "10 munud"),
    "pl": ("Czy nadal tu jesteś?", "10 minut"),
    "ar": ("هل ما زلت هنا؟", "10 دقائق"),
    "ar-EG": ("هل ما زلت هنا؟", "\u0661\u0660 دقائق"),
}
RIGHT_TO_LEFT = ("ar", "ar-EG")


@pytest.fixture
def at_a_page_in(sit_down):
    """A function that signs George in where every page is in that language."""

    def at(lang, **options):
        desk = sit_down(**options)
        direction = "rtl" if lang in RIGHT_TO_LEFT else "ltr"

        def translate(route):
            answer = route.fetch(max_redirects=0)
            text = answer.text().replace(
                '<html lang="en-GB"', f'<html lang="{lang}" dir="{direction}"'
            )
            route.fulfill(response=answer, body=text)

        desk.sign_in()
        # What a redirect leads to is not translated, so it is asked for by itself.
        desk.page.route(lambda url: url == f"{desk.server.url}/transfer", translate)
        desk.page.goto("/transfer")
        return desk

    return at


@pytest.mark.parametrize("lang", SAID)
def test_34_the_warning_speaks_the_pages_language(at_a_page_in, lang):
    """Title, time and direction, for the eye and for the ear; and only that language was loaded."""
    title, time = SAID[lang]
    desk = at_a_page_in(lang)

    desk.pass_time(minutes=49)

    dialog = any_dialog(desk.page)
    expect(dialog).to_have_accessible_name(title)
    (node,) = [each for each in desk.accessibility_tree() if each["role"] == "alertdialog"]
    assert time in node["description"]
    assert dialog.get_attribute("lang") == (lang if lang == "ar-EG" else lang[:2])
    direction = "rtl" if lang in RIGHT_TO_LEFT else "ltr"
    assert dialog.evaluate("(el) => getComputedStyle(el).direction") == direction
    loaded = {
        found[1]
        for call in desk.server.calls
        if (found := re.search(r"/words\.(\w+)\.js$", call.path))
    }
    assert loaded == (set() if lang == "en-GB" else {lang[:2], "units"})


@pytest.mark.parametrize(
    ("minutes", "spoken"),
    [(1, "دقيقة واحدة"), (2, "دقيقتين"), (5, "5 دقائق"), (11, "11 دقيقة"), (100, "100 دقيقة")],
)
@pytest.mark.parametrize("timing", [{"idle": 240}], indirect=True)
def test_34_arabic_counts_in_its_own_way(at_a_page_in, timing, minutes, spoken):
    """One, two, a few, many and a hundred minutes have five different forms."""
    desk = at_a_page_in("ar")
    said = desk.page.evaluate(f"""async () => {{
        const base = document.querySelector("script[data-nightlatch]").src;
        const {{ words }} = await import(new URL("view.js", base));
        const arabic = await import(new URL("words.ar.js", base));
        return words(arabic.default).spoken({minutes} * 60000);
    }}""")

    assert said == spoken


def test_34_from_right_to_left_it_fits_and_reads_so(at_a_page_in):
    """On a telephone too: the text begins at the right, the countdown keeps its order."""
    desk = at_a_page_in("ar-EG", viewport={"width": 320, "height": 640})
    desk.pass_time(minutes=49)

    expect(any_dialog(desk.page)).to_be_visible()
    # Ten minutes, or a second less where the question before it took its time.
    at_once = re.compile("^(\u0661\u0660:\u0660\u0660|\u0669:\u0665\u0669)$")
    expect(count(desk.page)).to_have_text(at_once)
    ends = desk.page.evaluate("""() => {
        const range = document.createRange();
        const title = document.querySelector("#nightlatch-title");
        range.selectNodeContents(title);
        const text = range.getBoundingClientRect();
        const box = title.getBoundingClientRect();
        return [text.left - box.left, box.right - text.right];
    }""")
    assert ends[0] > ends[1]
    assert desk.page.evaluate("document.querySelector('dialog').scrollWidth <= 320")
