"""Proof that a store of drafts keeps the contract of :mod:`nightlatch.drafts`. Needs pytest.

It joins with one fixture, ``drafts``, which gives an empty store and closes it::

    from nightlatch.testing.conformance.drafts import DraftConformance

    class TestMyDrafts(DraftConformance):
        @pytest.fixture
        def drafts(self):
            drafts = MyDrafts(...)
            yield drafts
            drafts.close()
"""

from __future__ import annotations

from functools import partial

from nightlatch.drafts import KEEP_MS, MOST, Draft, DraftStore, Found, Verdict
from nightlatch.testing.conformance.desk import NOW, together

PAGE = "/transfer#"
WRITERS = 6
ROUNDS = 8


def a_draft(
    page: str = PAGE,
    *,
    sheet: str = "a",
    opened: int = NOW,
    serial: int = 1,
    at: int = NOW,
    fields: bytes = b"{}",
) -> Draft:
    """A save of what somebody has typed."""
    return Draft(page, sheet, opened, serial, at, fields)


def found(drafts: DraftStore, user: str = "ana", page: str = PAGE, *, at: int = NOW) -> str | None:
    """Whose sheet the draft was written on; ``None`` without one."""
    draft = drafts.get(user, page, now=at).draft
    return None if draft is None else draft.sheet


class DraftConformance:
    """Every promise of a store of drafts, as tests. Subclass it and give it ``drafts``."""

    # Keeping

    def test_nothing_is_there(self, drafts: DraftStore) -> None:
        """Absence is a value: no draft, and no drop that is known of."""
        assert drafts.get("ana", PAGE, now=NOW) == Found(None, 0)

    def test_it_comes_back_as_it_was(self, drafts: DraftStore) -> None:
        """Every byte and every number, under a name and a page in any script."""
        draft = a_draft("/überweisung#é’\N{HOUSE BUILDING}", fields=bytes(range(256)) * 200)

        kept = drafts.put("Siobhán O’Connor", draft)

        assert kept is Verdict.KEPT
        assert drafts.get("Siobhán O’Connor", draft.page, now=NOW) == Found(draft, 0)

    def test_it_is_the_users_alone(self, drafts: DraftStore) -> None:
        """Nobody finds, replaces or drops another user's draft."""
        drafts.put("ana", a_draft())

        assert found(drafts, "bob") is None
        assert drafts.put("bob", a_draft(sheet="b")) is Verdict.KEPT
        assert drafts.drop("bob", PAGE, now=NOW)
        assert drafts.drop_all("bob", now=NOW) == 0
        assert found(drafts, "ana") == "a"

    def test_each_page_has_its_own(self, drafts: DraftStore) -> None:
        """One draft for each form of each page."""
        drafts.put("ana", a_draft("/a#", sheet="a"))
        drafts.put("ana", a_draft("/a#other", sheet="b"))

        assert found(drafts, page="/a#") == "a"
        assert found(drafts, page="/a#other") == "b"

    def test_a_later_save_replaces_an_earlier_one(self, drafts: DraftStore) -> None:
        """The same sheet, a higher number."""
        drafts.put("ana", a_draft(fields=b"old"))

        kept = drafts.put("ana", a_draft(serial=2, at=NOW + 1, fields=b"new"))

        assert kept is Verdict.KEPT
        assert drafts.get("ana", PAGE, now=NOW).draft == a_draft(
            serial=2, at=NOW + 1, fields=b"new"
        )

    def test_an_earlier_save_that_arrives_late(self, drafts: DraftStore) -> None:
        """Requests overtake each other; what was typed last stays."""
        drafts.put("ana", a_draft(serial=2, fields=b"new"))

        late = [drafts.put("ana", a_draft(serial=serial, fields=b"old")) for serial in (1, 2)]

        assert late == [Verdict.LATE, Verdict.LATE]
        assert drafts.get("ana", PAGE, now=NOW).draft == a_draft(serial=2, fields=b"new")

    def test_another_tab_does_not_overwrite(self, drafts: DraftStore) -> None:
        """A sheet that knows nothing of the draft is refused, and nothing changes."""
        drafts.put("ana", a_draft(sheet="a", fields=b"mine"))

        refused = drafts.put("ana", a_draft(sheet="b", opened=NOW + 5, serial=9))

        assert refused is Verdict.ELSEWHERE
        assert drafts.get("ana", PAGE, now=NOW).draft == a_draft(sheet="a", fields=b"mine")

    def test_who_was_given_it_goes_on_with_it(self, drafts: DraftStore) -> None:
        """A sheet that was handed out with the draft takes its place; the first one is then out."""
        drafts.put("ana", a_draft(sheet="a"))

        assert drafts.put("ana", a_draft(sheet="b"), instead_of="a") is Verdict.KEPT
        assert drafts.put("ana", a_draft(sheet="b", serial=2), instead_of="a") is Verdict.KEPT
        assert drafts.put("ana", a_draft(sheet="a", serial=7)) is Verdict.ELSEWHERE

    # Time

    def test_it_is_kept_for_a_day_and_no_longer(self, drafts: DraftStore) -> None:
        """To the millisecond, counted from the last save."""
        drafts.put("ana", a_draft())
        drafts.put("ana", a_draft(serial=2, at=NOW + 5))

        assert found(drafts, at=NOW + 5 + KEEP_MS - 1) == "a"
        assert found(drafts, at=NOW + 5 + KEEP_MS) is None

    def test_what_is_past_its_time_is_in_nobodys_way(self, drafts: DraftStore) -> None:
        """Another tab may write where an expired draft has not been swept."""
        drafts.put("ana", a_draft(sheet="a"))

        assert drafts.put("ana", a_draft(sheet="b", at=NOW + KEEP_MS)) is Verdict.KEPT

    # Dropping

    def test_a_drop_says_whether_there_was_one(self, drafts: DraftStore) -> None:
        """And a draft past its time was none."""
        drafts.put("ana", a_draft("/a#"))
        drafts.put("ana", a_draft("/b#"))

        assert drafts.drop("ana", "/a#", now=NOW)
        assert not drafts.drop("ana", "/a#", now=NOW)
        assert not drafts.drop("ana", "/b#", now=NOW + KEEP_MS)
        assert found(drafts, page="/a#") is None

    def test_what_was_dropped_does_not_come_back(self, drafts: DraftStore) -> None:
        """Neither by the sheet that wrote it nor by another that was there before the drop."""
        drafts.put("ana", a_draft(opened=NOW))
        drafts.drop("ana", PAGE, now=NOW + 10)

        late = [
            drafts.put("ana", a_draft(sheet=sheet, opened=opened, serial=9, at=NOW + 11))
            for sheet, opened in (("a", NOW), ("b", NOW + 9), ("c", NOW + 10))
        ]

        assert late == [Verdict.DROPPED] * 3
        assert drafts.get("ana", PAGE, now=NOW + 11) == Found(None, NOW + 10)

    def test_a_drop_of_nothing_holds_too(self, drafts: DraftStore) -> None:
        """The first save of a form may arrive after the form was used."""
        drafts.drop("ana", PAGE, now=NOW)

        assert drafts.put("ana", a_draft(opened=NOW, at=NOW + 1)) is Verdict.DROPPED

    def test_after_a_drop_a_new_sheet_writes(self, drafts: DraftStore) -> None:
        """The page is opened again; other pages and users were never concerned."""
        drafts.drop("ana", PAGE, now=NOW)

        assert drafts.put("ana", a_draft(opened=NOW + 1)) is Verdict.KEPT
        assert drafts.put("ana", a_draft("/other#")) is Verdict.KEPT
        assert drafts.put("bob", a_draft()) is Verdict.KEPT

    def test_a_mark_is_later_than_the_mark_before(self, drafts: DraftStore) -> None:
        """Also when somebody has set the clock back."""
        drafts.drop("ana", PAGE, now=NOW)
        drafts.drop("ana", PAGE, now=NOW - 1000)

        assert drafts.get("ana", PAGE, now=NOW).dropped == NOW + 1

    def test_all_of_a_user(self, drafts: DraftStore) -> None:
        """Every page of theirs, what is under way too, and nobody else's."""
        drafts.put("ana", a_draft("/a#"))
        drafts.put("ana", a_draft("/b#"))
        drafts.put("bob", a_draft())

        assert drafts.drop_all("ana", now=NOW) == 2
        assert found(drafts, page="/a#") is None
        assert drafts.put("ana", a_draft("/never#", opened=NOW)) is Verdict.DROPPED
        assert drafts.put("ana", a_draft("/never#", opened=NOW + 1)) is Verdict.KEPT
        assert found(drafts, "bob") == "a"

    def test_all_of_everybody(self, drafts: DraftStore) -> None:
        """Those past their time do not count."""
        drafts.put("ana", a_draft("/a#"))
        drafts.put("ana", a_draft("/b#", at=NOW + 5))
        drafts.put("bob", a_draft(at=NOW + 5))

        assert drafts.drop_all(None, now=NOW + KEEP_MS) == 2
        assert found(drafts, "bob", at=NOW + 5) is None
        assert drafts.put("eve", a_draft(opened=NOW + KEEP_MS)) is Verdict.DROPPED
        assert drafts.get("eve", PAGE, now=NOW).dropped == NOW + KEEP_MS

    # Bounds

    def test_the_oldest_makes_room(self, drafts: DraftStore) -> None:
        """A user has so many drafts and no more; another user's do not count."""
        drafts.put("bob", a_draft(at=NOW - 9))
        for number in range(MOST):
            drafts.put("ana", a_draft(f"/{number}#", at=NOW + number))

        drafts.put("ana", a_draft("/one-more#", at=NOW - 1))
        drafts.put("ana", a_draft("/5#", serial=2, at=NOW + 99))

        there = [number for number in range(MOST) if found(drafts, page=f"/{number}#")]
        assert there == [*range(1, MOST)]
        assert found(drafts, page="/one-more#")
        assert found(drafts, "bob")

    def test_the_oldest_mark_makes_room(self, drafts: DraftStore) -> None:
        """Dropping what is not there cannot fill the store; the mark for all pages stays."""
        drafts.drop_all("ana", now=NOW - 9)
        for number in range(MOST + 1):
            drafts.drop("ana", f"/{number}#", now=NOW + number)

        marks = [drafts.get("ana", f"/{number}#", now=NOW).dropped for number in range(MOST + 1)]

        assert marks == [NOW - 9] + [NOW + number for number in range(1, MOST + 1)]

    # Sweeping

    def test_a_sweep_removes_what_is_past_its_time(self, drafts: DraftStore) -> None:
        """So many at a time, and marks with them."""
        for number in range(3):
            drafts.put("ana", a_draft(f"/{number}#"))
        drafts.put("ana", a_draft("/new#", at=NOW + 1))
        drafts.drop("ana", "/mark#", now=NOW)
        drafts.drop("ana", "/later#", now=NOW + 1)

        steps = [drafts.sweep(now=NOW + KEEP_MS, count=2) for _ in range(3)]

        assert steps == [2, 1, 0]
        assert found(drafts, page="/0#") is None
        assert found(drafts, page="/new#") == "a"
        assert drafts.get("ana", "/mark#", now=NOW).dropped == 0
        assert drafts.get("ana", "/later#", now=NOW).dropped == NOW + 1

    # Racing

    def test_one_tab_is_first(self, drafts: DraftStore) -> None:
        """Of many sheets that write at once where nothing is, one is kept."""
        for number in range(ROUNDS):
            page = f"/{number}#"

            answers = together(
                *[
                    partial(drafts.put, "ana", a_draft(page, sheet=f"{writer}"))
                    for writer in range(WRITERS)
                ]
            )

            assert sorted(answers) == [Verdict.ELSEWHERE] * (WRITERS - 1) + [Verdict.KEPT]
            assert found(drafts, page=page) == str(answers.index(Verdict.KEPT))

    def test_the_last_save_stays(self, drafts: DraftStore) -> None:
        """Whatever the order in which the saves of one sheet arrive."""
        for number in range(ROUNDS):
            page = f"/{number}#"

            together(
                *[
                    partial(drafts.put, "ana", a_draft(page, serial=serial))
                    for serial in range(1, WRITERS + 1)
                ]
            )

            draft = drafts.get("ana", page, now=NOW).draft
            assert draft is not None
            assert draft.serial == WRITERS

    def test_nothing_outlives_a_drop(self, drafts: DraftStore) -> None:
        """A save and a drop at the same time: whichever is first, nothing is left."""
        for number in range(ROUNDS):
            page = f"/{number}#"

            together(
                partial(drafts.put, "ana", a_draft(page)),
                partial(drafts.drop, "ana", page, now=NOW),
                partial(drafts.put, "ana", a_draft(page, serial=2)),
            )

            assert found(drafts, page=page) is None

    # Closing

    def test_closing_twice(self, drafts: DraftStore) -> None:
        """A second call does nothing."""
        drafts.close()
        drafts.close()
