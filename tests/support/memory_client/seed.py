"""A world to look at: runs of every status, an approval that waits, a canary under way, names of strangers."""

from __future__ import annotations

from functools import cache

from domain.access.policy_sets import PolicySet, PolicyState
from domain.approvals.request import ApprovalSubject, fingerprint
from domain.core import ids
from tests.support.memory_client.pods import add_pods
from tests.support.memory_client.requests import add_requests
from tests.support.memory_client.seed_fleet import add_fleet
from tests.support.memory_client.seed_networks import add_networks
from tests.support.memory_client.seed_releases import add_releases
from tests.support.memory_client.terminals import add_execs
from tests.support.memory_client.world import NOW, World
from workers.client.ports.access import GrantRow, KeyRow, PersonRow, SessionRow
from workers.client.ports.approvals import ApprovalDetails, ApprovalRow, CommitRow, DecisionRow
from workers.client.ports.audit import AuditRow
from workers.client.ports.findings import FindingRow
from workers.client.ports.policies import LabelRow
from workers.client.ports.runs import JobRow, LogLine, ParamField, PipelineRow, RunDetails, RunRow, WaitRow

HOSTILE = (
    '<script>alert("xss")</script>',
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)//{{7*7}}{% raw %}",
    "가나다 한글 이름 \u202etxt.exe",
    "x" * 300,
    "' or 1=1 --",
    "\x1b[31mred\x1b[0m\r\nSet-Cookie: a=b",
)
PIPELINES = ("web-shop", "billing", "docs-site", "search")
STATUSES = ("passed", "failed", "passed", "cancelled", "refused", "passed", "rolled-back", "expired")
JOBS = (
    ("build", "build", "build", ()),
    ("unit", "test", "test", ("build",)),
    ("scan", "scan", "test", ("build",)),
    ("gate", "gate", "test", ("scan", "unit")),
    ("release-approval", "approval", "release", ("gate",)),
    ("production", "deploy", "release", ("release-approval",)),
)


FREEZE = '@id("pbac/freeze") forbid (principal, action, resource) when { context.weekday >= 5 }; // </pre><script>'


def seeded(runs: int = 30) -> World:
    """The world: `runs` of each pipeline."""
    return _seeded(runs).copied()


@cache
def _seeded(runs: int) -> World:
    world = World()
    for name in PIPELINES:
        world.pipelines[name] = PipelineRow(
            name=name, repository=f"https://git.example/{name}.git", path="sluiceway.yaml"
        )
        for number in range(1, runs + 1):
            _add_run(world, name, number, runs)
    world.params["web-shop"] = (
        ParamField(name="version", kind="text", default="1.0", about='the <b>version</b> "to" release'),
        ParamField(name="replicas", kind="number", default="2", required=True),
        ParamField(name="canary", kind="yes-no", default="true"),
        ParamField(name="region", kind="choice", default="eu", choices=("eu", "us", HOSTILE[1])),
    )
    _add_approval(world, ids.run_id("web-shop", runs))
    _add_findings(world, ids.run_id("web-shop", runs))
    _add_people(world)
    world.labels["pipeline:web-shop"] = LabelRow(subject="pipeline:web-shop", level=2, compartments=("payments",))
    world.policy_sets.append(
        PolicySet(name="change-freeze", version=1, state=PolicyState.SHADOW, text=FREEZE, digest="ab" * 32)
    )
    add_releases(world, ids.run_id("web-shop", runs - 1))
    add_requests(world, HOSTILE)
    add_execs(world)
    add_fleet(world)
    add_networks(world)
    add_pods(world)
    return world


def _add_run(world: World, pipeline: str, number: int, last: int) -> None:
    waits = pipeline == "web-shop" and number == last
    status = "running" if waits else STATUSES[number % len(STATUSES)]
    odd = HOSTILE[number % len(HOSTILE)]
    began = NOW - (last - number) * 3_600 - PIPELINES.index(pipeline) * 60
    row = RunRow(
        id=ids.run_id(pipeline, number),
        pipeline=pipeline,
        number=number,
        attempt=1,
        status=status,
        reason=f"{odd} failed" if status == "failed" else "",
        stopped_by="unit" if status == "failed" else "",
        commit=f"{number:040x}",
        branch="main" if number % 3 else odd,
        event="push" if number % 4 else "manual",
        author=odd if number % 2 else "Ann <ann@example.com>",
        message=f"Change {number}: {odd}",
        started_at=began,
        ended_at=None if waits else began + 300,
    )
    world.runs[row.id] = RunDetails(
        row=row,
        jobs=tuple(_job(row, at, *job) for at, job in enumerate(JOBS)),
        waits=_waits(row) if waits else (),
        has_report=not waits,
        temporal=f"/temporal/namespaces/default/workflows/{row.id.replace('/', '%2F')}",
        can_rerun=not waits,
    )
    if not waits:
        world.reports[row.id] = b"<!doctype html><title>report</title><p>a report</p>"
    _add_logs(world, world.runs[row.id])


def _waits(row: RunRow) -> tuple[WaitRow, ...]:
    approval = ids.approval_id(row.id, "release-approval")
    text = "1 of 2 approvals of release-managers"
    return (WaitRow(job="release-approval", text=text, since=row.started_at + 250, approval=approval),)


def _job(row: RunRow, at: int, id_: str, kind: str, stage: str, needs: tuple[str, ...]) -> JobRow:
    status = "passed"
    if row.status == "running":
        status = "passed" if at < 4 else ("running" if at == 4 else "waiting")
    elif row.status != "passed":
        status = "passed" if at < 1 else (row.status if at == 1 else "skipped")
    began = None if status in ("waiting", "skipped") else row.started_at + at * 40
    return JobRow(
        id=id_,
        kind=kind,
        stage=stage,
        status=status,
        reason=row.reason if status == row.status and at == 1 else "",
        needs=needs,
        started_at=began,
        ended_at=None if began is None or status == "running" else began + 40,
        has_log=kind in ("build", "test", "scan") and began is not None,
        environment="production" if kind == "deploy" else "",
    )


def _add_logs(world: World, run: RunDetails) -> None:
    for job in run.jobs:
        if job.has_log:
            lines = [LogLine(1, run.row.started_at, "step", f"make {job.id}")]
            for number in range(2, 40):
                text = HOSTILE[number % len(HOSTILE)] if number % 5 == 0 else f"line {number} of {job.id}"
                lines.append(LogLine(number, run.row.started_at + number, "err" if number % 7 == 0 else "out", text))
            world.logs[(run.row.id, job.id, job.attempt)] = lines


def _deployment(version: str) -> dict[str, str]:
    named = {"job": "ship", "service": "web-shop", "environment": "production", "strategy": "canary"}
    return {**named, "version": version, "image": "", "content": "e" * 64, "late": ""}


def _add_approval(world: World, run: str) -> None:
    id_ = ids.approval_id(run, "release-approval")
    subject = ApprovalSubject(
        workflow_id=id_,
        nonce="5f0c",
        job="release-approval",
        commit=world.runs[run].row.commit,
        digests=("a" * 64,),
        verdicts=("gate=passed",),
        version=2,
        repository="https://git.example/web-shop.git",
        environment="production",
        rule="b" * 64,
        scope="c" * 64,
    )
    row = ApprovalRow(
        id=id_,
        run=run,
        job="release-approval",
        pipeline="web-shop",
        environment="production",
        waiting_for="1 of 2 approvals of release-managers",
        opened_at=NOW - 900,
        expires_at=NOW + 86_400,
        mine=True,
    )
    world.approvals[id_] = ApprovalDetails(
        row=row,
        subject=subject,
        digest=fingerprint(subject),
        message=HOSTILE[0],
        decisions=(DecisionRow("bob", True, HOSTILE[3], NOW - 600, "counted"),),
        authors=("ann@example.com",),
        commits=tuple(CommitRow(f"{at:040x}", text, f"Change {at}: {text}") for at, text in enumerate(HOSTILE)),
        files=("+3 -1 shop/app.py", f"+1 -0 {HOSTILE[1]}"),
        scope={"deployments": [_deployment("1.4.2"), _deployment(HOSTILE[2])]},
        live={"ship": {"live": "1.4.1", "release": "", "differences": [["version", "1.4.1", HOSTILE[1]]]}},
        evidence=("gate: passed: 0 new findings", HOSTILE[4]),
        rules=("a deployment needs 2 approvals, granted earlier in the same run", "only signed decisions count"),
        temporal=f"/temporal/namespaces/default/workflows/{id_.replace('/', '%2F')}",
    )


def _add_findings(world: World, run: str) -> None:
    rows = [
        FindingRow(
            fingerprint=f"{at:064x}",
            severity=("critical", "high", "medium", "low", "info")[at % 5],
            kind="sast" if at % 2 else "vulnerability",
            rule=f"rule-{at}",
            tool=("semgrep", "trivy", "gitleaks")[at % 3],
            title=HOSTILE[at % len(HOSTILE)],
            path=f"shop/{HOSTILE[(at + 1) % len(HOSTILE)]}",
            line=at,
            state=("new", "existing", "suppressed", "accepted")[at % 4],
            counts=at % 4 < 2,
            pipeline="web-shop",
            job="scan",
            owner="team-shop",
            first_seen=NOW - at * 86_400,
            message=HOSTILE[(at + 2) % len(HOSTILE)],
            fix="upgrade to 2.0",
            repo="https://git.example/web-shop",
            branch="main",
            commit=f"{at:040x}",
            due=NOW + (at - 5) * 86_400 if at % 2 else 0,
            overdue=at in (1, 3),
            file_class=("own", "test", "vendored")[at % 3],
            package="pkg:pypi/shop@1.0" if at % 2 == 0 else "",
        )
        for at in range(60)
    ]
    world.findings[run] = world.findings["web-shop"] = rows


def _add_people(world: World) -> None:
    for name, group in (("ann", "developers"), ("bob", "release-managers"), ("carol", "release-managers")):
        key = KeyRow(id=f"k-{name}", kind="passkey", label=HOSTILE[1], fingerprint="SHA256:abc", created_at=NOW - 9_000)
        world.people[name] = PersonRow(name=name, groups=(group,), addresses=(f"{name}@example.com",), keys=(key,))
        world.sessions[f"s-{name}"] = SessionRow(
            id=f"s-{name}", person=name, address="127.0.0.1", agent=HOSTILE[0], began_at=NOW - 600, seen_at=NOW
        )
    world.grants["g1"] = GrantRow(
        id="g1", kind="role", principal="group:release-managers", role="approver", resource="environment:production"
    )
    for seq in range(40):
        denied = seq % 7 == 0
        world.audit.append(
            AuditRow(
                seq=seq,
                at=NOW - (40 - seq) * 60,
                kind="decision",
                actor="person:ann",
                action="runs:cancel",
                resource="run:run/web-shop/1",
                outcome="denied" if denied else "allowed",
                rule="default/deny" if denied else "grant/g1",
                details={"reason": HOSTILE[seq % len(HOSTILE)]},
            )
        )
