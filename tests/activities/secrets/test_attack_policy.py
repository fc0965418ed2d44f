"""A policy stands beside the rule of a secret: both must allow it."""

from __future__ import annotations

import pytest

from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from domain.core.errors import RefusedError
from domain.policy.policy import Policy, PolicyFor, Push, Rules, SecretGrant
from domain.secrets.rules import SecretRule, SecretUse
from domain.triggers.events import EventKind, EventRef

RULE = SecretRule(secret="db-password", pipelines=("**",), repositories=("**",))
USE = SecretUse(
    run="run/web/1", pipeline="web", repo="/srv/git/web", event=EventRef(EventKind.PUSH, "main"), environment="staging"
)


def broker(*grants: SecretGrant) -> Broker:
    rules = Rules(secrets=frozenset({frozenset(grants)}))

    def policies(push: Push) -> PolicyFor:
        return PolicyFor(push, (Policy(name="house", digest="0" * 64, rules=rules),))

    return Broker(MemorySecrets(db_password="x-1"), lambda: [RULE], policies=policies)


def test_a_secret_that_its_rule_allows_and_no_policy_grants_is_refused() -> None:
    for grant in ((), (SecretGrant(names=("db-*",), environments=("production",)),)):
        with pytest.raises(RefusedError) as refused:
            broker(*grant).values({"PASSWORD": "db-password"}, USE)
        assert refused.value.code == "SLW057"


def test_a_secret_that_both_allow_is_handed_out() -> None:
    granted = broker(SecretGrant(names=("db-*",), environments=("staging",)))
    assert granted.values({"PASSWORD": "db-password"}, USE) == {"PASSWORD": "x-1"}
