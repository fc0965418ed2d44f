"""Jobs that sync an Application: what they mean, and what they need."""

import pytest

from domain.releases.argocd.job import ArgocdSync
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.documents import check
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
