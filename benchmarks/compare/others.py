"""Rows about another tab, a wrong clock, and what the page costs."""

from benchmarks.compare.place import Place, moments_ms
from tools.size import weigh

MINUTE_S, DAY_S = 60, 86_400
SKEWS_S = [
    sign * size for size in (5 * MINUTE_S, 10 * MINUTE_S, DAY_S) for sign in (1, -1)
]  # fmt: skip
BUSY_S = 3_600
# Somebody who works: a key every 10 seconds.
PAUSE_S = 10


def crash(place: Place, run: int) -> list[int]:
    """How far off warning and end are when the tab with the last activity has crashed."""
    with place.desk() as desk:
        desk.sign_in()
        other = desk.open("/transfer")
        desk.pass_time(seconds=60 + run)
        other.get_by_label("Payee name").press_sequentially("José")
        desk.settle()
        seen_ms = desk.server.clock.now()
        desk.crash(other)
        return list(moments_ms(desk, seen_ms))


def skew(place: Place, run: int) -> list[int]:
    """How far off warning and end are when the visitor's clock is wrong."""
    found = []
    for wrong_s in SKEWS_S:
        with place.desk() as desk:
            desk.context.clock.set_system_time(desk.server.clock.now() / 1000 + wrong_s)
            desk.sign_in()
            really = desk.page.evaluate("Date.now()") - desk.server.clock.now()
            if really != wrong_s * 1000:
                raise SystemExit(f"The clock is {really} ms wrong instead of {wrong_s} s.")
            found += moments_ms(desk, desk.server.clock.now())
    return found


def size(place: Place, run: int) -> list[int]:
    """Bytes of all of ours that a signed-in page loads, minified and compressed."""
    asked = []
    with place.desk() as desk:
        desk.context.on("request", lambda request: asked.append(request.url))
        desk.sign_in()
    loaded = {url.partition("?")[0].rpartition("/")[2] for url in asked}
    return [sum(each.compressed for each in weigh() if each.name in loaded)]


def requests(place: Place, run: int) -> list[int]:
    """Requests about the session in an hour in which somebody types every 10 seconds."""
    with place.desk() as desk:
        desk.sign_in(at="/login?next=/transfer")
        desk.page.get_by_label("Payee name").focus()
        before = len(desk.server.calls)
        for _ in range(BUSY_S // PAUSE_S):
            desk.skip(seconds=PAUSE_S)
            desk.page.keyboard.press("x")
            desk.settle()
        made = desk.server.calls[before:]
        # Drafts are counted by nobody else: one save for each pause in typing.
        about = ("/session", "/session/extend", "/session/end")
        return [len([call for call in made if call.path in about])]
