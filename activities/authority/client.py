"""The signer as the worker and the command line reach it: by a socket in the home, or in this very process."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from activities.authority import sockets
from activities.authority.port import (
    CheckpointSigner,
    Entering,
    Entries,
    KeyRegistry,
    Orders,
    Permits,
    PlanStatement,
    RunStatement,
    Signer,
)
from activities.authority.wire import Answer, Operation, Question, claim_body, growth_body, signed_permit
from activities.core import serialization as serial
from domain.access.checkpoint import Growth, origin_of
from domain.access.keys import KeyProof
from domain.approvals.request import Decision, EnvironmentRule, VerifiedIdentity
from domain.authority.cluster_orders import Order
from domain.authority.permit import Claim, SignedPermit, fits, permit_text
from domain.authority.registrations import RegisteredPerson, Registration, proof_body
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError

PATIENCE_S = 20.0
"""How long a signer may take to come back: its supervisor starts it again within two seconds."""
ANSWER_S = 10.0
"""How long a page or a login waits for a signer that is there and says nothing: it may wait for its database."""
PAUSE_S = 0.05
Ask = Callable[[bytes], bytes]
"""One line to the signer and back."""
Blob = Callable[[str], bytes]
"""An object of the store by its digest."""


class AuthorityClient(Permits, Orders, Entries, Signer, CheckpointSigner, KeyRegistry):
    """Asks, sends along what the signer needs from the store, and checks each permit before it is used."""

    def __init__(self, ask: Ask, blob: Blob, clock: Callable[[], float] = time.time) -> None:
        """`blob`: an object of the store by its digest."""
        self._ask, self._blob, self._clock = ask, blob, clock

    def plan(self, said: PlanStatement) -> None:
        """Tells that a plan was read."""
        people = serial.dump_plain(said.people)
        body: Manifest = {
            "pipeline": said.pipeline,
            "plan": said.plan,
            "delivery": said.delivery,
            "run": said.run,
            "repo": said.repo,
            "commit": said.commit,
            "source_repo": said.source.repo,
            "source_commit": said.source.commit,
            "event": said.event,
            "branch": said.branch,
            "tag": said.tag,
            "people": people,
            "fork": said.fork,
        }
        self._asked(Operation.PLAN, body)

    def begin(self, said: RunStatement) -> None:
        """Tells that a run begins.

        Raises:
            RefusedError: SLW011, no plan was read for it.
        """
        body: Manifest = {
            "run": said.run,
            "pipeline": said.pipeline,
            "plan": said.plan,
            "commit": said.commit,
            "earlier": said.earlier,
        }
        self._asked(Operation.BEGIN, body)

    def end(self, run: str) -> None:
        """Tells that a run has ended."""
        self._asked(Operation.END, {"run": run})

    def decision(self, decision: Decision) -> VerifiedIdentity:
        """Tells a signed decision of a person; returns what the signer knows of them."""
        said = self._asked(Operation.DECISION, Node(serial.dump_plain(decision)).object())
        return serial.load(VerifiedIdentity, json.dumps(said))

    def rule(self, environment: str) -> EnvironmentRule:
        """The rule of an environment as the signer remembers it."""
        return serial.load(EnvironmentRule, json.dumps(self._asked(Operation.RULE, {"environment": environment})))

    def policies(self) -> dict[str, Object]:
        """Documents of the registered policies of pushes by name, as the signer remembers them."""
        return {name: one.object() for name, one in Node(self._asked(Operation.POLICIES, {})).fields()}

    def rights_differ(self) -> tuple[str, ...]:
        """What the database says of rights that the signer was never told, in sentences; at most 50."""
        return tuple(Node(self._asked(Operation.RIGHTS, {}))["differences"].texts())

    def person(self, name: str) -> RegisteredPerson | None:
        """Whom the signer knows; None: nobody of that name."""
        said = self._asked(Operation.PERSON, {"name": name})
        return serial.load(RegisteredPerson, json.dumps(said)) if said else None

    def home(self) -> str:
        """Whose statements, orders and decisions this signer believes."""
        return origin_of(base64.b64decode(Node(self._asked(Operation.KEYS, {}))["permits"].text()))

    def register(self, said: Registration, proof: KeyProof | None = None) -> None:
        """Tells a statement about a person, a key or an environment.

        Raises:
            RefusedError: SLW435, it is not admitted.
        """
        shown: Manifest = {"proof": proof_body(proof)} if proof else {}
        self._asked(Operation.REGISTER, {**said.plain(), **shown})

    def order(self, said: Order, proof: KeyProof | None = None) -> None:
        """Tells what somebody wants of a cluster, for a command that they gave, or a person through a server.

        Raises:
            RefusedError: SLW019, SLW040, SLW049 and SLW484, as `Orders` says.
        """
        shown: Manifest = {"proof": proof_body(proof)} if proof else {}
        self._asked(Operation.ORDER, {**said.body(), "content": said.content, "before": said.before, **shown})

    def permit(self, claim: Claim) -> SignedPermit:
        """A permit that was verified and fits.

        Raises:
            RefusedError: SLW011 to SLW015, the signer refuses; SLW016, what it sent is no permit for this.
        """
        signed = signed_permit(self._asked(Operation.PERMIT, claim_body(claim)))
        self.check(signed, claim)
        return signed

    def enter(self, said: Entering) -> int:
        """The number of the entry that permits a command in a container."""
        return Node(self._asked(Operation.ENTER, dict(vars(said))))["entry"].whole()

    def check(self, signed: SignedPermit, claim: Claim) -> None:
        """Raises:
        RefusedError: SLW016, it is not the signer's, or for something else.
        """
        why = fits(signed.permit, claim, self._clock())
        try:
            key = Ed25519PublicKey.from_public_bytes(self._keys["permits"])
            key.verify(base64.b64decode(signed.signature, validate=True), permit_text(signed.permit))
        except (InvalidSignature, ValueError):
            why = why or "the signer has not signed it"
        if why:
            raise RefusedError("SLW016", f"no permit for this {claim.effect} of {claim.subject}", why=why)

    def sign(self, data: bytes) -> bytes:
        """A DER-encoded ECDSA signature of a statement of a known type."""
        answer = self._asked(Operation.ATTEST, {"data": base64.b64encode(data).decode()})
        return base64.b64decode(Node(answer)["signature"].text())

    def public_key(self) -> bytes:
        """PEM of the key of attestations."""
        return self._keys["attestations"]

    def checkpointed(self) -> str:
        """The last checkpoint of the audit; empty: there is none yet."""
        return Node(self._asked(Operation.CHECKPOINT, {}))["note"].text()

    def checkpoint(self, asked: Growth) -> str:
        """The signed note of the audit's new head.

        Raises:
            RefusedError: SLW482, the log is not the one that was signed before.
        """
        return Node(self._asked(Operation.CHECKPOINT, growth_body(asked)))["note"].text()

    def audit_key(self) -> bytes:
        """The key of permits signs checkpoints too: what it signs begins with another name."""
        return self._keys["permits"]

    @cached_property
    def _keys(self) -> dict[str, bytes]:
        found = Node(self._asked(Operation.KEYS, {})).strings()
        return {name: base64.b64decode(key) for name, key in found.items()}

    def _asked(self, operation: Operation, body: Object) -> Object:
        blobs: dict[str, str] = {}
        while True:
            answer = Answer.read(self._ask(Question(operation, body, blobs).line()))
            if answer.refused is not None:
                raise answer.refused
            if not answer.need:
                return answer.body
            if set(answer.need) <= set(blobs):
                raise SluicewayError("SLW010", "the signer asks for the same object again")
            blobs = {**blobs, **{digest: self._blob(digest).decode() for digest in answer.need}}


class Socket:
    """The signer's socket. A connection is used by one thread at a time and kept for the next question."""

    def __init__(self, path: Path, patience_s: float = PATIENCE_S, answer_s: float | None = None) -> None:
        """`answer_s`: how long one answer may take; None: as long as it needs."""
        self._path, self._patience_s, self._answer_s = path, patience_s, answer_s
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()

    def __del__(self) -> None:
        for connection in self._idle:
            connection.close()

    def ask(self, line: bytes) -> bytes:
        """Asks again while the signer is being restarted: each of its operations may be repeated.

        Raises:
            SluicewayError: SLW010, it does not answer.
        """
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return self._once(line)
            except OSError as away:
                if time.monotonic() > deadline:
                    why, fix = str(away), "sluiceway up"
                    where = str(self._path)
                    raise SluicewayError(
                        "SLW010", "the signer does not answer", where=where, why=why, fix=fix, transient=True
                    ) from away
                time.sleep(PAUSE_S)

    def _once(self, line: bytes) -> bytes:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._answer_s)
        try:
            if not _connected(connection):
                with sockets.address(self._path) as address:
                    connection.connect(address)
            connection.sendall(line)
            answer = _line(connection)
        except OSError:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)
        return answer


def _connected(connection: socket.socket) -> bool:
    try:
        connection.getpeername()
    except OSError:
        return False
    return True


def _line(connection: socket.socket) -> bytes:
    parts: list[bytes] = []
    while not parts or not parts[-1].endswith(b"\n"):
        part = connection.recv(1 << 16)
        if not part:
            raise ConnectionResetError("the signer has closed the connection")
        parts.append(part)
    return b"".join(parts)
