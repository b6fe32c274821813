"""What several standards ask of a session's cookie and its end, judged once for all."""

from __future__ import annotations

from nightlatch.checks.base import Answer, Facts, Verdict, met, not_met, ours

HTTPS = (
    "Does every visitor come by HTTPS, and does the application see it (behind a proxy: "
    "ProxyFix)? SESSION_COOKIE_SECURE = True settles it."
)
# RFC 6265bis, section 5.6: what is longer, browsers drop without a word.
COOKIE_BYTES = 4096
SECRET_BITS = 256


@ours
def secure(facts: Facts) -> Answer:
    """``Secure`` and a prefixed name."""
    name = facts.cookie.name_for(secure=True)
    if facts.always_secure:
        return met(f"{name}, Secure, always")
    plain = facts.cookie.name_for(secure=False)
    return Answer(Verdict.NOT_OURS, f"{name}, Secure, on HTTPS; {plain} on plain HTTP", HTTPS)


@ours
def same_site(facts: Facts) -> Answer:
    """``SameSite``."""
    return met(f"SameSite={facts.cookie.same_site}")


@ours
def host_only(facts: Facts) -> Answer:
    """``__Host-``, one host, every path."""
    answer = secure(facts)
    return Answer(answer.verdict, f"{answer.measured}; Path=/, no Domain", answer.action)


@ours
def http_only(facts: Facts) -> Answer:
    """``HttpOnly``."""
    return met("HttpOnly, and the value is in Set-Cookie alone")


@ours
def short(facts: Facts) -> Answer:
    """Name and value within what browsers keep."""
    measured = f"{facts.cookie_bytes} bytes, at most {COOKIE_BYTES}"
    if facts.cookie_bytes <= COOKIE_BYTES:
        return met(measured)
    return not_met(measured, "Set NIGHTLATCH_COOKIE_NAME to a shorter name.")


@ours
def random(facts: Facts) -> Answer:
    """A long secret from the system's random source."""
    return met(f"{SECRET_BITS} random bits of secret, from the system's random source")


@ours
def ends_for_good(facts: Facts) -> Answer:
    """What has ended does not come back."""
    if facts.remember_cookie:
        return not_met(
            "a remember cookie signs in again after signing out",
            "Leave app.before_request_funcs alone: nightlatch's first step is missing there.",
        )
    if not facts.journal:
        return not_met(
            "a sign-out that the store does not confirm is forgotten",
            "Set NIGHTLATCH_JOURNAL to the path of a file, or leave it out.",
        )
    return met(
        "an ended session never comes back; a sign-out that the store does not confirm is "
        "carried out later"
    )


@ours
def no_store(facts: Facts) -> Answer:
    """No copies in caches."""
    return met(
        "Cache-Control: no-store on every answer that came with a session, unless its view "
        "says public"
    )


@ours
def cleared(facts: Facts) -> Answer:
    """No private page is left standing."""
    if not facts.templates:
        return Answer(
            Verdict.NOT_OURS,
            "no template could be read",
            "Does every signed-in page call {{ nightlatch() }}?",
        )
    if not facts.monitored:
        return not_met(
            f"none of {facts.templates} templates calls nightlatch()",
            "Put {{ nightlatch() }} into the template that every signed-in page is built on.",
        )
    return met(
        f"called in {', '.join(facts.monitored)}: hides the page when its time is up, and takes "
        "it out of the document when the server cannot be reached"
    )
