"""The accounting as lines of text for a terminal."""

from __future__ import annotations

from narrowgate.verify.accounting.lines import PACKAGES, SHOWN
from narrowgate.verify.accounting.publication import Publication, in_figures


def in_words(publication: Publication) -> str:
    """Returns every line of items and packages; numbers by rule, where they are told."""
    through = publication.through or "nothing: no month is over in this log (see --through)"
    told = "everything is told" if publication.is_full else f"no number below {publication.threshold} is told"
    lines = [
        f"Accounting of {publication.origin}, {publication.size:,} entries, counted through {through}; {told}",
        f"{in_figures(publication.openings)} openings checked against their entries",
    ]
    for line in publication.lines:
        counts = ", ".join(f"{name} {in_figures(line.counts[name])}" for name in SHOWN)
        lines.append(f"{line.period}  {line.office}, {line.statute}: {counts}")
    for package in publication.packages:
        counts = ", ".join(
            f"{name.replace('_', ' ')} {in_figures(package.counts[name])}" for name in PACKAGES
        )
        whole = ", ".join(f"{rule} {count:,}" for rule, count in package.refused_whole_by_rule.items())
        lines.append(
            f"{package.period}  {package.office}, packages: {counts}{f' ({whole})' if whole else ''}"
        )
    lines += [
        f"{rule.period}  {rule.office}, refused by {rule.rule}: {in_figures(rule.items)}"
        for rule in publication.rules
    ]
    lines += [
        f"{period}  {office}, refused by rule: withheld" for office, period in publication.rules_withheld
    ]
    return "\n".join(lines)
