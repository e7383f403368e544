"""What every page that is read on paper or screen looks like, in one place; no page needs another file."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; } th, td { text-align: left; padding: 0.25rem 0.75rem;
border-bottom: 1px solid #a9aeb1; vertical-align: top; } td.count { text-align: right; }
caption { text-align: left; font-weight: 700; padding: 0.25rem 0; }
@media print { body { margin: 0; max-width: none; } table, li { break-inside: avoid; } }
"""
"""The style sheet of a page."""
