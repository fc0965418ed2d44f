"""The worker process: connects, restarts supervisors, works until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from activities.evidence.garbage_collector import Collector
from activities.kubernetes.kubeconfigs import AddressBook
from activities.releases.traffic_history import EVERY_S
from domain.core.errors import SluicewayError
from workers.core import connection, conversion, logs, settings
from workers.core.keyring import Keyring
from workers.core.refused import Refusals
from workers.worker import first_keys, guarding, temporal
from workers.worker.beside import Beside, kept
from workers.worker.checkpointing import Checkpointing
from workers.worker.deployment import Deployed, make_current
from workers.worker.drift_watch import DriftWatch, watched
from workers.worker.effect_audit import EffectOutcomes
from workers.worker.inventory_keeping import InventoryKeeping
from workers.worker.log_context import LogContext
from workers.worker.wiring import Wired, wire

RECONCILE_S = 30.0
SWEEP_S = 600.0
ABANDONED_S = 10.0
FIRST_COLLECTION_S, COLLECT_S = 3_600.0, 86_400.0
_log = logging.getLogger("sluiceway.worker")


async def work(deployed: Deployed | None = None, *, current: bool = False) -> None:
    """Runs the worker until it is told to stop. With a deployment it is one version of several; `current` makes it the
    current one.
    """
    temporal.more_threads()
    chosen = settings.load()
    used = chosen.scan_key.exists()  # every worker so far has made it
    wired, ring, refusals = wire(chosen), Keyring.of_home(chosen.home), Refusals(chosen.home)
    client = await _patiently(chosen, ring, used=used)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    (chosen.home / "worker.ready").write_text(str(os.getpid()))
    if not wired.execs.start():
        _log.info("programs that containers start are not watched: that requires root")
    tasks = (
        Beside("restarts supervisors", partial(_reconcile, wired)),
        Beside("remembers the router's counters", partial(_remember, wired)),
        Beside("collects garbage", partial(_collect, chosen, wired)),
        Beside("sweeps leftovers of jobs", partial(_sweep, wired)),
        Beside("stops abandoned jobs", partial(_stop_abandoned, client, wired)),
        Beside("has drift looked for", DriftWatch(client, partial(watched, wired.records.definitions)).watch),
        Beside("has clusters watched", InventoryKeeping(client, AddressBook(chosen.addresses).known).watch),
        Beside("has the audit signed", Checkpointing(wired.checkpoints, wired.store, client, wired.channels).watch),
        *guarding.tasks(client, ring, refusals, wired.channels, alone=not chosen.address),
    )
    beside = [asyncio.create_task(kept(one, wired.channels)) for one in tasks]
    config = deployed.config if deployed else None
    made = partial(
        temporal.worker,
        slots=chosen.slots,
        deployment=config,
        interceptors=[LogContext(), EffectOutcomes(wired.records.audit)],
    )
    async with made(client, wired.activities, ring, tell=refusals.tell):
        _log.info("working for %s%s", chosen.home, f" as {deployed.name} {deployed.build}" if deployed else "")
        if deployed and current:
            await make_current(client, deployed)
            _log.info("%s is the current version", deployed.build)
        await stop.wait()
    for task in beside:
        task.cancel()


def identity_of(home: Path) -> str:
    """`PID@HOST:HOME`: workers of one machine and one home find each other's jobs (activities/core/takeover.py)."""
    return f"{os.getpid()}@{socket.gethostname()}:{home}"


async def _patiently(chosen: settings.Settings, ring: Keyring, *, used: bool) -> Client:
    """Waits for a server that starts or restarts. The first worker of a home makes its keys.

    Raises:
        SluicewayError: SLW003, the keys are lost: waiting would not bring them back.
    """
    made = partial(connection.connect, namespace=chosen.namespace, ring=ring, identity=identity_of(chosen.home))
    ring.check()
    upgraded = False
    while True:
        try:
            plain = await made(chosen.temporal_address())
            upgraded = await first_keys.make(plain, ring, guarding.QUEUES, used=used) or upgraded
            client = await made(chosen.temporal_address(), converter=conversion.CONVERTER)
            if upgraded:
                await first_keys.seal_schedules(client, guarding.QUEUES)
        except RPCError as broken:
            _log.info("%s; trying again", broken.message)
        except SluicewayError as missing:
            _log.info("%s; trying again", missing.what)
        else:
            return client
        await asyncio.sleep(0.1)


async def _reconcile(wired: Wired) -> None:
    """Restarts dead supervisors, at once and every 30 s; they adopt what still runs."""
    while True:
        try:
            for folder in await wired.targets.local.reconcile():
                _log.warning("restarted the supervisor of %s", folder)
            if wired.router.should_run():
                await wired.router.ensure()
            for words in await asyncio.to_thread(wired.clusters.revive):
                _log.warning("restarted the supervisor of %s", words)
        except SluicewayError as broken:
            _log.error("%s", broken)
        await asyncio.sleep(RECONCILE_S)


async def _collect(chosen: settings.Settings, wired: Wired) -> None:
    """Garbage collection once a day, first an hour after the start: a worker that keeps restarting collects nothing."""
    collector = Collector(wired.records, wired.store, chosen.home / "jobs", chosen.retention)
    await asyncio.sleep(FIRST_COLLECTION_S)
    while True:
        try:
            done = await asyncio.to_thread(collector.run)
            _log.info("removed %d unreferenced objects, %d bytes", done.removed, done.removed_bytes)
        except SluicewayError as broken:
            _log.error("%s", broken)
        await asyncio.sleep(COLLECT_S)


async def _sweep(wired: Wired) -> None:
    """Removes leftovers of jobs whose worker and supervisor were both killed."""
    while True:
        for what in await asyncio.to_thread(wired.jobs.sweep):
            _log.warning("removed leftovers of job %s", what)
        await asyncio.sleep(SWEEP_S)


async def _stop_abandoned(client: Client, wired: Wired) -> None:
    """Stops jobs that were left to an attempt that never comes: their run was terminated meanwhile."""
    while True:
        await asyncio.sleep(ABANDONED_S)
        for what in await wired.jobs.left.stop_abandoned(client):
            _log.warning("stopped job %s, which no run waits for", what)


async def _remember(wired: Wired) -> None:
    """Records the router's counters each second, as the baseline of the next release."""
    while True:
        due = time.monotonic() + EVERY_S
        if wired.router.should_run():
            with contextlib.suppress(SluicewayError):  # the router starts, or was killed
                await wired.traffic.record()
        await asyncio.sleep(max(due - time.monotonic(), 0))


def main(deployed: Deployed | None = None, *, current: bool = False) -> None:
    """Works until it is interrupted, then exits."""
    logs.configure(os.environ.get("SLUICEWAY_LOG", ""), _secrets())
    try:
        asyncio.run(work(deployed, current=current))
    except KeyboardInterrupt:
        pass
    except SluicewayError as broken:
        _log.error("%s", broken)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the SDK's threads can crash the interpreter while it shuts down


def _secrets() -> list[str]:
    """Secret values of this process, to mask in its logs; secrets of jobs never appear in them."""
    return [os.environ.get(name, "") for name in ("SLUICEWAY_WEBHOOK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]


if __name__ == "__main__":
    main()
