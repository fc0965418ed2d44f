"""What the worker in a cluster does for others: looks, and what the engine's signer has permitted."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from activities.kubernetes.client import Kube
from domain.access.checkpoint import origin_of, short
from domain.authority.dialled_permits import Permits, permit_of
from domain.authority.permit import Permit, permit_text
from domain.clusters.impersonation import Impersonated, impersonated, ordered_by
from domain.core.errors import RefusedError, SluicewayError
from domain.inventory.dialled import AS_PERSON, Answered, Asked, Call, Deed, May, bounded, refusal, trouble_of
from workers.dialling import deeds

NO_NAMES = "nobody acts in it under their own name: make its manifest with --impersonate"
_log = logging.getLogger("sluiceway.dial-out")


class Opens(Protocol):
    """Clients of the API server."""

    def __call__(self, person: Impersonated | None) -> Kube:
        """In whose name; None: the worker's own."""
        ...


@dataclass(frozen=True, kw_only=True)
class Let:
    """What the owner of the cluster lets its worker do."""

    may: May = May.WATCH
    key: bytes = b""
    """The 32 bytes of the signer's public key: whose permits count."""
    impersonate: bool = False
    """Whether people act in it under their own names."""


class Hands:
    """Of one cluster; for several threads."""

    def __init__(self, cluster: str, let: Let, open: Opens, clock: Callable[[], float] = time.time) -> None:
        self._cluster, self._let, self._open, self._clock = cluster, let, open, clock
        self._permits, self._lock = Permits(cluster, clock()), threading.Lock()

    def answer(self, asked: Asked) -> Answered:
        """See `Answers`."""
        try:
            if asked.deed is not None:
                return Answered(done=self._done(asked.deed))
            if asked.call is not None:
                return self._looked(asked.call)
            raise RefusedError("SLW983", "nothing is asked for")
        except SluicewayError as broken:
            _log.warning("%s", broken)
            return Answered(trouble=trouble_of(broken))

    def _looked(self, asked: Call) -> Answered:
        if why := refusal(asked, self._let.may):
            raise self._refused(why)
        if asked.user and not self._let.impersonate:
            raise self._refused(NO_NAMES)
        person = Impersonated(asked.user, asked.groups) if asked.user else None
        return self._open(person).answered(bounded(asked))

    def _done(self, deed: Deed) -> dict[str, str]:
        if deed.more.get(AS_PERSON) and not self._let.impersonate:
            raise self._refused(NO_NAMES)
        permit = self._permitted(deed)
        who = ordered_by(permit.person, permit.groups) if self._let.impersonate else None
        _log.info("%s, by line %s of the signer's log", permit.action, permit.entry)
        hands = self._open(impersonated(who) if who else None)
        return deeds.do(
            deeds.Wanted(self._cluster, permit, deed, short(origin_of(self._let.key))), self._open(None), hands
        )

    def _permitted(self, deed: Deed) -> Permit:
        """Raises:
        RefusedError: SLW977, the worker acts for nobody; SLW016, this is no permit for it.
        """
        if not self._let.may.holds(May.ACT) or not self._let.key:
            raise self._refused("it is let change nothing")
        try:
            permit = permit_of(deed.permit)
            signature = base64.b64decode(deed.signature, validate=True)
            Ed25519PublicKey.from_public_bytes(self._let.key).verify(signature, permit_text(permit))
        except (InvalidSignature, ValueError, TypeError) as forged:
            raise _no_permit(self._cluster, "the signer has not signed it") from forged
        with self._lock:
            if why := self._permits.refusal(permit, deed.what, self._clock()):
                raise _no_permit(self._cluster, why)
            self._permits.use(permit, self._clock())
        return permit

    def _refused(self, why: str) -> RefusedError:
        return RefusedError("SLW977", f"the worker in {self._cluster} does not do this", why=why)


def _no_permit(cluster: str, why: str) -> RefusedError:
    return RefusedError("SLW016", f"no permit for this in {cluster}", why=why)
