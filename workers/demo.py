"""The main job, unattended: six versions of a sample service are pushed, and what happens to each is checked."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from activities import identity
from activities.records import Records
from domain.errors import SluicewayError
from pipeline_defs import model
from pipeline_defs.lint import lint
from workers import engine, temporal
from workers.client import Engine
from workers.live import follow, watcher
from workers.settings import Settings
from workflows.messages import RunView

SAMPLE = Path(__file__).parent.parent / "pipeline_defs" / "examples" / "web-shop"
APPROVERS = ("first-approver", "second-approver")
SERVICE, ENVIRONMENT = "web-shop", "production"

Edit = tuple[str, str, str]
"""File, text, and what takes its place."""

HEALTHY = "return bool(CATALOGUE)"
UNHEALTHY = "return bool(CATALOGUE) and 'WAREHOUSE' in __import__('os').environ"
TAX, WRONG_TAX = "return (cents * (100 + percent) + 50) // 100", "return cents * (100 + percent) // 100"
PRICE = '    if url.path == "/price":'
WEAK = """    if url.path == "/stock":
        import os

        item = parse_qs(url.query).get("item", [""])[0]
        os.system(f"grep {item} stock.txt")
        return 200, {"item": item}
"""


@dataclass(frozen=True)
class Version:
    number: int
    story: str
    edits: tuple[Edit, ...] = ()
    decisions: tuple[bool, ...] = (True, True)
    """What the approvers say, in turn; none when it never gets that far."""
    outcome: str = "passed"
    stopped_by: str = ""
    live: int = 0
    """The version that answers afterwards."""


VERSIONS = (
    Version(1, "the first release", live=1),
    Version(2, "a wrong sum, which a test finds", (("shop/prices.py", TAX, WRONG_TAX),), (), "failed", "test", 1),
    Version(3, "a shell injection", (("shop/web.py", PRICE, WEAK + PRICE),), (), "failed", "gate", 1),
    Version(4, "fine, and rejected", (), (True, False), "refused", "release-approval", 1),
    Version(5, "fine, and approved", live=5),
    Version(
        6,
        "not ready in production",
        (("shop/web.py", HEALTHY, UNHEALTHY),),
        outcome="rolled-back",
        stopped_by="deploy",
        live=5,
    ),
)


@dataclass
class RunRow:
    version: int
    outcome: str
    stopped_by: str
    seconds: float


@dataclass
class Demo:
    settings: Settings
    work: Path
    runs: list[RunRow] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Every expectation that did not hold."""

    def say(self, text: str) -> None:
        click.echo(click.style(text, bold=True))

    async def all(self) -> bool:
        addresses = engine.up(self.settings, path=str(Path(sys.executable).parent))
        self.say(f"the engine is up; Temporal UI: {addresses['temporal_ui']}")
        connected = Engine(await temporal.connect(self.settings.temporal_address()))
        self._people_and_environment()
        clone = self._repository()
        with _Load(int(addresses["router_port"])) as load:
            for version in VERSIONS:
                await self._version(connected, version, clone, load)
        self._finish(addresses)
        return not self.wrong

    def _people_and_environment(self) -> None:
        records = Records(self.settings.records)
        for name in APPROVERS:
            records.add_identity(identity.create(self.settings.identities, name, ("release-managers",), ()))
        file = SAMPLE / "environment.yaml"
        source, problems = lint(file.read_bytes(), str(file), lambda path: None)
        assert source is not None, problems
        assert isinstance(source.document, model.Environment)
        records.define("Environment", source.document.name, source.document.model_dump_json())

    def _repository(self) -> Path:
        """A bare repository with our hook, and a clone with the sample in it."""
        shutil.rmtree(self.work, ignore_errors=True)
        bare, clone = self.work / "web-shop.git", self.work / "web-shop"
        _git("init", "-q", "--bare", "-b", "main", str(bare), cwd=Path())
        program = Path(sys.executable).with_name("sluiceway")
        env = {**os.environ, "SLUICEWAY_HOME": str(self.settings.home)}
        subprocess.run([program, "hook", "install", str(bare)], env=env, check=True, stdout=subprocess.DEVNULL)
        _git("clone", "-q", str(bare), str(clone), cwd=Path())
        _git("symbolic-ref", "HEAD", "refs/heads/main", cwd=clone)
        _git("config", "user.name", "developer", cwd=clone)
        _git("config", "user.email", "developer@example.org", cwd=clone)
        return clone

    async def _version(self, connected: Engine, version: Version, clone: Path, load: _Load) -> None:
        self.say(f"\nversion {version.number}: {version.story}")
        began = time.monotonic()
        run = self._push(version, clone)
        show, close = watcher(False, run)
        deciding = asyncio.create_task(self._decide(connected, run, version.decisions))
        try:
            view = await follow(connected, run, show)
        finally:
            close()
            deciding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await deciding
        load.settle()
        seconds = round(time.monotonic() - began, 1)
        self.runs.append(RunRow(version.number, view.status, view.stopped_by, seconds))
        self._expect(version, view, load)
        self._note_release(run, version, load)
        report = Records(self.settings.records).run(run)
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
        for line in said.splitlines():
            if "run/" in line:
                return line[line.index("run/") :].split()[0]
        raise SluicewayError("SLW920", "the push started no run", why=said)

    async def _decide(self, connected: Engine, run: str, decisions: tuple[bool, ...]) -> None:
        """Two people at their keyboards: each signs what is asked, with a key of their own."""
        job = "release-approval"
        if not decisions:
            return
        while job not in await _or_none(connected.open_approvals(run)):  # noqa: ASYNC110  (another process decides)
            await asyncio.sleep(0.1)
        for approver, approve in zip(APPROVERS, decisions, strict=False):
            for _ in range(100):
                with contextlib.suppress(SluicewayError):
                    decision = await connected.decision(
                        run, job, approver, approve, "looks good" if approve else "not today", self.settings.identities
                    )
                    answer = await connected.decide(run, job, decision)
                    if not answer.counted:
                        self.wrong.append(f"{run}: the decision of {approver} did not count: {answer.rule}")
                    break
                await asyncio.sleep(0.1)

    def _expect(self, version: Version, view: RunView, load: _Load) -> None:
        name = f"version {version.number}"
        if view.status != version.outcome:
            self.wrong.append(f"{name} is {view.status} ({view.reason}), and {version.outcome} was expected")
        if view.stopped_by != version.stopped_by:
            self.wrong.append(
                f"{name} was stopped by {view.stopped_by or 'nothing'}, not {version.stopped_by or 'nothing'}"
            )
        answered = load.ask()
        if answered != str(version.live):
            self.wrong.append(f"after {name} the service answers with {answered or 'nothing'}, not {version.live}")

    def _note_release(self, run: str, version: Version, load: _Load) -> None:
        """Requests count from a release's beginning (the first one's end) to a second after its end."""
        for row in Records(self.settings.records).releases(SERVICE):
            if row["run"] != run:
                continue
            result = json.loads(row["result"])
            since = row["started_at"] if result.get("previous") else row["ended_at"]
            requests, failed = load.counts(since, row["ended_at"] + 1)
            self.releases.append(
                {
                    "version": version.number,
                    "strategy": "recreate",
                    "verdict": result.get("verdict", "unknown"),
                    "requests": requests,
                    "failed_requests": failed,
                    "seconds": result.get("seconds", 0),
                }
            )

    def _keep_report(self, number: int, digest: str) -> str:
        target = self.settings.home / "reports" / f"web-shop-version-{number}.html"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(self.settings.store / digest[:2] / digest[2:], target)
        return str(target)

    def _finish(self, addresses: dict[str, Any]) -> None:
        summary = {
            "ok": not self.wrong,
            "runs": [asdict(row) for row in self.runs],
            "releases": self.releases,
            "temporal_ui": addresses["temporal_ui"],
            "reports": self.reports,
        }
        (self.settings.home / "demo.json").write_text(json.dumps(summary, indent=2) + "\n")
        _table(self.runs, self.releases)
        click.echo(f"\nreports      {self.reports[0].rsplit('/', 1)[0]}/" if self.reports else "")
        click.echo(f"Temporal UI  {addresses['temporal_ui']}")
        click.echo(f"service      http://{SERVICE}.localhost:{addresses['router_port']}")
        for problem in self.wrong:
            click.echo(click.style(f"wrong: {problem}", fg="red"))
        click.echo("all as expected" if not self.wrong else f"{len(self.wrong)} expectations did not hold")


def _table(runs: list[RunRow], releases: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="\nversions", title_justify="left", box=None, header_style="bold dim")
    for heading in ("version", "outcome", "stopped by", "release", "requests", "failed", "seconds"):
        table.add_column(heading)
    by_version = {row["version"]: row for row in releases}
    for run in runs:
        release = by_version.get(run.version, {})
        counts = (str(release.get("requests", "")), str(release.get("failed_requests", "")))
        table.add_row(
            str(run.version), run.outcome, run.stopped_by, release.get("verdict", ""), *counts, f"{run.seconds:.1f}"
        )
    Console().print(table)


async def _or_none(call: Any) -> list[str]:
    try:
        found: list[str] = await call
    except SluicewayError:
        return []
    return found


def _git(*arguments: str, cwd: Path) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SluicewayError("SLW813", f"git {arguments[0]} failed", why=done.stderr.strip())
    return done.stdout + done.stderr


class _Load:
    """A steady client of the service: 40 requests a second through the router, counted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._answers: list[tuple[float, bool]] = []
        """When, in seconds since the epoch, and whether it was answered."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __enter__(self) -> _Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def counts(self, since: float, until: float) -> tuple[int, int]:
        """Requests, and how many of them failed."""
        within = [fine for at, fine in self._answers if since <= at <= until]
        return len(within), within.count(False)

    def ask(self) -> str:
        """The version that answers, or an empty text."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
            connection.request("GET", "/", headers={"Host": f"{SERVICE}.localhost"})
            response = connection.getresponse()
            body = response.read()
            connection.close()
            return str(json.loads(body)["version"]) if response.status == 200 else ""
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return ""

    def settle(self) -> None:
        """A second more of requests, so that each release is seen from both sides."""
        self._stop.wait(1.05)

    def _send(self) -> None:
        while not self._stop.wait(0.025):
            at = time.time()
            self._answers.append((at, bool(self.ask())))
