"""The tables of the state. No column holds a name, a number, an address or a reason: keyed digests only.

Packages and officers are named by their ids, which are no personal data of a taxpayer.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

METADATA = MetaData()

SCHEMA = Table("schema_version", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))

PACKAGES = Table(
    "packages",
    METADATA,
    Column("package_id", Text, primary_key=True),
    Column("manifest_sha256", LargeBinary, nullable=False),
    Column("office", Text, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("resume", LargeBinary, nullable=False),
    Index("packages_by_office_and_day", "office", "received_on"),
)

RECEIPTS = Table(
    "receipts",
    METADATA,
    Column("package_id", Text, ForeignKey("packages.package_id"), primary_key=True),
    Column("receipt", LargeBinary, nullable=False),
)

RELEASES = Table(
    "releases",
    METADATA,
    Column("package_id", Text, ForeignKey("packages.package_id"), primary_key=True),
    Column("agreement_sha256", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("ready", Text, nullable=False),
    Column("expires", Text, nullable=False),
    Column("stage", Text, nullable=False, index=True),
    Column("leaf", BigInteger, nullable=False),
)
"""Times are texts of RFC 3339, which sort as the times do and come back from every database as they were."""

ABANDONED = Table(
    "abandoned",
    METADATA,
    Column("package_id", Text, ForeignKey("packages.package_id"), primary_key=True),
)

REFUSALS = Table(
    "refusals",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("leaf", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

LOG = Table(
    "log",
    METADATA,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
)

GOVERNANCE = Table(
    "governance",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
)
"""The leaves of charter and acts, by their order: a cache of the log."""

LOOKED_THROUGH = Table(
    "looked_through",
    METADATA,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
)
"""How many leaves of the log were looked through for them."""

HOLDS = Table("holds", METADATA, Column("scope", Text, primary_key=True))

TERMS = Table(
    "terms",
    METADATA,
    Column("agreement_id", Text, primary_key=True),
    Column("custodian", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("effective", Date, nullable=False),
    Column("expires", Date, nullable=False),
)

HISTORY_KEY = Table(
    "history_key",
    METADATA,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("key_check", LargeBinary, nullable=False),
)

INDEX_IN_USE = Table(
    "index_in_use",
    METADATA,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("created", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

WRITER = Table(
    "writer",
    METADATA,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("checkpoint", Text),
)
"""On a server: how often the state was opened, and the last checkpoint that a holder was allowed to publish."""

# Keys come sorted into these tables and are looked up by value only, so they are stored in key order.
SUBJECT_KEYS = Table(
    "subject_keys",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

SUBJECTS = Table(
    "subjects",
    METADATA,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("birth_date", LargeBinary, nullable=False),
    Column("tin", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

SUBJECT_ADDRESSES = Table(
    "subject_addresses",
    METADATA,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("address", LargeBinary, primary_key=True),
    Index("subject_addresses_by_address", "address"),
    sqlite_with_rowid=False,
)

MERGED_SUBJECTS = Table(
    "merged_subjects",
    METADATA,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("merged_into", BigInteger, nullable=False, index=True),
)

OPEN_ITEMS = Table(
    "open_items",
    METADATA,
    Column("term", Text, primary_key=True),
    Column("officer", Text, primary_key=True),
    Column("item_count", Integer, nullable=False),
)

REASONS = Table(
    "reasons",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("item_count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

FIRST_ANSWERS = Table(
    "first_answers",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("sealed", Integer, nullable=False),
    sqlite_with_rowid=False,
)
