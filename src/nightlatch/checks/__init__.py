"""Requirements of standards, held against what was measured of an application.

Pure: :class:`Facts` in, findings out. An adapter gathers the facts, as
``flask nightlatch check`` does. The numbers are those of :data:`nightlatch.limits.PROFILES`.
"""

from __future__ import annotations

from collections.abc import Iterable

from nightlatch.checks import asvs, nist, payments
from nightlatch.checks.base import Facts, Finding, Standard, Verdict

__all__ = ["STANDARDS", "Facts", "Finding", "Standard", "Verdict", "check"]

# In the order of limits.PROFILES, which has the same names.
STANDARDS: dict[str, Standard] = {
    "pci-dss": payments.PCI_DSS,
    "nist-aal2": nist.AAL2,
    "nist-aal3": nist.AAL3,
    "eu-sca": payments.EU_SCA,
    "owasp-asvs": asvs.STANDARD,
}


def check(facts: Facts, profiles: Iterable[str] = tuple(STANDARDS)) -> list[Finding]:
    """Judge every requirement of these profiles, in the standards' own order.

    :param profiles: names in :data:`STANDARDS`; absent: all.
    :raises KeyError: there is no profile of that name.
    """
    found = []
    for profile in profiles:
        standard = STANDARDS[profile]
        for one in standard.requirements:
            answer = one.judge(facts)
            found.append(
                Finding(
                    profile,
                    standard.title,
                    one.clause,
                    one.level,
                    one.words,
                    answer.verdict,
                    answer.measured,
                    answer.action,
                )
            )
    return found
