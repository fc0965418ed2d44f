"""A command of a person in a container: asked by the rights of this moment, and in the signer's log before it runs."""

from __future__ import annotations

from collections.abc import Callable

from domain.access.actions import Action
from domain.access.principal import OWNER, Principal, PrincipalKind
from domain.access.resource import cluster_resource
from domain.access.verdict import Verdict
from domain.authority.initiators import EffectQuestion
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError

MOST_TEXT = 700
NAMES = ("person", "cluster", "place", "session", "command")


def entered(verdict: Callable[[EffectQuestion], Verdict | None], body: Object, *, by_hand: bool) -> Manifest:
    """The entry of the log.

    Raises:
        RefusedError: SLW484, the person may not; SLW019, it is no person. The owner is one by hand alone.
    """
    said = {name: Node(body)[name].text()[:MOST_TEXT] for name in NAMES}
    found = verdict(_question(said, by_hand=by_hand))
    if found is not None and not found.allowed:
        what = f"{found.principal} may not {found.action} on {found.resource}"
        raise RefusedError("SLW484", what, where=found.rule, why=found.reason, fix=found.missing)
    return {**said, "rule": found.rule if found else "owner/home"}


def _question(said: dict[str, str], *, by_hand: bool) -> EffectQuestion:
    kind, _, name = said["person"].partition(":")
    owner = by_hand and said["person"] == OWNER.id
    if not owner and (kind != PrincipalKind.PERSON or not name):
        raise RefusedError("SLW019", "the signer lets people in, and nobody else", why=f"it is {said['person'][:100]}")
    resource = cluster_resource(said["cluster"])
    who = OWNER if owner else Principal(kind=PrincipalKind.PERSON, name=name)
    # what the person reads and writes there has the label of the cluster, so nothing is written down
    return EffectQuestion(
        initiator=who,
        action=Action.CLUSTERS_EXEC,
        resource=resource,
        run=resource,
        confirmed=True,
        served=not owner,
    )
