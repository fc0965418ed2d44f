"""What tests of a watch put into a played cluster, and what they see of its rows."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from activities.inventory.store import InventoryStore
from activities.inventory.tables import EVENTS, OBJECTS, WATCHES
from activities.inventory.watch import ClusterWatch
from tests.support.lab import until

READY = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}, "spec": {}}
SILENT = {"status": {"conditions": [{"type": "Ready", "status": "Unknown", "message": "Kubelet stopped"}]}, "spec": {}}


def pod(node="n1", **status):
    told = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], **status}
    return {"spec": {"nodeName": node, "containers": [{"name": "main", "image": "x:1"}]}, "status": told}


def warning(kind, name, reason, message, namespace="team"):
    involved = {"kind": kind, "name": name, "namespace": namespace, "uid": f"uid-{kind}-{namespace}-{name}"}
    at = datetime.fromtimestamp(time.time(), UTC).isoformat()  # what is older than a week is not kept
    return {"involvedObject": involved, "type": "Warning", "reason": reason, "message": message, "lastTimestamp": at}


class Seen:
    """What is kept of the played cluster."""

    def __init__(self, database):
        self._database = database
        self.store = InventoryStore(database)

    def _all(self, table):
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(table.select()).mappings()]

    def rows(self, kind):
        return {(row["namespace"], row["name"]): row for row in self._all(OBJECTS) if row["kind"] == kind}

    def watch(self):
        found = self._all(WATCHES)
        return found[0] | json.loads(found[0]["body"]) if found else {}

    def events(self):
        return {row["reason"]: row for row in self._all(EVENTS)}

    async def has(self, kind, name, namespace="", **fields):
        def there():
            row = self.rows(kind).get((namespace, name))
            return row if row and all(row[key] == value for key, value in fields.items()) else None

        return await until(there, timeout_s=5)

    async def lacks(self, kind, name, namespace=""):
        await until(lambda: (namespace, name) not in self.rows(kind))

    async def synced(self):
        return await until(lambda: self.watch().get("synced_at"))


@asynccontextmanager
async def watching(played, seen):
    kube = played.kube()
    task = asyncio.create_task(ClusterWatch("c", lambda: kube, seen.store).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()
        if not task.cancelled():
            task.result()
