"""What tools and services said is masked with the secrets that can be read, and with those that were handed out."""

from pathlib import Path

from activities.releases.targets.local import LocalTarget
from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from domain.releases.deployment import Deployment
from domain.secrets.rules import SecretRule, SecretUse

HAND = SecretUse(by_hand=True)


def test_what_cannot_be_read_any_more_does_not_keep_the_rest_from_being_masked() -> None:
    broker = Broker(MemorySecrets(there="s3cret/there"), tuple)
    masker = broker.masker({"A": "not-there", "B": "there", "C": "file:/etc/passwd"})

    assert masker.text("s3cret%2Fthere and s3cret/there") == "*** and ***"


def test_a_value_that_was_changed_while_a_job_has_it_is_still_masked() -> None:
    store = MemorySecrets(token="before-the-change")
    broker = Broker(store, lambda: [SecretRule(secret="token", by_hand=True)])
    broker.values({"T": "token"}, HAND)
    store.write("token", "after-the-change")

    assert broker.masker({"T": "token"}).text("before-the-change after-the-change") == "*** ***"


def test_the_last_words_of_a_service_are_told_without_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "service.log").write_text("begun\nno login for s3cret-there\n")
    deployment = Deployment(service="web", environment="test", instance="r1", secrets={"A": "there"})
    target = LocalTarget(tmp_path, None, None, {}, Broker(MemorySecrets(there="s3cret-there"), tuple))  # type: ignore[arg-type]

    assert target._last_words(deployment, tmp_path) == "last line of its log: no login for ***"
