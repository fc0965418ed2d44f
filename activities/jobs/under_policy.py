"""An executor as the policies want it: refused, or keeping its jobs further apart."""

from __future__ import annotations

from activities.jobs.port import Executor
from domain.core.errors import RefusedError
from domain.jobs.isolation import Level, Network
from domain.pipelines.job import Job
from domain.policy import refusals
from domain.policy.policy import PolicyFor


def under(held: PolicyFor, job: Job, executor: Executor) -> Executor:
    """The executor for a job.

    Raises:
        RefusedError: SLW051, a policy does not allow it; SLW052, it cannot do what a policy demands.
    """
    if why := refusals.of_job(held, job):
        raise RefusedError("SLW051", why)
    try:
        return executor.limited(Level(held.rules.isolation), network_of(held), held.rules.hosts)
    except RefusedError as refused:
        if said := held.saying("network"):
            raise RefusedError("SLW052", f"{refused.what}, as the policy {said} demands", fix=refused.fix) from None
        raise


def network_of(held: PolicyFor) -> Network:
    """A policy that demands nothing leaves it to the installation."""
    said = Network(held.rules.network)
    return Network.MACHINE if said is Network.OPEN else said
