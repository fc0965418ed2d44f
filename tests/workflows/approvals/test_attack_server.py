"""The server, the database and Temporal together approve nothing: the signer alone knows whose keys count."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from activities.access.environments import Environments
from activities.access.identities import sign
from activities.access.identity_store import Identity
from activities.access.key_registry import enrolment
from activities.access.private_keys import public_half
from activities.authority import log_parts
from activities.authority.client import AuthorityClient
from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.approvals.request import Decision, DecisionReason
from domain.authority.permit import Claim, Effect
from domain.core.errors import SluicewayError
from tests.support.lab import _SIGNERS
from tests.support.passkeys import Passkey
from tests.workflows.approvals.test_console_approvals import Console, opened
from workers.client.calls import update
from workers.core.plain_environment import plain
from workflows.approvals.messages import DecideAnswer


@pytest.fixture
async def console(temporal_address: str, tmp_path: Path) -> AsyncIterator[Console]:
    async with opened(temporal_address, tmp_path) as made:
        yield made


def written_everywhere(console: Console, evil: Ed25519PrivateKey) -> None:
    """What whoever owns the database writes: keys, groups, addresses, rules, credentials, and that it is decided."""
    records = console.lab.records
    for name in ("eve", "ann"):
        records.identities.save(Identity(name, public_half(evil), ("managers",), ("administrator",)))
    loose = {**plain("production", open_=True), "trust": "open", "proof": "any"}
    Environments(records.definitions).register("production", loose)
    records.definitions.save("IdentityEmail", "developer@example.org", json.dumps({"identity": "eve"}))
    with records.database.write() as connection:
        connection.execute(text("update approvals set outcome = 'granted', people = ''"))


def decided(console: Console, evil: Ed25519PrivateKey, seen: Decision) -> list[Decision]:
    """What a hostile server could send for a person, who has signed nothing."""
    forged = sign(evil, seen)
    foreign = Passkey().sign(seen)
    return [
        replace(seen, signature=""),
        forged,
        replace(forged, approver="eve"),
        sign(evil, replace(seen, approver="eve")),
        replace(forged, proof_kind="browser"),
        foreign,
        replace(foreign, approver="eve"),
        replace(console.keys["bob"].sign(seen)),
        console.keys["bob"].sign(replace(seen, approver="bob")),
    ]


async def test_whoever_owns_server_database_and_temporal_approves_nothing(console):
    evil, id_ = Ed25519PrivateKey.generate(), await console.asked()
    written_everywhere(console, evil)
    view = (await console.of("ann").show(id_)).subject
    until = float(int(time.time()) + 60)
    seen = Decision(approver="ann", approve=True, binding=view, expires_at=until)
    handle = console.lab.engine.client.get_workflow_handle(id_)
    rules = set()
    for at, one in enumerate(decided(console, evil, seen)):
        answer = await update(handle, "decide", replace(one, request_id=f"r{at}"), DecideAnswer, f"r{at}")
        rules.add(answer.rule)
        assert not answer.counted
    told = [entry.kind for entry, _ in log_parts.entries(console.lab.settings.signer_log)]

    assert rules <= {str(one) for one in REFUSED}
    assert "permit" not in told
    assert (await console.of("ann").show(id_)).outcome == "pending"
    after = await console.of("ann").show(id_)
    assert (await console.of("ann").decide(id_, console.decision("ann", after), after.digest)).outcome == "granted"


REFUSED = (DecisionReason.UNSIGNED, DecisionReason.FORGED, DecisionReason.UNKNOWN, DecisionReason.NOT_ALLOWED)


async def test_a_server_enrols_no_key_and_gets_no_permit(console):
    """It has the socket of servers; the one of the home is for commands by hand and the worker."""
    evil = Ed25519PrivateKey.generate()
    written_everywhere(console, evil)
    server = AuthorityClient(_SIGNERS[console.lab.settings.home].answer_server, console.lab.wired.store.get)
    key = PersonKey(kind=KeyKind.ED25519, public=public_half(evil))
    codes = []
    for name in ("ann", "eve"):
        said = replace(enrolment(name, key), home=server.home())
        for proof in (None, KeyProof(base64.b64encode(evil.sign(said.text())).decode())):
            with pytest.raises(SluicewayError) as refused:
                server.register(said, proof)
            codes.append(refused.value.code)
    with pytest.raises(SluicewayError) as permit:
        server.permit(Claim(effect=Effect.EXEC, subject="next", what={}))

    assert (set(codes), permit.value.code) == ({"SLW435"}, "SLW019")
