"""Clusters that others make: what they refuse, and what cannot be reached, is told in their words."""

from dataclasses import replace

import pytest

from activities.clusters.providers.cluster_api import ClusterApiProvider
from activities.clusters.providers.kind import KindProvider
from activities.clusters.providers.local.kwok import KwokProvider
from activities.clusters.providers.registered import RegisteredProvider
from activities.clusters.providers.terraform import TerraformProvider
from domain.clusters.plan import Phase, Verb
from domain.clusters.spec import registered
from domain.core.errors import SluicewayError
from tests.support.built_programs import built, need_go_tool
from tests.support.cluster_phases import SPEC, carry_out, said, undo, verbs


@pytest.mark.heavy
def test_a_registered_cluster_is_looked_at_and_left_as_it_is(tmp_path):
    maker, made = KwokProvider(tmp_path / "clusters", built()), replace(SPEC, name="theirs", provider="kwok")
    try:
        carry_out(maker, made)
        provider, spec = RegisteredProvider(tmp_path / "other"), registered("known", maker.reference(made))
        assert provider.blocker(spec) == ""
        carry_out(provider, spec)
        health = provider.health(spec)
        assert (health.trouble, health.nodes, health.capabilities["storage"]) == ("", 1, "local-path")

        undo(provider, spec)
        assert verbs(maker, made) == {Verb.KEEP}
        nowhere = registered("known", maker.reference(made), "no-such-context")
        assert "no-such-context" in provider.blocker(nowhere)
    finally:
        undo(maker, made)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not a usable kubeconfig"),
        ("[]", "is not a usable kubeconfig"),
        ("clusters: 3", "is not a usable kubeconfig"),
        (
            "{apiVersion: v1, kind: Config, current-context: a, users: [], "
            "contexts: [{name: a, context: {cluster: a, user: ''}}], clusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]}",
            "Connection refused",
        ),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_a_blocker_with_the_reason(tmp_path, text, words):
    path = tmp_path / "config"
    path.write_text(text)

    assert words in RegisteredProvider(tmp_path / "clusters").blocker(registered("known", f"file:{path}"))


def test_a_kubeconfig_that_the_worker_cannot_read_is_a_blocker(tmp_path):
    spec = registered("known", f"file:{tmp_path}/nowhere")

    assert RegisteredProvider(tmp_path / "clusters").blocker(spec) == f"the worker cannot read {tmp_path}/nowhere"


@pytest.mark.heavy
def test_a_module_that_terraform_refuses_is_told_with_its_words_and_leaves_nothing(tmp_path):
    need_go_tool("terraform")
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" { input = var.nothing }\n')
    provider = TerraformProvider(tmp_path / "clusters", built())
    spec = replace(SPEC, provider="terraform", connection={"module": str(tmp_path)})
    with pytest.raises(SluicewayError) as refused:
        carry_out(provider, spec, Phase.NETWORK, Phase.CONTROL_PLANE)

    assert "undeclared input variable" in refused.value.why
    undo(provider, spec)
    assert provider.leftovers(spec) == []


@pytest.mark.heavy
@pytest.mark.docker
def test_kind_takes_what_it_is_asked_for_and_says_when_no_image_can_be_pulled(tmp_path, daemon):
    need_go_tool("kind")
    spec = replace(SPEC, name="pulled", provider="kind", version="1.34.0")
    provider = KindProvider(tmp_path / "clusters", built())
    assert provider.blocker(spec) == ""
    provider.apply(Phase.NETWORK, spec, said)
    try:
        provider.apply(Phase.CONTROL_PLANE, spec, said)
    except SluicewayError as refused:
        assert "failed to pull image" in refused.why  # noqa: PT017  (where images can be pulled, there is a cluster)
    finally:
        undo(provider, spec)
    assert provider.leftovers(spec) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (replace(SPEC, connection={}), "connection.management is missing"),
        (replace(SPEC, connection={"management": "file:/nowhere"}), "connection.class is missing"),
        (replace(SPEC, connection={"management": "file:/nowhere", "class": "a"}), "version is missing"),
        (
            replace(SPEC, version="1.34.4", connection={"management": "file:/nowhere", "class": "a"}),
            "not a usable kubeconfig",
        ),
    ],
)
def test_a_management_cluster_that_cannot_be_used_is_a_blocker(tmp_path, spec, said):
    assert said in ClusterApiProvider(tmp_path / "clusters").blocker(spec)
