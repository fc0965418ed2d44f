"""A version in a cluster is attacked at its preview, by the proxy of its router, and only while that is held."""

from contextlib import asynccontextmanager
from typing import Any

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.activities import ReleaseActivities
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.scans.dast import DastResult
from activities.storage.stores.folder import FolderStore
from domain.core.errors import RefusedError
from domain.releases.spec import DastSpec
from tests.contracts.targets.kubernetes import TableRouter, in_cluster

ONE = in_cluster("1", "r1")


class Led(TableRouter):
    """Its preview is reached by a proxy, while that is held."""

    @asynccontextmanager
    async def leading(self, address):
        self.told.append(f"leads to {address}")
        yield "http://preview.web.example:4711"
        self.told.append("leads no more")


class TestAttack:
    async def judged(self, tmp_path, router):
        attacked = []

        class Attacker:
            async def judged(self, address, spec):
                attacked.append(address)
                return DastResult(True, "held", "")

        target = KubernetesTarget(
            {"edge": MemoryObjects()}.__getitem__, FolderStore(tmp_path / "store"), {"gateway-api": router}
        )
        await target.start(ONE)
        unused: Any = None
        acts = ReleaseActivities({}, unused, unused, Attacker(), permits=unused)
        await acts._attacked(target, ONE, DastSpec())
        return attacked

    async def test_a_scanner_reaches_the_preview_by_a_proxy_while_it_runs(self, tmp_path):
        router = Led()
        assert await self.judged(tmp_path, router) == ["http://preview.web.example:4711"]
        assert router.told == ["leads to http://preview.web.example", "leads no more"]

    async def test_where_nothing_leads_there_nothing_is_attacked(self, tmp_path):
        with pytest.raises(RefusedError, match="leads no scanner"):
            await self.judged(tmp_path, TableRouter())
