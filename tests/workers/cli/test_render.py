"""What a deploy job would apply is shown before any run, and what it may not is refused."""

import json

import yaml

from tests.support.command_line import call

HEAD = """apiVersion: sluiceway/v1
kind: Pipeline
name: web
jobs:
  image: {build: {image: {tag: 'web:1'}}}
  ship:
    needs: [image]
    environment: live
    deploy:
"""
MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: "web:1"}]}}}
"""


def rendered(folder, deploy, *options, manifest=MANIFEST):
    (folder / "deploy").mkdir(exist_ok=True)
    (folder / "deploy" / "web.yaml").write_text(manifest)
    text = f"{HEAD}      {{service: web, target: kubernetes, {deploy}}}\n"
    (folder / "sluiceway.yaml").write_text(text)
    env = {"SLUICEWAY_HOME": str(folder / "home")}
    return call("render", "sluiceway.yaml", *options, cwd=folder, env=env)


def test_the_objects_of_a_deploy_job_are_shown_under_the_names_of_a_release(tmp_path):
    code, out, err = rendered(tmp_path, "manifests: [deploy]", "-n", "team")
    assert (code, err) == (0, "")
    made = list(yaml.safe_load_all(out))
    assert [one["kind"] for one in made] == ["ConfigMap", "Service", "PodDisruptionBudget", "Deployment"]
    assert {one["metadata"]["namespace"] for one in made} == {"team"}
    assert {one["metadata"]["name"] for one in made} == {"web-r0"}


def test_an_image_that_is_not_built_yet_may_be_given(tmp_path):
    deploy = "image: '${{ needs.image.outputs.reference }}'"
    assert rendered(tmp_path, deploy)[0] == 2
    code, out, _ = rendered(tmp_path, deploy, "--image", "web@sha256:1", "--json")
    assert code == 0
    workload = next(one for one in json.loads(out) if one["kind"] == "Deployment")
    assert workload["spec"]["template"]["spec"]["containers"][0]["image"] == "web@sha256:1"


def test_what_a_release_may_not_have_is_refused_with_its_place(tmp_path):
    manifest = f"{MANIFEST}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: x}}\n"
    code, _, err = rendered(tmp_path, "manifests: [deploy]", manifest=manifest)
    assert code == 3
    assert "SLW966" in err
    assert "deploy/web.yaml:6: Namespace x" in err
    assert "to fix it: " in err


def test_each_object_that_a_release_may_not_have_has_its_line(tmp_path):
    others = "".join(f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n" for name in "xy")
    _, _, err = rendered(tmp_path, "manifests: [deploy]", manifest=f"{MANIFEST}{others}")
    assert [line.split()[:3] for line in err.splitlines()[1:3]] == [
        ["because", "deploy/web.yaml:6:", "Namespace"],
        ["deploy/web.yaml:10:", "Namespace", "y:"],
    ]


def test_without_a_live_release_everything_differs_from_it(tmp_path):
    code, out, _ = rendered(tmp_path, "manifests: [deploy]", "--diff")
    assert code == 0
    assert "+kind: Deployment" in out
