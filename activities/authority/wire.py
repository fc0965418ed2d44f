"""What is said to the signer and what it answers: one line of JSON each."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.access.checkpoint import Growth, proof_of
from domain.authority.permit import Claim, Effect, Permit, Right, SignedPermit
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError

MAX_LINE_BYTES = 64_000_000
"""A plan of 5,000 jobs with long scripts has a few megabytes."""


class Operation(StrEnum):
    """What the signer can be asked for."""

    PLAN = "plan"
    BEGIN = "begin"
    END = "end"
    DECISION = "decision"
    ORDER = "order"
    PERMIT = "permit"
    ATTEST = "attest"
    KEYS = "keys"
    CHECKPOINT = "checkpoint"
    REGISTER = "register"
    PERSON = "person"
    RULE = "rule"
    POLICIES = "policies"
    RIGHTS = "rights"
    ENTER = "enter"


PROVEN = frozenset(
    {
        *(Operation.KEYS, Operation.REGISTER, Operation.PERSON, Operation.RULE, Operation.POLICIES, Operation.RIGHTS),
        *(Operation.CHECKPOINT, Operation.ENTER, Operation.ORDER),
    }
)
"""What a server may ask, which proves what it wants or changes nothing; see `Authority.answer_server`."""


@dataclass(frozen=True)
class Question:
    """One request. `blobs`: objects of the store by digest, which the signer checks before it believes them."""

    operation: Operation
    body: Object = field(default_factory=dict)
    blobs: Mapping[str, str] = field(default_factory=dict)

    def line(self) -> bytes:
        """With its newline."""
        said = {"operation": self.operation, "body": self.body, "blobs": self.blobs}
        return json.dumps(said, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Question:
        """Raises:
        ValueError: it is none.
        """
        try:
            said = Node(json.loads(line))
        except RecursionError as deep:
            raise ValueError("it is nested too deep") from deep
        return cls(Operation(said["operation"].text()), said["body"].object(), said["blobs"].strings())


@dataclass(frozen=True)
class Answer:
    """`need`: digests of objects to send along with the same question again."""

    body: Object = field(default_factory=dict)
    need: tuple[str, ...] = ()
    refused: SluicewayError | None = None

    def line(self) -> bytes:
        """With its newline."""
        wrong = self.refused
        said: Manifest = {"body": self.body, "need": self.need}
        if wrong is not None:
            said["error"] = {"code": wrong.code, "what": wrong.what, "where": wrong.where, "why": wrong.why}
            said["refused"], said["transient"] = isinstance(wrong, RefusedError), wrong.transient
        return json.dumps(said, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Answer:
        """Raises:
        ValueError: it is none.
        """
        said = Node(json.loads(line))
        error, refused = said["error"], None
        if error:
            kind = RefusedError if said["refused"].value is True else SluicewayError
            refused = kind(
                error["code"].text(),
                error["what"].text(),
                where=error["where"].text(),
                why=error["why"].text(),
                transient=said["transient"].value is True,
            )
        return cls(said["body"].object(), tuple(said["need"].texts()), refused)


def claim_body(claim: Claim) -> Manifest:
    """A claim as JSON."""
    return {
        "effect": claim.effect,
        "subject": claim.subject,
        "what": claim.what,
        "run": claim.run,
        "job": claim.job,
        "attempt": claim.attempt,
        "action": claim.action,
        "share": claim.share,
        "origin": claim.origin,
        "whole": claim.whole,
    }


def claim_of(body: Object) -> Claim:
    """Raises:
    ValueError: it is of no known effect.
    """
    said = Node(body)
    return Claim(
        effect=Effect(said["effect"].text()),
        subject=said["subject"].text(),
        what=said["what"].object(),
        run=said["run"].text(),
        job=said["job"].text(),
        attempt=said["attempt"].whole(1),
        action=said["action"].text(),
        share=said["share"].whole(),
        origin=said["origin"].text(),
        whole=said["whole"].whole(),
    )


def signed_permit(body: Object) -> SignedPermit:
    """Raises:
    ValueError: it is of no known effect.
    """
    said = Node(body)
    permit = Permit(
        effect=Effect(said["effect"].text()),
        subject=said["subject"].text(),
        digest=said["digest"].text(),
        run=said["run"].text(),
        job=said["job"].text(),
        attempt=said["attempt"].whole(),
        action=said["action"].text(),
        share=said["share"].whole(),
        plan=said["plan"].text(),
        commit=said["commit"].text(),
        starter=said["starter"].text(),
        environment=said["environment"].text(),
        rule=said["rule"].text(),
        approvers=tuple(said["approvers"].texts()),
        gates=tuple(said["gates"].texts()),
        artifacts=tuple(said["artifacts"].texts()),
        basis=said["basis"].text(),
        made_at=said["made_at"].whole(),
        expires_at=said["expires_at"].whole(),
        entry=said["entry"].whole(),
        person=said["person"].text(),
        groups=tuple(said["groups"].texts()),
    )
    known = Node(said["right"].object())
    names = ("initiator", "rule", "policy_digest")
    right = Right(**{name: known[name].text() for name in names}) if known else Right()
    return SignedPermit(permit, said["signature"].text(), right)


def growth_body(asked: Growth) -> Manifest:
    """What a log asks to have signed."""
    proof = [base64.b64encode(one).decode() for one in asked.proof]
    return {"size": asked.size, "root": base64.b64encode(asked.root).decode(), "old": asked.old, "proof": proof}


def growth_of(body: Object) -> Growth:
    """Raises:
    ValueError: it is none.
    """
    said = Node(body)
    root = base64.b64decode(said["root"].text(), validate=True)
    return Growth(said["size"].whole(), root, said["old"].whole(), proof_of(said["proof"].texts()))
