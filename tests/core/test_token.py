"""The token in the cookie: what is made, what is read, and what never shows."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlatch.token import Token, mint, parse


def test_a_minted_token_is_a_version_a_handle_and_a_secret():
    """``v1.<128 bits in hex>.<256 bits in base64url>``: nothing that a cookie must quote."""
    text = mint().text()

    assert re.fullmatch(r"v1\.[0-9a-f]{32}\.[A-Za-z0-9_-]{43}", text)


def test_no_two_tokens_share_anything():
    """Handles and secrets come from the system's random source, each its own."""
    tokens = [mint() for _ in range(200)]

    assert len({token.sid for token in tokens}) == 200
    assert len({token.secret for token in tokens}) == 200


def test_a_session_that_rotates_keeps_its_handle():
    """Minting for a sid makes a new secret and nothing else."""
    before = mint()

    after = mint(before.sid)

    assert after.sid == before.sid
    assert after.secret != before.secret


def test_what_was_written_is_read_back():
    """The cookie's value and the token are the same thing in two shapes."""
    token = mint()

    assert parse(token.text()) == token


def test_a_store_is_handed_the_hash_of_the_secret():
    """SHA-256 of the secret's own characters, 32 bytes."""
    token = Token("0" * 32, "A" * 43)

    assert token.hash == hashlib.sha256(b"A" * 43).digest()


def test_no_repr_shows_the_secret():
    """A token in a log or a traceback is its public handle."""
    token = mint()

    assert token.sid in repr(token)
    assert token.secret not in repr(token)


GOOD = f"v1.{'0' * 32}.{'A' * 43}"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "v1",
        f"v2.{'0' * 32}.{'A' * 43}",
        GOOD + "\n",
        " " + GOOD,
        f'"{GOOD}"',
        f"v1.{'0' * 32}.{'A' * 42}",
        f"v1.{'0' * 32}.{'A' * 44}",
        f"v1.{'0' * 31}.{'A' * 43}",
        f"v1.{'G' * 32}.{'A' * 43}",
        f"v1.{'A' * 32}.{'A' * 43}",
        f"v1.{'٣' * 32}.{'A' * 43}",
        f"v1.{'0' * 32}.{'é' * 43}",
        f"v1.{'0' * 32}.{'A' * 42}=",
        GOOD + "." + GOOD,
        "A" * 100_000,
    ],
)
def test_what_we_never_wrote_is_no_token(text):
    """Another version, another length, other digits, a line end: all are nobody's."""
    assert parse(text) is None


@given(st.text(max_size=200))
def test_any_text_is_a_token_or_nothing(text):
    """Whatever a browser sends is answered, never an error; and what is read is written alike."""
    token = parse(text)

    assert token is None or token.text() == text
