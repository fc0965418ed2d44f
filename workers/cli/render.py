"""render: what a deploy job would apply to a cluster; reads only."""

from __future__ import annotations

import asyncio
import difflib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from workers.cli.common import as_json, listing, print_json
from workers.cli.start import given
from workers.core.files import Files
from workers.core.settings import Settings, current
from workers.views.output import out_lines

if TYPE_CHECKING:
    from domain.core.documents import Object
    from domain.pipelines.job import Job

MOST = 200
"""Releases that are looked through for the live one."""
NUMBER = "r0"
"""Of a release that nobody has made."""


@click.command("render")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("job", default="")
@click.option("--namespace", "-n", default="", help="Namespace of the environment.")
@click.option("--image", default="", help="In place of an image that a job builds first.")
@click.option("--param", "-p", multiple=True, help="NAME=VALUE; may be given often.")
@click.option("--diff", is_flag=True, help="What differs from the live release of this engine.")
@as_json
def render(file: Path, job: str, namespace: str, image: str, param: tuple[str, ...], diff: bool, json_: bool) -> None:
    """Show what a deploy job with target kubernetes would apply. Uncommitted changes count.

    JOB may be left out where there is one. What a release may not have is refused, as it is when the job runs.
    """
    chosen = _placed(_job(file, job, param), namespace, image)
    rendered = asyncio.run(_rendered(file.resolve(), chosen))
    if diff:
        out_lines("\n".join(_difference(_live(chosen, current()), rendered)) or "nothing differs")
        return
    made = _objects(chosen, rendered)
    if json_:
        print_json(made)
        return
    out_lines(_text(made), nl=False)


def _job(file: Path, name: str, param: tuple[str, ...]) -> Job:
    from domain.triggers.events import Event, EventKind
    from pipeline_defs.pipelines.compile import compile_plan

    made = compile_plan(Files().check(file), Event(EventKind.MANUAL, params=given(param)))
    found = [one for one in made.jobs if one.deploy and one.deploy.target == "kubernetes" and name in ("", one.id)]
    if len(found) != 1:
        names = ", ".join(one.id for one in found) or "none"
        what = f"{file} has no such deploy job to a cluster" if name else f"name one deploy job to a cluster: {names}"
        raise DefinitionError("SLW502", what)
    return found[0]


def _placed(job: Job, namespace: str, image: str) -> Job:
    """The job as it would be released; what its environment allows is not known here."""
    from domain.releases.kubernetes.place import KubernetesSpec, Place

    assert job.deploy is not None
    spec = replace(job.deploy, image=image or job.deploy.image)
    if "${{" in spec.image:
        fix = "--image NAME@sha256:…"
        raise DefinitionError("SLW502", f"the image of {job.id} is not known before its run", fix=fix)
    kubernetes = replace(spec.kubernetes or KubernetesSpec(), place=Place(namespace=namespace))
    return replace(job, deploy=replace(spec, kubernetes=kubernetes))


async def _rendered(file: Path, job: Job) -> list[Object]:
    from activities.releases.rendering.activities import objects
    from activities.source.mirrors import Mirrors
    from domain.triggers.source import SourceRef
    from workers.client.deliveries import root_of
    from workers.worker.local_wiring import renderers

    assert job.deploy is not None
    with tempfile.TemporaryDirectory() as made:
        mirrors = Mirrors(Path(made))
        source = SourceRef(*await asyncio.to_thread(mirrors.snapshot, root_of(file)))
        found, _ = await objects(job.deploy, source, mirrors, renderers())
    return found


def _objects(job: Job, rendered: Sequence[Object]) -> list[Object]:
    from domain.releases.deployment import Deployment
    from domain.releases.kubernetes.objects import release_objects

    assert job.deploy is not None
    deployment = Deployment(
        service=job.deploy.service,
        environment=job.environment,
        instance=NUMBER,
        spec=job.deploy,
        env=job.env,
        secrets=job.secrets,
    )
    return list(release_objects(deployment, rendered).every())


def _live(job: Job, settings: Settings) -> list[Object]:
    """What the source of the live release gave; nothing without one."""
    from activities.releases.rendering.port import RENDERED
    from domain.releases.kubernetes.prepared import loaded
    from workers.worker.local_wiring import open_objects

    assert job.deploy is not None
    known = listing(settings)
    for row in known.releases.latest(job.deploy.service, limit=MOST):
        if row["environment"] != job.environment or json.loads(row["result"]).get("verdict") != "live":
            continue
        for one in known.runs.jobs(row["run"]):
            if one["kind"] == "deploy" and (digest := json.loads(one["result"]).get("artifacts", {}).get(RENDERED)):
                return loaded(open_objects(settings).get(digest))
    return []


def _difference(before: Sequence[Object], now: Sequence[Object]) -> list[str]:
    was, now_is = (_text(each).splitlines() for each in (before, now))
    return list(difflib.unified_diff(was, now_is, "live", "rendered", lineterm=""))


def _text(objects: Sequence[Object]) -> str:
    import yaml

    plain = json.loads(json.dumps(list(objects)))
    return yaml.safe_dump_all(plain, sort_keys=True, allow_unicode=True, explicit_start=True, width=120)
