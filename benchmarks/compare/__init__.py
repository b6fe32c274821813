"""`make compare`: what a user meets in a browser, ours beside what was measured with others.

Each row of docs/comparison.md is a function here that drives Chromium against the real bank; the
others' cells are figures of an earlier run (`peers`) and are not measured by this command.
"""
