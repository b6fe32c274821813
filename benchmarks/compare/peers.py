"""What was measured with other projects, in another run; this command measures none of it.

Their own code was driven in Chromium 156 with Playwright's clock against a stub or a real Flask
server with a log of requests; lifetime 15 minutes, warning 2 minutes before. What was only read
in the source says so. A row that was not measured with a project has no entry.
"""

# What was run, in the order of the columns, with the version that was run.
RUN = {
    "seed": ("session-timeout-example", "saltycrane/session-timeout-example, commit f75e172"),
    "hmrc": ("hmrc", "hmrc/hmrc-frontend, commit e32e03cd, 2026-06-23"),
    "login.gov": ("login.gov", "18F/identity-idp, commit e4407766, 2026-08-21"),
    "idle-timer": ("react-idle-timer", "SupremeTechnopriest/react-idle-timer 5.7.2, bb178731"),
    "ons": ("ONS", "ONSdigital/design-system, commit 81a46159, 2026-06-29"),
    "django": (
        "django-session-security",
        "yourlabs/django-session-security, commit 44bc9430, later than 2.6.7",
    ),
    "bootstrap": (
        "bootstrap-session-timeout",
        "orangehill/bootstrap-session-timeout, commit 08f8f2a6, 2015",
    ),
    "jquery": ("jquery-idleTimeout", "JillElaine/jquery-idleTimeout 1.0.10, 8dcbc036, 2015"),
    "travishorn": ("session-timeout", "travishorn/session-timeout, commit bf1d02d4, 2026-06-30"),
}
# What was read and not run, but for the bytes of ng-idle.
READ = {
    "kibana": (
        "Kibana",
        "elastic/kibana, session_timeout.ts at 086ccdfc, perhaps not the newest",
    ),
    "ng-idle": ("ng-idle", "moribvndvs/ng2-idle, commit acaf10bd, @ng-idle/core 16.0.0"),
}

LONG = "10–15 min"
CLOSES = "closes as if it had worked"
LOCAL = "does not apply: knows local time only"
NONE = "does nothing about it (read)"

CELLS: dict[str, dict[str, str]] = {
    "woken": {
        "seed": LONG,
        "hmrc": LONG,
        "login.gov": f"signed in: at most 30 s; signed-out pages: {LONG}",
        "idle-timer": "0 s",
        "ons": LONG,
        "django": LONG,
        "bootstrap": LONG,
        "jquery": "at most 5 s",
        "travishorn": LONG,
        "kibana": "asks on `visibilitychange` and leaves; not while the warning is open",
        "ng-idle": "about 1–2 s",
    },
    "warned": {
        "seed": "at most 150 s",
        "hmrc": "at most 90 s",
        "login.gov": "at most 30 s; signed-out pages: at most 150 s",
        "idle-timer": "at most 150 s",
        "ons": "at most 5 s; it said “118 minutes 13 seconds”",
        "django": "at most 150 s",
        "bootstrap": "at most 150 s",
        "jquery": "at most 1 s",
        "kibana": "not handled",
        "ng-idle": "about 1 s",
    },
    "input": {
        "seed": "revives: still visible 10 min later",
        "hmrc": f"no effect: {LONG}",
        "login.gov": f"no effect: at most 30 s; signed-out pages: {LONG}",
        "idle-timer": "ends at once (0 s)",
        "django": "ends at once (0 s)",
        "bootstrap": "revives",
        "jquery": "revives, for 20 min",
        "ng-idle": "times out at once",
    },
    "stay-500": {
        "seed": CLOSES,
        "hmrc": CLOSES,
        "login.gov": CLOSES,
        "idle-timer": "has no dialog",
        "ons": CLOSES,
        "django": "goes back to what it knows locally",
        "bootstrap": CLOSES,
        "jquery": CLOSES,
        "travishorn": CLOSES,
        "kibana": "stays, tries again more and more slowly, says nothing",
        "ng-idle": "has no dialog",
    },
    "stay-ended": {
        "seed": "ignores it, goes on for 13 min",
        "hmrc": "ignores it",
        "login.gov": "at most 30 s; signed-out pages: ignores it",
        "idle-timer": "has no dialog",
        "ons": "leaves",
        "django": "leaves",
        "bootstrap": "ignores it",
        "jquery": "ignores it",
        "travishorn": "ignores it",
        "kibana": "leaves, with the reason",
        "ng-idle": "has no dialog",
    },
    "back-time-out": {
        "seed": "shown, still there 5 s later",
        "hmrc": "shown, still there 5 s later",
        "login.gov": "does nothing about it; sends `no-store` (read)",
        "idle-timer": NONE,
        "ons": "only `location.replace` (read)",
        "django": NONE,
        "bootstrap": NONE,
        "jquery": NONE,
        "travishorn": "shown",
        "kibana": "does nothing about it",
        "ng-idle": "does nothing about it",
    },
    "crash": {"idle-timer": "never ends: 25 min later no warning, content visible"},
    "skew": {
        "seed": LOCAL,
        "hmrc": LOCAL,
        "login.gov": "10 min behind: never warned, out at 900 s; 10 min ahead: warned at 180 s",
        "idle-timer": LOCAL,
        "ons": "takes no account of it; says “2 h left” of what ended 2 h ago",
        "django": "relative time (read)",
        "bootstrap": LOCAL,
        "jquery": LOCAL,
        "kibana": "relative time",
        "ng-idle": LOCAL,
    },
    "size": {
        "seed": "612, and 41,112 of jQuery and Bootstrap",
        "hmrc": "3,070",
        "login.gov": "2,741 (signed-out pages: 2,698)",
        "idle-timer": "6,279, and 45,613 of React",
        "ons": "5,979; with DOMPurify 18,009",
        "django": "1,096, and 30,209 of jQuery",
        "bootstrap": "1,476, and 41,112 of jQuery and Bootstrap",
        "jquery": "1,231, and 69,927 of jQuery, its UI and store.js",
        "travishorn": "1,039",
        "ng-idle": "3,326, keep-alive 926, and Angular (measured)",
    },
    "requests": {
        "seed": "one a minute at most (read)",
        "hmrc": "none for activity (read)",
        "login.gov": "one every 30 s (read)",
        "idle-timer": "none: knows no server (read)",
        "ons": "one every 61 s, for each kind of event (read)",
        "django": "none before the warning is due (read)",
        "bootstrap": "one every 5 s at most (read)",
        "jquery": "one every 10 min (read)",
        "kibana": "one a minute at most",
        "ng-idle": "one every 10 min",
    },
}
