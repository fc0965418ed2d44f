"""Jobs as processes: run, build and test. One activity takes a job from a clean workspace to its result."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from temporalio import activity
from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from activities.authority.port import Permits
from activities.core import serialization as serial
from activities.core import takeover
from activities.core.cancellation import INTERVAL_S, CancellationToken, Heartbeat
from activities.core.files import remove_tree, write_atomically
from activities.core.retry import retry_while_unavailable
from activities.core.takeover import Fate
from activities.jobs import epoch, port, provenance
from activities.jobs.caches import Caches, Owner
from activities.jobs.capacity import WorkerCapacity, measured
from activities.jobs.directories import JobDirectories
from activities.jobs.event import event_of, push_of, secret_use
from activities.jobs.executors.process import ProcessExecutor
from activities.jobs.failures import failure_of
from activities.jobs.isolation.isolation import Isolation
from activities.jobs.left_jobs import LeftJobs, claimed
from activities.jobs.logs import append
from activities.jobs.permits import execution
from activities.jobs.port import Executor, ImageBuilder, JobInput, JobRecords, ProgressCallback
from activities.jobs.pushing import login_to_push
from activities.jobs.reports import reader as test_reports
from activities.jobs.result import from_cause, outputs_of, record_of, with_tests
from activities.jobs.seals import Seals
from activities.jobs.supervisor_spec import supervised
from activities.jobs.under_policy import network_of, under
from activities.secrets.broker import Broker, closed
from activities.source.checkouts import check_out
from activities.source.mirrors import Mirrors
from activities.storage import artifacts
from activities.storage.port import Store
from activities.supervisor import launch
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.registry_access import RegistryAccess
from domain.core import ids as keys
from domain.core.documents import Node
from domain.core.errors import SluicewayError, StoreUnavailableError
from domain.jobs import testing
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import JobKind
from domain.policy.policy import PolicyFor, Push

MAX_STARTS = 50
"""Starts of a job's supervisor: more than one when it was lost, or exits because another one runs."""
LOOK_S = 0.5
"""Between two questions whether a cancelled job is to end at once."""
QUERY_TIMEOUT = timedelta(seconds=2)
CACHED = "caches.saved"
_log = logging.getLogger("sluiceway.jobs")


class JobActivities(port.JobActivities):
    """Steps run under a detached supervisor: a restarted worker finds its jobs still running."""

    def __init__(
        self,
        places: JobDirectories,
        kept: Store,
        records: JobRecords,
        mirrors: Mirrors,
        caches: Caches,
        *,
        images: ImageBuilder | None = None,
        room: WorkerCapacity | None = None,
        executors: Mapping[str, Executor] | None = None,
        attestor: Attestor | None = None,
        permits: Permits,
        secrets: Broker | None = None,
        registries: RegistryAccess | None = None,
        policies: Callable[[Push], PolicyFor] = PolicyFor,
    ) -> None:
        self._secrets, self._registries = secrets or closed(), registries or RegistryAccess()
        self._attestor, self._permits, self._policies = attestor, permits, policies
        self._executors = executors or {"process": ProcessExecutor(Isolation(places.jobs.parent))}
        self._places, self._store, self._records, self._caches = places, kept, records, caches
        self._mirrors, self._images, self._room = mirrors, images, room or WorkerCapacity(measured())
        self.left = LeftJobs(places.jobs)
        self._seals = Seals(places.jobs.parent / "keys", places.jobs)

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        """Idempotent by run, job and attempt: finds a running job, and repeats the answer of an ended one."""
        folder = self._places.folder(input.run, input.job.id, input.attempt)
        known = _saved(folder)
        if known is not None:
            return known
        await asyncio.to_thread(self._record, input, "running", "{}", time.time(), None)
        key, runs = keys.job_key(input.run, input.job.id, input.attempt), bool(launch.running(folder))
        try:
            async with self._room.held(key, input.job, runs_already=runs):
                token = CancellationToken()
                if not runs:
                    asyncio.get_running_loop().run_in_executor(None, launch.expect)
                await retry_while_unavailable(partial(self._prepare, input, folder, token.report), token=token)
                await self._supervise(input, folder)
        except SluicewayError as broken:
            await self._close(input, key)
            return await self._ended(input, folder, _not_begun(input, broken))
        except asyncio.CancelledError:
            if await asyncio.shield(takeover.fate()) is Fate.STOP:
                await asyncio.shield(self._close(input, key))
            raise
        known = _saved(folder)
        if known is not None:  # this worker was paused, and another attempt has collected it meanwhile
            return known
        await self._close(input, key)
        status = self._seals.status(folder)
        try:
            token = CancellationToken()
            result = await retry_while_unavailable(
                partial(self._collect, input, folder, status, token.report), token=token
            )
        except SluicewayError as broken:  # the log stays in the job's folder
            result = JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)
        return await self._ended(input, folder, result)

    async def _close(self, input: JobInput, key: str) -> None:
        """Usually done by the supervisor, unless it was killed or never started. Failures are left to `sweep`."""
        try:
            await asyncio.to_thread(self._executors[input.job.executor].close, key)
        except SluicewayError as broken:
            _log.warning("%s", broken)

    def sweep(self) -> list[str]:
        """Removes the places of ended jobs; an unreachable executor is skipped."""
        found = []
        for executor in self._executors.values():
            with contextlib.suppress(SluicewayError):
                found += executor.sweep(self._places.unfinished)
        return found

    def _prepare(self, input: JobInput, folder: Path, told: ProgressCallback) -> None:
        """Clean checkout, artifacts, place, spec. Repeated unless it completed before a crash.

        Raises:
            RefusedError: SLW011 to SLW014, the signer does not permit the job.
        """
        permitted = self._permits.permit(execution(input))
        if (folder / "spec.json").exists():
            return
        executor = under(self._policies(push_of(input)), input.job, self._executors[input.job.executor])
        workspace = self._places.made(folder)
        source, notes = input.source, list[str]()
        if source.repo:
            notes = check_out(self._mirrors, source.repo, source.commit, workspace, input.job.checkout)
        derived = epoch.variables(input, self._mirrors.path(input.source.repo))
        for digest in input.artifacts.values():
            artifacts.unpack(self._store, digest, workspace)
        notes += self._caches.restore(input.job.caches, _owner(input), folder) if input.job.caches else []
        write_atomically(folder / "permit", permitted.permit.digest)
        key = keys.job_key(input.run, input.job.id, input.attempt)
        notes += executor.open(
            input.job, key, folder, self._secrets.values_of_job(input.job.secrets, secret_use(input)), told
        )
        write_atomically(folder / "spec.json", json.dumps(supervised(input, folder, executor, notes, derived)))

    async def _supervise(self, input: JobInput, folder: Path) -> None:
        """Starts or finds the supervisor and waits for its end. A cancel stops it; a shutdown or a missed heartbeat
        leaves it to the next attempt.
        """
        pid = 0
        claimed(folder)
        try:
            for _ in range(MAX_STARTS):
                if (folder / "status.json").exists():
                    return
                pid = launch.running(folder)
                if not pid:  # in a thread: a busy machine takes its time to start a program, and other jobs go on
                    values = self._secrets.values_of_job(input.job.secrets, secret_use(input))
                    starting = asyncio.ensure_future(
                        asyncio.to_thread(launch.start, "job", folder, values, self._seals.word(folder))
                    )
                    try:
                        await asyncio.shield(starting)
                    finally:
                        pid = await starting  # also when cancelled: whoever stops it must find it
                async with Heartbeat(first_s=INTERVAL_S) as heartbeat:
                    heartbeat.report(f"process {pid}")
                    await launch.wait_exit(pid)
                launch.reap()
            why = (folder / "supervisor.err").read_text()[-500:]
            raise SluicewayError("SLW842", "the step supervisor did not start", why=why, transient=True)
        except asyncio.CancelledError:
            fate = await asyncio.shield(takeover.fate())
            if fate in (Fate.STOP, Fate.ELSEWHERE):
                await asyncio.shield(stop(folder, pid))
            # elsewhere the result is the other attempt's
            if fate is Fate.STOP and (folder / "status.json").exists():
                said: ProgressCallback = lambda words: None  # noqa: E731
                collected = partial(self._collect, input, folder, Node({"cause": "cancelled"}), said)
                await self._ended(input, folder, await asyncio.to_thread(collected))
            raise

    def _collect(self, input: JobInput, folder: Path, status: Node, told: ProgressCallback) -> JobResult:
        result = self._judge(input, folder, status, told)
        log = folder / "log.jsonl"
        if result.status is Status.PASSED and input.job.caches and not (folder / CACHED).exists():
            append(log, self._caches.save(_owner(input), folder))
            (folder / CACHED).touch()
        seconds = status["ended_at"].number() - status["started_at"].number()
        if result.status is Status.PASSED and input.job.kind is JobKind.BUILD:
            provenance.attest(self._attestor, input, result, status)
        fields = {**result.__dict__, "seconds": round(max(seconds, 0), 3), "attempt": input.attempt}
        return JobResult(**{**fields, "log": self._store.put_file(log) if log.exists() else ""})

    def _judge(self, input: JobInput, folder: Path, status: Node, told: ProgressCallback) -> JobResult:
        cause, code, step = status["cause"].text(), status["exit_code"].whole(), status["step"].whole()
        report = self._test_report(input, folder)
        if cause:
            failed = from_cause(cause, code, step, input.job, status["why"].text())
            if report is not None and input.job.test is not None and failed.failure is Failure.EXIT:
                return with_tests(failed, report, self._store, testing.judge(input.job.test, report))
            return failed
        try:
            outputs = outputs_of(folder / "outputs", input.job)
            latest = epoch.of(Node(launch.read_json(folder / "spec.json"))["env"].strings())
            packed = {
                name: artifacts.pack(self._store, folder / "workspace", patterns, latest)
                for name, patterns in input.job.artifacts_out.items()
            }
            if input.job.image is not None:
                outputs.update(self._image(input, folder, told))
        except (SluicewayError, ValueError) as broken:
            if isinstance(broken, StoreUnavailableError):
                raise
            return JobResult(Status.FAILED, str(broken), Failure.CHECK)
        passed = JobResult(Status.PASSED, _passed_reason(input), outputs=outputs, artifacts=packed)
        if report is None:
            return passed
        assert input.job.test is not None
        return with_tests(passed, report, self._store, testing.judge(input.job.test, report))

    def _test_report(self, input: JobInput, folder: Path) -> testing.TestReport | None:
        if input.job.test is None:
            return None
        report = test_reports.read(folder / "workspace", input.job.test)
        return report.told(self._secrets.masker(input.job.secrets).text) if input.job.secrets else report

    def _image(self, input: JobInput, folder: Path, told: ProgressCallback) -> dict[str, str]:
        if self._images is None or input.job.image is None:
            raise SluicewayError(
                "SLW841", "no image builder is configured", fix="start a Docker daemon, then the worker"
            )
        pipeline, number, _ = keys.split_run(input.run)
        labels = {
            "org.opencontainers.image.revision": input.source.commit,
            "org.opencontainers.image.source": input.source.repo,
            "dev.sluiceway.pipeline": pipeline,
            "dev.sluiceway.run": str(number),
        }
        said, masker = list[str](), self._secrets.masker(input.job.secrets)

        def heard(line: str) -> None:
            line = masker.text(line)
            told(line)
            said.extend([line] if line else [])

        try:
            login = login_to_push(input, self._permits, self._registries)
            held = self._policies(push_of(input))
            built = self._images.build(input.job.image, folder / "workspace", labels, heard, network_of(held), login)
        finally:
            append(folder / "log.jsonl", said)
        return {"image": built.name, "digest": built.digest, "reference": built.reference}

    async def _ended(self, input: JobInput, folder: Path, result: JobResult) -> JobResult:
        """In a thread: the disk must not hold up the other jobs of this worker. A cancel does not interrupt it."""
        return await asyncio.shield(asyncio.to_thread(self._end, input, folder, result))

    def _end(self, input: JobInput, folder: Path, result: JobResult) -> JobResult:
        """Stores the result, then the record, then clears the workspace: each step is idempotent."""
        folder.mkdir(parents=True, exist_ok=True)
        result = replace(result, reason=self._secrets.masker(input.job.secrets).text(result.reason))
        write_atomically(folder / "result.json", serial.dump(result))
        ended = time.time()
        self._record(input, str(result.status), serial.dump(result).decode(), ended - result.seconds, ended)
        for name in ("workspace", "home", "tmp"):
            remove_tree(folder / name)
        return result

    def _record(self, input: JobInput, status: str, result: str, started: float, ended: float | None) -> None:
        self._records.record_job(record_of(input, status, result, (started, ended)))


def _owner(input: JobInput) -> Owner:
    return Owner(keys.split_run(input.run)[0], input.repo, event_of(input))


async def stop(folder: Path, pid: int, patience_s: float = 5.0) -> None:
    """Asks the supervisor to stop the job, and waits for its grace, unless the run is cancelled again."""
    (folder / "cancel").touch()
    pid = launch.running(folder) or pid
    if not pid:
        return
    until = time.monotonic() + Node(launch.read_json(folder / "spec.json"))["grace_s"].number() + patience_s
    async with Heartbeat():
        while not await launch.wait_exit(pid, LOOK_S) and time.monotonic() < until:
            if await _ends_now():
                (folder / "cancel-now").touch()


async def _ends_now() -> bool:
    """Whether the run was cancelled a second time. One that cannot answer is no reason to hurry."""
    try:
        run = activity.client().get_workflow_handle(activity.info().workflow_id or "")
        return bool(await run.query("ends_now", result_type=bool, rpc_timeout=QUERY_TIMEOUT))
    except (RuntimeError, RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
        return False


def _saved(folder: Path) -> JobResult | None:
    try:
        return serial.load(JobResult, (folder / "result.json").read_bytes())
    except (OSError, ValueError):
        return None


def _not_begun(input: JobInput, broken: SluicewayError) -> JobResult:
    return JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)


def _passed_reason(input: JobInput) -> str:
    number = len(input.job.steps)
    return f"{number} step{'s' if number != 1 else ''} passed" if input.job.kind is not JobKind.TEST else ""
