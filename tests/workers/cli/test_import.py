"""A release of another tool is converted by file and line; what is written passes lint, and nothing is written over."""

import json
import shutil
from pathlib import Path

from activities.kubernetes.yaml_documents import documents
from domain.core.documents import Node
from tests.support.command_line import call

EXAMPLES = Path(__file__).parents[2] / "domain" / "releases" / "imports"
SMALL = """apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: shop, namespace: shops}
spec:
  provider: gatewayapi:v1
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  service: {port: 80, targetPort: 8080, gatewayRefs: [{name: edge}], hosts: [shop.example.org]}
  analysis: {interval: 1m, stepWeights: [10, 50]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shops}
spec:
  template:
    metadata: {labels: {app: shop}}
    spec: {volumes: [{name: keys, secret: {secretName: keys, defaultMode: 0400}}], containers: [{name: a, image: b}]}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {number: "0o17", "on": "yes", lines: "a\\nb\\n"}
"""


def sluiceway(folder, *words):
    return call(*words, cwd=folder, env={"SLUICEWAY_HOME": str(folder / "home")})


def test_the_documents_pass_lint_and_each_loss_has_its_line(tmp_path):
    shutil.copy(EXAMPLES / "canary_rollout.yaml", tmp_path / "rollout.yaml")
    code, said, err = sluiceway(tmp_path, "import", "rollouts", "rollout.yaml", "--cluster", "edge")
    lines = (tmp_path / "rollout.yaml").read_text().splitlines()
    line = next(at for at, one in enumerate(lines, 1) if "rollbackWindow" in one)
    assert f"rollout.yaml:{line}: loss: spec.rollbackWindow: a rollback by a new commit is judged" in said
    assert (code, "written: sluiceway/objects.yaml" in err) == (1, True)
    written = sorted(str(one.relative_to(tmp_path)) for one in (tmp_path / "sluiceway").iterdir())
    assert written == ["sluiceway/environment.yaml", "sluiceway/objects.yaml", "sluiceway/release.yaml"]
    code, said, _ = sluiceway(tmp_path, "lint", "sluiceway/environment.yaml", "sluiceway/release.yaml")
    assert (code, "error" in said) == (0, False)


def test_a_conversion_without_losses_is_complete_and_its_values_are_those_of_the_file(tmp_path):
    (tmp_path / "canary.yaml").write_text(SMALL)
    code, said, _ = sluiceway(tmp_path, "import", "flagger", "canary.yaml", "--cluster", "edge", "--json")
    found = json.loads(said)
    assert (code, found["complete"], (tmp_path / "sluiceway").exists()) == (1, False, False)  # labels of pods are lost
    assert [one["path"] for one in found["remarks"] if one["kind"] == "loss"] == ["spec.template.metadata.labels.app"]
    (tmp_path / "canary.yaml").write_text(SMALL.replace("app: shop", "app.kubernetes.io/part-of: shop"))
    assert sluiceway(tmp_path, "import", "flagger", "canary.yaml", "--cluster", "edge")[0] == 0
    text = (tmp_path / "sluiceway" / "objects.yaml").read_text()
    made = {one["kind"].text(): one for one in (Node(read.value) for read in documents(text))}
    assert made["Secret"]["stringData"].value == {"number": "0o17", "on": "yes", "lines": "a\nb\n"}
    volume = made["Deployment"].at("spec", "template", "spec", "volumes").first()
    assert volume.at("secret", "defaultMode").value == 0o400


def test_nothing_is_written_over_or_elsewhere_and_what_is_unreadable_is_said(tmp_path):
    (tmp_path / "canary.yaml").write_text(SMALL)
    flagger = ("import", "flagger", "canary.yaml")
    assert sluiceway(tmp_path, *flagger)[0] == 1
    code, _, err = sluiceway(tmp_path, *flagger)
    assert (code, "SLW706" in err, "written over" in err) == (2, True, True)
    assert sluiceway(tmp_path, *flagger, "--force")[0] == 1
    for folder in ("../elsewhere", str(tmp_path / "home")):
        assert sluiceway(tmp_path, *flagger, "--to", folder)[0] == 2
    code, _, err = sluiceway(tmp_path, *flagger, "--environment", "No Name", "--force")
    assert (code, "SLW706" in err) == (2, True)
    (tmp_path / "broken.yaml").write_text("a: [")
    for name, what in (("broken.yaml", "SLW706"), ("missing.yaml", "SLW601")):
        code, _, err = sluiceway(tmp_path, "import", "rollouts", name)
        assert (code, what in err) == (2, True)
