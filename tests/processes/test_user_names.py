"""Whether somebody banks here cannot be learnt from the answer to a sign-in, nor from its time."""

import itertools
import re
import time
from statistics import median

import pytest

from tests.processes.client import Browser

# As long as a real name, so that the one page is as long as the other.
NOBODY = "gloria"
SOMEBODY = "george"
TRIES = 40

# What differs between any two answers to the same question.
VARIES = ("Date", "Set-Cookie")

PASSWORDS = {
    "wrong": "not the password",
    "nearly right": "George",
    "of another person": "o’connor",
    "longer than any": "x" * 2000,
    "in no known spelling": "\u0301\u200b\U0001f512",
}


@pytest.fixture(scope="module")
def server(shared_town):
    """The bank as it is run behind a proxy, so that each try can come from a place of its own."""
    shared_town.settings["BANK_PROXIES"] = "1"
    return shared_town.start()


_numbers = itertools.count(1)


def somewhere():
    """Return an address at which nobody has failed yet."""
    return f"192.0.2.{next(_numbers)}"


def shown(answer, name):
    """Return everything that an answer tells, but for what differs between any two."""
    headers = [pair for pair in answer.headers.items() if pair[0] not in VARIES]
    body = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", answer.text)
    names = sorted(answer.cookies)
    return answer.status, headers, names, body.replace(f'"{name}"', '"NAME"')


@pytest.mark.parametrize("password", PASSWORDS)
def test_the_answer_is_the_same(server, password):
    """Status, headers, cookies and page are alike for an unknown name and a wrong password."""
    answers = []
    for name in (NOBODY, SOMEBODY):
        with Browser(server.port, address=somewhere()) as browser:
            answers.append(shown(browser.try_to_sign_in(name, PASSWORDS[password]), name))
    unknown, wrong = answers
    assert unknown == wrong
    assert wrong[0] == 422
    assert "do not match" in wrong[3]


def test_the_answer_does_not_say_more_about_a_name_with_a_session(server):
    """Nor does it help to ask while that person is signed in elsewhere."""
    with (
        Browser(server.port, address=somewhere()) as victim,
        Browser(server.port, address=somewhere()) as asker,
    ):
        victim.sign_in(SOMEBODY)
        known = shown(asker.try_to_sign_in(SOMEBODY, "wrong"), SOMEBODY)
        unknown = shown(asker.try_to_sign_in(NOBODY, "wrong"), NOBODY)
    assert known == unknown


def test_the_time_is_the_same(server):
    """An unknown name costs one verification too: medians of 40 tries each, taken in turns."""
    took = {NOBODY: [], SOMEBODY: []}
    with Browser(server.port) as browser:
        for _ in range(TRIES):
            for name, times in took.items():
                browser.address = somewhere()
                begun = time.perf_counter()
                browser.try_to_sign_in(name, "wrong")
                times.append(time.perf_counter() - begun)
    ratio = median(took[NOBODY]) / median(took[SOMEBODY])
    assert 0.5 < ratio < 2
