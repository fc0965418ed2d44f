"""Approvals as pages and routes ask for them: listed without a workflow, shown in full, decided by a passkey."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from activities.access.key_registry import enrolment, proven
from activities.authority.client import AuthorityClient
from domain.access.actions import Action
from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.approvals.request import Decision, DecisionReason, fingerprint
from domain.authority.registrations import Topic
from domain.core import ids
from domain.core.errors import SluicewayError
from tests.support.guards import OpenGuard
from tests.support.lab import Lab
from tests.support.link_codes import by_code, invite
from tests.support.passkeys import Passkey
from tests.support.profile import first_of
from workers.client import approvals
from workers.client.on_engine.approvals.approvals import EngineApprovals
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.approvals import ApprovalDetails
from workers.client.ports.pages import PageOf
from workers.core.plain_environment import plain

ASK = """jobs:
  ok:
    environment: production
    approval: {groups: [managers], message: "Go?"}
  next: {needs: ok, run: 'true'}
"""


@dataclass
class Console:
    """A lab, and people with passkeys who ask through a server."""

    lab: Lab
    keys: dict[str, Passkey] = field(default_factory=dict)

    @property
    def signer(self) -> AuthorityClient:
        assert isinstance(self.lab.wired.permits, AuthorityClient)
        return self.lab.wired.permits

    def enrol(self, name: str, *groups: str) -> None:
        self.keys[name] = Passkey()
        said = replace(enrolment(name, self.keys[name].key), home=self.signer.home())
        self.signer.register(said, by_code(said, invite(self.signer, name, groups)))
        self.signer.register(proven(Topic.CONFIRMED, name, {"fingerprint": self.keys[name].key.fingerprint}))

    def of(self, name: str, **guard: object) -> EngineApprovals:
        who = Caller(principal=Principal(kind=PrincipalKind.PERSON, name=name) if name else OWNER)
        records = self.lab.records
        parts = EngineParts(self.lab.settings, records.database, lambda: self.lab.wired.store, opened=records)
        parts._engine = self.lab.engine
        return EngineApprovals(parts, OpenGuard(who, **guard), self.signer)  # type: ignore[arg-type]

    def decision(self, name: str, seen: ApprovalDetails, **more: object) -> Decision:
        until = float(int(time.time()) + 60)
        made = Decision(approver=name, approve=True, binding=seen.subject, expires_at=until, request_id="r")
        return self.keys[name].sign(replace(made, **more))  # type: ignore[arg-type]

    async def asked(self) -> str:
        run = await self.lab.start(ASK)
        await self.lab.until_asked(run)
        return ids.approval_id(run, "ok")


@asynccontextmanager
async def opened(temporal_address: str, folder: Path) -> AsyncIterator[Console]:
    async with Lab.on(temporal_address, folder) as lab:
        console = Console(lab)
        console.enrol("ann", "managers")
        console.enrol("bob")
        yield console


@pytest.fixture
async def console(temporal_address: str, tmp_path: Path) -> AsyncIterator[Console]:
    async with opened(temporal_address, tmp_path) as made:
        yield made


async def test_a_passkey_approves_what_the_inbox_shows(console):
    id_ = await console.asked()
    (row,) = (await console.of("ann").inbox(PageOf())).items
    seen = await console.of("ann").show(row.id)
    answer = await console.of("ann").decide(row.id, console.decision("ann", seen), seen.digest)

    assert (row.id, row.mine, row.environment, row.waiting_for) == (id_, True, "production", "1 of 1 approval")
    assert (seen.digest, seen.message, seen.commits[0].subject) == (fingerprint(seen.subject), "Go?", "a change")
    assert (answer.counted, answer.outcome) == (True, "granted")
    assert (await console.lab.result(row.run)).status == "passed"
    assert (await console.of("ann").inbox(PageOf(), mine=False)).items == ()


async def test_who_may_not_reads_the_rule_that_refuses(console):
    id_ = await console.asked()
    refused = console.of("ann", refused=frozenset({Action.APPROVALS_DECIDE}))
    told = {
        name: (await client.show(id_)).row.why_not
        for name, client in (("bob", console.of("bob")), ("rights", refused), ("owner", console.of("")))
    }

    assert told["bob"] == str(DecisionReason.NOT_ALLOWED)
    assert told["rights"].startswith("default/deny")
    assert "sluiceway approve" in told["owner"]
    assert (await console.of("bob").inbox(PageOf())).items == ()
    assert [one.mine for one in (await console.of("bob").inbox(PageOf(), mine=False)).items] == [False]


async def test_what_changed_since_it_was_looked_at_is_not_decided(console):
    id_ = await console.asked()
    seen = await console.of("ann").show(id_)
    stricter = plain("production")
    stricter["approval"] = {**stricter["approval"], "quorum": 1, "groups": ["managers"]}  # type: ignore[dict-item]
    console.lab.registrar.environment("production", stricter)
    with pytest.raises(SluicewayError) as changed:
        await console.of("ann").decide(id_, console.decision("ann", seen), seen.digest)
    again = await console.of("ann").show(id_)
    answer = await console.of("ann").decide(id_, console.decision("ann", again, request_id="s"), again.digest)

    assert (changed.value.code, again.decisions) == ("SLW447", ())
    assert again.digest != seen.digest
    assert answer.counted


@pytest.mark.parametrize("field", first_of("approve", "comment", "expires_at", "signature", "client_data"))
async def test_a_decision_that_a_server_changes_is_refused(console, field):
    id_ = await console.asked()
    seen = await console.of("ann").show(id_)
    made = console.decision("ann", seen)
    other = {
        "approve": False,
        "comment": "looks good",
        "expires_at": made.expires_at + 1,
        "signature": made.signature[:-8] + "AAAAAAA=",
        "client_data": "e30=",
    }
    changed = replace(made, **{field: other[field]})
    answer = await console.of("ann").decide(id_, changed, seen.digest)

    assert (answer.counted, answer.rule) == (False, DecisionReason.FORGED)
    other_content = replace(made, binding=replace(made.binding, nonce="other"), request_id="other")
    with pytest.raises(SluicewayError) as refused:
        await console.of("ann").decide(id_, other_content, seen.digest)
    assert refused.value.code == "SLW447"
    assert (await console.of("ann").show(id_)).outcome == "pending"


async def test_nobody_sends_the_decision_of_another(console):
    id_ = await console.asked()
    seen = await console.of("bob").show(id_)
    with pytest.raises(SluicewayError) as refused:
        await console.of("bob").decide(id_, console.decision("ann", seen), seen.digest)

    assert refused.value.code == "SLW436"


async def test_a_request_that_a_command_decided_or_whose_run_was_cancelled_is_listed_no_more(console):
    console.lab.identity("lead", "managers")
    run = ids.run_id(*ids.split_run("run/" + (await console.asked()).removeprefix("approval/").removesuffix("/ok"))[:2])
    decision = await approvals.sign(console.lab.engine, run, "ok", "lead", True, "", console.lab.settings.keys)
    await approvals.decide(console.lab.engine, run, "ok", decision)
    await console.lab.result(run)

    assert (await console.of("ann").inbox(PageOf(), mine=False)).items == ()
