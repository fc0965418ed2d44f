"""As whom a person acts in a cluster that lets the engine impersonate people: the names that its RBAC and audit see.

Every name begins with `sluiceway:`, so that nobody becomes a user or a group that the cluster knows from elsewhere:
no `system:masters`, no name of a certificate or of an identity provider.
Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.access.owner import is_owner
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.errors import RefusedError

SETTING = "impersonate"
"""Of a cluster's `connection`."""
PREFIX = "sluiceway:"
MOST_GROUPS = 100
"""The first ones by name: each is a header of each request."""
_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}", re.ASCII)
_OTHER = re.compile(r"[!-~]{1,199}", re.ASCII)
"""Of a machine, and of a group inside."""
_GROUP = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?", re.ASCII)


@dataclass(frozen=True)
class Impersonated:
    """User and groups as the cluster is told them, each with its prefix."""

    user: str
    groups: tuple[str, ...] = ()


def impersonated(who: Principal) -> Impersonated:
    """A person is `sluiceway:NAME`, whoever else asks `sluiceway:KIND:NAME`.

    A group whose name no header can hold is left out: that gives fewer rights, and never more.

    Raises:
        RefusedError: SLW976, the name cannot be told to a cluster.
    """
    is_person = who.kind is PrincipalKind.PERSON
    if not (_PERSON if is_person else _OTHER).fullmatch(who.name):
        why = f"{who.name[:100]!r} has characters that no header can hold, or too many"
        raise RefusedError("SLW976", "a cluster cannot be told who acts in it", why=why)
    groups = sorted(group for group in set(who.groups) if _GROUP.fullmatch(group))[:MOST_GROUPS]
    user = who.name if is_person else f"{who.kind}:{who.name}"
    return Impersonated(PREFIX + user, tuple(PREFIX + group for group in groups))


def acting(caller: Caller) -> Principal | None:
    """Whose rights in a cluster are asked; None: the owner of the home acts, and so the engine itself."""
    return None if is_owner(caller) else caller.rights_of or caller.principal


def ordered_by(person: str, groups: Iterable[str]) -> Principal | None:
    """Who has ordered something, as a permit says it: `person:NAME`. None: nobody but the owner of the home.

    Raises:
        RefusedError: SLW976, it is no person.
    """
    kind, _, name = person.partition(":")
    if person and kind != PrincipalKind.PERSON:
        raise RefusedError("SLW976", "a cluster cannot be told who acts in it", why=f"{person[:100]} is no person")
    return Principal(kind=PrincipalKind.PERSON, name=name, groups=tuple(groups)) if person else None


def permitted_to(person: str, groups: Iterable[str]) -> Impersonated:
    """As whom the person of a permit acts.

    Raises:
        RefusedError: SLW976, it is no person.
    """
    who = ordered_by(person or "nobody", groups)
    assert who is not None
    return impersonated(who)


def refusal(person: Impersonated, doing: str, said: str, namespace: str = "") -> RefusedError | None:
    """What a 403 means for whoever acts; None: it is no matter of RBAC, as a quota or a policy of pods is none.

    `said`: the server's words.
    """
    if "cannot impersonate resource" in said:
        what = f"the cluster does not let the engine act as {person.user}"
        return RefusedError("SLW975", what, where=doing, why=said, fix=GRANT)
    if f'User "{person.user}" cannot ' not in said:
        return None
    return denied(person, doing, said, namespace or _namespace(said))


def denied(person: Impersonated, doing: str, why: str, namespace: str = "") -> RefusedError:
    """The cluster's own RBAC does not let a person do something."""
    where = f" -n {namespace}" if namespace else ""
    command = f"kubectl create rolebinding {_object_name(person)}{where} --clusterrole=edit --user={person.user}"
    fix = f"ask an administrator of the cluster for a RoleBinding, such as: {command}"
    return RefusedError("SLW974", f"the cluster does not let {person.user} do this: {doing}", why=why, fix=fix)


GRANT = (
    "give the engine's credential a ClusterRole with the verb impersonate on users and groups (docs/clusters.md), or"
    " register the cluster without --impersonate"
)


def told(error: RefusedError) -> str:
    """In a line, with what to do: for results of workflows."""
    fix = f"; to fix it: {error.fix}" if error.code in ("SLW974", "SLW975") else ""
    return f"{error.code}: {error.what}: {error.why}{fix}"


def _namespace(said: str) -> str:
    found = re.search(r'in the namespace "([a-z0-9-]{1,63})"', said)
    return found.group(1) if found else ""


def _object_name(person: Impersonated) -> str:
    """A name for an object of Kubernetes."""
    return re.sub(r"[^a-z0-9]+", "-", person.user.casefold(), flags=re.ASCII).strip("-")[:63]
