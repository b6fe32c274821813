"""NIST SP 800-63B-4: sessions at the authenticator assurance levels 2 and 3."""

from __future__ import annotations

from nightlatch.checks import cookies
from nightlatch.checks.base import Answer, Facts, Requirement, Standard, at_most, met, ours, person
from nightlatch.limits import PROFILES


@ours
def _activity(facts: Facts) -> Answer:
    return met("navigation, forms and reported input count; asking and background calls do not")


@ours
def _no_expiry(facts: Facts) -> Answer:
    return met("no Max-Age and no Expires; the server ends it")


def _level(profile: str, section: str, overall: str) -> tuple[Requirement, ...]:
    limits = PROFILES[profile].limits
    return (
        Requirement(
            section,
            overall,
            "There is an overall limit, after which the user authenticates again.",
            at_most("absolute", limits.absolute_ms),
        ),
        Requirement(
            section,
            "SHOULD",
            "There is a limit of inactivity, after which the user authenticates again.",
            at_most("idle", limits.idle_ms),
        ),
        Requirement(
            section,
            "SHALL",
            "After the overall limit the user authenticates with every factor of the level.",
            person("Does the sign-in ask for all of them?", "outside this library"),
        ),
    )


COMMON = (
    Requirement("5.1", "SHALL", "Session secrets are random, 64 bits or more.", cookies.random),
    Requirement("5.1", "SHALL", "Signing out makes the secret worthless.", cookies.ends_for_good),
    Requirement(
        "5.1",
        "SHALL",
        "What a form sends is tied to the session, against forgery from other sites.",
        person(
            "Do the application's own forms carry a token (Flask-WTF's CSRFProtect)?",
            "nightlatch's own routes refuse other sites",
        ),
    ),
    Requirement(
        "5.1",
        "SHOULD",
        "Every page has a way to sign out.",
        person("Does every signed-in page show it?", "the warning before the end has Sign out"),
    ),
    Requirement("5.1.1", "SHALL", "The cookie travels over secure channels only.", cookies.secure),
    Requirement("5.1.1", "SHOULD", "Scripts cannot read the cookie.", cookies.http_only),
    Requirement("5.1.1", "SHOULD", "Its name begins with __Host-, Path is /.", cookies.host_only),
    Requirement("5.1.1", "SHOULD", "SameSite is Lax or Strict.", cookies.same_site),
    Requirement("5.1.1", "SHALL", "No limit relies on the cookie's own expiry.", _no_expiry),
    Requirement(
        "5.2",
        "SHALL",
        "Both limits are decided and written down.",
        person("Are they written down?", "the limits above"),
    ),
    Requirement("5.2", "SHALL", "Activity begins the inactivity limit anew.", _activity),
    Requirement(
        "5.2",
        "SHALL",
        "Authenticating again begins both limits anew.",
        person(
            "Where both must begin anew, is the user led to sign in, not to step_up()?",
            "signing in begins both anew; step_up() begins the idle limit alone",
        ),
    ),
)

# 2.2.3: an overall limit SHALL exist and SHOULD be 24 h at most; 2.3.3: 12 h is a SHALL.
AAL2 = Standard("NIST SP 800-63B-4, AAL2", _level("nist-aal2", "2.2.3", "SHOULD") + COMMON)
AAL3 = Standard("NIST SP 800-63B-4, AAL3", _level("nist-aal3", "2.3.3", "SHALL") + COMMON)
