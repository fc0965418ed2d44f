"""What can be asked for: every action that the server, the console or an effect performs has its name here."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """`KIND:VERB`, as policies, grants and the audit write it."""

    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"
    RUNS_CANCEL = "runs:cancel"
    RUNS_RERUN = "runs:rerun"
    LOGS_READ = "logs:read"
    FINDINGS_READ = "findings:read"
    FINDINGS_TRIAGE = "findings:triage"
    DEFINITIONS_READ = "definitions:read"
    DEFINITIONS_APPLY = "definitions:apply"
    APPROVALS_READ = "approvals:read"
    APPROVALS_DECIDE = "approvals:decide"
    RELEASES_READ = "releases:read"
    RELEASES_PAUSE = "releases:pause"
    RELEASES_RESUME = "releases:resume"
    RELEASES_PROMOTE = "releases:promote"
    RELEASES_OVERRIDE = "releases:override"
    """Asks that a release may pass its windows; whoever may approve decides."""
    RELEASES_ABORT = "releases:abort"
    RELEASES_ROLLBACK = "releases:rollback"
    ENVIRONMENTS_READ = "environments:read"
    ENVIRONMENTS_APPLY = "environments:apply"
    QUEUES_READ = "queues:read"
    SECRETS_READ = "secrets:read"
    """Of references and rules; no action reads a value but `effect:secret`."""
    SECRETS_WRITE = "secrets:write"
    CLUSTERS_READ = "clusters:read"
    CLUSTERS_REQUEST = "clusters:request"
    """Asks for quotas, limits and network exceptions of a namespace; whoever may approve decides."""
    CLUSTERS_CHANGE = "clusters:change"
    CLUSTERS_DELETE = "clusters:delete"
    """A cluster as a whole, or what a volume in it holds."""
    CLUSTERS_EXEC = "clusters:exec"
    CLUSTERS_REPORT = "clusters:report"
    """Tells what is in a cluster that dials out: of the worker in it, by a token of this cluster."""
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    KEYS_ENROL = "keys:enrol"
    TOKENS_CREATE = "tokens:create"
    ACCESS_READ = "access:read"
    ACCESS_GRANT = "access:grant"
    ACCESS_SHARE = "access:share"
    ACCESS_LABEL = "access:label"
    ACCESS_POLICY = "access:policy"
    AUDIT_READ = "audit:read"
    AUDIT_EXPORT = "audit:export"
    TEMPORAL_READ = "temporal:read"
    EFFECT_EXECUTE = "effect:execute"
    EFFECT_DEPLOY = "effect:deploy"
    EFFECT_SECRET = "effect:secret"
    EFFECT_PUBLISH = "effect:publish"
    EFFECT_CLUSTER = "effect:cluster"

    @property
    def kind(self) -> str:
        """The part before the colon."""
        return self.partition(":")[0]


READS = frozenset(one for one in Action if one.endswith(":read"))
"""Change nothing."""
DANGEROUS = frozenset(
    {
        *(Action.PEOPLE_WRITE, Action.KEYS_ENROL, Action.TOKENS_CREATE, Action.SECRETS_WRITE),
        *(Action.ACCESS_GRANT, Action.ACCESS_LABEL, Action.ACCESS_POLICY, Action.ENVIRONMENTS_APPLY),
        *(Action.CLUSTERS_EXEC, Action.CLUSTERS_DELETE, Action.AUDIT_EXPORT),
    }
)
"""Ask a person for a second factor of the last minutes (step-up)."""
EFFECTS = frozenset(one for one in Action if one.kind == "effect")
"""Asked again by the activity, at the moment of the effect."""
WRITES = frozenset({Action.EFFECT_DEPLOY, Action.EFFECT_PUBLISH, Action.EFFECT_CLUSTER})
"""Effects that carry what a run holds to somewhere else."""
