"""Carrying the phases of a cluster out, and back, without any workflow."""

import time
from collections.abc import Callable
from functools import partial

from activities.clusters.port import Provider
from domain.clusters import plan
from domain.clusters.plan import Phase, Verb
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota
from tests.support.patience import patient

SPEC = ClusterSpec(
    "contract",
    "",
    network=Network(isolated=True),
    pools=(NodePool("web", 1, labels={"tier": "web"}),),
    storage="local-path",
    quotas=(Quota("team", cpu=2, pods=3),),
)


def said(words: str) -> None:
    """What providers tell."""


def carry_out(provider: Provider, spec: ClusterSpec, *phases: Phase) -> None:
    for phase in phases or list(Phase)[1:]:
        provider.apply(phase, spec, said)
        missing = partial(provider.missing, phase, spec)
        wait(partial(_nothing, missing), missing)


def _nothing(missing: Callable[[], str]) -> bool:
    return not missing()


def wait(done: Callable[[], bool], why: Callable[[], str | list[str]], limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + patient(limit_s)
    while not done():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


def undo(provider: Provider, spec: ClusterSpec) -> None:
    for phase in reversed(list(Phase)):
        provider.undo(phase, spec, said)


def verbs(provider: Provider, spec: ClusterSpec) -> set[Verb]:
    return {change.verb for change in plan.difference(plan.items(spec), provider.existing(spec))}
