"""The activity that renders a release's objects once, at its commit, and keeps them by their digest."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity

from activities.core.cancellation import Heartbeat
from activities.core.errors import as_failure
from activities.releases.rendering import documents, port
from activities.releases.rendering.documents import Placed
from activities.releases.rendering.port import MAX_RENDERED, Rendered, Renderer, RenderInput
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.images import images
from domain.releases.kubernetes.place import KubernetesSpec, Place, SourceKind
from domain.releases.kubernetes.prepared import dumped, prepared
from domain.releases.kubernetes.refusals import Refusal, refusals
from domain.triggers.source import SourceRef

CODE, REFUSED = "SLW965", "SLW966"
MAX_TOLD = 10


@dataclass(frozen=True)
class RenderActivities(port.RenderActivities):
    """By the renderer of the source's kind."""

    store: Store
    mirrors: Mirrors
    renderers: Mapping[SourceKind, Renderer]

    @activity.defn(name="render-release")
    async def render(self, input: RenderInput) -> Rendered:
        """Refused objects are a refusal of the release; a store or a repository that is away is tried again."""
        try:
            async with Heartbeat():
                found = await self.objects(input.spec, input.source)
                data = await asyncio.to_thread(_bytes, found)
                digest = await asyncio.to_thread(self.store.put, data)
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        return Rendered(digest, images(found))

    async def objects(self, spec: DeploySpec, source: SourceRef) -> list[Object]:
        """The objects of a source at its commit, before they have a release's names.

        Raises:
            SluicewayError: SLW965, it cannot be rendered; SLW967, not on this machine.
            RefusedError: SLW966, a release may not have what it gives.
        """
        told = spec.kubernetes or KubernetesSpec()
        renderer = self.renderers[told.source.kind]
        with tempfile.TemporaryDirectory(prefix="sluiceway-source-") as made:
            folder = Path(made, "checkout")
            folder.mkdir()
            Path(made).chmod(0o755)  # a renderer is another user
            if told.source.kind is not SourceKind.CONTAINER:
                await asyncio.to_thread(self.mirrors.checkout, source.repo, source.commit, folder)
            texts = await renderer.texts(folder, spec)
        return checked(await asyncio.to_thread(documents.objects, texts), spec)


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
    more = f"; and {len(refused) - MAX_TOLD} more" if len(refused) > MAX_TOLD else ""
    allow = ", ".join(dict.fromkeys(one.allow for one in refused if one.allow))
    fix = f"remove it, or register the environment with allow: {{{allow[:300]}}}" if allow else ""
    what = "a release may not have what its source gives"
    return RefusedError(REFUSED, what, why="; ".join(lines)[:1500] + more, fix=fix)


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
