"""What is signed is exactly what was shown, by a key that stays here, near and far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.approvals.request import Decision, signed_text
from domain.core.errors import RefusedError, SluicewayError
from tests.support.memory_client import World
from tests.support.memory_client.approvals import MemoryApprovals
from tests.workers.cli.near_and_far.conftest import Said
from workers.cli import approvals
from workers.client.ports.approvals import Answer

KEY = Ed25519PrivateKey.generate()
ID = "approval/web-shop/30/release-approval"


@pytest.fixture
def key(tmp_path: Path) -> str:
    file = tmp_path / "ann.key"
    file.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(file)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Decision, str]]:
    """Decisions that arrived, and the digest that each was about."""
    found: list[tuple[Decision, str]] = []
    real = MemoryApprovals.decide

    async def decide(self: Any, id_: str, decision: Decision, digest: str) -> Any:
        found.append((decision, digest))
        return await real(self, id_, decision, digest)

    monkeypatch.setattr(MemoryApprovals, "decide", decide)
    return found


def test_an_approval_is_signed_here_for_what_was_shown(say: Said, world: World, key: str, sent: Any):
    answer = say(
        "approve",
        "web-shop/30",
        "--job",
        "release-approval",
        "--as",
        "ann",
        "--key",
        key,
        "--comment",
        "좋아요",
        "--yes",
    )
    asked = world.approvals[ID]
    assert asked.digest in answer.output
    ((decision, digest),) = sent
    assert (decision.binding, decision.approver, decision.approve, digest) == (asked.subject, "ann", True, asked.digest)
    import base64

    KEY.public_key().verify(base64.b64decode(decision.signature), signed_text(decision))


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_nobody_is_asked_on_a_terminal_for_what_was_not_shown(
    say: Said, world: World, key: str, sent: Any, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
):
    monkeypatch.setattr(approvals, "on_terminal", lambda: True)
    answer = say("approve", "web-shop/30", "--job", "release-approval", "--as", "ann", "--key", key, *more)
    assert answer.exit_code == 1  # nobody has answered
    assert world.approvals[ID].digest in answer.output
    assert sent == []


def test_a_rejection_is_signed_too(say: Said, world: World, key: str, sent: Any):
    say("reject", "web-shop/30", "--job", "release-approval", "--as", "ann", "--key", key)
    assert [decision.approve for decision, _ in sent] == [False]
    assert world.approvals[ID].outcome == "refused"


@pytest.mark.parametrize("changed", [{"workflow_id": "approval/billing/1/pay"}, {"commit": "f" * 40}, {"scope": ""}])
def test_what_was_swapped_by_the_server_is_not_signed(
    say: Said, world: World, key: str, sent: Any, changed: dict[str, str]
):
    other = replace(world.approvals[ID].subject, **changed)  # type: ignore[arg-type]
    world.approvals[ID] = replace(world.approvals[ID], subject=other)
    refused = say(
        "approve", "web-shop/30", "--job", "release-approval", "--as", "ann", "--key", key, fails=SluicewayError
    ).exception
    assert isinstance(refused, SluicewayError)
    assert refused.code == "SLW478"
    assert sent == []


def test_what_changed_after_it_was_shown_is_not_decided(
    say: Said, world: World, key: str, monkeypatch: pytest.MonkeyPatch
):
    real = MemoryApprovals.decide

    async def late(self: Any, id_: str, decision: Decision, digest: str) -> Any:
        world.approvals[ID] = replace(world.approvals[ID], digest="e" * 64)
        return await real(self, id_, decision, digest)

    monkeypatch.setattr(MemoryApprovals, "decide", late)
    refused = say(
        "approve", "web-shop/30", "--job", "release-approval", "--as", "ann", "--key", key, fails=RefusedError
    ).exception
    assert isinstance(refused, RefusedError)
    assert refused.code == "SLW447"
    assert world.approvals[ID].outcome == "pending"


def test_a_text_to_sign_elsewhere_comes_back_as_a_decision(say: Said, key: str, sent: Any, tmp_path: Path):
    asked = ("web-shop/30", "--job", "release-approval")
    text = say("decision", "text", *asked, "--as", "ann", "--approve").stdout_bytes
    (tmp_path / "d").write_bytes(text)
    (tmp_path / "d.sig").write_bytes(KEY.sign(text))
    say("decide", *asked, "--signature", str(tmp_path / "d.sig"))
    ((decision, _),) = sent
    assert signed_text(decision) == text


def refused(say: Said, *words: str) -> str:
    found = say(*words, fails=SluicewayError).exception
    assert isinstance(found, SluicewayError)
    return found.code


def test_a_decision_is_about_exactly_one_approval(say: Said, world: World, key: str):
    assert refused(say, "approve", "web-shop/1", "--as", "ann", "--key", key) == "SLW873"
    run = world.runs["run/web-shop/30"]
    other = "approval/web-shop/30/another"
    asked = world.approvals[ID]
    world.approvals[other] = replace(asked, row=replace(asked.row, id=other, job="another"))
    world.runs["run/web-shop/30"] = replace(run, waits=(*run.waits, replace(run.waits[0], approval=other)))
    assert refused(say, "approve", "web-shop/30", "--as", "ann", "--key", key) == "SLW874"


def test_nobody_who_says_what_is_waited_for_is_told_apart_from_nothing(
    say: Said, world: World, key: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(approvals, "PATIENCE_S", 0)
    run = world.runs["run/web-shop/30"]
    world.runs["run/web-shop/30"] = replace(run, waits=(), answers=False)
    assert refused(say, "approve", "web-shop/30", "--as", "ann", "--key", key) == "SLW906"


def test_a_decision_that_does_not_count_is_said(say: Said, key: str, monkeypatch: pytest.MonkeyPatch):
    async def decide(self: Any, id_: str, decision: Decision, digest: str) -> Answer:
        return Answer(False, "author", "pending")

    monkeypatch.setattr(MemoryApprovals, "decide", decide)
    assert refused(say, "reject", "web-shop/30", "--job", "release-approval", "--as", "ann", "--key", key) == "SLW875"
