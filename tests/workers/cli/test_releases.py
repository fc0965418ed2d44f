"""`sluiceway release …` and `judge replay` as a person uses them, on real releases of a real service."""

import io
import json
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from tests.support.command_line import call
from tests.support.environments import registered
from tests.support.lab import Repo, until
from tests.support.programs import need, program
from workers.client.ports.releases import EvidenceRow, ReleaseDetails, ReleaseRow, TickRow
from workers.core.listing import open_listing
from workers.core.settings import load as settings
from workers.demo.load import Load
from workers.views.release_progress import picture

pytestmark = pytest.mark.long

SERVICE = (Path(__file__).parents[2] / "support" / "sample_service.py").read_text()
DEPLOY = """apiVersion: sluiceway/v1
kind: Pipeline
name: {service}
jobs:
  ship:
    environment: {service}
    env: {{FAIL_EVERY: "{fail_every}"}}
    deploy:
      service: {service}
      version: "{version}"
      command: [python3, service.py]
      readiness: {{http: /healthz}}
      strategy: canary
      analysis: {{tick: 0.5, min-dwell: 1s, warm-up: 60s, first-weight: 20, steps: [50], budget: {budget}}}
"""


@dataclass
class Shop:
    """A service of a test's own on the engine of this file."""

    service: str
    repo: Repo
    load: Load
    home: Path
    version: int = 0

    @property
    def release(self) -> str:
        """The one of the version that was pushed last."""
        return f"release/{self.service}/{self.service}/{self.version}"

    @property
    def ticks(self) -> Path:
        return self.home / "releases" / self.service / self.service / f"{self.version}.jsonl"

    def push(self, fail_every: int = 0, budget: float = 0.05, more: str = "") -> str:
        """Another version; returns its run."""
        self.version += 1
        text = DEPLOY.format(service=self.service, version=self.version, fail_every=fail_every, budget=budget) + more
        self.repo.commit({"sluiceway.yaml": text, "service.py": SERVICE})
        registered(self.repo.path)
        code, out, said = call("run", "--detach", "sluiceway.yaml", cwd=self.repo.path)
        assert code == 0, said
        return out.strip()

    async def watched(self) -> None:
        """Until the judge has looked at the release that is under way."""
        await until(lambda: self.ticks.exists() and self.ticks.read_text().count("\n") > 1)

    async def ended(self, run: str) -> str:
        return await until(lambda: _status(self.home, run), 60)


def _status(home: Path, run: str) -> str:
    row = open_listing(settings()).runs.get(run)
    return row["status"] if row and row["ended_at"] else ""


@pytest.fixture
async def shop(up: Path, tmp_path: Path):
    service = f"web-{secrets.token_hex(2)}"
    load = Load(settings().engine()["router_port"], f"{service}.localhost", tmp_path)
    made = Shop(service, Repo.create(tmp_path / "repo", {"x": ""}), load, up)
    run = made.push()
    assert await made.ended(run) == "passed"
    made.load.at(150)
    yield made
    made.load.stop()


@pytest.mark.system
async def test_a_release_is_listed_shown_steered_explained_and_taken_back(shop):
    run = shop.push(budget=0.0001)  # more evidence than the traffic gives: it stays where it is
    await shop.watched()
    watching = subprocess.Popen([program("sluiceway"), "release", "watch"], stdout=subprocess.PIPE, text=True)
    assert call("release", "resume")[0] == 3
    code, out, _ = call("release", "pause", shop.service, "--reason", "lunch")
    assert (code, out) == (0, f"{shop.release}: pause: lunch\n")
    shown = json.loads(call("release", "show", shop.release.removeprefix("release/"), "--json")[1])
    assert (shown["paused"], shown["percent"], shown["row"]["version"]) == (True, 20.0, "2")
    assert "paused" in call("release", "show")[1]
    assert call("release", "resume", shop.service)[0] == 0
    assert call("release", "explain")[0] == 1
    assert call("release", "promote", "--reason", "seen enough")[0] == 0
    assert await shop.ended(run) == "passed"
    out, _ = watching.communicate(timeout=120)
    assert "manual pause: lunch" in out
    assert "version 2 is live" in out
    assert watching.returncode == 0

    listed = json.loads(call("release", "list", shop.service, "--json")[1])
    assert [row["verdict"] for row in listed] == ["live", "live"]
    assert "canary" in call("release", "list")[1]
    story = call("release", "explain", shop.service)[1]
    assert "manual promote: seen enough" in story
    assert "confidence at any time" in story
    assert call("release", "abort", shop.service)[0] == 1

    code, out, _ = call("release", "rollback", shop.service)
    assert code == 0
    assert "version 1 is live" in out
    assert shop.load.ask() == "1"


@pytest.mark.system
async def test_what_a_release_asks_for_between_its_steps_is_answered_by_its_own_name(shop):
    assert call("identity", "add", "ann")[0] == 0
    await _answered(shop, "reject", lambda run: shop.release.removeprefix("release/"), "rolled-back")


@pytest.mark.system
async def test_what_a_release_asks_for_between_its_steps_is_answered_by_its_run(shop):
    assert call("identity", "add", "bob")[0] == 0
    await _answered(shop, "approve", lambda run: run, "passed", "bob")


async def _answered(shop, answer, name_of, ends, who="ann"):
    run = shop.push(more="      approvals: [{before: 50, users: [" + who + "]}]\n")
    await until(lambda: "approval before-50" in call("show", run)[1])
    name = name_of(run)

    assert call(answer, name, "--job", "promotion", "--as", who)[0] != 0
    assert call(answer, name, "--as", who)[1].startswith(f"{shop.release} before-50: ")
    assert await shop.ended(run) == ends
    assert "is not waiting for an approval" in call(answer, shop.release.removeprefix("release/"), "--as", who)[2]


@pytest.mark.system
async def test_the_recorded_ticks_are_judged_the_same_again_and_the_report_shows_them(shop, tmp_path):
    run = shop.push(fail_every=3)
    assert await shop.ended(run) == "rolled-back"
    result = json.loads(open_listing(settings()).releases.latest(shop.service)[0]["result"])
    code, out, _ = call("judge", "replay", str(shop.ticks), "--intervals")
    judged = json.loads(out)

    assert (code, judged["series"], judged["verdict"]) == (0, shop.release, "FAIL")
    assert judged["reason"].split(";")[0] in result["reason"]
    assert judged["evidence"]["errors"]["ratio"][0] > 1

    chromium = need("chromium", "pages are looked at in a real browser")
    page = tmp_path / "report.html"
    assert call("report", run, "-o", str(page))[0] == 0
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={tmp_path}/profile"]
    dom = subprocess.run(
        [chromium, *flags, "--dump-dom", f"file://{page}"], capture_output=True, text=True, timeout=150, check=True
    ).stdout
    assert dom.count("<svg") >= 3
    assert "rolls back" in dom


def line(number: int, errors: int = 0, series: str = "a") -> str:
    arms = {"canary": {"requests": 100, "errors": errors, "slow90": 10, "slow99": 1}}
    arms["stable"] = {"requests": 900, "errors": 1, "slow90": 90, "slow99": 9}
    return json.dumps({"series": series, "tick": number, **arms}) + "\n"


def replay(tmp_path: Path, text: str, *options: str) -> tuple[int, list[dict], str]:
    file = tmp_path / "ticks.jsonl"
    file.write_text(text)
    code, out, said = call("judge", "replay", str(file), *options)
    return code, [json.loads(one) for one in out.splitlines()], said


def test_series_may_be_interleaved_and_a_repeated_tick_counts_once(tmp_path):
    mixed = "".join(line(n) + line(n, 9, "b") + line(n, 90) for n in range(30))
    code, found, _ = replay(tmp_path, mixed)

    assert code == 0
    assert [(one["series"], one["verdict"]) for one in found] == [("a", "PASS"), ("b", "FAIL")]
    assert set(found[0]["evidence"]["errors"]) == {"logE", "threshold", "excess", "canary", "stable"}
    assert found[0]["evidence"]["errors"]["canary"] == {"events": 0, "requests": 3000}


def test_another_policy_may_say_otherwise(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text("budget: 0.1\n")
    text = "".join(line(n) for n in range(2))

    assert replay(tmp_path, text)[1][0]["verdict"] == "INCONCLUSIVE"
    assert replay(tmp_path, text, "--policy", str(policy))[1][0]["verdict"] == "PASS"
    policy.write_text("bugdet: 0.1\n")
    code, found, said = replay(tmp_path, text, "--policy", str(policy))
    assert (code, found) == (2, [])
    assert "did you mean 'budget'" in said


@pytest.mark.parametrize("bad", ["nonsense", "[1]", '{"tick": 1}', line(1).replace("100", "-1").strip(), "\x00"])
def test_a_line_that_is_no_tick_is_named_and_nothing_is_judged(tmp_path, bad):
    code, found, said = replay(tmp_path, line(0) + bad + "\n" + line(2))

    assert (code, found) == (2, [])
    assert "ticks.jsonl:2:" in said


def test_the_live_picture_shows_weight_both_rates_and_evidence_against_its_threshold() -> None:
    row = ReleaseRow(
        id="release/web/production/2", service="web", environment="production", number=2, version="2", strategy="canary"
    )
    counted = {"canary_events": 2, "canary_requests": 200, "stable_events": 1, "stable_requests": 1800}
    view = ReleaseDetails(
        row=row,
        doing="watch",
        previous="1",
        percent=10.0,
        evidence=(EvidenceRow(metric="errors", evidence=2.65, threshold=5.3, **counted),),
        ticks=(TickRow(at=1, percent=10, canary_errors=0.01, canary_slow=0.05),) * 2,
    )
    shown_to = io.StringIO()
    Console(file=shown_to, width=120).print(picture(view))
    shown = shown_to.getvalue()

    assert re.search(r"weight +█+░+ +10 %", shown)
    assert re.search(r"failed 2 +▂▂ +2 of 200 \(1 %\)", shown)
    assert re.search(r"failed 1 .*1 of 1,800", shown)
    assert re.search(r"slow 2 +██", shown)
    assert re.search(r"evidence errors +█{15}░{15} +2\.[67] of 5\.3", shown)
