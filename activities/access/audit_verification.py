"""Checks the audit of a database against its checkpoints and everything that witnesses have kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from activities.access.audit_store import AuditStore
from activities.access.checkpoints import CheckpointTable, head_of
from activities.storage.database import Database
from domain.access.verification import MOST_PROBLEMS, Mark, Verified, verify
from domain.core.errors import SluicewayError


def verify_all(database: Database, public: bytes, kept: Sequence[Mark]) -> Verified:
    """`public`: the 32 bytes of the signer's key; `kept`: what witnesses have. Entries that are added meanwhile are
    not looked at.
    """
    marks, problems = list(kept), []
    for one in CheckpointTable(database).all():
        try:
            head = head_of(one, public)
        except SluicewayError as broken:
            problems.append(f"checkpoint {one.size}: {broken.what}: {broken.why}")
        else:
            marks.append(Mark(f"checkpoint {one.size}", head.size, head.root))
    store, signed = AuditStore(database), max((one.size for one in marks), default=0)
    size = store.size()
    found = verify(store.entries(size), store.subtrees(size), marks, signed)
    return replace(found, problems=(*problems, *found.problems)[:MOST_PROBLEMS])
