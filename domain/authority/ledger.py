"""What the signer remembers, rebuilt from its log: plans, runs, decisions, verdicts, and what it has permitted."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from domain.access.merkle import EMPTY
from domain.approvals.request import ChangeAuthors, ChangeRef, Decision
from domain.approvals.untrusted import as_decision
from domain.authority.cluster_orders import ClusterLedger, order_of
from domain.authority.evidence import Verdict
from domain.authority.moves import Moves
from domain.authority.registrations import By, Register, by_of, registration_of
from domain.core.documents import Node, Object

MAX_ATTEMPTS = 100
REMEMBERED_RUNS = 100_000
"""Older runs are forgotten: nothing of them starts any more without a new attempt, which is a new run."""


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """A plan that was read for a run, and for whom."""

    pipeline: str
    plan: str
    commit: str = ""
    """The event's."""
    repo: str = ""
    source_repo: str = ""
    source_commit: str = ""
    people: ChangeAuthors = ChangeAuthors()
    delivery: str = ""
    run: str = ""
    earlier: str = ""
    inherited: bool = False
    """It was under way when the engine got its signer."""
    fork: bool = False
    """Its commit comes from another repository, or from a branch of a stranger."""
    event: str = ""
    """Kind of the event; empty: planned before the signer was told."""
    branch: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Deployed:
    """A deployment that was permitted."""

    digest: str
    run: str
    job: str


@dataclass
class Ledger:
    """Everything by its name. `apply` is all that changes it."""

    waiting: list[PlannedRun] = field(default_factory=list)
    """Plans that no run has begun with yet."""
    deliveries: set[str] = field(default_factory=set)
    runs: dict[str, PlannedRun] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    """Runs that start nothing any more."""
    past: dict[str, PlannedRun] = field(default_factory=dict)
    """Runs from before the signer that have released something."""
    decisions: dict[str, list[Decision]] = field(default_factory=dict)
    claimed: dict[str, list[Decision]] = field(default_factory=dict)
    """Unsigned decisions by the workflow id of the approval that looked at them."""
    rules: dict[str, Object] = field(default_factory=dict)
    """Digest to the rule of an environment, as it was when somebody decided under it."""
    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    deployed: dict[str, Deployed] = field(default_factory=dict)
    """`ENVIRONMENT/SERVICE/INSTANCE` to what was permitted under that name; in one of several clusters
    `ENVIRONMENT@CLUSTER/SERVICE/INSTANCE`."""
    releases: dict[tuple[str, str, int, str], str] = field(default_factory=dict)
    """Run, job, attempt and cluster to the instance that they have released."""
    was_live: set[tuple[str, str]] = field(default_factory=set)
    """`ENVIRONMENT/SERVICE` and digest of what has had all the traffic."""
    moves: Moves = field(default_factory=Moves)
    """Where each service's traffic was permitted to be, last."""
    live: set[str] = field(default_factory=set)
    """`ENVIRONMENT/SERVICE` of which some version has been live."""
    inherited: dict[str, str] = field(default_factory=dict)
    """`ENVIRONMENT/SERVICE/INSTANCE` from before the signer, to its run."""
    signed: set[str] = field(default_factory=set)
    """Signatures of the decisions that are known."""
    clusters: ClusterLedger = field(default_factory=ClusterLedger)
    checkpoint: tuple[int, bytes] = (0, EMPTY)
    """Size and root of the audit as they were signed last."""
    knows_clusters: bool = False
    """The clusters from before the signer was asked about any are listed."""
    register: Register = field(default_factory=Register)
    """People, their keys, and the rules of environments."""
    knows_people: bool = False
    """Those from before the signer remembered them are listed."""
    knows_policies: bool = False
    """So are the policies of pushes."""
    knows_rights: bool = False
    """So are grants, labels, projects and sets of policies."""

    def apply(self, kind: str, body: Object, at: int = 0) -> None:
        """Remembers one entry of the log, made `at` seconds since the epoch; those that only tell change nothing."""
        said = Node(body)
        match kind:
            case "plan":
                self._plan(said)
            case "begin":
                self._begin(said["run"].text(), said["plan"].text(), said["delivery"].text(), said["earlier"].text())
            case "end":
                self.ended.add(said["run"].text())
            case "decision":
                decision = as_decision(body)
                self.decisions.setdefault(decision.binding.workflow_id, []).append(decision)
                self.signed.add(decision.signature)
                if said["rule_then"]:
                    self.rules[decision.binding.rule] = said["rule_then"].object()
            case "claimed":
                decision = as_decision(body)
                self.claimed.setdefault(decision.binding.workflow_id, []).append(decision)
            case "verdict":
                verdict = Verdict(said["passed"].value is True, said["commit"].text())
                self.verdicts[(said["run"].text(), said["job"].text())] = verdict
            case "permit" if said["effect"].text() == "deploy":
                self._deployed(said)
            case "permit" if said["effect"].text() == "cluster":
                action, digest, basis = (said[name].text() for name in ("action", "digest", "basis"))
                self.clusters.permitted(said["subject"].text(), action, digest, basis, at, said["run"].text())
            case "order":
                self.clusters.ordered(order_of(body), at)
            case "checkpoint":
                self.checkpoint = (said["size"].whole(), base64.b64decode(said["root"].text()))
            case "registration":
                self.register.apply(registration_of(body), by_of(said["by"]))
            case "upgrade":
                self._upgrade(said)

    def _plan(self, said: Node) -> None:
        made = planned_run(said)
        self.waiting = [one for one in self.waiting if not made.run or one.run != made.run]
        self.waiting.append(made)
        self.deliveries.add(made.delivery)

    def _begin(self, run: str, plan: str, delivery: str, earlier: str) -> None:
        for at, one in enumerate(self.waiting):
            if one.plan == plan and one.delivery == delivery and one.run in ("", run):
                del self.waiting[at]
                self.runs[run] = replace(one, run=run, earlier=earlier)
                break
        while len(self.runs) > REMEMBERED_RUNS:
            gone = next(iter(self.runs))
            del self.runs[gone]
            self.ended.discard(gone)

    def _deployed(self, said: Node) -> None:
        subject, digest = said["subject"].text(), said["digest"].text()
        run, job = said["run"].text(), said["job"].text()
        self.moves.apply(said)
        self.deployed.setdefault(subject, Deployed(digest, run, job))
        if said["basis"].text() != "remembered":
            cluster = subject.partition("/")[0].partition("@")[2]
            self.releases.setdefault((run, job, said["attempt"].whole(1), cluster), subject)
        if said["action"].text() == "route":
            here = subject.rpartition("/")[0]
            self.was_live.add((here, digest))
            self.live.add(here)

    def _upgrade(self, said: Node) -> None:
        self.knows_people |= "registrations" in said.object()
        self.knows_policies |= "policies" in said.object()
        self.knows_rights |= "rights" in said.object()
        for one in (*said["registrations"], *said["policies"], *said["rights"]):
            self.register.apply(registration_of(one.object()), By())
        if "clusters" in said.object():
            self.knows_clusters = True
            self.clusters.inherited |= set(said["clusters"].texts())
        for one in said["runs"]:
            made = replace(planned_run(one), inherited=True)
            self.runs[made.run] = made
        for one in said["past"]:
            made = planned_run(one)
            self.past[made.run] = made
        for name, run in said["deployed"].fields():
            self.inherited[name] = run.text()

    def find(self, run: str, pipeline: str, plan: str, commit: str) -> PlannedRun | None:
        """The plan that was read for a run that begins; None: none was."""
        for one in self.waiting:
            if (one.pipeline, one.plan, one.commit) == (pipeline, plan, commit) and one.run in ("", run):
                return one
        return None

    def attempts(self, run: str) -> list[PlannedRun]:
        """A run, and the attempts before it, the latest first."""
        found: list[PlannedRun] = []
        while run in self.runs and all(one.run != run for one in found):
            found.append(self.runs[run])
            run = found[-1].earlier
        return found

    def has_been_live(self, here: str) -> bool:
        """Whether any version of `ENVIRONMENT/SERVICE` has had all the traffic, or is from before the signer."""
        return here in self.live or any(name.startswith(f"{here}/") for name in self.inherited)

    def verdict(self, run: str, job: str) -> Verdict | None:
        """The last one of a gate; None: it has not judged."""
        return self.verdicts.get((run, job))

    def decided(self, approval: str) -> Sequence[Decision]:
        """Decisions for an approval, and for those of the job's further attempts, in the order of their arrival."""
        return [one for name in _attempts(approval) for one in self.decisions.get(name, ())]

    def claims(self, approval: str) -> Sequence[Decision]:
        """Unsigned ones, in the same way."""
        return [one for name in _attempts(approval) for one in self.claimed.get(name, ())]


def _attempts(approval: str) -> list[str]:
    return [approval, *(f"{approval}/{attempt}" for attempt in range(2, MAX_ATTEMPTS + 1))]


def planned_run(said: Node) -> PlannedRun:
    """A plan as an entry of the log has it."""
    return PlannedRun(
        pipeline=said["pipeline"].text(),
        plan=said["plan"].text(),
        commit=said["commit"].text(),
        repo=said["repo"].text(),
        source_repo=said["source_repo"].text(),
        source_commit=said["source_commit"].text(),
        people=_people(said["people"]),
        delivery=said["delivery"].text(),
        run=said["run"].text(),
        earlier=said["earlier"].text(),
        inherited=said["inherited"].value is True,
        fork=said["fork"].value is True,
        event=said["event"].text(),
        branch=said["branch"].text(),
        tag=said["tag"].text(),
    )


def _people(said: Node) -> ChangeAuthors:
    """Who is said to have made it, and where the commits are that show it."""
    where = said["change"]
    change = ChangeRef(**{one.name: where[one.name].text() for one in fields(ChangeRef)}) if where else None
    return ChangeAuthors(
        author=said["author"].text(),
        committer=said["committer"].text(),
        starter=said["starter"].text(),
        starter_from=said["starter_from"].text(),
        change=change,
        asked=said["asked"].value is True,
        authors=tuple(said["authors"].texts()),
        committers=tuple(said["committers"].texts()),
        unknown=said["unknown"].text(),
    )
