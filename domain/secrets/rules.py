"""Which run may have a secret. Closed: without a rule that fits in every point, none may.

A pull request gets a secret only by a rule that names this event, and only when its commits stand on a branch of the
repository itself. One from elsewhere gets none, whatever the rules say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.core import globs
from domain.core.patterns import PatternError
from domain.triggers.events import EventKind, EventRef

DEFAULT_EVENTS = (EventKind.PUSH, EventKind.MANUAL)
DEFAULT_BRANCHES = ("main",)


@dataclass(frozen=True, kw_only=True)
class SecretUse:
    """Who asks for a secret, as the engine knows it; nothing of it is taken from the definition but names of jobs and
    environments. Empty: nobody, who gets none.
    """

    run: str = ""
    """Workflow id of the run."""
    pipeline: str = ""
    repo: str = ""
    """Path or URL of the repository of the event."""
    event: EventRef = EventRef(EventKind.PULL_REQUEST)
    job: str = ""
    """The job's name in the definition, without the cell of a matrix."""
    cell: str = ""
    """The job's id: with the cell of a matrix."""
    attempt: int = 1
    environment: str = ""
    approved: bool = False
    """Whether the approval of the job's environment was granted before it."""
    by_hand: bool = False
    """Asked for at the command line, outside of any run: a pod or a cluster; or by a person through a server."""


@dataclass(frozen=True, kw_only=True)
class SecretRule:
    """Who may have one secret. Patterns are globs; a use must fit in every point."""

    secret: str
    pipelines: tuple[str, ...] = ()
    """None: no run may have it."""
    repositories: tuple[str, ...] = ()
    """Paths or URLs. None: no run may have it; a pipeline's name alone could be taken by any repository."""
    events: tuple[str, ...] = DEFAULT_EVENTS
    branches: tuple[str, ...] = DEFAULT_BRANCHES
    tags: tuple[str, ...] = ()
    """Tags that may be pushed; none: no run of a tag may have it."""
    environments: tuple[str, ...] = ()
    """Only jobs for these; none: any job."""
    jobs: tuple[str, ...] = ()
    """Only these; none: any."""
    approval: bool = False
    """Only after the approval of the job's environment."""
    by_hand: bool = False
    """Also for pods and clusters that somebody starts at the command line, or who may through a server."""
    source: str = "secret set"
    """Who made the rule, for people."""

    def text(self) -> str:
        """For people, in one line."""
        if not (self.pipelines and self.repositories):
            return "pods and clusters started by hand" if self.by_hand else "nobody"
        said = [f"pipeline {_any(self.pipelines)} of {_any(self.repositories)}", f"on {_any(self.events)}"]
        said.append(f"of branch {_any(self.branches)}" if self.branches else "of no branch")
        said += [f"and tag {_any(self.tags)}"] if self.tags else []
        said += [f"for environment {_any(self.environments)}"] if self.environments else []
        said += [f"in job {_any(self.jobs)}"] if self.jobs else []
        said += ["after its approval"] if self.approval else []
        said += ["and by hand"] if self.by_hand else []
        return " ".join(said)


def _any(texts: Sequence[str]) -> str:
    return " or ".join(texts)


@dataclass(frozen=True)
class Judgement:
    """Whether a use is allowed, by which rule, or why not."""

    rule: SecretRule | None = None
    reasons: tuple[str, ...] = ()
    """One for each rule of the secret that does not fit."""

    @property
    def allowed(self) -> bool:
        """Whether the run may have it."""
        return self.rule is not None


def judge(secret: str, use: SecretUse, rules: Sequence[SecretRule]) -> Judgement:
    """The first rule that fits; without one, why each does not."""
    if use.event.kind is EventKind.PULL_REQUEST and not use.event.own_branch and not use.by_hand:
        return Judgement(reasons=("a pull request from elsewhere gets no secret",))
    reasons = []
    for rule in rules:
        if rule.secret != secret:
            continue
        why = _refusal(rule, use)
        if not why:
            return Judgement(rule)
        reasons.append(f"{rule.text()} ({rule.source}): {why}")
    return Judgement(reasons=tuple(reasons) or ("no rule names it",))


def _refusal(rule: SecretRule, use: SecretUse) -> str:
    """Why a rule does not let a use have its secret; empty: it does."""
    if use.by_hand:
        return "" if rule.by_hand else "not for what is started by hand"
    event = use.event
    points = (
        ("pipeline", use.pipeline, rule.pipelines),
        ("repository", use.repo, rule.repositories),
        ("event", str(event.kind), rule.events),
        ("tag", event.tag, rule.tags) if event.tag else ("branch", event.branch, rule.branches),
        ("environment", use.environment, rule.environments or ("**",)),
        ("job", use.job, rule.jobs or ("**",)),
    )
    for what, given, allowed in points:
        if not _fits(given, allowed, needed=allowed != ("**",)):
            return f"{what} is {given or 'none'}"
    return "its environment is not approved yet" if rule.approval and not use.approved else ""


def _fits(given: str, allowed: Sequence[str], *, needed: bool) -> bool:
    """A malformed pattern lets nothing in. Patterns that only take back would let everything else in: they do not."""
    if not given:
        return not needed
    try:
        return given in allowed or (any(not one.startswith("!") for one in allowed) and globs.matches(given, allowed))
    except PatternError:
        return False
