"""The activity that renders a release's objects once, at its commit, and keeps them by their digest."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity

from activities.core import serialization as serial
from activities.core.cancellation import Heartbeat
from activities.core.errors import as_failure
from activities.releases.rendering import documents, port
from activities.releases.rendering.documents import Placed
from activities.releases.rendering.port import MAX_RENDERED, RENDERED, Rendered, Renderer, RenderInput, Shown
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult, Status
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.images import images
from domain.releases.kubernetes.place import KubernetesSpec, Place, SourceKind
from domain.releases.kubernetes.prepared import dumped, prepared
from domain.releases.kubernetes.refusals import Refusal, refusals, to_allow
from domain.triggers.source import SourceRef

CODE, REFUSED = "SLW965", "SLW966"
MAX_TOLD = 10
_NOT_RANDOM = "give such a value as a secret of the job, or as a value of the commit"


@dataclass(frozen=True)
class RenderActivities(port.RenderActivities):
    """By the renderer of the source's kind."""

    store: Store
    mirrors: Mirrors
    record: Callable[[JobRecord], None]
    """Writes the state of a job."""
    renderers: Mapping[SourceKind, Renderer]

    @activity.defn(name="render-release")
    async def render(self, input: RenderInput) -> Rendered:
        """Refused objects are a refusal of the release; a store or a repository that is away is tried again."""
        try:
            async with Heartbeat():
                found, data = await objects(input.spec, input.source, self.mirrors, self.renderers)
                digest = await asyncio.to_thread(self.store.put, data)
                if input.shown is not None:
                    await asyncio.to_thread(self.record, _running(input.shown, digest))
        except SluicewayError as broken:
            if broken.transient:
                raise as_failure(broken) from broken
            return Rendered(refusal=f"{broken.code}: {_words(broken)}")
        return Rendered(digest, images(found))


async def objects(
    spec: DeploySpec, source: SourceRef, mirrors: Mirrors, renderers: Mapping[SourceKind, Renderer]
) -> tuple[list[Object], bytes]:
    """The objects of a source at its commit, before they have a release's names, and their bytes.

    They are made twice: a source that gives a random value, or the time, gives other objects to each rerun.

    Raises:
        SluicewayError: SLW965, it cannot be rendered; SLW967, not on this machine.
        RefusedError: SLW966, a release may not have what it gives.
    """
    kind = (spec.kubernetes or KubernetesSpec()).source.kind
    with tempfile.TemporaryDirectory(prefix="sluiceway-source-") as made:
        folder = Path(made, "checkout")
        folder.mkdir()
        Path(made).chmod(0o755)  # a renderer is another user
        if kind is not SourceKind.CONTAINER:
            await asyncio.to_thread(mirrors.checkout, source.repo, source.commit, folder)
        first, second = [await _made(renderers[kind], folder, spec) for _ in range(2)]
    if first[1] != second[1]:
        what = "the source renders to other objects each time"
        raise SluicewayError(CODE, what, why="it has random values or the time in it", fix=_NOT_RANDOM)
    return first


async def _made(renderer: Renderer, folder: Path, spec: DeploySpec) -> tuple[list[Object], bytes]:
    texts = await renderer.texts(folder, spec)
    found = checked(await asyncio.to_thread(documents.objects, texts), spec)
    return found, await asyncio.to_thread(_bytes, found)


def checked(found: Sequence[Placed], spec: DeploySpec) -> list[Object]:
    """The objects with their migrations, when a release may have them.

    Raises:
        SluicewayError: SLW965, a migration names no Job.
        RefusedError: SLW966, a release may not have one of them.
    """
    place = spec.kubernetes.place if spec.kubernetes else Place()
    plain = [Node(one.value).object() for one in found]
    try:
        whole = prepared(spec, plain)
    except ValueError as broken:
        raise SluicewayError(CODE, str(broken)) from broken
    # what is no object is told as it was
    told = zip(found, whole, strict=False)
    asked = [made if isinstance(one.value, Mapping) else one.value for one, made in told]
    if refused := refusals([*asked, *whole[len(found) :]], place):
        raise _refused(refused, found)
    return whole


def _refused(refused: Sequence[Refusal], found: Sequence[Placed]) -> RefusedError:
    lines = [_line(one, found) for one in refused[:MAX_TOLD]]
    more = f"\nand {len(refused) - MAX_TOLD} more" if len(refused) > MAX_TOLD else ""
    allow = to_allow(refused)[:500]
    fix = f"remove it, or register the environment with allow: {{{allow}}}" if allow else ""
    what = "a release may not have what its source gives"
    return RefusedError(REFUSED, what, why="\n".join(lines)[:1500] + more, fix=fix)


def _line(one: Refusal, found: Sequence[Placed]) -> str:
    where = found[one.index].where if 0 <= one.index < len(found) else ""
    return f"{where}: {one.words()}" if where else one.words()


def _bytes(found: Sequence[Object]) -> bytes:
    try:
        data = dumped(found)
    except ValueError as broken:
        raise SluicewayError(CODE, "the objects are no JSON", why=str(broken)[:300]) from broken
    if len(data) > MAX_RENDERED:
        raise SluicewayError(CODE, f"the objects have {len(data):,} bytes, and at most {MAX_RENDERED:,} are kept")
    return data


def _running(shown: Shown, digest: str) -> JobRecord:
    """The collector keeps what it refers to, and reports show it."""
    result = JobResult(Status.RUNNING, "", attempt=shown.attempt, artifacts={RENDERED: digest})
    return JobRecord(
        run=shown.run,
        job=shown.job,
        attempt=shown.attempt,
        kind=shown.kind,
        stage=shown.stage,
        status=str(result.status),
        started_at=shown.at,
        ended_at=None,
        result=serial.dump(result).decode(),
    )


def _words(broken: SluicewayError) -> str:
    """On one line, as the result of a job is."""
    why, fix = "; ".join(broken.why.splitlines()), broken.advice
    parts = (broken.what, f"because {why}" if why else "", f"to fix it: {fix}" if fix else "")
    return "; ".join(" ".join(part.split()) for part in parts if part)[:2000]
