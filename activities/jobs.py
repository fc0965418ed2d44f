"""Jobs that are processes: run, build and test. One activity carries a job from a clean workspace to its result."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from temporalio import activity

from activities import artifacts, secrets, serial, store, test_reports
from activities.caches import Caches, Owner
from activities.git import Mirrors
from activities.log_reader import append
from activities.records import Records
from activities.room import NO_ROOM, WorkerRoom, measured
from activities.store import Store, patiently
from activities.supervisor import launch
from domain import keys, testing
from domain.errors import SluicewayError
from domain.event import EventKind
from domain.pipeline import ImageSpec, Job, JobKind, Step, output_value
from domain.results import Failure, JobResult, Status

MAX_OUTPUTS_BYTES = 64_000
HEARTBEAT_S = 0.5
MAX_STARTS = 50
"""Of the supervisor of one job: more than one when it was lost, or ends at once beside another one."""
CACHED = "caches.saved"


@dataclass(frozen=True)
class SourceRef:
    repo: str = ""
    """Empty: the job starts in an empty workspace."""
    commit: str = ""


@dataclass(frozen=True)
class JobInput:
    run: str
    """Workflow id of the run."""
    job: Job
    """With every expression already replaced by its value."""
    attempt: int = 1
    source: SourceRef = SourceRef()
    artifacts: dict[str, str] = field(default_factory=dict)
    """`job.name` to digest, of what the job uses."""
    reports: dict[str, str] = field(default_factory=dict)
    """Scan job to the digest of its report, for a gate."""
    env: dict[str, str] = field(default_factory=dict)
    """The engine's own variables: SLUICEWAY_BRANCH and the like."""
    repo: str = ""
    """Of the event; the source may be a snapshot of it."""


class ImageBuilder(Protocol):
    """Builds an OCI image from a folder."""

    def build(self, spec: ImageSpec, workspace: Path, labels: Mapping[str, str]) -> tuple[str, str]:
        """(name, digest) of the image. The same content and labels may be built twice without harm.

        Raises:
            SluicewayError: no daemon answers, or the build failed.
        """
        ...


@dataclass(frozen=True)
class Places:
    """Where the worker keeps what it works on."""

    jobs: Path

    def folder(self, run: str, job: str, attempt: int) -> Path:
        return self.jobs / keys.job_key(run, job, attempt)


class JobActivities:
    def __init__(
        self,
        places: Places,
        kept: Store,
        records: Records,
        mirrors: Mirrors,
        images: ImageBuilder | None = None,
        room: WorkerRoom | None = None,
        caches: Caches | None = None,
    ) -> None:
        self._caches = caches or Caches(kept, records)
        self._places, self._store, self._records = places, kept, records
        self._mirrors, self._images, self._room = mirrors, images, room or WorkerRoom(measured())

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        """Idempotent by run, job and attempt: what was started is found again, what has ended is answered again."""
        folder = self._places.folder(input.run, input.job.id, input.attempt)
        known = _saved(folder)
        if known is not None:
            return known
        self._record(input, "running", "{}", time.time(), None)
        key, runs = keys.job_key(input.run, input.job.id, input.attempt), bool(launch.running(folder))
        try:
            async with self._room.held(key, input.job, runs_already=runs):
                await patiently(partial(self._prepare, input, folder))
                await self._supervise(input, folder)
        except SluicewayError as broken:
            return self._end(input, folder, _not_begun(input, broken))
        status = launch.read_json(folder / "status.json")
        try:
            result = await patiently(partial(self._collect, input, folder, status))
        except SluicewayError as broken:  # the log stays where it is, in the job's folder
            result = JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)
        return self._end(input, folder, result)

    def _prepare(self, input: JobInput, folder: Path) -> None:
        """A clean checkout, the artifacts, the job's spec. Done anew unless it was finished before a crash."""
        if (folder / "spec.json").exists():
            return
        workspace = folder / "workspace"
        shutil.rmtree(folder, ignore_errors=True)
        workspace.mkdir(parents=True, mode=0o700)
        (folder / "home").mkdir()
        (folder / "tmp").mkdir()
        (folder / "outputs").touch()
        if input.source.repo:
            self._mirrors.checkout(input.source.repo, input.source.commit, workspace)
        for digest in input.artifacts.values():
            artifacts.unpack(self._store, digest, workspace)
        job = input.job
        notes = self._caches.restore(job.caches, _owner(input), folder) if job.caches else []
        spec = {
            "notes": notes,
            "key": keys.job_key(input.run, job.id, input.attempt),
            "cwd": str(workspace),
            "env": {**_minimum(folder, input), **job.env},
            "steps": [
                {
                    "name": _step_name(step),
                    "run": step.run,
                    "shell": step.shell,
                    "env": step.env,
                    "timeout_s": step.timeout_s,
                }
                for step in job.steps
            ],
            "timeout_s": job.run_timeout_s,
            "memory_bytes": job.memory_mb * 1_000_000,
            "output_bytes": job.output_mb * 1_000_000,
        }
        new = folder / "spec.json.new"
        new.write_text(json.dumps(spec))
        new.rename(folder / "spec.json")

    async def _supervise(self, input: JobInput, folder: Path) -> None:
        """Starts or finds the supervisor and waits for its end. A cancel stops it; a shutdown leaves it alone."""
        pid = 0
        try:
            for _ in range(MAX_STARTS):
                if (folder / "status.json").exists():
                    return
                pid = launch.running(folder) or launch.start("job", folder, secrets.resolve(input.job.secrets))
                while not await launch.wait_exit(pid, HEARTBEAT_S):
                    activity.heartbeat(pid)
                launch.reap()
            raise SluicewayError(
                "SLW842", "the step supervisor did not start", why=(folder / "supervisor.err").read_text()[-500:]
            )
        except asyncio.CancelledError:
            details = activity.cancellation_details()
            if details is None or not details.worker_shutdown:
                await asyncio.shield(stop(folder, pid))
                if (folder / "status.json").exists():
                    self._end(
                        input, folder, await asyncio.to_thread(self._collect, input, folder, {"cause": "cancelled"})
                    )
            raise

    def _collect(self, input: JobInput, folder: Path, status: Mapping[str, Any]) -> JobResult:
        result = self._judge(input, folder, status)
        log = folder / "log.jsonl"
        if result.status is Status.PASSED and input.job.caches and not (folder / CACHED).exists():
            append(log, self._caches.save(_owner(input), folder))
            (folder / CACHED).touch()
        seconds = float(status.get("ended_at", 0)) - float(status.get("started_at", 0))
        fields = {**result.__dict__, "seconds": round(max(seconds, 0), 3), "attempt": input.attempt}
        return JobResult(**{**fields, "log": self._store.put_file(log) if log.exists() else ""})

    def _judge(self, input: JobInput, folder: Path, status: Mapping[str, Any]) -> JobResult:
        cause, code, step = str(status.get("cause", "")), int(status.get("exit_code", 0)), int(status.get("step", 0))
        report = self._test_report(input, folder)
        if cause:
            failed = _from_cause(cause, code, step, input.job)
            if report is not None and failed.failure is Failure.EXIT:
                return _with_tests(failed, report, self._store, testing.judge(input.job.test, report))  # type: ignore[arg-type]
            return failed
        try:
            outputs = _outputs(folder / "outputs", input.job.outputs)
            packed = {
                name: artifacts.pack(self._store, folder / "workspace", patterns)[0]
                for name, patterns in input.job.artifacts_out.items()
            }
            if input.job.image is not None:
                outputs.update(self._image(input, folder))
        except (SluicewayError, ValueError) as broken:
            if isinstance(broken, SluicewayError) and broken.code in store.PASSING:
                raise
            return JobResult(Status.FAILED, str(broken), Failure.CHECK)
        passed = JobResult(Status.PASSED, _passed_reason(input), outputs=outputs, artifacts=packed)
        if report is None:
            return passed
        assert input.job.test is not None
        return _with_tests(passed, report, self._store, testing.judge(input.job.test, report))

    def _test_report(self, input: JobInput, folder: Path) -> testing.TestReport | None:
        return test_reports.read(folder / "workspace", input.job.test) if input.job.test else None

    def _image(self, input: JobInput, folder: Path) -> dict[str, Any]:
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
        name, digest = self._images.build(input.job.image, folder / "workspace", labels)
        return {"image": name, "digest": digest}

    def _end(self, input: JobInput, folder: Path, result: JobResult) -> JobResult:
        """Keeps the result first, then the record, then clears the workspace: each can be done again."""
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "result.json.new"
        new.write_bytes(serial.dump(result))
        new.rename(folder / "result.json")
        ended = time.time()
        self._record(input, str(result.status), serial.dump(result).decode(), ended - result.seconds, ended)
        for name in ("workspace", "home", "tmp"):
            shutil.rmtree(folder / name, ignore_errors=True)
        return result

    def _record(self, input: JobInput, status: str, result: str, started: float, ended: float | None) -> None:
        job = input.job
        self._records.job(input.run, job.id, input.attempt, str(job.kind), job.stage, status, result, (started, ended))


def _owner(input: JobInput) -> Owner:
    pipeline, env = keys.split_run(input.run)[0], input.env
    kind = EventKind(env.get("SLUICEWAY_EVENT", EventKind.MANUAL))
    return Owner(pipeline, input.repo, kind, env.get("SLUICEWAY_BRANCH", ""), env.get("SLUICEWAY_TAG", ""))


async def stop(folder: Path, pid: int, patience_s: float = 5.0) -> None:
    """Asks the supervisor to end the job, and waits until it has."""
    (folder / "cancel").touch()
    if pid := launch.running(folder) or pid:
        await launch.wait_exit(pid, patience_s)


def _saved(folder: Path) -> JobResult | None:
    try:
        return serial.load(JobResult, (folder / "result.json").read_bytes())
    except (OSError, ValueError):
        return None


PASSING = frozenset({"SLW812", "SLW813", "SLW842"}) | store.PASSING
"""Codes of what may be better in a moment: git, a supervisor that did not start. The rest stays until it is mended."""


def _not_begun(input: JobInput, broken: SluicewayError) -> JobResult:
    return JobResult(Status.FAILED, str(broken), failure_of(broken), attempt=input.attempt)


def failure_of(broken: SluicewayError) -> Failure:
    if broken.code == NO_ROOM:
        return Failure.TIMEOUT
    return Failure.INFRASTRUCTURE if broken.code in PASSING else Failure.CHECK


def _minimum(folder: Path, input: JobInput) -> dict[str, str]:
    """All that a step gets besides what the definition names; listed in docs/execution.md."""
    pipeline, number, attempt = keys.split_run(input.run)
    return {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "CI": "true",
        "SLUICEWAY_PIPELINE": pipeline,
        "SLUICEWAY_RUN": str(number),
        "SLUICEWAY_RUN_ATTEMPT": str(attempt or 1),
        "SLUICEWAY_JOB": input.job.id,
        "SLUICEWAY_ATTEMPT": str(input.attempt),
        "SLUICEWAY_COMMIT": input.source.commit,
        "SLUICEWAY_WORKSPACE": str(folder / "workspace"),
        "SLUICEWAY_OUTPUT": str(folder / "outputs"),
        **input.env,
    }


def _step_name(step: Step) -> str:
    return step.name or step.run.strip().splitlines()[0][:80]


_REASONS = {
    "timeout": (Failure.TIMEOUT, "took longer than its limit"),
    "memory": (Failure.CHECK, "used more memory than its limit"),
    "output": (Failure.CHECK, "wrote more output than its limit"),
    "infrastructure": (Failure.INFRASTRUCTURE, "the supervisor was lost, or no process could be started"),
}


def _from_cause(cause: str, code: int, step: int, job: Job) -> JobResult:
    name = _step_name(job.steps[step - 1]) if 0 < step <= len(job.steps) else ""
    where = f"step {step}" + (f" ({name})" if name else "")
    if cause == "cancelled":
        return JobResult(Status.CANCELLED, "cancelled; its processes are stopped")
    if cause == "exit":
        return JobResult(Status.FAILED, f"{where} exited with {code}", Failure.EXIT, code)
    failure, words = _REASONS.get(cause, (Failure.INFRASTRUCTURE, f"ended by '{cause}'"))
    return JobResult(Status.FAILED, f"{where} {words}", failure, code)


def _with_tests(result: JobResult, report: testing.TestReport, kept: Store, why: str) -> JobResult:
    counts = {
        "tests": len(report.cases),
        "passed": report.count("passed"),
        "failed": report.count("failed") + report.count("error"),
        "skipped": report.count("skipped"),
    }
    outputs = {**result.outputs, "tests": counts["tests"], "failed": counts["failed"]}
    if report.coverage_percent >= 0:
        outputs["coverage"] = report.coverage_percent
    reason = why or (testing.summary(report) if result.status is Status.PASSED else result.reason)
    failed = bool(why) or result.status is Status.FAILED
    return JobResult(
        Status.FAILED if failed else Status.PASSED,
        reason,
        (Failure.CHECK if why else result.failure) if failed else Failure.NONE,
        result.exit_code,
        outputs,
        result.artifacts,
        report=kept.put(serial.dump(report)),
        counts=counts,
    )


def _outputs(path: Path, declared: Mapping[str, str]) -> dict[str, Any]:
    """`name=value` lines, the last of a name counts; everything but a string is read as JSON.

    Raises:
        ValueError: an output is not declared, not of its type, or all together are too big.
    """
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    if len(text.encode()) > MAX_OUTPUTS_BYTES:
        raise ValueError(
            f"the outputs are {len(text):,} bytes, and at most {MAX_OUTPUTS_BYTES:,} are kept; use an artifact"
        )
    found: dict[str, Any] = {}
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if not separator:
            continue
        kind = declared.get(name.strip())
        if kind is None:
            raise ValueError(f"output '{name.strip()}' is not declared; there are {', '.join(declared) or 'none'}")
        try:
            found[name.strip()] = output_value(kind, value if kind == "string" else json.loads(value))
        except ValueError:
            raise ValueError(f"output '{name.strip()}' is '{value[:80]}', which is no {kind}") from None
    return found


def _passed_reason(input: JobInput) -> str:
    number = len(input.job.steps)
    return f"{number} step{'s' if number != 1 else ''} passed" if input.job.kind is not JobKind.TEST else ""
