"""What a release may be made of, and when it may go forward: the signer's own answers, whatever an engine decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from domain.authority import step_evidence
from domain.authority.rulings import Asked
from domain.core import ids
from domain.core.documents import Object
from domain.core.errors import RefusedError
from domain.releases import image_name
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.images import images, with_digests
from domain.releases.kubernetes.refusals import refusals
from domain.supply_chain import image_policy
from domain.supply_chain.image_policy import Attestations, ImageRule
from domain.supply_chain.origin import Origin

OVERRIDE = "override"
"""The approval that lets a release pass its windows."""
MOST_TOLD = 3


def may_have(new: Deployment, objects: Sequence[Object]) -> None:
    """The objects that were rendered for a release, by the policy of kinds of its registered place.

    Raises:
        RefusedError: SLW963, they may not be a release there.
    """
    assert new.spec.kubernetes is not None
    if found := refusals(objects, new.spec.kubernetes.place):
        what = f"the objects of {new.service} may not be a release to {new.environment}"
        raise RefusedError("SLW963", what, why="; ".join(one.words() for one in found[:MOST_TOLD]))


def admitted(
    new: Deployment,
    objects: Sequence[Object],
    rule: ImageRule,
    said: Callable[[str], Attestations],
    now: float,
    deploying: Origin,
    *,
    further: bool,
) -> None:
    """What all of a release's containers run. `said`: signed statements by the SHA-256 of an image. `further`: other
    clusters have it already, so its scan has been young enough.

    Raises:
        RefusedError: SLW047, an image is not named by its digest, or the environment does not admit it.
    """
    assert new.spec.kubernetes is not None
    named = {*images(with_digests(objects, new.spec.kubernetes.digests)), new.spec.image} - {""}
    asked = replace(rule, scanned_within_s=inf) if further and rule.scanned_within_s else rule
    for image in sorted(named):
        if not (rule.as_written or image_name.is_pinned(image)):
            raise _not_admitted(new, image, "it is not named by its digest")
        if asked.demands:
            known = said(image.partition("@sha256:")[2])
            if why := image_policy.refusals(asked, known, now, deploying):
                raise _not_admitted(new, image, "; ".join(why[:MOST_TOLD]))


def _not_admitted(new: Deployment, image: str, why: str) -> RefusedError:
    return RefusedError("SLW047", f"{new.environment} does not admit {image[:200]}", why=why)


def passed_windows(asked: Asked, new: Deployment, instance: str, closed: str, whole: str = "") -> None:
    """People have let a release pass its windows: this one, or the `whole` that it is a part of.

    Raises:
        RefusedError: SLW048, nobody has. `closed`: what holds it, and until when.
    """
    number = int(instance.removeprefix("r")) if instance.removeprefix("r").isdecimal() else 0
    releases = dict.fromkeys(ids.release_id(new.service, place, number) for place in (new.place, new.environment))
    approvals = [ids.approval_id(release, OVERRIDE) for release in dict.fromkeys(filter(None, (*releases, whole)))]
    if not step_evidence.override_missing(approvals, new.environment, asked.chain, asked.known):
        return
    what = f"{new.service} may not go forward in {new.environment} now"
    raise RefusedError("SLW048", what, why=closed, fix="wait, or have people let it pass: sluiceway release override")
