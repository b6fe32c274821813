"""What a browser says of itself, in words that its owner knows it by.

A User-Agent is a claim, and nothing here is decided by it. The names are those on the box,
without versions: "Firefox on Windows". What is not recognised is not guessed at.
"""

from __future__ import annotations

import re

ANOTHER_PROGRAM = "Another program"
SILENT = "A program that does not say what it is"

# In this order: most browsers also claim to be the ones further down.
_BROWSERS = (
    (re.compile(r"\bEdg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"\b(OPR|OPX|OPT|Opera)[/ ]|\bOpera\b"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\bVivaldi/"), "Vivaldi"),
    (re.compile(r"\bYaBrowser/"), "Yandex Browser"),
    (re.compile(r"\b(DuckDuckGo|Ddg)/"), "DuckDuckGo"),
    (re.compile(r"\b(Firefox|FxiOS|Focus)/"), "Firefox"),
    # A page inside another program; it claims to be the system's browser.
    (re.compile(r"; wv\)"), "An app"),
    (re.compile(r"\b(Headless)?Chrom(e|ium)/|\bCriOS/"), "Chrome"),
    (re.compile(r"\bTrident/|\bMSIE "), "Internet Explorer"),
    (re.compile(r"\bVersion/[\d.]+ .*\bSafari/"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"\biPhone\b|\biPod\b"), "iPhone"),
    (re.compile(r"\biPad\b"), "iPad"),
    # An iPad asks for desktop pages under the name of a Mac; these programs run on no Mac.
    (re.compile(r"Macintosh.*\b(CriOS|FxiOS|EdgiOS)/"), "iPad"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bMacintosh\b"), "Mac"),
    (re.compile(r"\bLinux\b|\bUbuntu\b"), "Linux"),
)
# They call themselves compatible with a browser, and say in the same breath that they are none.
_ROBOT = re.compile(r"bot\b|crawler|spider", re.IGNORECASE)


def device_words(user_agent: str) -> str:
    """A browser and its system: ``Firefox on Windows``, ``Another program``.

    :param user_agent: as it was sent, or the beginning of it; any text.
    """
    if not user_agent.strip():
        return SILENT
    if not user_agent.startswith(("Mozilla/", "Opera/")) or _ROBOT.search(user_agent):
        return ANOTHER_PROGRAM
    system = _first(_SYSTEMS, user_agent)
    browser = _first(_BROWSERS, user_agent)
    if browser is None and system in ("iPhone", "iPad"):
        # There every browser says what it is, and an app with a page in it says nothing.
        browser = "An app"
    if browser == "Safari" and system == "Mac":
        # Nothing in what it says tells the one from the other.
        system = "Mac or iPad"
    if system is None:
        return browser or ANOTHER_PROGRAM
    return f"{browser or 'A browser'} on {system}"


def _first(known: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    return next((name for pattern, name in known if pattern.search(text)), None)
