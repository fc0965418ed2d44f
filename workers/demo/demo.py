"""The main demo, unattended: pushes nine versions of a sample service and checks the outcome of each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable
from dataclasses import KW_ONLY, asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from activities.access import identities as identity
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from pipeline_defs.documents import check
from pipeline_defs.releases.environment_model import Environment
from workers.client import approvals, runs
from workers.client.client import Engine
from workers.client.for_owner import owner_client
from workers.client.on_engine.releases.release_rows import told
from workers.client.ports.client import Client
from workers.client.ports.runs import RunDetails
from workers.core import connection
from workers.core.listing import open_listing
from workers.core.records import open_records
from workers.core.registering import registrar
from workers.core.settings import EngineAddresses, Settings
from workers.demo import summary, visitor
from workers.demo.load import Counts, Load
from workers.demo.summary import ReleaseRow, RunRow
from workers.demo.versions import DIFFERENT, FOR_THE_VISITOR, JUDGED_FROM, VERSIONS, Version
from workers.engine import embedded as engine
from workers.views.output import out, out_lines, styled
from workers.views.release_progress import line
from workers.views.run_progress import follow, watcher
from workers.worker.client_wiring import command_parts

SAMPLE = Path(__file__).parents[2] / "pipeline_defs" / "examples" / "web-shop"
AUTHOR, AUTHOR_ADDRESS = "developer", "developer@example.org"
APPROVERS = ("first-approver", "second-approver")
SERVICE, ENVIRONMENT = "web-shop", "production"
PROBE_PER_S, LOAD_PER_S = 40, 320


@dataclass
class Demo:
    """Pushes versions, and compares every run and release with its expected outcome."""

    settings: Settings
    work: Path
    _: KW_ONLY
    runs: list[RunRow] = field(default_factory=list)
    releases: list[ReleaseRow] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    judged_since: float = 0.0
    lost_in_switch: int = 0
    link: str = ""
    """Where the visitor logs in; empty: nobody is served."""
    waiting: str = ""
    """The run that waits for the visitor."""
    wrong: list[str] = field(default_factory=list)
    """Every expectation that did not hold."""

    @cached_property
    def _client(self) -> Client:
        """Of the home's owner."""
        return owner_client(command_parts(self.settings))

    def say(self, text: str) -> None:
        """Prints in bold, to separate the demo's text from command output."""
        out_lines(styled(text, bold=True))

    async def all(self) -> bool:
        """Whether all expectations held; `wrong` lists the others."""
        addresses = engine.up(self.settings, path=str(Path(sys.executable).parent))
        self._people_and_environment()
        self.link = visitor.invite(self.settings, "follow the versions in the console")
        connected = Engine(await connection.connect(self.settings.temporal_address()))
        clone = self._repository()
        load = Load(int(addresses["router_port"]), f"{SERVICE}.localhost", self.work)
        try:
            load.at(PROBE_PER_S)
            for version in VERSIONS:
                if version.number == JUDGED_FROM:
                    self._begin_judging(load)
                await self._version(connected, version, clone, load)
        finally:
            load.stop()
        await self._leave(connected, clone)
        self._finish(addresses, load)
        return not self.wrong

    async def _leave(self, connected: Engine, clone: Path) -> None:
        """One version more, which nothing here waits for: its second approval is the visitor's."""
        self.say(f"\nversion {FOR_THE_VISITOR.number}: {FOR_THE_VISITOR.story}")
        self.waiting = self._push(FOR_THE_VISITOR, clone)
        await self._decide(connected, self.waiting, FOR_THE_VISITOR.decisions)
        waits = (await runs.view(connected, self.waiting)).waiting_for
        out(f"  {self.waiting}: {', '.join(waits) or 'waits for nothing'}")
        if not waits:
            self.wrong.append(f"{self.waiting} waits for nobody")

    def _begin_judging(self, load: Load) -> None:
        self.say(f"\nfrom now on {LOAD_PER_S} requests a second, open loop, none of them repeated")
        out(f"different from the defaults: {DIFFERENT}; no statistical constant is")
        self.judged_since = time.time()
        load.at(LOAD_PER_S)

    def _people_and_environment(self) -> None:
        told = registrar(self.settings, open_records(self.settings))
        for name in APPROVERS:
            told.person(identity.create(self._keys(name), name, ("release-managers",), ()))
            out(f"registered: {name}, whose private key is in {self._keys(name)}, outside the engine's home")
        author = identity.create(self._keys(AUTHOR), AUTHOR, (), ())
        told.person(author)
        told.give(AUTHOR, AUTHOR_ADDRESS)
        out(f"registered: {AUTHOR}, who owns {AUTHOR_ADDRESS} and may not approve their own commits")
        file = SAMPLE / "environment.yaml"
        source = check(file.read_bytes(), str(file), lambda path: None).valid()
        assert isinstance(source.document, Environment)
        body = {**json.loads(source.document.model_dump_json()), "keys": "any"}  # a demo has nobody who confirms a key
        told.environment(source.document.name, body)
        self.say("registered: environment production, as an administrator does with `sluiceway apply environment.yaml`")

    def _keys(self, person: str) -> Path:
        """Each of the two people has a folder of their own; neither lies in the engine's home."""
        return self.settings.keys / "demo" / person

    def _repository(self) -> Path:
        """A bare repository with our hook, and a clone with the sample."""
        shutil.rmtree(self.work, ignore_errors=True)
        bare, clone = self.work / "web-shop.git", self.work / "web-shop"
        _git("init", "-q", "--bare", "-b", "main", str(bare), cwd=Path())
        program = Path(sys.executable).with_name("sluiceway")
        env = {**os.environ, "SLUICEWAY_HOME": str(self.settings.home)}
        subprocess.run([program, "hook", "install", str(bare)], env=env, check=True, stdout=subprocess.DEVNULL)
        _git("clone", "-q", str(bare), str(clone), cwd=Path())
        _git("symbolic-ref", "HEAD", "refs/heads/main", cwd=clone)
        _git("config", "user.name", AUTHOR, cwd=clone)
        _git("config", "user.email", AUTHOR_ADDRESS, cwd=clone)
        return clone

    async def _version(self, connected: Engine, version: Version, clone: Path, load: Load) -> None:
        self.say(f"\nversion {version.number}: {version.story}")
        began = time.monotonic()
        run = self._push(version, clone)
        show, close = watcher(False, run)
        deciding = asyncio.create_task(self._decide(connected, run, version.decisions))
        try:
            view = await follow(self._client.runs, run, show)
        finally:
            close()
            deciding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await deciding
        load.settle()
        seconds = round(time.monotonic() - began, 1)
        self.runs.append(RunRow(version.number, view.row.status, view.row.stopped_by, seconds))
        self._expect(version, view, load)
        self._note_release(run, version, load)
        report = open_listing(self.settings).runs.get(run)
        if report and report["report"]:
            self.reports.append(self._keep_report(version.number, report["report"]))
        else:
            self.wrong.append(f"version {version.number} has no report")

    def _push(self, version: Version, clone: Path) -> str:
        shutil.copytree(
            SAMPLE, clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "environment.yaml")
        )
        (clone / "VERSION").write_text(f"{version.number}\n")
        for file, old, new in version.edits:
            text = (clone / file).read_text()
            assert text.count(old) == 1, f"{file} has changed, and the demo's edit does not fit any more"
            (clone / file).write_text(text.replace(old, new))
        _git("add", "-A", cwd=clone)
        _git("commit", "-q", "-m", f"{version.number}: {version.story}", cwd=clone)
        said = _git("push", "-q", "origin", "HEAD:main", cwd=clone)
        if run := re.search(r"run/[a-z0-9-]+/\d+", said):
            return run[0]
        raise SluicewayError("SLW920", "the push started no run", why=said)

    async def _decide(self, connected: Engine, run: str, decisions: tuple[bool, ...]) -> None:
        """Two approvers: each signs the request with their own key."""
        job = "release-approval"
        if not decisions:
            return
        while job not in await _or_none(approvals.pending(connected, run)):  # noqa: ASYNC110  (another process decides)
            await asyncio.sleep(0.1)
        for approver, approve in zip(APPROVERS, decisions, strict=False):
            for _ in range(100):
                with contextlib.suppress(SluicewayError):
                    decision = await approvals.sign(
                        connected,
                        run,
                        job,
                        approver,
                        approve,
                        "looks good" if approve else "not today",
                        self._keys(approver),
                    )
                    answer = await approvals.decide(connected, run, job, decision)
                    if not answer.counted:
                        self.wrong.append(f"{run}: the decision of {approver} did not count: {answer.rule}")
                    break
                await asyncio.sleep(0.1)

    def _expect(self, version: Version, view: RunDetails, load: Load) -> None:
        name = f"version {version.number}"
        if view.row.status != version.outcome:
            self.wrong.append(f"{name} is {view.row.status} ({view.row.reason}), and {version.outcome} was expected")
        if view.row.stopped_by != version.stopped_by:
            self.wrong.append(
                f"{name} was stopped by {view.row.stopped_by or 'nothing'}, not {version.stopped_by or 'nothing'}"
            )
        answered = load.ask()
        if answered != str(version.live):
            self.wrong.append(f"after {name} the service answers with {answered or 'nothing'}, not {version.live}")

    def _note_release(self, run: str, version: Version, load: Load) -> None:
        """Counts requests from the release's start (for the first one, its end) to a second after its end."""
        for row in open_listing(self.settings).releases.latest(SERVICE):
            if row["run"] != run or row["ended_at"] is None:
                continue
            result = Node(json.loads(row["result"]))
            since = row["started_at"] if result["previous"] else row["ended_at"]
            counts = load.counts(since, row["ended_at"] + 1, str(version.number))
            names = {"canary": "promoted", "blue-green": "switched"}
            verdict = result["verdict"].text("unknown")
            verdict = names.get(version.strategy, verdict) if verdict == "live" else verdict
            self.releases.append(
                ReleaseRow(
                    version=version.number,
                    strategy=version.strategy,
                    verdict=verdict,
                    requests=counts.requests,
                    failed_requests=counts.failed,
                    seconds=result["seconds"].number(),
                )
            )
            self._judge_release(version, result, verdict, counts)

    def _judge_release(self, version: Version, result: Node, verdict: str, counts: Counts) -> None:
        name = f"the release of version {version.number}"
        if verdict != version.verdict:
            self.wrong.append(f"{name} is {verdict}, and {version.verdict} was expected")
        if version.number < JUDGED_FROM:
            return
        for event in result["story"]:
            if event["why"]:
                out(line(event["at"].number(), told(event["what"].text(), event["why"].text())))
        lost = counts.failed - counts.injected
        self.lost_in_switch += lost
        out(f"  {counts.requests} requests, {counts.injected} faults by the version itself, {lost} lost")
        if lost:
            self.wrong.append(f"{name} lost {lost} requests")
        if version.proven and not result["proven"]:
            self.wrong.append(f"{name} was not shown to be safe at every step")

    def _keep_report(self, number: int, digest: str) -> str:
        target = self.settings.home / "reports" / f"web-shop-version-{number}.html"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(self.settings.store / digest[:2] / digest[2:], target)
        return str(target)

    def _finish(self, addresses: EngineAddresses, load: Load) -> None:
        whole = load.counts(self.judged_since, time.time(), str(JUDGED_FROM + 1))
        lost = whole.failed - whole.injected
        if lost != self.lost_in_switch:
            self.wrong.append(f"{lost - self.lost_in_switch} requests were lost between the releases")
        self.lost_in_switch = lost
        kept = {
            "ok": not self.wrong,
            "runs": [asdict(row) for row in self.runs],
            "releases": [asdict(row) for row in self.releases],
            "lost_in_switch": self.lost_in_switch,
            "console": addresses.get("server", ""),
            "waiting": self.waiting,
            "temporal_ui": addresses["temporal_ui"],
            "reports": self.reports,
        }
        (self.settings.home / "demo.json").write_text(json.dumps(kept, indent=2) + "\n")
        summary.table(self.runs, self.releases)
        out("")
        out(f"under load   {whole.requests} requests, {self.lost_in_switch} lost in any shift or switch")
        out("")
        if self.reports:
            out(f"reports      {self.reports[0].rsplit('/', 1)[0]}/")
        out(f"Temporal UI  {addresses['temporal_ui']}")
        out(f"service      http://{SERVICE}.localhost:{addresses['router_port']}")
        if self.link:
            out(f"console      {self.link}")
            out(f"             {self.waiting} waits there for you to approve or reject")
        for problem in self.wrong:
            out(styled(f"wrong: {problem}", "red"))
        out("all as expected" if not self.wrong else f"{len(self.wrong)} expectations did not hold")


async def _or_none(call: Awaitable[list[str]]) -> list[str]:
    try:
        return await call
    except SluicewayError:
        return []


def _git(*arguments: str, cwd: Path) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SluicewayError("SLW813", f"git {arguments[0]} failed", why=done.stderr.strip())
    return done.stdout + done.stderr
