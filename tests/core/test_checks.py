"""Requirements of standards: facts in, findings out."""

import base64
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from nightlatch import Limits
from nightlatch.checks import STANDARDS, Facts, Verdict, check
from nightlatch.checks.base import span
from nightlatch.checks.cookies import SECRET_BITS
from nightlatch.checks.report import as_document, as_lines
from nightlatch.cookie import CookiePolicy
from nightlatch.limits import PROFILES
from nightlatch.token import mint

STRONG = Facts(
    limits=Limits.profile("eu-sca"),
    own_sessions=True,
    cookie=CookiePolicy(),
    cookie_bytes=96,
    always_secure=True,
    remember_cookie=False,
    store="SqliteStore",
    shared_store=True,
    journal=True,
    cap=3,
    cap_full="refuse",
    guarded_views=2,
    reauth_view="again",
    templates=4,
    monitored=("base.html",),
)
NIST = {"5.1", "5.1.1", "5.2"}
COOKIES = {f"3.3.{number}" for number in range(1, 6)}
TOKENS = {f"7.2.{number}" for number in range(1, 5)}


def verdicts(facts, profile):
    """Each finding of a profile: its clause and its verdict."""
    return [(one.clause, one.verdict) for one in check(facts, [profile])]


def red(facts, profile):
    """The clauses of a profile that are not met."""
    return {clause for clause, verdict in verdicts(facts, profile) if verdict is Verdict.NOT_MET}


def limits(**hours):
    """Limits in hours."""
    return Limits(**{name: timedelta(hours=value) for name, value in hours.items()})


def test_there_is_a_standard_for_each_profile_of_limits():
    """Whoever adds a profile hears of its requirements."""
    assert list(STANDARDS) == list(PROFILES)


@pytest.mark.parametrize("profile", STANDARDS)
def test_a_strong_application_has_nothing_that_is_not_met(profile):
    """Something of each standard is ours, and something is a person's to answer."""
    found = {verdict for _, verdict in verdicts(STRONG, profile)}

    assert found == {Verdict.MET, Verdict.NOT_OURS}


@pytest.mark.parametrize("profile", STANDARDS)
def test_the_limits_of_a_profile_satisfy_its_own_standard(profile):
    """Limits.profile(name) and check --profile name cannot contradict each other."""
    assert red(replace(STRONG, limits=Limits.profile(profile)), profile) == set()


@pytest.mark.parametrize(
    ("profile", "idle", "absolute"),
    [
        ("pci-dss", {"8.2.8"}, set()),
        ("nist-aal2", {"2.2.3"}, {"2.2.3"}),
        ("nist-aal3", {"2.3.3"}, {"2.3.3"}),
        ("eu-sca", {"4(3)(d)"}, set()),
        ("owasp-asvs", {"7.3.1"}, {"7.3.2"}),
    ],
)
def test_a_millisecond_more_than_a_profile_allows_is_not_met(profile, idle, absolute):
    """The numbers are those of limits.PROFILES, to the millisecond; ASVS measures by NIST's."""
    numbers = PROFILES["nist-aal2" if profile == "owasp-asvs" else profile].limits
    more = timedelta(milliseconds=1)
    most_idle = timedelta(milliseconds=numbers.idle_ms)
    most = timedelta(milliseconds=numbers.absolute_ms)
    exact = replace(STRONG, limits=Limits(idle=most_idle, absolute=most))
    too_idle = replace(STRONG, limits=Limits(idle=most_idle + more, absolute=most))
    too_long = replace(STRONG, limits=Limits(idle=most_idle, absolute=most + more))

    assert red(exact, profile) == set()
    assert red(too_idle, profile) == idle
    assert red(too_long, profile) == absolute


# One thing weakened, and the clauses of ASVS, NIST AAL2 and PCI DSS that are then not met.
WEAK = [
    ({"limits": limits(idle=2, absolute=8)}, {"7.3.1"}, {"2.2.3"}, {"8.2.8"}),
    ({"limits": limits(idle=0.25, absolute=25)}, {"7.3.2"}, {"2.2.3"}, set()),
    ({"cookie_bytes": 4097}, {"3.3.5"}, set(), set()),
    ({"journal": False}, {"7.4.1"}, {"5.1"}, set()),
    (
        {"remember_cookie": True},
        {"7.3.1", "7.3.2", "7.4.1"},
        {"2.2.3", "5.1"},
        {"8.2.8"},
    ),
    ({"shared_store": False, "store": "MemoryStore"}, {"7.4.5"}, set(), set()),
    ({"reauth_view": None}, {"7.5.1", "7.5.2", "7.5.3"}, set(), set()),
    ({"monitored": ()}, {"14.3.1"}, set(), set()),
    (
        {"own_sessions": False},
        COOKIES
        | TOKENS
        | {"7.3.1", "7.3.2", "7.4.1", "7.4.5", "7.5.1", "7.5.2", "7.5.3", "14.3.1", "14.3.2"},
        NIST | {"2.2.3"},
        {"8.2.8"},
    ),
]


@pytest.mark.parametrize(("change", "asvs", "nist", "pci"), WEAK)
def test_one_thing_weakened_turns_exactly_its_clauses_red(change, asvs, nist, pci):
    """No more, or a report cries wolf; no fewer, or it lies."""
    weak = replace(STRONG, **change)

    assert red(weak, "owasp-asvs") == asvs
    assert red(weak, "nist-aal2") == nist
    assert red(weak, "pci-dss") == pci


@pytest.mark.parametrize("profile", STANDARDS)
def test_whatever_is_called_met_can_turn_red(profile):
    """No clause is met by decree: something that a team can do wrong takes it away."""
    weak = [replace(STRONG, **change) for change, *_ in WEAK]

    turned = set.union(*(red(facts, profile) for facts in weak))

    assert {clause for clause, is_so in verdicts(STRONG, profile) if is_so == "met"} <= turned


@pytest.mark.parametrize("profile", STANDARDS)
def test_what_is_not_met_says_what_to_set_and_what_is_not_ours_asks(profile):
    """An action for each of the two, a question with its mark; none for what is met."""
    facts = [STRONG, *(replace(STRONG, **change) for change, *_ in WEAK)]

    for one in (one for given in facts for one in check(given, [profile])):
        if one.verdict is Verdict.MET:
            assert one.action is None
        else:
            assert one.action
            assert ("?" in one.action) is (one.verdict is Verdict.NOT_OURS)
        assert one.measured
        assert one.requirement.endswith(".")


def test_every_clause_of_v7_is_answered_once_and_in_order():
    """ASVS 5.0, chapter V7 has these nineteen requirements."""
    sizes = {1: 3, 2: 4, 3: 2, 4: 5, 5: 3, 6: 2}
    wanted = [f"7.{part}.{one}" for part, size in sizes.items() for one in range(1, size + 1)]

    found = [clause for clause, _ in verdicts(STRONG, "owasp-asvs") if clause.startswith("7.")]

    assert found == wanted


@pytest.mark.parametrize(
    ("change", "clauses"),
    [
        ({"always_secure": False}, {"3.3.1", "3.3.3"}),
        ({"templates": 0, "monitored": ()}, {"14.3.1"}),
        ({"guarded_views": 0, "reauth_view": None}, set()),
    ],
)
def test_what_settings_cannot_tell_is_asked_and_not_guessed(change, clauses):
    """Whether everybody comes by HTTPS, and what pages that nobody can read contain."""
    unknown = {one for one in verdicts(STRONG, "owasp-asvs") if one[1] is Verdict.NOT_OURS}

    now = {one for one in verdicts(replace(STRONG, **change), "owasp-asvs") if one[1] != "met"}

    assert now - unknown == {(clause, Verdict.NOT_OURS) for clause in clauses}


@pytest.mark.parametrize(
    ("clause", "change", "measured"),
    [
        ("7.1.1", {}, "idle 5 min, absolute 60 min; NIST AAL2 has 60 min and 24 h"),
        ("7.1.2", {}, "at most 3 for one user, then refuse"),
        ("7.1.2", {"cap": None}, "any number of sessions for one user"),
        ("7.5.2", {}, "2 views guarded by require_recent; its page: again"),
        ("7.5.2", {"guarded_views": 1}, "1 view guarded by require_recent; its page: again"),
        ("3.3.1", {"cookie": CookiePolicy("till")}, "__Host-till, Secure, always"),
        ("3.3.2", {"cookie": CookiePolicy("till", "Strict")}, "SameSite=Strict"),
    ],
)
def test_a_finding_says_what_was_measured(clause, change, measured):
    """In words with numbers, as an auditor writes them down."""
    found = check(replace(STRONG, **change), ["owasp-asvs"])

    assert [one.measured for one in found if one.clause == clause] == [measured]


@pytest.mark.parametrize(
    ("span_ms", "words"),
    [
        (1, "1 ms"),
        (14_000, "14 s"),
        (61_000, "61 s"),
        (900_000, "15 min"),
        (3_600_000, "60 min"),
        (5_400_000, "90 min"),
        (43_200_000, "12 h"),
        (7_200_001, "7200001 ms"),
    ],
)
def test_a_span_is_written_exactly(span_ms, words):
    """Nothing is rounded: a millisecond over a limit is seen."""
    assert span(span_ms) == words


def test_the_random_bits_are_those_that_a_token_has():
    """The figure in the report is the token's own."""
    secret = mint().secret

    assert len(base64.urlsafe_b64decode(secret + "=")) * 8 == SECRET_BITS


@pytest.mark.parametrize("facts", [STRONG, replace(STRONG, own_sessions=False)])
def test_a_report_fits_80_columns_of_ascii(facts):
    """A dumb terminal and a log of ASCII show all of it."""
    lines = list(as_lines(check(facts)))

    assert max(map(len, lines)) <= 80
    assert "\n".join(lines).isascii()
    assert not any(line != line.rstrip() for line in lines)


def test_a_report_names_clause_verdict_value_and_remedy():
    """What is not met is in capitals, and is counted."""
    lines = list(as_lines(check(replace(STRONG, limits=Limits()), ["pci-dss"])))

    assert lines[:2] == ["PCI DSS 4.0.1 (--profile pci-dss)", ""]
    at = lines.index("  8.2.8     required  NOT MET")
    assert lines[at + 1 : at + 4] == [
        "    A session that was idle for more than 15 minutes needs a new sign-in.",
        "    Measured: idle 60 min, at most 15 min",
        "    To do: Set idle= or NIGHTLATCH_IDLE to at most 15 min.",
    ]
    assert lines[-2] == "  pci-dss: 0 met, 1 not met, 2 not ours to know"


def test_a_document_holds_the_same_and_never_changes_its_form():
    """Format 1: these fields, and no others without a reason."""
    findings = check(replace(STRONG, limits=Limits()), ["pci-dss"])

    document = as_document(findings)

    assert document["format"] == 1
    assert document["ok"] is False
    assert document["counts"] == {"met": 0, "not met": 1, "not ours to know": 2}
    assert document["findings"][1] == {
        "profile": "pci-dss",
        "standard": "PCI DSS 4.0.1",
        "clause": "8.2.8",
        "level": "required",
        "requirement": "A session that was idle for more than 15 minutes needs a new sign-in.",
        "verdict": "not met",
        "measured": "idle 60 min, at most 15 min",
        "action": "Set idle= or NIGHTLATCH_IDLE to at most 15 min.",
    }
    assert as_document(check(STRONG))["ok"] is True


def test_the_profiles_cite_the_clause_that_is_checked():
    """PROFILES and STANDARDS speak of the same paragraph."""
    cited = {
        "pci-dss": "8.2.8",
        "nist-aal2": "2.2.3",
        "nist-aal3": "2.3.3",
        "eu-sca": "4(3)(d)",
        "owasp-asvs": "7.3.1",
    }

    for profile, clause in cited.items():
        assert re.search(rf"\b{re.escape(clause)}", PROFILES[profile].clause)
        assert clause in {found for found, _ in verdicts(STRONG, profile)}
