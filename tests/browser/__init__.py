"""The bank in a real Chromium, with the real server behind it and a clock that tests move."""
