"""An agreement is read whole, closed, and no wider than the code; all problems are told at once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address.model import AddressClass
from narrowgate.core.agreement import ceilings
from narrowgate.core.agreement.model import Agreement, Clause, FacilityList, Hold, Limits, Release
from narrowgate.core.agreement.parse import MAX_AGREEMENT_BYTES, parse_agreement, require_real
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.request.office import Office
from support.requests import EXAMPLE, example_agreement, lifted_agreement

TEXT = EXAMPLE.read_text(encoding="utf-8")


def parsed(text: str) -> Agreement:
    return parse_agreement(text.encode(), "agreement.toml")


def problems(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parsed(text)
    assert caught.value.where == "agreement.toml"
    return str(caught.value)


def test_the_example_is_what_the_renderer_writes() -> None:
    assert render_agreement(example_agreement()) == TEXT


def test_the_digest_is_that_of_the_files_bytes() -> None:
    assert example_agreement().digest == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert parsed(TEXT + "# remark\n").digest != example_agreement().digest


WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300).filter(str.strip)
ONE_TO = {key: st.integers(1, most) for key, most in ceilings.LIMITS.items()}


@given(
    title=WORDS,
    clause_text=WORDS,
    limits=st.builds(Limits, **ONE_TO),
    classes=st.sets(st.sampled_from(ceilings.ADDRESS_CLASSES), min_size=1).map(tuple),
    hold=st.none() | st.builds(Hold, st.just(date(2026, 12, 1)), WORDS, st.sampled_from([(), tuple(Office)])),
    facilities=st.none() | st.builds(FacilityList, WORDS, st.just("0a" * 32)),
)
def test_every_agreement_the_code_allows_reads_back_as_rendered(
    title: str,
    clause_text: str,
    limits: Limits,
    classes: tuple[AddressClass, ...],
    hold: Hold | None,
    facilities: FacilityList | None,
) -> None:
    example = example_agreement()
    clause = replace(example.clauses[0], text=clause_text)
    agreement = replace(
        example,
        title=title,
        clauses=(clause, *example.clauses[1:]),
        limits=limits,
        addresses=replace(example.addresses, classes=classes, facility_list=facilities),
        hold=hold,
    )
    read = parsed(render_agreement(agreement))
    assert replace(read, digest="") == replace(agreement, digest="")


def test_a_sandbox_agreement_may_lift_limits_and_release_at_once() -> None:
    agreement = replace(lifted_agreement(), release=Release((), 30))
    read = parsed(render_agreement(agreement))
    assert set(vars_of(read.limits)) == {None}
    assert read.release.schedule == ()


def vars_of(limits: Limits) -> list[int | None]:
    return [getattr(limits, name) for name in ceilings.LIMITS]


def test_only_a_sandbox_agreement_may_lift_limits_or_release_at_once() -> None:
    agreement = replace(lifted_agreement(), sandbox=False, release=Release((), 30))
    told = problems(render_agreement(agreement))
    assert "9 problem(s)" in told
    for key in ceilings.LIMITS:
        assert f"limits.{key} is lifted, which only a sandbox agreement may say" in told


def test_a_sandbox_agreement_is_refused_where_a_real_one_is_needed() -> None:
    require_real(example_agreement(), "agreement.toml")
    with pytest.raises(ConfigurationError, match="sandbox"):
        require_real(lifted_agreement(), "agreement.toml")


@pytest.mark.parametrize("key", ceilings.LIMITS)
def test_no_limit_exceeds_the_codes_ceiling_or_falls_below_one(key: str) -> None:
    for figure in (0, ceilings.LIMITS[key] + 1):
        agreement = replace(example_agreement(), limits=replace(example_agreement().limits, **{key: figure}))
        assert f"limits.{key} is not between 1 and {ceilings.LIMITS[key]}" in problems(
            render_agreement(agreement)
        )


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('role = "acting_director_of_ice"', 'role = "attorney_general"', "office[2].role", "is none of"),
        (
            'role = "acting_director_of_ice"',
            'role = "secretary_of_homeland_security"',
            "office[2].role",
            "stands in an earlier office",
        ),
        ('allowed = ["8 USC 1253(a)(1)"]', 'allowed = ["8 USC 1229a"]', "statutes.allowed", "may only hold"),
        ('allowed = ["8 USC 1253(a)(1)"]', "allowed = []", "statutes.allowed", "at least one entry"),
        ('"highway_contract"]', '"military"]', "addresses.classes", "may only hold"),
        ("last = 2025", "last = 2018", "tax_years.last", "between 2019 and 2053"),
        ("per_item = 6", "per_item = 13", "tax_years.per_item", "between 1 and 12"),
        ("expires = 2027-09-30", "expires = 2028-09-30", "agreement.expires", "more than 549 days"),
        ("expires = 2027-09-30", "expires = 2026-09-30", "agreement.expires", "is before 2026-10-01"),
        ("expires = 2027-08-31", 'expires = "2027-08-31"', "safeguards.expires", "without quotes"),
        ("expires = 2027-08-31", "expires = 2027-08-31T00:00:00", "safeguards.expires", "is not a date"),
        ("open_finding = false", "", "safeguards.open_finding", "is missing"),
        ("package_days = 30", "package_days = 30\nbackup_days = 900", "retention.backup_days", "not a key"),
        ("package_days = 30", "package_days = true", "retention.package_days", "not a whole number"),
        ("rule_version = 2", "rule_version = 3", "match.rule_version", "between 2 and 2"),
        (
            'canonical_form_version = "2"',
            'canonical_form_version = "0"',
            "match.canonical_form_version",
            "none of",
        ),
        ('["06:00", "18:00"]', '["18:00", "06:00"]', "release.schedule", "ascending"),
        ('["06:00", "18:00"]', '["24:00"]', "release.schedule", "ascending"),
        (
            '["06:00", "18:00"]',
            str([f"{n // 60:02}:{n % 60:02}" for n in range(25)]),
            "release.schedule",
            "24 times",
        ),
        ('"America/New_York"', '"../localtime"', "release.time_zone", "IANA time zone database"),
        ("processing_hours = 4", "processing_hours = 73", "release.processing_hours", "between 1 and 72"),
        ("answers_expire_days = 30", "answers_expire_days = 31", "release.answers_expire_days", "1 and 30"),
        ('id = "1.2"', 'id = "1.1"', "clause[2].id", "stands in an earlier clause"),
        ('id = "example-2026"', 'id = "example 2026"', "agreement.id", "not one word"),
        ('rules = ["R-17"]', 'rules = ["all"]', "clause[5].rules", "rule ids"),
        ('rules = ["R-17"]', 'rules = ["R-17"]\nbinds = "people"', "clause[5].rules", "beside 'binds'"),
        ('rules = ["R-17"]', "", "clause[5].rules", "is missing"),
        ('schema = "narrowgate/agreement/v1"', 'schema = "v2"', "schema", "is none of"),
        ('roots = ["', 'roots = ["x', "trust.roots", "SHA-256"),
        (
            'role = "acting_director_of_ice"\nenabled = true\n\n[[office.key]]\nsha256 = "',
            'role = "acting_director_of_ice"\nenabled = true\n\n[[office.key]]\nsha256 = "x',
            "office[2].key[1].sha256",
            "SHA-256",
        ),
        ('custodian = "Internal Revenue Service"', 'custodian = " "', "parties.custodian", "blank"),
    ],
)
def test_a_value_that_is_wider_or_of_another_form_is_named_with_its_line(
    old: str, new: str, key: str, words: str
) -> None:
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    told = problems(changed)
    assert f"{key} " in told
    assert words in told


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("last = 2025", "last = 0", "last = 0"),
        ('role = "acting_director_of_ice"', 'role = "nobody"', 'role = "nobody"'),
        ('id = "2.2"', 'id = "2 2"', 'id = "2 2"'),
        ("package_days = 30", "package_days = 30\nsurplus = 1", "surplus = 1"),
        ("first = 2019\n", "", "[tax_years]"),
    ],
)
def test_a_problem_is_told_with_the_line_of_its_key_or_else_of_its_section(
    old: str, new: str, line: str
) -> None:
    changed = TEXT.replace(old, new, 1)
    assert f" line {changed.splitlines().index(line) + 1}, " in problems(changed)


def test_all_problems_are_told_at_once() -> None:
    changed = TEXT.replace("last = 2025", 'last = "2025"').replace("[retention]", "[retention]\nfoo = 1")
    changed = changed.replace("sandbox = false", "").replace("enabled = true", "enabled = 1")
    told = problems(changed)
    assert "5 problem(s)" in told
    for key in (
        "tax_years.last",
        "retention.foo",
        "agreement.sandbox",
        "office[1].enabled",
        "office[2].enabled",
    ):
        assert f"{key} " in told


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"[agreement", "not TOML"),
        (b"a = 1\na = 2\n", "not TOML"),
        (b"a = " + b"[" * 20_000, "not TOML"),
        (b"a = " + b"9" * 5_000, "not TOML"),
        (b"#" * (MAX_AGREEMENT_BYTES + 1), "longer than"),
        (b"", "is missing"),
        (b"clause = 3\noffice = []\n", "array of tables"),
    ],
)
def test_a_file_that_is_no_agreement_says_so(data: bytes, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_agreement(data, "agreement.toml")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_refused_by_the_documented_error_only(data: bytes) -> None:
    with pytest.raises(ConfigurationError):
        parse_agreement(data, "agreement.toml")


def test_many_trust_roots_read_back() -> None:
    roots = tuple(f"{number:064x}" for number in range(5))
    agreement = replace(example_agreement(), trust_roots=roots)
    assert parsed(render_agreement(agreement)).trust_roots == roots


def test_a_clause_binds_people_exactly_when_it_names_no_rule() -> None:
    by_id: dict[str, Clause] = {clause.id: clause for clause in example_agreement().clauses}
    assert by_id["2.3"].rules == ()
    assert 'binds = "people"' in TEXT
    assert by_id["2.2"].rules == ("R-17",)


def test_an_office_that_the_agreement_does_not_list_has_no_grant() -> None:
    example = example_agreement()
    only = replace(example, offices=example.offices[:1])
    assert only.grant(Office.SECRETARY_OF_HOMELAND_SECURITY) == example.offices[0]
    assert only.grant(Office.ACTING_DIRECTOR_OF_ICE) is None


def test_the_authority_for_time_stamps_reads_back_and_is_a_digest() -> None:
    agreement = replace(example_agreement(), timestamp_authority="ab" * 32)
    text = render_agreement(agreement)
    assert parse_agreement(text.encode(), "a.toml").timestamp_authority == "ab" * 32
    with pytest.raises(ConfigurationError, match="cannot be used") as caught:
        parse_agreement(text.replace("ab" * 32, "AB" * 32).encode(), "a.toml")
    assert "timestamp_authority is not a SHA-256 digest" in caught.value.why
