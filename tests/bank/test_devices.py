"""What a browser says of itself, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.sessions.devices import ANOTHER_PROGRAM, SILENT, device_words

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT}"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15"
GECKO = "(KHTML, like Gecko)"

SAID = [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
     "Firefox on Windows"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
     "Firefox on Linux"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
     "Firefox on Mac"),
    ("Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
     "Firefox on Android"),
    (f"{IPHONE} {GECKO} FxiOS/133.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
    (f"{MAC} AppleWebKit/605.1.15 {GECKO} FxiOS/133 Version/17.6 Safari/605.1.15",
     "Firefox on iPad"),
    (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36", "Chrome on Windows"),
    (f"{ANDROID} Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
    (f"{MAC} {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome on Mac"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0.0.0 Safari/537.36",
     "Chrome on ChromeOS"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/131.0.0.0 Safari/537.36",
     "Chrome on Linux"),
    (f"{IPHONE} {GECKO} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
    (f"{IPAD} {GECKO} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome on iPad"),
    (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge on Windows"),
    (f"{ANDROID} Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0", "Edge on Android"),
    (f"{IPHONE} {GECKO} Version/18.0 EdgiOS/131.0.2903.68 Mobile/15E148 Safari/604.1",
     "Edge on iPhone"),
    (f"{WINDOWS} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", "Opera on Windows"),
    ("Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "Opera on Windows"),
    (f"{ANDROID} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
     "Samsung Internet on Android"),
    (f"{WINDOWS} Chrome/130.0.0.0 Safari/537.36 Vivaldi/7.0.3495.11", "Vivaldi on Windows"),
    (f"{WINDOWS} Chrome/128.0.0.0 YaBrowser/24.10.0 Safari/537.36", "Yandex Browser on Windows"),
    (f"{ANDROID} Version/4.0 Chrome/131.0.0.0 Mobile DuckDuckGo/5 Safari/537.36",
     "DuckDuckGo on Android"),
    (f"{IPHONE} {GECKO} Version/18.1 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
    (f"{IPAD} {GECKO} Version/17.6 Mobile/15E148 Safari/604.1", "Safari on iPad"),
    (f"{MAC} AppleWebKit/605.1.15 {GECKO} Version/18.1 Safari/605.1.15",
     "Safari on Mac or iPad"),
    (f"{IPHONE} {GECKO} Mobile/15E148 [FBAN/FBIOS;FBAV/490.0.0.41.103]", "An app on iPhone"),
    (f"Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) {WEBKIT} Version/4.0 Chrome/131.0.0.0 "
     "Mobile Safari/537.36", "An app on Android"),
    ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
     "Internet Explorer on Windows"),
    (f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 {GECKO}", "A browser on Linux"),
    ("Mozilla/5.0 (Mobile; Nokia 2780; rv:84.0) Gecko/84.0 Firefox/84.0 KAIOS/3.1", "Firefox"),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
     ANOTHER_PROGRAM),
    ("Mozilla/5.0", ANOTHER_PROGRAM),
    ("curl/8.5.0", ANOTHER_PROGRAM),
    ("python-requests/2.32.3", ANOTHER_PROGRAM),
    ("okhttp/4.12.0", ANOTHER_PROGRAM),
    ("My Firefox on Windows", ANOTHER_PROGRAM),
    ("", SILENT),
    ("  ", SILENT),
]  # fmt: skip


@pytest.mark.parametrize(("user_agent", "words"), SAID)
def test_a_browser_is_named_as_its_owner_names_it(user_agent: str, words: str) -> None:
    """Browser and system without versions; what is not known is not guessed at."""
    assert device_words(user_agent) == words


@given(st.text(max_size=200))
def test_no_text_breaks_it_or_comes_through(user_agent: str) -> None:
    """Whatever a stranger sends, the words are our own."""
    words = device_words(f"Mozilla/5.0 ({user_agent}")

    assert words
    assert words.isascii()
    assert len(words) < 40
