"""Carrying the phases of a cluster out, and back, without any workflow."""

import time

from domain.clusters import plan
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota

SPEC = ClusterSpec(
    "contract",
    "",
    network=Network(isolated=True),
    pools=(NodePool("web", 1, labels={"tier": "web"}),),
    storage="local-path",
    quotas=(Quota("team", cpu=2, pods=3),),
)


def said(words):
    """What providers tell."""


def carry_out(provider, spec, *phases):
    for phase in phases or list(Phase)[1:]:
        provider.apply(phase, spec, said)
        wait(lambda phase=phase: not provider.missing(phase, spec), lambda phase=phase: provider.missing(phase, spec))


def wait(done, why, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


def undo(provider, spec):
    for phase in reversed(list(Phase)):
        provider.undo(phase, spec, said)


def verbs(provider, spec):
    return {change.verb for change in plan.difference(plan.items(spec), provider.existing(spec))}
