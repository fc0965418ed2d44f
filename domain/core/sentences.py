"""The engine's own sentences, as they are recorded: in English, with what they name in it.

Records and histories keep the sentence itself. Whoever shows it in another language finds here which one it is, and
what it names; a sentence that is not listed stays as it is. `tests/domain/core/test_sentences.py` compares the list
with the code that says them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from domain.core.fleet_sentences import FLEET
from domain.core.request_sentences import REQUESTS

SENTENCES: tuple[str, ...] = (
    # why something is allowed or not (domain/access/decide.py)
    "the owner of a home may do everything in it",
    "only the owner of this home may do this",
    "it is labelled above your clearance",
    "what the run holds is labelled above where it would go",
    "the secret is labelled above the run",
    "the run comes from a fork or from a stranger",
    "nobody sets their own label",
    "labels are kept by security administrators alone",
    "you are not logged in",
    "the token was not made for this",
    "nobody gives rights to themselves or to a group of their own",
    "the role security-admin is given by security administrators alone",
    "your last second factor is more than five minutes ago, or there was none",
    "nothing permits it",
    "this policy could not be evaluated, and what cannot be evaluated is refused",
    "%(who)s has the role %(role)s on %(what)s",
    "it is yours",
    "whoever is logged in may check a text",
    "a registered repository runs its own pipelines",
    "the policy %(rule)s permits it",
    "the policy %(rule)s forbids it",
    "the role %(role)s on %(what)s",
    "that %(rule)s no longer forbids it",
    "that %(rule)s no longer forbids it (%(reason)s)",
    "a policy %(rule)s that can be evaluated",
    # queues (domain/queues, workflows/queues)
    "a slot in %(group)s",
    "a slot in %(group)s: %(reason)s",
    "no slot in %(group)s: %(reason)s",
    "the slot is held by %(who)s, and the group does not queue",
    "all %(count)s slots are held by %(who)s, and the group does not queue",
    "the queue is full: %(count)s are waiting",
    "superseded by %(who)s",
    "place %(place)s of %(count)s",
    "place %(place)s of %(count)s, %(about)s",
    "waits for earlier jobs",
    "waits for %(wanted)s %(unit)s; %(free)s of %(all)s are free",
    "it requests %(wanted)s %(unit)s, but the worker has %(all)s",
    # runs and jobs (workflows/runs, domain/jobs)
    "the run was refused before its start",
    "the run was refused a slot in its group",
    "the run was cancelled",
    "the run was cancelled before its start",
    "cancelled manually",
    "stopped because another job failed",
    "all jobs passed or were skipped",
    "1 step passed",
    "%(count)s steps passed",
    "%(count)s passed, %(percent)s % covered",
    "no findings (%(tools)s)",
    "no blocking findings, %(count)s counted",
    "no worker took it within %(seconds)s s",
    "the worker was lost (%(how)s)",
    "for-each needs a list, but %(name)s is %(kind)s",
    "for-each has %(count)s items, and at most %(most)s are allowed",
    "%(name)s is empty",
    "expression %(what)s",
    "a job that is %(status)s is not retried",
    "attempt %(attempt)s of %(count)s was the last",
    "attempt %(attempt)s of %(count)s failed: %(reason)s",
    "no test report matches %(pattern)s",
    "the test reports contain no tests",
    "%(failed)s of %(count)s tests failed: %(names)s",
    "no coverage report matches %(pattern)s",
    "line coverage is %(percent)s %, below the required %(least)s %",
    "branch coverage is %(percent)s %, below the required %(least)s %",
    "no branches are reported, and %(least)s % of them are required to be covered",
    # approvals (domain/approvals, workflows/approvals)
    "approval of %(what)s",
    "approval %(what)s",
    "approved by %(who)s",
    "approved by %(who)s in %(run)s, for exactly the same subject",
    "rejected by %(who)s",
    "rejected by %(who)s: %(comment)s",
    "waiting for people",
    "no such identity is registered",
    "this approver has already decided",
    "the approver is none of those who may decide",
    "the author of the change may not decide",
    "the committer of the change may not decide",
    "who started the run may not decide",
    "your key is not confirmed yet: ask another administrator, or on the host `sluiceway people confirm NAME`",
    "the owner of a home has no key: sign with `sluiceway approve --as NAME`",
    "only a person with a key decides",
    "expired: %(what)s was still missing",
    "expired: %(what)s were still missing",
    "waiting for %(what)s",
    # what an environment demands (domain/approvals/explained)
    "a pipeline may demand more, never less",
    "nothing is deployed to it or approved for it",
    "a deployment needs %(asked)s, granted earlier in the same run",
    "a deployment needs %(count)s approvals, granted earlier in the same run",
    "a deployment needs 1 approval, granted earlier in the same run",
    "a deployment needs no approval",
    "its rules name nobody, and no quorum",
    "approvals: %(who)s may decide",
    "approvals: group %(name)s may decide",
    "approvals: whoever the pipeline names may decide",
    "authors may decide where the pipeline allows it too",
    "committers may decide where the pipeline allows it too",
    "the starter may decide where the pipeline allows it too",
    "authors of a change may not decide, whatever the pipeline says",
    "committers of a change may not decide, whatever the pipeline says",
    "the starter of a change may not decide, whatever the pipeline says",
    "four eyes",
    "unsigned decisions count, under the name that they claim",
    "only signed decisions count",
    "keys that are stored in a browser count too",
    "first keys count without a second person's confirmation",
    "a key counts once somebody else has confirmed it",
    "the environment says `%(what)s`",
    "an approval is open for at most %(time)s",
    # releases (workflows/releases)
    "artifact %(name)s does not exist in this run",
    "release of %(service)s %(version)s to %(environment)s",
    "lock of %(environment)s",
    "version %(version)s is live",
    "version %(version)s is live by evidence at every step",
    "%(reason)s; version %(version)s is live again",
    "%(reason)s; there is no previous version to roll back to",
    "%(reason)s; the rollback failed at '%(step)s': %(why)s",
    "keep %(version)s on standby for %(seconds)s s",
    "watch %(version)s at %(percent)s %",
    "hold at %(percent)s %",
    "its windows are open",
    "goes on",
    "pass what holds it (%(what)s): %(comment)s",
    "no reason was given",
    "window: %(why)s",
    "back at %(percent)s %",
    "promoted manually",
    "rolled back manually",
    "manual %(verb)s",
    "not at full traffic after %(seconds)s s",
    "%(what)s is held at %(percent)s %: %(reason)s; promote or abort it, or wait for traffic",
    "the new version is worse: %(evidence)s",
    # whether something fits into a namespace (domain/inventory/room)
    "would exceed %(resource)s of quota %(name)s: %(used)s of %(hard)s used, %(left)s left, %(asked)s asked",
    "would exceed %(resource)s of quota %(name)s: %(used)s of %(hard)s used, %(reserved)s reserved, "
    "%(left)s left, %(asked)s asked",
    "quota %(name)s counts %(resource)s, and each pod has to name it",
    "%(resource)s of a %(kind)s is at most %(most)s by limits %(name)s: %(asked)s asked",
    "%(resource)s of a %(kind)s is at least %(least)s by limits %(name)s: %(asked)s asked",
    "its nodes have room for %(count)s of %(each)s, %(asked)s asked",
    "no node has room for a pod of %(each)s: %(node)s has most left, %(left)s",
    "no node takes pods",
    "quota %(name)s counts only some pods and was not looked at",
    "what its nodes have left is not known",
    # what a pod can be made of (domain/pods/form), and what a plan finds (workers/client/on_engine/pods/pod_plans)
    "it has %(count)s characters, and a pod's name here has at most %(most)s",
    "a pod has 1 to %(most)s seconds",
    "this is no name of an image",
    "an image is needed",
    "%(port)s is no port: they are 1 to %(most)s",
    "a limit is 0 to %(most)s cores; 0 is none",
    "a limit is 0 to %(most)s MB; 0 is none",
    "these are %(count)s, and at most %(most)s can be",
    "'%(name)s' is no name of a variable",
    "%(name)s has a value already",
    "'%(name)s' is no name of a secret: %(reason)s",
    "'%(path)s' is no path below /etc/sluiceway",
    "all files together have at most %(most)s bytes",
    "a name holds lower-case letters, digits and -, and begins and ends with a letter or digit",
    "a name is needed",
    "this is not a Pod manifest",
    "write apiVersion: v1 and kind: Pod",
    "a pod needs at least one container",
    "%(field)s takes the pod out of its isolation",
    "hostPath reads and writes files of the node",
    "the pod gets a token for the API server",
    "write automountServiceAccountToken: false where the pod does not ask the API server",
    "the container has no %(field)s",
    "nobody knows which version this image is",
    "write a tag or a digest",
    "a privileged container may do all that its node may",
    "without limits it may take all of its node",
    "write resources.limits",
    "pod %(name)s runs already by this very request: starting it again finds it",
    "pod %(name)s is there already, and Sluiceway runs it",
    "pod %(name)s is there already, and Sluiceway did not create it",
    "restarted: %(reason)s",
    # volumes (domain/volumes)
    "its volume %(volume)s is deleted too",
    "its volume %(volume)s is kept as Released, with its data",
    "its volume %(volume)s is emptied and available again",
    "its claim %(claim)s is gone",
    "its claim %(claim)s does not exist",
    "no pod uses it",
    "its volume is gone",
    # what a probe of a network found (domain/clusters/network_probe)
    "pods of the namespace cannot reach each other: %(who)s does not work, or a policy denies it",
    "no policy isolates it: pods of other namespaces can reach its pods",
    "a pod of another namespace gets in despite its policies: not enforced by %(who)s",
    "a pod of another namespace is blocked by %(who)s, one of the same namespace is not",
    # what a job, a gate or a policy says
    "%(where)s: %(reason)s",
    # what is in the clusters (domain/inventory), and what is asked of them (domain/clusters/requests)
    *FLEET,
    *REQUESTS,
)
"""`%(name)s` stands for what is named; it is no sentence itself, but for `reason`, which may be one."""
NESTED = "reason"
FREE = frozenset({NESTED, "comment", "evidence", "why"})
"""Fields that may hold `; `: between others it separates two sentences."""
MOST_CHARACTERS, MOST_DEPTH, MOST_PARTS = 2_000, 3, 20
BEGINNING = 4
"""Characters of a text that say which sentences it may be: a page has hundreds of texts."""
_FIELD = re.compile(r"%\((\w+)\)s")


def translated(text: str, translate: Callable[[str], str], depth: int = MOST_DEPTH) -> str:
    """A sentence of the engine in another language; any other text as it is.

    Args:
        text: as it was recorded; anything.
        translate: the other language's text for one of `SENTENCES`, with the same fields.
        depth: how many sentences inside of sentences are looked for.
    """
    if depth == 0 or len(text) > MOST_CHARACTERS:
        return text
    for sentence, said in _by_beginning().get(text[:BEGINNING], _open()):
        if (fields := _fields(said, text)) is not None:
            if NESTED in fields:
                fields[NESTED] = translated(fields[NESTED], translate, depth - 1)
            return _filled(translate(sentence), fields)
    parts = text.split("; ")
    several = 1 < len(parts) <= MOST_PARTS
    return "; ".join(translated(one, translate, depth - 1) for one in parts) if several else text


@cache
def _by_beginning() -> Mapping[str, tuple[tuple[str, Sequence[str]], ...]]:
    """Those that a text may be by its first characters; of any other beginning it may be `_open`."""
    beginnings = {said[0][:BEGINNING] for _, said in _by_length() if len(said[0]) >= BEGINNING}
    ordered: dict[str, list[tuple[str, Sequence[str]]]] = {one: [] for one in beginnings}
    for sentence, said in _by_length():
        short = len(said[0]) < BEGINNING
        for one in beginnings if short else (said[0][:BEGINNING],):
            ordered[one].append((sentence, said))
    return {one: tuple(of) for one, of in ordered.items()}


@cache
def _open() -> tuple[tuple[str, Sequence[str]], ...]:
    """Those that begin with a field, or with next to nothing."""
    return tuple((sentence, said) for sentence, said in _by_length() if len(said[0]) < BEGINNING)


@cache
def _by_length() -> tuple[tuple[str, Sequence[str]], ...]:
    """Those that add to another sentence first, since that may end in anything; then those that say the most: they are
    the least likely to be another one's beginning. Each with its parts: what it says, the name of a field, what it says
    then, and so on.
    """
    ordered = sorted(SENTENCES, key=lambda one: (not one.startswith(f"%({NESTED})s; "), -len(_FIELD.sub("", one))))
    return tuple((one, tuple(_FIELD.split(one))) for one in ordered)


def _filled(sentence: str, fields: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda found: fields.get(found[1], ""), sentence)


def _fields(sentence: Sequence[str], text: str) -> dict[str, str] | None:
    """What the text names, where it is the sentence of these parts. In one pass: the text may be anybody's."""
    first, *rest = sentence
    if not text.startswith(first):
        return None
    if not rest:
        return {} if text == first else None
    if not text.endswith(rest[-1]):
        return None
    found, at = dict[str, str](), len(first)
    for index, (name, literal) in enumerate(zip(rest[::2], rest[1::2], strict=True)):
        is_last = index == len(rest) // 2 - 1
        end = len(text) - len(literal) if is_last else text.find(literal, at + 1)
        if end <= at or not text.startswith(literal, end) or (name not in FREE and "; " in text[at:end]):
            return None
        found[name], at = text[at:end], end + len(literal)
    return found
