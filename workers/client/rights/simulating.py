"""A set of policies on decisions that were recorded: what would have been another."""

from __future__ import annotations

from activities.access.decider import Decider
from domain.access.decide import answers, verdict_of
from domain.access.policy_sets import PolicySet, PolicyState
from workers.client.ports.policies import Difference, Simulation

MOST_TOLD = 100


def simulated(decider: Decider, found: PolicySet) -> Simulation:
    """Beside the other active sets, and in place of another version of its own.

    Both answers are of policies as they are now, so that a set is only held to what it changes itself.
    """
    store = decider.rights.policies
    others = tuple(one.text for one in store.active() if one.name != found.name)
    shadow = [one.at for one in store.steps(found.name, found.version) if one.state == PolicyState.SHADOW]
    now, then = decider.compiled(tuple(one.text for one in store.active())), decider.compiled((*others, found.text))
    recorded = list(decider.rights.decisions.since(shadow[-1] if shadow else 0))
    questions = [one.question for one in recorded]
    differences = []
    for one, before, after in zip(recorded, answers(now, questions), answers(then, questions), strict=True):
        if before.allowed != after.allowed:
            old, new = (verdict_of(one.question, answer, "", one.at) for answer in (before, after))
            differences.append(
                Difference(
                    at=one.at,
                    principal=new.principal,
                    action=new.action,
                    resource=new.resource,
                    before=old.rule,
                    after=new.rule,
                    allowed=new.allowed,
                )
            )
    refused = sum(not one.allowed for one in differences)
    return Simulation(
        name=found.name,
        version=found.version,
        decisions=len(recorded),
        refused=refused,
        allowed=len(differences) - refused,
        differences=tuple(differences[:MOST_TOLD]),
    )
