"""A charter is followed only by one of the same gate and the same log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.signing.certificates import save_certificates
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.core.base.errors import ActRefusedError
from narrowgate.core.governance.charter import Charter, Predecessor, render_charter
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.note import NoteSigner
from narrowgate.entrypoints.act_documents import ActDocuments
from support.custody import cards
from support.governance import NOON, act, charter, nothing_in_force

OTHER_KEY = str(NoteSigner.ed25519(charter().log_origin, Ed25519PrivateKey.from_private_bytes(bytes(32))).key)


def put_in_place_of_the_charter(successor: Charter, directory: Path) -> None:
    files = GovernanceDirectory(directory)
    save_certificates(files.root, [cards().root.certificate])
    officers = RootOfficerSignatures(files.root)
    replacing = act(
        nothing_in_force(),
        Kind.CHARTER_REPLACED,
        sha256=files.keep_document(render_charter(successor).encode()),
    )
    documents = ActDocuments(files, officers, officers, files.root)
    documents.require_usable(replacing, charter(), nothing_in_force(), NOON)


def test_other_officers_may_follow(tmp_path: Path) -> None:
    first, *others = charter().officers
    put_in_place_of_the_charter(charter(officers=(*others, replace(first, id="custody-4"))), tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"gate": "gate-2"},
        {"sandbox": False},
        {"log_key": OTHER_KEY},
        {"predecessor": Predecessor(OTHER_KEY, 7, "a" * 64)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_neither_another_gate_nor_another_log_may_follow(changed: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ActRefusedError, match="another log or log key"):
        put_in_place_of_the_charter(charter(**changed), tmp_path)
