"""Requests that overlap in every order that there is, not in those that happen to come up."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from nightlatch import Ended, EndReason, Limits, Live, Manager, Record, SignInRefused, Started
from nightlatch.testing import FakeClock
from tests.flask.apps import bare_app
from tests.flask.browser import Browser
from tests.flask.schedules import ScheduledStore, play, schedules


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_a_sign_out_among_slow_reads_and_writes_is_final_in_all_630_orders(pool, clock):
    """After each of them the old cookie is refused, nothing is live, and nothing was kept."""
    store = ScheduledStore()
    app = bare_app(store=store, clock=clock)
    user = Browser(app)
    others = {name: Browser(app) for name in ("out", "get", "post", "post too")}
    played = 0

    for schedule in schedules({"out": 2, "get": 1, "post": 2, "post too": 2}):
        user.submit("/sign-in", user="george")
        token = user.token
        for browser in others.values():
            browser.token = token
        answers = play(
            pool,
            store,
            schedule,
            {
                "out": lambda: others["out"].submit("/sign-out"),
                "get": lambda: others["get"].go("/values"),
                "post": lambda: others["post"].submit("/values", a="1"),
                "post too": lambda: others["post too"].submit("/values", b="2"),
            },
        )

        assert {name: answer.status_code for name, answer in answers.items()} == {
            "out": 303, "get": 200, "post": 200, "post too": 200,
        }, schedule  # fmt: skip
        user.token = token
        assert user.fetch("/session").status_code == 401, schedule
        ended = [one for one in store._records.values() if one.sid in token]
        assert [(one.reason, one.data) for one in ended] == [(EndReason.SIGNED_OUT, b"")]
        signed_in = [
            one for one in store._records.values() if one.ended is None and one.user is not None
        ]
        assert signed_in == [], schedule
        user.token = None
        played += 1

    assert played == 630


def managed():
    """A manager on a scheduled store, its clock, and a fresh session for each round."""
    store, clock = ScheduledStore(), FakeClock()
    return store, clock, Manager(store, Limits(), clock=clock)


@pytest.mark.parametrize("level", [None, 2], ids=["renewal", "step-up"])
def test_a_rotation_among_slow_writers_keeps_their_data_and_retires_the_old_secret(pool, level):
    """In every order: both keys on the one row, and the old secret is a replay after its window."""
    store, clock, manager = managed()

    for schedule in schedules({"rotate": 2, "write": 2, "write too": 2}):
        started = manager.start("george")
        answers = play(
            pool,
            store,
            schedule,
            {
                "rotate": lambda one=started: manager.rotate(
                    manager.peek(one.token.text()).record, auth_level=level
                ),
                "write": lambda one=started: manager.save(one.record, {"a": 1}),
                "write too": lambda one=started: manager.save(one.record, {"b": 2}),
            },
        )

        assert isinstance(answers["rotate"], Started)
        found = manager.peek(answers["rotate"].token.text())
        assert manager.values(found.record) == {"a": 1, "b": 2}, schedule
        clock.advance(minutes=1)
        late = manager.peek(started.token.text())
        assert isinstance(late, Ended)
        assert late.reason is EndReason.REPLAYED
        assert list(manager.list()) == []


def test_an_end_of_all_among_sign_ins_leaves_none_that_had_begun_before_in_any_order(pool):
    """Passwords were checked before, the sessions inserted whenever: none is live."""
    store, clock, manager = managed()

    def sign_in(user, began):
        try:
            return manager.start(user, began=began)
        except SignInRefused as refused:
            return refused.reason

    seen = set()
    for schedule in schedules({"end all": 1, "sign in": 1, "sign in too": 1}):
        began, user = clock.now(), " ".join(schedule)
        clock.advance(ms=1)
        answers = play(
            pool,
            store,
            schedule,
            {
                "end all": lambda who=user: manager.end_user(who),
                "sign in": lambda who=user, at=began: sign_in(who, at),
                "sign in too": lambda who=user, at=began: sign_in(who, at),
            },
        )
        seen.add((answers["sign in"] == "revoked", answers["sign in too"] == "revoked"))

        assert list(manager.list()) == [], schedule

    assert seen == {(True, True), (True, False), (False, True), (False, False)}


def test_activity_at_the_last_millisecond_and_at_the_limit_never_revives_in_any_order(pool):
    """One request at the deadline, one a millisecond before: dead once said to be dead."""
    store, clock, manager = managed()
    idle = manager.limits.idle_ms
    verdicts = set()

    def ask(manager, token):
        return type(manager.extend(token)).__name__

    for number in count():
        orders = list(schedules({"before": 1, "at": 1, "after": 1}))
        if number == len(orders):
            break
        # Three processes whose clocks are a millisecond apart.
        started = manager.start("george")
        token, at = started.token.text(), clock.now() + idle
        managers = {
            name: Manager(store, manager.limits, clock=FakeClock(at + off))
            for name, off in (("before", -1), ("at", 0), ("after", 1))
        }
        order = orders[number]
        actors = {
            name: lambda one=one, token=token: ask(one, token) for name, one in managers.items()
        }
        answers = play(pool, store, order, actors)

        said = [answers[name] for name in order]
        # Once dead it stays dead; live at or after the limit only if somebody was before it.
        assert said == sorted(said, key=["Live", "Ended"].index), (order, said)
        assert (said[0] == "Live") is (order[0] == "before"), (order, said)
        verdicts.add(tuple(said))

    assert verdicts == {("Live", "Live", "Live"), ("Ended", "Ended", "Ended")}


def test_a_sweep_beside_a_touch_deletes_no_session_in_use(pool):
    """The sweep found it over by its clock; a touch a millisecond earlier was first, or was not."""
    store, clock, manager = managed()

    class Swept(ScheduledStore):
        def sweep(self, *args, **options):
            return self._in_turn(lambda: super(ScheduledStore, self).sweep(*args, **options))

    for order in schedules({"touch": 1, "sweep": 1}):
        store = Swept()
        token = Manager(store, manager.limits, clock=clock).start("george").token.text()
        limit = clock.now() + manager.limits.idle_ms
        early = Manager(store, manager.limits, clock=FakeClock(limit - 1))
        sweeper = Manager(store, manager.limits, clock=FakeClock(limit))
        answers = play(
            pool,
            store,
            order,
            {
                "touch": lambda early=early, token=token: early.extend(token),
                "sweep": lambda sweeper=sweeper: [one for x in sweeper.sweep() for one in x.ended],
            },
        )

        touched_first = order[0] == "touch"
        assert isinstance(answers["touch"], Live) is touched_first
        assert len(answers["sweep"]) == (0 if touched_first else 1)


def test_a_record_that_was_read_long_ago_is_a_record_and_no_session(pool):
    """Every order of a write, an end and a purge: what was read is never inserted again."""
    store, clock, manager = managed()

    for schedule in schedules({"write": 2, "end": 1}):
        started = manager.start("george")
        answers = play(
            pool,
            store,
            schedule,
            {
                "write": lambda one=started: manager.save(one.record, {"a": 1}),
                "end": lambda one=started: manager.end(one.record.sid, EndReason.REVOKED),
            },
        )
        assert isinstance(answers["write"], Record | Ended)
        assert isinstance(answers["end"], Ended)
        clock.advance(hours=25)
        list(manager.sweep())
        assert manager.save(started.record, {"a": 2}) is None
        assert store._records == {}
