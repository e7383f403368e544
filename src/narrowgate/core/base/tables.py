"""Tables of facts that are shipped inside the package: text files, each with its source and licence in its head.

They are part of the code: a row changes what the code answers. This is the one place of ``core`` that opens a file, and
it opens nothing but files of the package itself (``docs/adr/0001-rooms-and-one-way-imports.md``).
"""

from __future__ import annotations

from importlib import resources

COMMENT = "#"


def read_table(package: str, name: str) -> tuple[str, ...]:
    """The rows of a table in their order, without the head, comments and blank lines.

    Args:
        package: the room that holds the table, such as ``narrowgate.core.person``.
        name: of the file, UTF-8.
    """
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(row for line in text.splitlines() if (row := line.strip()) and not row.startswith(COMMENT))
