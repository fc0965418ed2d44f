"""Jobs that sync an Application: what they mean, and what they need."""

from dataclasses import replace

import pytest

from domain.releases.argocd.job import ArgocdSync
from domain.releases.kubernetes.registered import explained, registered, text_of
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.documents import KINDS, check
from pipeline_defs.releases import argocd_model
from pipeline_defs.releases.argocd_compile import spec_of

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  d:\n"
PLACE = "apiVersion: sluiceway/v1\nkind: Environment\nname: production\n"
BLOCK = "{cluster: edge, application: shop, revision: v1, timeout: 5m}"


def problems(text):
    return [str(one) for one in check(text.encode(), "a.yaml", lambda path: None).diagnostics]


def test_a_sync_is_what_its_block_says():
    assert problems(f"{HEAD}    environment: e\n    argocd-sync: {BLOCK}\n") == []
    root, _ = yaml_nodes.read(BLOCK.encode(), "a.yaml")
    assert root is not None
    block, told = reader.validate(argocd_model.ArgocdSync, root, "a.yaml")
    assert block is not None, told
    assert spec_of(block) == ArgocdSync("edge", "argocd", "shop", "v1", 300)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("    argocd-sync: {cluster: edge, application: shop}", "SLW202"),
        ("    environment: e\n    argocd-sync: {cluster: edge, application: shop, revision: '--x'}", "SLW203"),
        ("    environment: e\n    argocd-sync: {cluster: edge, application: ../shop}", "SLW205"),
        ("    environment: e\n    argocd-sync: {application: shop}", "SLW202"),
        ("    environment: e\n    run: x\n    argocd-sync: {cluster: edge, application: shop}", "SLW204"),
    ],
)
def test_what_a_sync_lacks_is_told(keys, code):
    found = problems(f"{HEAD}{keys}\n")
    assert len(found) == 1
    assert code in found[0]


@pytest.mark.parametrize(("name", "fine"), [("edge/argocd/shop", True), ("shop", False), ("edge/argocd/*", False)])
def test_an_environment_names_applications_in_full(name, fine):
    assert (problems(f"{PLACE}applications: ['{name}']\n") == []) == fine


CLUSTER = "target: {kubernetes: {cluster: edge, namespace: shops}}\n"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("{import: true}", ""),
        ("{repository: 'https://git.example/a', import: true}", ""),
        ("{repository: 'https://git.example/a', weights: true}", "sends requests to a version that has ended"),
        ("{weights: true}", "Name a `repository` for what is live"),
        ("{branch: main}", "name the repository"),
        ("{import: true, path: 'x'}", "the path of a file needs {service}"),
    ],
)
def test_what_git_has_to_do_with_releases_is_told_when_it_is_wrong(block, said):
    found = problems(f"{PLACE}{CLUSTER}git: {block}\n")
    assert len(found) == bool(said)
    assert said in "".join(found)


def test_what_git_applies_it_applies_to_a_cluster():
    (told,) = problems(f"{PLACE}git: {{import: true}}\n")
    assert "needs `target: {kubernetes: ...}`" in told


def test_that_a_deployment_stays_in_git_is_a_part_of_the_registered_place_and_of_its_rule():
    parsed = reader.parse(f"{PLACE}{CLUSTER}git: {{import: true}}\n".encode(), "e.yaml", KINDS)
    assert parsed.source is not None
    text = text_of(parsed.source.document.model_dump(mode="json"))
    found = registered(text)
    assert found is not None
    assert found.place().beside_git
    assert not replace(found, beside_git=False).place().beside_git
    assert "stays in git" in " ".join(said for said, _ in explained(text))
