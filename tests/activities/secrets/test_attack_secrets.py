"""A definition of a stranger gets no secret: no file, no variable, and none that is somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.authority.everything import Everything
from activities.secrets.broker import Broker
from activities.secrets.rule_file import RuleFile
from activities.secrets.stores.memory import MemorySecrets
from domain.authority.permit import Claim, SignedPermit
from domain.core.errors import RefusedError, SluicewayError
from domain.policy.policy import Policy, Rules, SecretGrant, policy_for
from domain.secrets.rules import SecretRule, SecretUse
from domain.triggers.events import EventKind, EventRef

RULE = SecretRule(secret="deploy-token", pipelines=("shop",), repositories=("/srv/shop.git",))
PUSH = SecretUse(pipeline="shop", repo="/srv/shop.git", event=EventRef(EventKind.PUSH, "main"), job="deploy")
STRANGER = SecretUse(pipeline="shop", repo="/srv/fork.git", event=EventRef(EventKind.PULL_REQUEST, "main"))


def broker(*rules: SecretRule) -> Broker:
    return Broker(MemorySecrets(deploy_token="s3cr3t-of-shop"), lambda: rules)


def test_the_run_that_the_rule_names_has_the_value() -> None:
    assert broker(RULE).values({"TOKEN": "deploy-token"}, PUSH) == {"TOKEN": "s3cr3t-of-shop"}


@pytest.mark.parametrize("text", ["file:/etc/hostname", "env:HOME", "../deploy-token", "/etc/hostname", "rules.json"])
def test_no_file_and_no_variable_of_the_worker_is_read(text: str) -> None:
    with pytest.raises(RefusedError, match=r"SLW040[\s\S]*sluiceway secret set") as refused:
        broker(RULE).values({"TOKEN": text}, PUSH)

    assert refused.value.code == "SLW040"


def test_a_pull_request_of_a_fork_gets_none_and_is_told_so() -> None:
    with pytest.raises(RefusedError, match="a pull request from elsewhere gets no secret") as refused:
        broker(RULE).values({"TOKEN": "deploy-token"}, STRANGER)

    assert refused.value.code == "SLW041"


def test_a_repository_that_takes_the_name_of_a_pipeline_gets_none_and_reads_what_would_allow_it() -> None:
    use = SecretUse(pipeline="shop", repo="/srv/evil.git", event=EventRef(EventKind.PUSH, "main"), job="x")
    with pytest.raises(RefusedError, match="SLW041") as refused:
        broker(RULE).values({"TOKEN": "deploy-token"}, use)

    assert "sluiceway secret set deploy-token --pipeline shop --repository /srv/evil.git" in refused.value.fix
    assert "s3cr3t" not in str(refused.value)


def test_nothing_is_read_for_a_use_that_one_of_its_secrets_is_refused() -> None:
    made = broker(RULE)
    with pytest.raises(RefusedError):
        made.values({"A": "deploy-token", "B": "other"}, PUSH)

    assert not made._given


def test_rules_that_cannot_be_read_allow_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    RuleFile(path).replace("deploy-token", RULE)
    known = Broker(MemorySecrets(deploy_token="x"), RuleFile(path).rules)
    assert known.values({"T": "deploy-token"}, PUSH) == {"T": "x"}
    for text in ("", "{", '[{"secret": "deploy-token", "branch": ["x"]}]', '["x"]'):
        path.write_text(text)
        with pytest.raises(SluicewayError, match="SLW046"):
            known.values({"T": "deploy-token"}, PUSH)


def test_a_registered_policy_narrows_what_the_rule_allows() -> None:
    def says(*names: str) -> Broker:
        grants = frozenset({SecretGrant(names=names)})
        policy = Policy(name="company", digest="d" * 64, rules=Rules(secrets=frozenset({grants})))
        store = MemorySecrets(deploy_token="s3cr3t-of-shop")
        return Broker(store, lambda: [RULE], policies=lambda push: policy_for(push, [policy]))

    assert says("deploy-*").values({"T": "deploy-token"}, PUSH) == {"T": "s3cr3t-of-shop"}
    with pytest.raises(RefusedError, match=r"SLW057[\s\S]*policy company does not grant it"):
        says("other").values({"T": "deploy-token"}, PUSH)


def test_what_the_signer_does_not_permit_is_not_read() -> None:
    class Nobody(Everything):
        def permit(self, claim: Claim) -> SignedPermit:
            raise RefusedError("SLW011", f"{claim.run} has no plan")

    store = MemorySecrets(deploy_token="s3cr3t-of-shop")
    assert Broker(store, lambda: [RULE], Everything()).values_of_job({"T": "deploy-token"}, PUSH)
    with pytest.raises(RefusedError, match="SLW011"):
        Broker(store, lambda: [RULE], Nobody()).values_of_job({"T": "deploy-token"}, PUSH)
