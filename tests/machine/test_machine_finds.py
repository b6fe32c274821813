"""The machine is worth something: it finds every one of these mistakes, each made on purpose."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import nightlatch.manager
import nightlatch.stores.memory as memory
from nightlatch.manager import Manager
from nightlatch.policy import Touch, ended_by, seen_after
from nightlatch.stores.base import Ends, One, Page, Swept, User
from nightlatch.stores.memory import MemoryStore
from nightlatch.testing.machine import session_machine

MISTAKES = {}


def mistake(make):
    """Collect a mistake under its own name; it is given monkeypatch and returns a store's class."""
    MISTAKES[make.__name__.replace("_", " ")] = make
    return make


@mistake
def an_ended_session_is_opened_again(patch):
    patch.setattr(memory, "tombstone", lambda record: None)


@mistake
def a_save_brings_an_ended_session_back(patch):
    class Store(MemoryStore):
        def save(self, sid, **options):
            if sid in self._records:
                self._records[sid] = replace(self._records[sid], ended=None, reason=None)
            return super().save(sid, **options)

    return Store


@mistake
def idle_ends_come_a_millisecond_too_late(patch):
    def late(record, limits, now, *, hold_idle=False):
        return ended_by(replace(record, seen=record.seen + 1), limits, now, hold_idle=hold_idle)

    patch.setattr(memory, "ended_by", late)


@mistake
def idle_ends_come_a_slack_too_early(patch):
    def early(record, limits, now, *, hold_idle=False):
        lagging = replace(record, seen=record.seen - limits.slack_ms - 1)
        return ended_by(lagging, limits, now, hold_idle=hold_idle)

    patch.setattr(memory, "ended_by", early)


@mistake
def the_absolute_limit_moves_with_activity(patch):
    def moving(record, limits, now, *, hold_idle=False):
        fresh = replace(record, created=record.seen, absolute_at=record.seen + limits.absolute_ms)
        return ended_by(fresh, limits, now, hold_idle=hold_idle)

    patch.setattr(memory, "ended_by", moving)


@mistake
def a_clock_jump_signs_everybody_out(patch):
    patch.setattr(
        memory,
        "ended_by",
        lambda record, limits, now, hold_idle=False: ended_by(record, limits, now),
    )


@mistake
def asking_extends(patch):
    class Store(MemoryStore):
        def open(self, sid, secret_hash, *, now, touch=None, **options):
            return super().open(sid, secret_hash, now=now, touch=touch or Touch(now), **options)

    return Store


@mistake
def activity_moves_backwards_with_the_clock(patch):
    patch.setattr(memory, "seen_after", lambda record, limits, touch: touch.at)


@mistake
def activity_is_written_a_millisecond_too_seldom(patch):
    def lazy(record, limits, touch):
        return seen_after(record, limits, replace(touch, at=touch.at - 1))

    patch.setattr(memory, "seen_after", lazy)


@mistake
def the_last_writer_takes_all(patch):
    class Store(MemoryStore):
        def save(self, sid, *, version, **options):
            current = self._records[sid].version if sid in self._records else version
            return super().save(sid, version=current, **options)

    return Store


@mistake
def a_change_of_one_key_writes_all_of_them(patch):
    patch.setattr(nightlatch.manager, "apply", lambda delta, current: dict(delta.changed))


@mistake
def an_old_secret_is_good_for_ever(patch):
    class Store(MemoryStore):
        def open(self, sid, secret_hash, **options):
            record = self._records.get(sid)
            if record and record.previous:
                forever = replace(record.previous, until=2**60)
                self._records[sid] = replace(record, previous=forever)
            return super().open(sid, secret_hash, **options)

    return Store


@mistake
def a_renewal_overlaps_after_the_new_secret_was_seen(patch):
    patch.setattr(memory, "closed", lambda previous: previous)


@mistake
def a_step_up_is_no_activity(patch):
    class Store(MemoryStore):
        def save(self, sid, **options):
            before = self._records.get(sid)
            answer = super().save(sid, **options)
            if before and before.ended is None and self._records[sid].ended is None:
                self._records[sid] = replace(self._records[sid], seen=before.seen)
            return answer

    return Store


@mistake
def an_end_is_told_twice(patch):
    class Store(MemoryStore):
        def end(self, target, *, reason, now):
            answer = super().end(target, reason=reason, now=now)
            if isinstance(target, One) and not answer.ended and target.sid in self._records:
                return Ends((self._end(self._records[target.sid], reason, now),))
            return answer

    return Store


@mistake
def the_session_that_was_to_be_kept_ends_too(patch):
    class Store(MemoryStore):
        def end(self, target, **options):
            return super().end(User(target.user) if isinstance(target, User) else target, **options)

    return Store


@mistake
def a_sign_in_under_way_survives_the_end_of_all(patch):
    class Store(MemoryStore):
        def create(self, record, *, began, now, **options):
            return super().create(record, began=2**60, now=now, **options)

    return Store


@mistake
def a_tab_ends_what_another_has_just_extended(patch):
    class Store(MemoryStore):
        def end(self, target, **options):
            return super().end(One(target.sid) if isinstance(target, One) else target, **options)

    return Store


@mistake
def one_too_many_fits(patch):
    class Store(MemoryStore):
        def create(self, record, *, cap=None, **options):
            return super().create(record, cap=cap and replace(cap, count=cap.count + 1), **options)

    return Store


@mistake
def a_list_shows_who_has_gone(patch):
    class Store(MemoryStore):
        def _live(self, user, now, limits):
            return (one for one in self._records.values() if user in (None, one.user))

    return Store


@mistake
def a_list_forgets_the_last_page(patch):
    class Store(MemoryStore):
        def list(self, user, **options):
            page = super().list(user, **options)
            return Page(page.sessions, None)

    return Store


@mistake
def a_sweep_ends_nobody(patch):
    class Store(MemoryStore):
        def sweep(self, **options):
            return Swept((), 0, None)

    return Store


@mistake
def a_sweep_forgets_ends_at_once(patch):
    class Store(MemoryStore):
        def sweep(self, **options):
            return super().sweep(**(options | {"keep_ended_ms": 1_000}))

    return Store


@mistake
def a_ping_is_credited_when_it_arrives(patch):
    real = Manager.extend
    patch.setattr(Manager, "extend", lambda self, token, idle_for_ms: real(self, token))


@mistake
def an_end_is_told_to_nobody(patch):
    patch.setattr(Manager, "_tell_ended", lambda self, *ends: None)


@pytest.mark.parametrize("make", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_made_on_purpose_is_found(make, monkeypatch) -> None:
    """Whatever rule a store or the manager breaks, some order of events shows it."""
    store = make(monkeypatch) or MemoryStore

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            session_machine(lambda: closing(store())),
            settings=settings(
                max_examples=2_000,
                stateful_step_count=40,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
