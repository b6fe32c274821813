"""axe-core, and the ways in which people look at a page."""

from importlib import resources
from types import MappingProxyType

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK = MappingProxyType({"width": 1280, "height": 720})
PHONE = MappingProxyType({"width": 320, "height": 640})
# The same telephone at 200 % zoom has half as many CSS pixels each way.
ZOOMED = MappingProxyType({"width": 160, "height": 320})

WAYS = MappingProxyType(
    {
        "light": ({"color_scheme": "light", "forced_colors": "none"}, DESK),
        "dark": ({"color_scheme": "dark", "forced_colors": "none"}, DESK),
        "forced colours": ({"color_scheme": "dark", "forced_colors": "active"}, DESK),
        # As small as it gets; what is not in the way here is not on a larger screen either.
        "telephone at 200 %": ({"color_scheme": "light", "forced_colors": "none"}, ZOOMED),
    }
)


def look(desk, way):
    """Look at the page as it stands in one of the ways."""
    media, size = WAYS[way]
    desk.page.emulate_media(**media)
    desk.page.set_viewport_size(dict(size))


def violations(desk):
    """Return what axe-core finds, each with the elements it means."""
    desk.page.wait_for_load_state()
    if not desk.page.evaluate("typeof axe === 'object'"):
        desk.page.evaluate(AXE + ";void 0")
    desk.page.evaluate(
        """(values) => { globalThis.found = undefined;
            axe.run({ runOnly: values, resultTypes: ["violations"] }).then(
                (done) => { globalThis.found = done.violations; },
                (error) => { globalThis.found = [{ id: String(error), nodes: [] }]; });
        }""",
        TAGS,
    )
    # It waits by the page's timers, which only the test moves.
    while (found := desk.page.evaluate("globalThis.found ?? null")) is None:
        desk.server.clock.advance(ms=10)
        desk.context.clock.run_for(10)
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


def sideways(page):
    """Return by how many CSS pixels the page, or an open dialog, scrolls sideways."""
    return page.evaluate("""() => Math.max(
        ...[document.documentElement, ...document.querySelectorAll("dialog[open]")]
            .map((el) => el.scrollWidth - el.clientWidth))""")
