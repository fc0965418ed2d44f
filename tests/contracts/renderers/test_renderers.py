"""Every source gives the same service; what a checkout holds leads nowhere out of it, and ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.releases.rendering import activities as rendering
from activities.releases.rendering import confined, documents
from activities.releases.rendering.registry import renderers
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.objects import release_objects
from domain.releases.kubernetes.place import KubernetesSpec, Migration, ObjectSource, Place, SourceKind
from domain.releases.kubernetes.prepared import dumped
from tests.support.built_programs import need_go_tool

SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 8080}]}\n"
)
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: &labels {app: shop}}
spec:
  replicas: 2
  selector: {matchLabels: *labels}
  template:
    metadata: {labels: *labels}
    spec:
      containers: [{name: shop, image: "shop:1", envFrom: [{configMapRef: {name: settings}}]}]
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: 'MODE'}\n"
ALL = f"{WORKLOAD}---\n{SERVICE}---\n---\n{CONFIG}"
KUSTOMIZATION = "resources: [../base]\nreplicas: [{name: shop, count: 2}]\n"
CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
FILES = {
    "plain/a.yaml": f"{WORKLOAD}---\n{SERVICE}",
    "plain/b.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"mode": "MODE"}}',
    "base/all.yaml": ALL,
    "base/kustomization.yaml": "resources: [all.yaml]\n",
    "live/kustomization.yaml": KUSTOMIZATION,
    "chart/Chart.yaml": CHART,
    "chart/values.yaml": "mode: none\n",
    "chart/templates/all.yaml": ALL.replace("MODE", "{{ .Values.mode }}"),
    "chart/templates/tests/t.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
    "values.yaml": "mode: MODE\n",
}
SOURCES = {
    SourceKind.MANIFESTS: ObjectSource(kind=SourceKind.MANIFESTS, paths=("plain",)),
    SourceKind.KUSTOMIZE: ObjectSource(kind=SourceKind.KUSTOMIZE, paths=("live",)),
    SourceKind.HELM: ObjectSource(kind=SourceKind.HELM, paths=("chart",), values=("values.yaml",)),
}
PROGRAMS = {SourceKind.KUSTOMIZE: "kustomize", SourceKind.HELM: "helm"}


@pytest.fixture
def checkout() -> Iterator[Path]:
    """Where the worker has one, too: a renderer is another user, who passes no folder of a test."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        put(Path(made, "checkout"), FILES)
        yield Path(made, "checkout")


def put(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture(params=[pytest.param(one, marks=[pytest.mark.heavy] if one in PROGRAMS else []) for one in SOURCES])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SourceKind:
    return usable(request.param, monkeypatch)


def usable(kind: SourceKind, monkeypatch: pytest.MonkeyPatch) -> SourceKind:
    if name := PROGRAMS.get(kind):
        monkeypatch.setenv("PATH", f"{need_go_tool(name).parent}:{os.environ['PATH']}")
    return kind


def spec(source: ObjectSource, **more: Any) -> DeploySpec:
    place = Place(cluster="c", namespace="team")
    return DeploySpec(
        service="shop", target="kubernetes", kubernetes=KubernetesSpec(place=place, source=source), **more
    )


async def rendered(root: Path, source: ObjectSource) -> list[Object]:
    made = spec(source)
    texts = await renderers()[source.kind].texts(root, made)
    return rendering.checked(documents.objects(texts), made)


async def test_every_source_gives_the_same_release(checkout: Path, kind: SourceKind) -> None:
    found = await rendered(checkout, SOURCES[kind])
    deployment = Deployment(service="shop", environment="live", instance="r1", spec=spec(SOURCES[kind]))
    made = release_objects(deployment, found)
    assert Node(made.workload).at("spec", "replicas").value == 2
    assert Node(made.config[0]).at("data", "mode").text() == "MODE"
    assert len(made.standing()) == 4


async def test_a_source_is_rendered_to_the_same_bytes_again(checkout: Path, kind: SourceKind) -> None:
    first, second = [await rendered(checkout, SOURCES[kind]) for _ in range(2)]
    assert dumped(first) == dumped(second)


async def test_a_source_that_is_not_in_the_commit_is_told(checkout: Path, kind: SourceKind) -> None:
    with pytest.raises(SluicewayError, match="SLW965"):
        await rendered(checkout, ObjectSource(kind=kind, paths=("nowhere",)))


async def test_no_link_leads_out_of_the_checkout(checkout: Path, kind: SourceKind) -> None:
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)  # every user may read it: what keeps a renderer out is not that
        put(Path(made), {"secret": CONFIG.replace("MODE", "stolen"), "outside/all.yaml": ALL})
        (checkout / "link").symlink_to(Path(made, "outside"))
        for name in ("plain/c.yaml", "base/all.yaml", "chart/templates/secret.yaml"):
            (checkout / name).unlink(missing_ok=True)
            (checkout / name).symlink_to(Path(made, "secret"))
        for path in (SOURCES[kind].paths[0], "link"):
            with pytest.raises(SluicewayError, match=r"permission denied|leads out|not in or below"):
                await rendered(checkout, ObjectSource(kind=kind, paths=(path,)))


EXEC = "'exec: {path: /bin/sh}'"
GENERATOR = f"apiVersion: v1\nkind: X\nmetadata: {{name: x, annotations: {{config.kubernetes.io/function: {EXEC}}}}}\n"


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("why", "kustomization"),
    [
        ("network is unreachable", "resources: ['https://127.0.0.1:1/x.yaml']"),
        ("no 'git' program", "resources: ['https://127.0.0.1:1/o/r.git?ref=main']"),
        ("HelmChartInflation", "helmCharts: [{name: x, repo: 'https://127.0.0.1:1'}]"),
        ("not in or below", "configMapGenerator: [{name: x, files: [/etc/passwd]}]"),
        ("not in or below", "configMapGenerator: [{name: x, files: [../values.yaml]}]"),
        ("plugins disabled", "generators: [generator.yaml]"),
    ],
)
async def test_a_kustomization_reaches_nothing_else(
    checkout: Path, why: str, kustomization: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usable(SourceKind.KUSTOMIZE, monkeypatch)
    put(checkout, {"live/kustomization.yaml": f"{kustomization}\n", "live/generator.yaml": GENERATOR})
    with pytest.raises(SluicewayError, match=why):
        await rendered(checkout, SOURCES[SourceKind.KUSTOMIZE])


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("why", "template"),
    [
        ("refused by itself", '{{ fail "refused by itself" }}'),
        ("nothing there", '{{ .Files.Get "../values.yaml" | required "nothing there" }}'),
        ("no cluster", '{{ if not (lookup "v1" "Secret" "kube-system" "x") }}{{ fail "no cluster" }}{{ end }}'),
        ("no address", '{{ required "no address" (getHostByName "localhost") }}'),
        ("error calling include", '{{- define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'),
        ("not finished after", "{{ range $i := until 100000000 }}x{{ end }}"),
    ],
)
async def test_a_chart_looks_nothing_up_and_ends(
    checkout: Path, why: str, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usable(SourceKind.HELM, monkeypatch)
    if why.startswith("not finished"):
        monkeypatch.setattr(confined, "RENDER_S", 2.0)
    put(checkout, {"chart/templates/x.yaml": template})
    with pytest.raises(SluicewayError, match=why):
        await rendered(checkout, SOURCES[SourceKind.HELM])


@pytest.mark.heavy
async def test_values_are_data_and_no_language_of_helm(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usable(SourceKind.HELM, monkeypatch)
    value = "a,b={x}\\,"
    source = ObjectSource(kind=SourceKind.HELM, paths=("chart",), settings={"mode": value})
    found = await rendered(checkout, source)
    (config,) = [one for one in found if one["kind"] == "ConfigMap"]
    assert Node(config).at("data", "mode").text() == value


async def test_a_program_that_cannot_be_confined_is_not_run(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(SluicewayError, match="SLW967"):
        await rendered(checkout, SOURCES[SourceKind.HELM])
    monkeypatch.setattr(confined, "program", lambda name: "/nowhere/helm")
    with pytest.raises(SluicewayError, match="SLW967"):
        await rendered(checkout, SOURCES[SourceKind.HELM])


async def test_a_confined_program_reads_the_checkout_alone(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "program", lambda name: os.path.realpath(f"/usr/bin/{name}"))
    with confined.scratch() as own:
        inside = await confined.run("cat", [f"{checkout}/values.yaml"], checkout, own)
        assert inside == FILES["values.yaml"].encode()
        for path in ("/etc/passwd", "/proc/self/environ", "/proc/net/dev", str(confined.__file__)):
            with pytest.raises(SluicewayError, match="Permission denied"):
                await confined.run("cat", [path], checkout, own)


async def test_an_image_alone_needs_no_commit() -> None:
    source = ObjectSource(kind=SourceKind.CONTAINER)
    made = spec(source, image="web:1", port=9000)
    found = rendering.checked(documents.objects(await renderers()[source.kind].texts(Path("/nowhere"), made)), made)
    assert [one["kind"] for one in found] == ["Deployment", "Service"]


async def test_a_refused_object_is_told_with_its_file_and_line(checkout: Path) -> None:
    put(checkout, {"plain/b.json": f"{CONFIG}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: x}}\n"})
    with pytest.raises(RefusedError, match="SLW966") as refused:
        await rendered(checkout, SOURCES[SourceKind.MANIFESTS])
    assert "plain/b.json:6: Namespace x" in refused.value.why


async def test_a_migration_names_a_job_of_the_source(checkout: Path) -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: up}\nspec: {template: {spec: {containers: "
    put(checkout, {"plain/job.yaml": f"{job}[{{name: up, image: 'shop:1'}}]}}}}}}\n"})
    source = SOURCES[SourceKind.MANIFESTS]
    texts = await renderers()[source.kind].texts(checkout, spec(source))
    for name, works in (("up", True), ("down", False)):
        kubernetes = KubernetesSpec(place=Place(), source=source, expand=Migration(job=name))
        wanted = DeploySpec(service="shop", target="kubernetes", kubernetes=kubernetes)
        if works:
            assert rendering.checked(documents.objects(texts), wanted)
        else:
            with pytest.raises(SluicewayError, match="SLW965"):
                rendering.checked(documents.objects(texts), wanted)
