"""What an action of a release claims from the signer."""

from __future__ import annotations

from dataclasses import replace

from activities.core import serialization as serial
from activities.releases.port import ActionInput
from domain.authority.permit import Claim, Effect
from domain.core.documents import Node, Object
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.secrets.rules import SecretUse

WHOLE = 10_000
"""All traffic, in hundredths of a percent."""


def claims(input: ActionInput) -> list[Claim]:
    """The action on its version; and the other version, which the action concerns as it stands."""
    found = [_claim(input, input.deployment, str(input.do), _share(input))]
    if input.other is not None:
        found.append(_claim(input, input.other, "", 0))
    return found


def content(deployment: Deployment) -> Object:
    """All that decides what a version is, whatever number it has."""
    return Node(serial.dump_plain(replace(deployment, instance="", use=SecretUse()), exclude_defaults=True)).object()


def _claim(input: ActionInput, deployment: Deployment, action: str, share: int) -> Claim:
    whose = input.whose
    return Claim(
        effect=Effect.DEPLOY,
        subject=f"{deployment.place}/{deployment.service}/{deployment.instance}",
        what=content(deployment),
        run=whose.run,
        job=whose.job,
        attempt=whose.attempt,
        action=action,
        share=share,
        origin=whose.origin,
        whole=_number(whose.whole),
    )


def _number(release: str) -> int:
    number = release.rpartition("/")[2]
    return int(number) if number.isdecimal() else 0


def _share(input: ActionInput) -> int:
    if input.do is ActionKind.SHIFT:
        return round(input.percent * 100)
    return WHOLE if input.do is ActionKind.ROUTE else 0
