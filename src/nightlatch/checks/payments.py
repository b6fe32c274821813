"""PCI DSS 4.0.1 and the European rules on strong customer authentication."""

from __future__ import annotations

from nightlatch.checks.base import Requirement, Standard, at_most, person
from nightlatch.limits import PROFILES

PCI_DSS = Standard(
    "PCI DSS 4.0.1",
    (
        Requirement(
            "8.2.5",
            "required",
            "Access of users who have left is taken away at once.",
            person(
                "Does what removes a user call manager.end_user(name)?",
                "manager.end_user is there to be called",
            ),
        ),
        Requirement(
            "8.2.8",
            "required",
            "A session that was idle for more than 15 minutes needs a new sign-in.",
            at_most("idle", PROFILES["pci-dss"].limits.idle_ms),
        ),
        Requirement(
            "8.2.8",
            "scope",
            "It holds for who can reach cardholder data, not for cardholders' own accounts.",
            person("Who uses this application, and is it in scope?", "outside this program"),
        ),
    ),
)

EU_SCA = Standard(
    "Delegated Regulation (EU) 2018/389",
    (
        Requirement(
            "4(3)(a)",
            "required",
            "A failed authentication does not say which element was wrong.",
            person("Is the sign-in page silent about it?", "outside this library"),
        ),
        Requirement(
            "4(3)(b)",
            "required",
            "After five failed attempts in a row at most, it is blocked.",
            person("Does the sign-in count them?", "outside this library"),
        ),
        Requirement(
            "4(3)(c)",
            "required",
            "What is sent while authenticating is safe from capture and manipulation.",
            person("Is everything served by HTTPS only?", "outside this program"),
        ),
        Requirement(
            "4(3)(d)",
            "required",
            "A payer who has signed in is without activity for 5 minutes at most.",
            at_most("idle", PROFILES["eu-sca"].limits.idle_ms),
        ),
        Requirement(
            "10",
            "scope",
            "Balances and the latest movements may be shown under an exemption.",
            person("Is the exemption used, and only for these?", "outside this program"),
        ),
    ),
)
