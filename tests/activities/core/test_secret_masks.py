"""What tools and services said is masked with the secrets that can be resolved."""

from pathlib import Path

from activities.core import secrets
from activities.releases.targets import local
from domain.releases.deployment import Deployment


def test_what_cannot_be_resolved_any_more_does_not_keep_the_rest_from_being_masked(tmp_path, monkeypatch):
    monkeypatch.setenv("THERE", "s3cret/there")
    masker = secrets.masker({"A": "env:NOT_SET_ANYWHERE", "B": "env:THERE", "C": f"file:{tmp_path}/none"})

    assert masker.text("s3cret%2Fthere and s3cret/there") == "*** and ***"


def test_the_last_words_of_a_service_are_told_without_its_secrets(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("THERE", "s3cret-there")
    (tmp_path / "service.log").write_text("begun\nno login for s3cret-there\n")
    deployment = Deployment(service="web", environment="test", instance="r1", secrets={"A": "env:THERE"})

    assert local._last_words(tmp_path, deployment) == "last line of its log: no login for ***"
