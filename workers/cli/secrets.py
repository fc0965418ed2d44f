"""secret: values that jobs and services get by rule, and the rules."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core import globs, names
from domain.core.errors import DefinitionError, RefusedError
from domain.secrets.reference import named_for
from domain.secrets.rules import DEFAULT_BRANCHES, DEFAULT_EVENTS, SecretRule, SecretUse, judge
from domain.triggers.events import EventKind, EventRef
from workers.cli.common import as_json, print_json
from workers.cli.recorded import recorded
from workers.core.settings import Settings, current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.secrets.rule_file import RuleFile
    from activities.secrets.stores.folder import FolderSecrets

EVENTS = click.Choice([str(one) for one in EventKind])


class Points(TypedDict):
    """The options of a rule."""

    pipelines: tuple[str, ...]
    repositories: tuple[str, ...]
    events: tuple[str, ...]
    branches: tuple[str, ...]
    tags: tuple[str, ...]
    environments: tuple[str, ...]
    jobs: tuple[str, ...]
    approval: bool
    by_hand: bool


@click.group("secret")
def secret() -> None:
    """Keep secrets, and say which runs may have them.

    A definition names a secret; these rules decide who gets its value. Without a rule, nobody does.
    """


@secret.command("set")
@click.argument("name")
@click.option("--pipeline", "pipelines", multiple=True, help="Pipeline that may have it; repeatable.")
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    help="Path or URL of the repository that the pipeline comes from; repeatable.  [default: the current one]",
)
@click.option(
    "--event", "events", multiple=True, type=EVENTS, help=f"[default: {' and '.join(map(str, DEFAULT_EVENTS))}]"
)
@click.option("--branch", "branches", multiple=True, help=f"[default: {' and '.join(DEFAULT_BRANCHES)}]")
@click.option("--tag", "tags", multiple=True, help="Pushed tags.  [default: none]")
@click.option("--environment", "environments", multiple=True, help="Only jobs for it.  [default: any job]")
@click.option("--job", "jobs", multiple=True, help="Only these jobs.  [default: any job]")
@click.option("--after-approval", "approval", is_flag=True, help="Only after the approval of the job's environment.")
@click.option("--by-hand", is_flag=True, help="Also for pods and clusters that are started at the command line.")
@click.option("--rule-only", is_flag=True, help="Change the rule and keep the value, or the value lies elsewhere.")
@recorded(Action.SECRETS_WRITE, ResourceKind.SECRET, "name")
def set_(name: str, rule_only: bool, **points: Unpack[Points]) -> None:
    """Keep the secret NAME, with the rule that says which runs may have it.

    The value comes from standard input, or is asked for without being shown. Without options the rule of before stays.
    """
    _name(name)
    chosen = current()
    rule = _rule(name, points) if any(points.values()) else _known(chosen, name)
    if not rule_only:
        own, value = _own(chosen), _value(name)
    _file(chosen).replace(name, rule)  # first: the new value is never under a wider rule of before
    if not rule_only:
        own.write(name, value)
    out(f"secret {name} is for {rule.text()}")


def _known(chosen: Settings, name: str) -> SecretRule:
    for one in _rules(chosen):
        if one.secret == name:
            return one
    fix = f"sluiceway secret set {name} --pipeline PIPELINE"
    raise DefinitionError("SLW046", f"no rule says who may have {name}", fix=fix)


def _rule(name: str, points: Points) -> SecretRule:
    pipelines, branches, tags = points["pipelines"], points["branches"], points["tags"]
    rule = SecretRule(
        secret=name,
        pipelines=pipelines,
        repositories=tuple(map(_address, points["repositories"])) or (_here() if pipelines else ()),
        events=points["events"] or DEFAULT_EVENTS,
        branches=branches or (() if tags else DEFAULT_BRANCHES),
        tags=tags,
        environments=points["environments"],
        jobs=points["jobs"],
        approval=points["approval"],
        by_hand=points["by_hand"],
    )
    _check(rule)
    return rule


def _name(name: str) -> None:
    if wrong := names.complaint(name):
        fix = f"for the variable {name}, the secret is {named_for(name)}" if names.is_name(named_for(name)) else ""
        raise DefinitionError("SLW205", f"'{name[:100]}' is no name: {wrong}", fix=fix)


def _check(rule: SecretRule) -> None:
    """A rule that lets nobody in is a mistake, and so is a pattern that cannot be one."""
    if not rule.pipelines and not rule.by_hand:
        raise DefinitionError("SLW046", "the rule names no pipeline", fix="--pipeline PIPELINE")
    patterns = (rule.pipelines, rule.repositories, rule.branches, rule.tags, rule.environments, rule.jobs)
    for one in (each for part in patterns for each in part):
        if not one or one.startswith("!") or globs.malformed(one):
            raise DefinitionError("SLW046", f"'{one}' is no pattern that lets something in")
    if rule.approval and not rule.environments:
        raise DefinitionError("SLW046", "--after-approval needs --environment: an approval is for one")


def _address(given: str) -> str:
    """A folder by its full path, as events name it; a URL as it is."""
    from activities.source.git import top_of

    path = Path(given)
    return str(top_of(path.resolve() / "here") or path.resolve()) if path.exists() else given


def _here() -> tuple[str, ...]:
    from activities.source.git import top_of

    found = top_of(Path.cwd() / "here")
    if found is None:
        why = "the current folder is in no repository, and another repository could take the pipeline's name"
        raise DefinitionError("SLW046", "the rule names no repository", why=why, fix="--repository PATH-OR-URL")
    return (str(found),)


def _value(name: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"value of {name}", hide_input=True, confirmation_prompt=True))
    return sys.stdin.read()


def _own(chosen: Settings) -> FolderSecrets:
    from activities.secrets.stores.folder import FolderSecrets

    if chosen.secret_store:
        raise RefusedError(
            "SLW046",
            f"values lie in {chosen.secret_store}, which is not written to from here",
            fix="change it there, and set the rule alone with --rule-only",
        )
    return FolderSecrets(chosen.secrets)


def _file(chosen: Settings) -> RuleFile:
    from workers.worker.local_wiring import secret_rules

    return secret_rules(chosen)


def _rules(chosen: Settings) -> tuple[SecretRule, ...]:
    return _file(chosen).rules()


@secret.command("list")
@as_json
def list_(json_: bool) -> None:
    """List the secrets and who may have them. Never a value."""
    chosen = current()
    rules = _rules(chosen)
    kept = _own(chosen).names() if not chosen.secret_store else []
    if json_:
        print_json({"kept": kept, "rules": [asdict(one) for one in rules]})
        return
    for name in sorted({*kept, *(one.secret for one in rules)}):
        mine = [one for one in rules if one.secret == name]
        lost = "" if chosen.secret_store or name in kept else "; it has no value"
        out(f"{name:<24} {'; '.join(one.text() for one in mine) or 'nobody'}{lost}")


@secret.command("remove")
@click.argument("name")
@recorded(Action.SECRETS_WRITE, ResourceKind.SECRET, "name")
def remove(name: str) -> None:
    """Remove the secret NAME and its rule. What runs keeps what it has."""
    _name(name)
    chosen = current()
    if not chosen.secret_store:
        _own(chosen).remove(name)
    _file(chosen).replace(name, None)
    out(f"secret {name} removed")


@secret.command("explain")
@click.argument("name")
@click.argument("pipeline")
@click.option("--repository", default=".", help="Path or URL of its repository.  [default: the current folder]")
@click.option("--event", type=EVENTS, default=str(EventKind.PUSH), show_default=True)
@click.option("--branch", default=DEFAULT_BRANCHES[0], show_default=True)
@click.option("--tag", default="")
@click.option("--environment", default="")
@click.option("--job", default="")
@click.option("--approved", is_flag=True, help="As if the approval of the environment was granted.")
@click.option("--own-branch", is_flag=True, help="The pull request comes from a branch of the repository itself.")
@click.pass_context
def explain(
    ctx: click.Context,
    name: str,
    pipeline: str,
    repository: str,
    event: str,
    branch: str,
    tag: str,
    environment: str,
    job: str,
    approved: bool,
    own_branch: bool,
) -> None:
    """Say whether a run of PIPELINE may have the secret NAME, and why: by its rule and by the policies that hold.

    Exit code 3 when it may not.
    """
    _name(name)
    use = SecretUse(
        pipeline=pipeline,
        repo=_address(repository),
        event=EventRef(EventKind(event), branch, tag, own_branch=own_branch),
        job=job,
        environment=environment,
        approved=approved,
    )
    why, words = _judged(current(), name, use)
    out(f"{'no' if why else 'yes'}: {why or words}")
    if why:
        ctx.exit(3)


def _judged(chosen: Settings, name: str, use: SecretUse) -> tuple[str, str]:
    """Why a use is refused; and if it is not, why it is allowed: by its rule, and by the policies that hold for it."""
    from activities.access.policies import PolicyStore
    from activities.secrets.broker import push_of
    from workers.core.records import open_records

    judged = judge(name, use, _rules(chosen))
    if judged.rule is None:
        return "; ".join(judged.reasons), ""
    held = PolicyStore(open_records(chosen).definitions).of(push_of(use))
    why = held.secret(name, use.environment, approved=use.approved)
    granted = held.grant(name, use.environment, approved=use.approved)
    words = f"{name} is for {judged.rule.text()} ({judged.rule.source}); {granted}"
    return (f"SLW057: {why}" if why else ""), words
