"""The agreement: what the custodian and the requester signed, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from narrowgate.core.address.model import AddressClass
from narrowgate.core.person.identity import IdentityKey
from narrowgate.core.request.office import Office


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered clause: either rules of the software hold it, or it says that it binds people.

    ``rules`` is empty exactly when the clause binds people and no software.
    """

    id: str
    text: str
    citation: str
    valid_from: date
    valid_to: date
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """A key that holds an office from one day to another, both included.

    ``sha256`` is the lower-case hex digest of the key's DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
    """

    sha256: str
    valid_from: date
    valid_to: date

    def is_in_force(self, today: date) -> bool:
        """Whether ``today`` lies in the key's dates."""
        return self.valid_from <= today <= self.valid_to


@dataclass(frozen=True, slots=True)
class OfficeGrant:
    """One of the two offices, the keys that hold it, and whether the custodian has it switched on (R-22)."""

    role: Office
    enabled: bool
    keys: tuple[OfficeKey, ...]


@dataclass(frozen=True, slots=True)
class Safeguards:
    """The requester's safeguards approval (26 USC 6103(p)(4)); an open finding closes the gate (R-51)."""

    approved: date
    expires: date
    open_finding: bool


@dataclass(frozen=True, slots=True)
class MatchTerms:
    """The match rule in force: its version, the identity keys accepted, and the two relaxations."""

    canonical_form_version: str
    rule_version: int
    identity_keys: tuple[IdentityKey, ...]
    suffix_blank: bool
    street_one_edit: bool


@dataclass(frozen=True, slots=True)
class FacilityList:
    """The reference list of detention facilities: file name and lower-case hex SHA-256 of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AddressTerms:
    """The address classes accepted and the list of facilities whose addresses are refused."""

    classes: tuple[AddressClass, ...]
    facility_list: FacilityList | None


@dataclass(frozen=True, slots=True)
class TaxYears:
    """The window of tax years that items may name, both ends included, and how many one item may name."""

    first: int
    last: int
    per_item: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas and budgets, each at least 1; ``None`` is *lifted*, which only a sandbox agreement can be.

    Args:
        items_per_package: items in one package (R-26).
        packages_per_day: packages of one office in one UTC day (R-26).
        items_per_day_per_office: items of one office in one UTC day (R-26).
        caseload_per_officer: items that name one officer while the agreement runs (R-24).
        distinct_addresses_per_subject: delivery points asked about one person (R-28).
        subjects_per_address: people asked about at one delivery point (R-29).
        identical_reasons: items with the same reason text (R-25).
        filers_per_address: filers who may share a delivery point without units in the index (R-70).
    """

    items_per_package: int | None
    packages_per_day: int | None
    items_per_day_per_office: int | None
    caseload_per_officer: int | None
    distinct_addresses_per_subject: int | None
    subjects_per_address: int | None
    identical_reasons: int | None
    filers_per_address: int | None


@dataclass(frozen=True, slots=True)
class Release:
    """When answers leave, and how many days they open.

    Args:
        schedule: times of day (``HH:MM``, ascending); none is *at once*, which only a sandbox agreement can have.
        answers_expire_days: days for which answers can be opened.
        time_zone: of the schedule, by its name in the IANA time zone database.
        processing_hours: at least so many hours lie between the receipt of a package and its slot.
    """

    schedule: tuple[str, ...]
    answers_expire_days: int
    time_zone: str = "UTC"
    processing_hours: int = 1


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days the custodian keeps the rows of an answered package; the accounting is permanent."""

    package_days: int


@dataclass(frozen=True, slots=True)
class Hold:
    """No answer leaves from the day ``since``: for the offices named, or for both when none is (R-52)."""

    since: date
    reason: str
    offices: tuple[Office, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement in force between one custodian and one requester.

    ``digest`` is the lower-case hex SHA-256 of the file's bytes: it is in every manifest and log entry.
    ``trust_roots`` are digests of the DER root certificates that the signers' chains must end in.
    ``timestamp_authority`` is the digest of the DER certificate of the authority whose time stamp (RFC 3161) every
    signature must carry; ``None`` where none is needed.
    """

    id: str
    title: str
    version: int
    effective: date
    expires: date
    sandbox: bool
    custodian: str
    requester: str
    clauses: tuple[Clause, ...]
    offices: tuple[OfficeGrant, ...]
    trust_roots: tuple[str, ...]
    safeguards: Safeguards
    match: MatchTerms
    addresses: AddressTerms
    statutes: tuple[str, ...]
    tax_years: TaxYears
    limits: Limits
    release: Release
    retention: Retention
    hold: Hold | None = None
    timestamp_authority: str | None = None
    digest: str = ""

    def grant(self, office: Office) -> OfficeGrant | None:
        """What the agreement says of ``office``; ``None`` when it does not name it."""
        return next((grant for grant in self.offices if grant.role is office), None)
