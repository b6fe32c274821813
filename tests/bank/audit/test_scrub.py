"""What is recognised as a secret, and what is left alone."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from bank.audit.scrub import scrub
from bank.audit.text import escape, spelled_for

HIDES = [
    ("GET /login?password=hunter2&next=/x HTTP/1.1", "GET /login?password=***&next=/x HTTP/1.1"),
    ("?access_token=abc.def", "?access_token=***"),
    ("{'password': 'hunt\\'er2', 'n': 1}", "{'password': '***', 'n': 1}"),
    ('{"new_password": "hunter2"}', '{"new_password": "***"}'),
    ("ImmutableMultiDict([('password', 'hunter2')])", "ImmutableMultiDict([('password', '***')])"),
    ("User(password=b'hunter2', id=1)", "User(password=b'***', id=1)"),
    ("Authorization: Basic Z2VvcmdlOmdlb3JnZQ==", "Authorization: ***"),
    ("sent Bearer abcdefghijkl to it", "sent Bearer *** to it"),
    ("Cookie: a=1; nightlatch=xyz; b=2", "Cookie: ***"),
    ("__Host-bank_form=abcdefgh;", "__Host-bank_form=***;"),
    ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "***"),
    ("postgresql://bank:hunter2@db/bank", "postgresql://bank:***@db/bank"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"),
    ("v1." + "0" * 32 + "." + "x" * 43, "***"),
    ("kept $bank$v=1$wrapped$md5$$argon2id$v=19$m=8,t=1,p=1$c2Fs$aGFzaA here", "kept *** here"),
    ("kept $1$abcdefgh$CHiKG8F4/roOpx8NXrZaI0 here", "kept *** here"),
    ("kept $5$rounds=5000$salt$" + "a" * 43 + " here", "kept *** here"),
    ("kept $6$salt$" + "a" * 86 + " here", "kept *** here"),
    ("kept $P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0 here", "kept *** here"),
    ("kept pbkdf2_sha256$600000$salt$aGFzaA= here", "kept *** here"),
    ("kept pbkdf2:sha256:600000$salt$abcdef here", "kept *** here"),
    ("kept scrypt:32768:8:1$salt$abcdef here", "kept *** here"),
    ("kept {SSHA}7VFqL3jO9MH+DkcBTOlLRSN9PJ8BAgME here", "kept *** here"),
    ("kept sha1$a1b2$" + "0" * 40 + " here", "kept sha1$a1b2$*** here"),
]

KEEPS = [
    "O’Connor signed in",
    "user 1: the hash could not be replaced",
    "session['socket'] holds a object",
    "GET /transfer/4f2a HTTP/1.1 200",
    "https://example.org:8080/path?next=/statement",
    "Enter your password once more.",
    "it cost $5 or $6, and the form is {SHA}",
]


@pytest.mark.parametrize(("text", "clean"), HIDES)
def test_a_secret_is_hidden_and_its_surroundings_stay(text: str, clean: str) -> None:
    """By its shape or by its name; searching twice changes nothing more."""
    assert scrub(text) == clean
    assert scrub(clean) == clean


@pytest.mark.parametrize("text", KEEPS)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """What holds no secret comes out as it went in."""
    assert scrub(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "token", "token=", "cookie: ", "://a:", "'", '"\\', "eyJ", "$", "scrypt:"]
)
def test_long_text_costs_time_in_its_length(piece: str) -> None:
    """A stranger's megabyte cannot hold up the server."""
    text = piece * (200_000 // len(piece))

    began = time.process_time()
    scrub(text)

    assert time.process_time() - began < 2


def test_what_the_request_brought_along_is_known_by_heart(app: Flask) -> None:
    """Its password, cookies, tokens and credentials are hidden wherever they turn up."""
    sent = {"password": "correct horse", "username": "george", "pin_token": "abc"}
    headers = {"Cookie": "x=planted-cookie; y=short", "Authorization": "Custom credential-9"}
    with app.test_request_context(
        "/login?reset_token=from-the-query", method="POST", data=sent, headers=headers
    ) as context:
        unread = scrub("correct horse")
        assert context.request.form
        text = scrub("george, correct horse, planted-cookie, short, credential-9, from-the-query")

    assert unread == "correct horse"
    assert text == "george, ***, ***, short, ***, ***"


def test_outside_of_a_request_there_is_nothing_to_know() -> None:
    """Without a request the same words mean nothing."""
    assert scrub("correct horse") == "correct horse"


def test_letters_and_signs_of_all_languages_stay() -> None:
    """Escaping is for what a terminal would obey, and for nothing else."""
    assert escape("O’Connor, José, 李, שלום, 👩\u200d🚀") == "O’Connor, José, 李, שלום, 👩\u200d🚀"
    assert escape("a\tb\x00\x7f\x9b\u2066\ud800") == "a\\tb\\x00\\x7f\\u009b\\u2066\\ud800"
    assert spelled_for("O’Connor", "ascii") == "O\\u2019Connor"
    assert spelled_for("O’Connor", None) == "O’Connor"
