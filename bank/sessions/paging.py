"""One page of the people who are signed in, out of a store that holds visitors too."""

from __future__ import annotations

from dataclasses import dataclass

from nightlatch import Info, Manager

ROWS = 50
# A store full of visitors must not keep one request busy: it says so and leads on.
READS = 20


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Signed-in sessions in the order of their sids.

    :ivar visitors: how many sessions of visitors were passed over on the way.
    :ivar after: hand it in to get the next page; None when there is none.
    """

    sessions: tuple[Info, ...]
    visitors: int
    after: str | None


def people_page(
    manager: Manager, user: str | None, *, after: str | None = None, rows: int = ROWS
) -> PeoplePage:
    """The next signed-in sessions, at most ``rows`` of them.

    :param user: only theirs; None for everyone's.
    :param after: :attr:`PeoplePage.after` of the page before; None for the first.
    """
    found: list[Info] = []
    visitors = 0
    for _ in range(READS):
        page = manager.page(user, after=after, count=rows - len(found))
        people = [info for info in page.sessions if info.user is not None]
        visitors += len(page.sessions) - len(people)
        found += people
        after = page.after
        if after is None or len(found) == rows:
            break
    return PeoplePage(tuple(found), visitors, after)
