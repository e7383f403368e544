"""Loaded last by the process that workers are forked from: what they would otherwise each read, they have at once.

Nobody else imports this module, for what it does happens when it is imported.
"""

from __future__ import annotations

import gc

from narrowgate.core.address.postal import zip_exists

zip_exists("")  # reads the table of ZIP Codes
gc.freeze()  # what is loaded is there to stay: no search for cycles touches it, so that its pages stay shared
