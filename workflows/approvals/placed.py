"""What a deploy job makes live in a cluster: at its environment's place, with the objects of its source.

An approval is asked for exactly that, and the deployment is compared with it: both are made here, in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from temporalio import workflow

from activities.access.port import IdentityActivities
from activities.releases.rendering.port import RenderActivities, RenderInput, Shown
from domain.approvals.request import EnvironmentRule
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.registered import in_registered_place
from workflows.core import activity_options as options


async def rule_of(environment: str) -> EnvironmentRule:
    """What the registered environment demands now, and where it is."""
    return await workflow.execute_local_activity_method(
        IdentityActivities.environment_rule, environment, **options.LOCAL
    )


@dataclass(frozen=True)
class Placed:
    """A deployment at its place, with what its objects run."""

    deployment: Deployment
    images: tuple[str, ...] = ()
    """Images of its source's own, beside the one that the deploy block names."""


async def placed(planned: Deployment, rule: EnvironmentRule, shown: Shown | None = None) -> Placed | str:
    """The deployment with its place and the digest of its objects; or why there is none, with its code.

    Any other target's deployment is as it was. `shown`: the job whose record says that it has these objects.
    """
    if planned.spec.target != "kubernetes":
        return Placed(planned)
    spec = in_registered_place(planned.spec, rule.kubernetes)
    if isinstance(spec, str):
        return spec
    made = await workflow.execute_activity_method(
        RenderActivities.render,
        RenderInput(spec, planned.source, shown),
        **options.rendering(f"objects of {spec.service} for {planned.environment}"),
    )
    if made.refusal:
        return made.refusal
    assert spec.kubernetes is not None
    new = replace(planned, spec=replace(spec, kubernetes=replace(spec.kubernetes, rendered=made.digest)))
    return Placed(new, tuple(one for one in made.images if one != spec.image))
