"""The statements of every build, and what the two dialects write differently.

A hint to broadcast is a comment to an engine that has one machine. Few persons are excluded and few addresses crowded:
broadcast, they meet the entries where those are; a join by exchange would send every entry without a TIN, and every
one with a unit, to the same machine.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one engine writes in its own way.

    Args:
        unnested: selects from the relation ``uncrowded`` one row for each token of an entry:
            ``token_high, token_low, mask, years``.
        exclusive_or: of ``{0}`` and ``{1}``.
        grouped_by: what is before the columns of a grouping, so that rows need not be moved about for it.
        ordered: what is behind it, where the engine sorts in the same statement.
    """

    unnested: str
    exclusive_or: str
    grouped_by: str = ""
    ordered: str = ""

    def merged(self, kind: str, relation: str) -> str:
        """The rows of ``relation``, each once: ``token_high, token_low, sealed``.

        Args:
            kind: ``tokens``, whose years are put together and then masked, or anything else, which is sealed already.
            relation: with the columns of ``unnested``, or with ``sealed``.
        """
        if kind == "tokens":
            sealed = self.exclusive_or.format("bit_or(years)", "min(mask)")
            by = "token_high, token_low"
        else:
            sealed, by = "sealed", "token_high, token_low, sealed"
        return (
            f"SELECT token_high, token_low, {sealed} AS sealed FROM {relation}"  # noqa: S608 our own constants
            f" GROUP BY {self.grouped_by}{by}{self.ordered}"
        )


EXCLUDED = """
    SELECT suppressed_high AS high, suppressed_low AS low FROM suppressed
    UNION
    SELECT high, low FROM (
        SELECT tin_high AS high, tin_low AS low FROM entries
        UNION SELECT birth_high, birth_low FROM entries
    ) AS persons SEMI JOIN base_guards ON high = token_high AND low = token_low
"""

SAME_PERSONS = """
    SELECT /*+ BROADCAST(excluded) */ tin_high, tin_low, birth_high, birth_low FROM entries
    SEMI JOIN excluded ON tin_high = high AND tin_low = low
    UNION
    SELECT /*+ BROADCAST(excluded) */ tin_high, tin_low, birth_high, birth_low FROM entries
    SEMI JOIN excluded ON birth_high = high AND birth_low = low
"""

CROWDED = """
    SELECT point_high, point_low FROM (
        SELECT DISTINCT point_high, point_low, tin_high, tin_low,
            CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE 0 END AS birth
        FROM entries SEMI JOIN (
            SELECT point_high AS full_high, point_low AS full_low FROM entries
            WHERE NOT (point_high = 0 AND point_low = 0)
            GROUP BY point_high, point_low HAVING count(*) > {limit}
        ) AS full_points ON point_high = full_high AND point_low = full_low
    ) AS filers
    GROUP BY point_high, point_low HAVING count(*) > {limit}
"""

KEPT = """
    SELECT /*+ BROADCAST(by_tin), BROADCAST(by_birth) */ entries.* FROM entries
    ANTI JOIN excluded AS by_tin ON tin_high = by_tin.high AND tin_low = by_tin.low
    ANTI JOIN excluded AS by_birth ON birth_high = by_birth.high AND birth_low = by_birth.low
"""

UNCROWDED = """
    SELECT /*+ BROADCAST(crowded) */ kept.* FROM kept
    ANTI JOIN crowded ON kept.point_high = crowded.point_high AND kept.point_low = crowded.point_low
"""

HERE = """
    SELECT token_high, token_low, min(value) AS first, max(value) AS last, min(several) AS several
    FROM (
        SELECT streets.token_high, streets.token_low, streets.value, streets.several FROM streets
        ANTI JOIN reference AS own ON streets.zip_high = own.token_high AND streets.zip_low = own.token_low
        ANTI JOIN base_guards AS below ON streets.zip_high = below.token_high AND streets.zip_low = below.token_low
        UNION ALL SELECT token_high, token_low, value, several FROM reference
    ) AS known GROUP BY token_high, token_low
"""
"""What the street reference knows, and of ZIP Codes that neither it nor a layer below covers what the file knows."""

FACTS = """
    WITH below AS (
        SELECT token_high, token_low, min(sealed) AS below_first, max(sealed) AS below_last
        FROM base_guards SEMI JOIN here
        ON base_guards.token_high = here.token_high AND base_guards.token_low = here.token_low
        GROUP BY token_high, token_low
    )
    SELECT here.token_high, here.token_low,
        CASE WHEN first = last AND coalesce(below_first, first) = first AND coalesce(below_last, first) = first
            THEN first ELSE several END AS sealed
    FROM here LEFT JOIN below ON here.token_high = below.token_high AND here.token_low = below.token_low
"""
"""One row for each guard: the only value that this layer and those below know, or ``several``."""

GUARDS = """
    SELECT token_high, token_low, sealed FROM facts
    UNION ALL SELECT token_high, token_low, sealed FROM exclusions
    UNION ALL SELECT token_high, token_low, sealed FROM decoys
"""

COUNT_GUARDS = "SELECT (SELECT count(*) FROM facts) + (SELECT count(*) FROM exclusions) AS guards"

COUNTS = """
    SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM kept) AS kept,
        (SELECT count(*) FROM uncrowded) AS uncrowded,
        (SELECT count(DISTINCT CASE WHEN tin_high = 0 AND tin_low = 0 THEN birth_high ELSE tin_high END)
         FROM entries) AS filers
"""

MEMBERS = """
    SELECT asked.question,
        CASE WHEN stored.token_low = asked.token_low
            THEN (stored.sealed | asked.mask) - (stored.sealed & asked.mask) ELSE 0 END AS years
    FROM stored RIGHT JOIN asked ON stored.token_high = asked.token_high
"""
"""The years of each row asked: what is stored without the mask, by a way to write the exclusive or that engines share.

The few are looked for among the many: what was asked is what is kept in memory, and what is stored passes by. As many
rows come out for tokens that are held as for others: one for each row asked, and one for each layer that holds it. To
join by one column took two thirds of the time; a token that shares its first half only is told apart behind the join.
"""

FOUND = """
    SELECT asked.position, CASE WHEN stored.token_low = asked.token_low THEN stored.sealed END AS sealed
    FROM stored RIGHT JOIN asked ON stored.token_high = asked.token_high
"""
"""What is stored under each token asked, or nothing: as many rows for those that are held as for others, as above."""
