"""What the system refuses is told by its kind: each has its own reason and its own next step."""

from __future__ import annotations

import errno

import pytest

from narrowgate.core.base.system_errors import refused_by_system, system_reason

KINDS = [errno.EACCES, errno.ENOSPC, errno.EROFS, errno.ENOENT, errno.EIO, errno.EDQUOT, errno.EMFILE]


def test_no_two_kinds_are_told_alike() -> None:
    reasons = {system_reason(OSError(number, "x"))[0] for number in KINDS}
    assert len(reasons) == len(KINDS)


@pytest.mark.parametrize(
    ("number", "why", "step"),
    [
        (errno.EACCES, "no permission", "Give the user of this command the permission"),
        (errno.ENOSPC, "No space is left", "Free some space"),
        (errno.EROFS, "can only be read", "can be written"),
        (errno.ENOENT, "no such file or directory", "make the directory"),
        (errno.EIO, "failed to read or write", "Check the disk"),
    ],
    ids=lambda value: value if isinstance(value, str) else errno.errorcode[value],
)
def test_the_reason_fits_what_happened(number: int, why: str, step: str) -> None:
    told = refused_by_system(OSError(number, "x"), "It could not be written.", where="answers")
    assert why in told.why
    assert step in told.next_step
    assert ("disk" in told.next_step) == (number == errno.EIO)


def test_a_kind_that_is_not_known_keeps_the_words_of_the_system() -> None:
    why, step = system_reason(OSError(errno.EXDEV, "Invalid cross-device link"))
    assert why == "The system says: Invalid cross-device link."
    assert step
