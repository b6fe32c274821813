"""OWASP ASVS 5.0: the whole of V7, the cookies of V3.3, and what 14.3 asks of a browser."""

from __future__ import annotations

from nightlatch.checks import cookies
from nightlatch.checks.base import (
    Answer,
    Facts,
    Judge,
    Requirement,
    Standard,
    Verdict,
    at_most,
    met,
    not_met,
    ours,
    person,
    span,
)
from nightlatch.limits import PROFILES

# ASVS has no number of its own: 7.1.1 measures by NIST SP 800-63B.
NIST = PROFILES["nist-aal2"].limits
ADVICE = PROFILES["owasp-asvs"].limits
SOURCE = "NIST AAL2, by which 7.1.1 measures; the profile owasp-asvs has {}"


def _limits(facts: Facts) -> str:
    return (
        f"idle {span(facts.limits.idle_ms)}, absolute {span(facts.limits.absolute_ms)}; NIST AAL2 "
        f"has {span(NIST.idle_ms)} and {span(NIST.absolute_ms)}"
    )


def _cap(facts: Facts) -> str:
    if facts.cap is None:
        return "any number of sessions for one user"
    return f"at most {facts.cap} for one user, then {facts.cap_full}"


def _guarded(facts: Facts) -> str:
    views = f"{facts.guarded_views} view{'' if facts.guarded_views == 1 else 's'}"
    return f"{views} guarded by require_recent; its page: {facts.reauth_view or 'none'}"


def _reauth(question: str) -> Judge:
    @ours
    def judge(facts: Facts) -> Answer:
        if facts.guarded_views and facts.reauth_view is None:
            return not_met(_guarded(facts), "Set NIGHTLATCH_REAUTH_VIEW to the page for it.")
        return Answer(Verdict.NOT_OURS, _guarded(facts), question)

    return judge


@ours
def _on_the_server(facts: Facts) -> Answer:
    return met(f"every request asks the {facts.store}")


@ours
def _dynamic(facts: Facts) -> Answer:
    return met("a reference token, new for each session; SECRET_KEY has no part in it")


@ours
def _renewed(facts: Facts) -> Answer:
    return met(
        "signing in begins a new session and ends the old one; proving it again makes a new "
        "secret, and the old one may only read, for 30 s"
    )


@ours
def _administrators(facts: Facts) -> Answer:
    if facts.shared_store:
        return met("flask nightlatch sessions end --user NAME, or --all")
    return not_met(
        f"{facts.store}: commands run in a process of their own and find no session there",
        "Set NIGHTLATCH_STORE to a store that processes share, such as sqlite:///sessions.db.",
    )


STANDARD = Standard(
    "OWASP ASVS 5.0",
    (
        Requirement(
            "3.3.1",
            "L1",
            "The session's cookie is Secure, with a prefix in its name.",
            cookies.secure,
        ),
        Requirement(
            "3.3.2",
            "L2",
            "The cookie says which other sites may send it along.",
            cookies.same_site,
        ),
        Requirement(
            "3.3.3",
            "L2",
            "Its name begins with __Host- unless hosts are meant to share it.",
            cookies.host_only,
        ),
        Requirement(
            "3.3.4",
            "L2",
            "No script can read a cookie that scripts do not need.",
            cookies.http_only,
        ),
        Requirement(
            "3.3.5",
            "L3",
            "Name and value of the cookie fit what browsers keep.",
            cookies.short,
        ),
        Requirement(
            "7.1.1",
            "L2",
            "Both limits are written down, suit the other safeguards, and give reasons where they "
            "differ from NIST SP 800-63B.",
            person("Is it written down, with reasons for what is longer than NIST's?", _limits),
        ),
        Requirement(
            "7.1.2",
            "L2",
            "It is written down how many sessions one account may have, and what happens then.",
            person("Is it written down, and is this the number?", _cap),
        ),
        Requirement(
            "7.1.3",
            "L2",
            "Every system that makes sessions together with others (single sign-on) is written "
            "down, with what keeps their ends in step.",
            person("Is there single sign-on, and is that written down?", "outside this program"),
        ),
        Requirement("7.2.1", "L1", "Tokens are verified on the server.", _on_the_server),
        Requirement("7.2.2", "L1", "Tokens are made as needed, no fixed keys.", _dynamic),
        Requirement(
            "7.2.3",
            "L1",
            "Tokens are unique, from a secure random source, of 128 bits or more.",
            cookies.random,
        ),
        Requirement(
            "7.2.4",
            "L1",
            "Signing in, and proving it again, makes a new token and ends the one before.",
            _renewed,
        ),
        Requirement(
            "7.3.1",
            "L2",
            "A session ends after a time without activity, as the risk analysis decided.",
            at_most("idle", NIST.idle_ms, SOURCE.format(span(ADVICE.idle_ms))),
        ),
        Requirement(
            "7.3.2",
            "L2",
            "A session ends some time after sign-in, whatever its user does.",
            at_most("absolute", NIST.absolute_ms, SOURCE.format(span(ADVICE.absolute_ms))),
        ),
        Requirement(
            "7.4.1",
            "L1",
            "Signed out or expired is over: neither Back nor another party resumes it.",
            cookies.ends_for_good,
        ),
        Requirement(
            "7.4.2",
            "L1",
            "All sessions of an account end when it is disabled or deleted.",
            person(
                "Does what disables or deletes an account call manager.end_user(name)?",
                "manager.end_user is there to be called",
            ),
        ),
        Requirement(
            "7.4.3",
            "L2",
            "After a change of password or other factor, ending all other sessions is offered.",
            person(
                "Does a change of password offer manager.end_user(name, keep=sid)?",
                "manager.end_user is there to be called",
            ),
        ),
        Requirement(
            "7.4.4",
            "L2",
            "Every page that needs a sign-in shows how to sign out.",
            person(
                "Does every signed-in page show Sign out, not only the warning?",
                "the warning before the end has Sign out",
            ),
        ),
        Requirement(
            "7.4.5",
            "L2",
            "Administrators can end the sessions of one user and of everybody.",
            _administrators,
        ),
        Requirement(
            "7.5.1",
            "L2",
            "Whoever changes what signs them in, or recovers the account, proves first who "
            "they are.",
            _reauth("Is each such view guarded by require_recent?"),
        ),
        Requirement(
            "7.5.2",
            "L2",
            "Users see their sessions and, having proved again who they are, end any of them.",
            _reauth("Is there such a page, and is ending one guarded?"),
        ),
        Requirement(
            "7.5.3",
            "L3",
            "Highly sensitive operations ask for another proof first.",
            _reauth("Is each such operation guarded?"),
        ),
        Requirement(
            "7.6.1",
            "L2",
            "Sessions here and at an identity provider last and end as written down.",
            person("If somebody else signs users in: do the ends agree?", "outside this program"),
        ),
        Requirement(
            "7.6.2",
            "L2",
            "No session begins without consent or an action of the user.",
            person(
                "If somebody else signs users in: does the user do something first?",
                "outside this program",
            ),
        ),
        Requirement(
            "14.3.1",
            "L1",
            "Private data leaves the page when the session ends, also without a network.",
            cookies.cleared,
        ),
        Requirement(
            "14.3.2",
            "L2",
            "Answers with private data forbid caches to keep them.",
            cookies.no_store,
        ),
    ),
)
