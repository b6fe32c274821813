"""Every row of the comparison, in the order of the page."""

from benchmarks.compare import answers, asleep, others
from benchmarks.compare.found import Row, milliseconds, off_by, words

ROWS = [
    Row(
        "woken",
        "Asleep 2 h past the end, then `focus` or `visibilitychange`: content visible for",
        "the lid closes a minute after sign-in; the clock jumps, no timer runs, one event is "
        "dispatched, and no answer of the server arrives",
        asleep.woken,
        milliseconds,
        asleep.woken,
    ),
    Row(
        "quiet",
        "Asleep 2 h past the end, no event at all on waking: content visible for",
        "the same, and nothing is dispatched; the lid closes at another part of a second in "
        "every run",
        asleep.quiet,
        milliseconds,
        asleep.quiet,
    ),
    Row(
        "fired",
        "Asleep 2 h past the end, waking runs every overdue timer once: content visible for",
        "the same, but the clock is moved by two hours in one step",
        asleep.fired,
        milliseconds,
        asleep.fired,
    ),
    Row(
        "warned",
        "Asleep 2 h with the warning open: content visible for",
        "the lid closes a minute before the end; once with `focus` on waking, once with nothing; "
        "the countdown must be empty afterwards",
        asleep.warned,
        milliseconds,
    ),
    Row(
        "input",
        "First move, click or key after that sleep",
        "the page is looked at in the dispatch of the browser's own event, and 10 minutes later",
        asleep.first_input,
        words,
    ),
    Row(
        "stay-500",
        "*Stay* while the server answers 500",
        "pressed 5 seconds after the warning opened, and looked at for 30 seconds",
        answers.stay_500,
        words,
    ),
    Row(
        "stay-500-end",
        "Still 500 at the end: content visible past it for",
        "every route of the session answers 500; 12 seconds after the end the content must have "
        "left the document",
        answers.stay_500_end,
        milliseconds,
    ),
    Row(
        "stay-ended",
        "*Stay* when the server has already ended it",
        "an administrator ends every session while the warning is open",
        answers.stay_ended,
        words,
    ),
    Row(
        "back-time-out",
        "Back after the time-out: private page",
        "in a Chromium that keeps pages for Back and in one that does not; looked at as the page "
        "returns, at each change of it and for 5 seconds",
        answers.back_after_time_out,
        words,
    ),
    Row(
        "back-sign-out",
        "Back after signing out: private page",
        "the same after the *Sign out* button",
        answers.back_after_sign_out,
        words,
        answers.back_after_sign_out,
    ),
    Row(
        "back-elsewhere",
        "Back to a page kept by the browser whose session ended meanwhile",
        "left for another page while alive; the server ends it; Back",
        answers.back_from_elsewhere,
        words,
        answers.back_from_elsewhere,
    ),
    Row(
        "crash",
        "The other tab, last used, has crashed: warning and end",
        "the last input is in a tab that then crashes; ours is looked at every 100 ms",
        others.crash,
        off_by,
    ),
    Row(
        "skew",
        "Visitor's clock wrong by 5 min, 10 min, 1 day, both ways: warning and end",
        "the page's clock is set before sign-in; looked at every 100 ms",
        others.skew,
        off_by,
    ),
    Row(
        "size",
        "Bytes of its own, minified and compressed",
        "everything of ours that a signed-in page of the bank asks for",
        others.size,
        lambda values: f"{max(values):,}, and nothing else",
    ),
    Row(
        "requests",
        "Requests in an hour of steady work in one tab",
        "a key every 10 seconds for an hour; every question about the session counts, "
        "saves of the draft do not",
        others.requests,
        lambda values: f"{max(values):,}",
    ),
]
