"""A gate that is founded again with a new log, which follows the one that it had."""

from __future__ import annotations

import shutil

from support.budgeted_world import BudgetedWorld
from support.sandbox_acts import put_in_force

CARRY = "state carry --config world --log old/log"
_FOUNDING = """
gate = "sandbox"
sandbox = true
log_origin = "narrowgate.sandbox/log-{number}"
predecessor = "old/log"
custodian_root = "old/keys/root.pem"
trust_root = "old/keys/root.pem"
revocation = "old/revocation"
requester_signatory = ["old/keys/signatory.pem"]
index_signer = "old/keys/custodian.pem"
checkpoints = "elsewhere-{number}"
checkpoint_copy = "another machine"
quorum = 2
"""


def begin_a_new_log(budgeted: BudgetedWorld, history_key: bool = True, number: int = 2) -> None:
    """The gate is founded again in ``world``, its log following that of ``old``; everything is put in force."""
    home = budgeted.home
    (home / "world").rename("old")
    officers = "".join(
        f'[[officer]]\nid = "custody-{n}"\nfunction = "Officer {n}"\ncertificates = ["old/keys/custody-{n}.pem"]\n'
        for n in (1, 2, 3)
    )
    (home / "founding.toml").write_text(_FOUNDING.format(number=number) + officers)
    (home / "world").mkdir(mode=0o750)
    shutil.copytree("old/keys", "world/keys", symlinks=True)
    (home / "world" / "keys" / "log.key").unlink()
    if not history_key:
        (home / "world" / "keys" / "history.key").unlink()
    for name in ("index", "officers", "revocation"):
        shutil.copytree(f"old/{name}", f"world/{name}")
    shutil.copy("old/agreement.toml", "world/agreement.toml")
    keys = [
        word
        for n in (1, 2)
        for word in ("--key", f"old/keys/custody-{n}.key.pem", "--certificate", f"old/keys/custody-{n}.pem")
    ]
    founded = budgeted.narrowgate("custodian", "found", "world", "--from", "founding.toml", *keys, "--yes")
    assert founded.code == 0, founded.err
    for what in ("agreement", "register", "rules", "index"):
        put_in_force(home / "world", what)
