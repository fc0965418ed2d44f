"""Who in a cluster refuses objects: by what it has installed, and by the words of a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.core.documents import Node, Object

ADMISSION, GATEKEEPER, KYVERNO = "ValidatingAdmissionPolicy", "Gatekeeper", "Kyverno"
MOST_RULES, MOST_CHARACTERS = 50, 253
ENFORCE = "pod-security.kubernetes.io/enforce"
"""Label of a namespace: https://kubernetes.io/docs/concepts/security/pod-security-admission/"""
LEVELS = ("privileged", "baseline", "restricted")
_READ = 2_000
"""Characters of a refusal that are looked at."""


@dataclass(frozen=True)
class Engine:
    """What decides about objects before the API server takes them."""

    name: str
    rules: tuple[str, ...] = ()
    """Names of its policies that refuse; of Gatekeeper: kinds of constraints. MOST_RULES at most, sorted."""

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.rules)})" if self.rules else self.name


def engine(name: str, rules: Iterable[str]) -> Engine:
    """Within bounds."""
    return Engine(name, tuple(sorted({one[:MOST_CHARACTERS] for one in rules if one})[:MOST_RULES]))


def refusing(bindings: Iterable[Object]) -> Iterator[str]:
    """Policies that ValidatingAdmissionPolicyBindings make refuse; others only warn or write audit entries.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
    """
    for one in bindings:
        said = Node(one)["spec"]
        if "Deny" in said["validationActions"].texts():
            yield said["policyName"].text()


_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_WEBHOOK = r'admission webhook "(?P<name>[^"\s]{1,253})" denied the request'
_GATEKEEPER = r'admission webhook "[^"\s]{0,200}gatekeeper\.sh" denied the request: '
_KYVERNO = r'admission webhook "[^"\s]{0,200}kyverno\.svc[^"\s]{0,50}" denied the request:'
_REFUSERS = tuple(
    (re.compile(pattern, re.S), who)
    for pattern, who in (
        (rf"ValidatingAdmissionPolicy '(?P<name>{_NAME})' (?:with binding '{_NAME}' )?denied request", f"{ADMISSION} "),
        (r'violates PodSecurity "(?P<name>[a-z]+(?::[a-z0-9.]+)?)"', "Pod Security "),
        (rf"(?:exceeded|failed) quota: (?P<name>{_NAME})", "ResourceQuota "),
        (rf"{_GATEKEEPER}\[(?P<name>{_NAME})\]", f"{GATEKEEPER}, constraint "),
        (rf"{_KYVERNO}.*? policies\s+(?P<name>{_NAME}):", f"{KYVERNO}, policy "),
        (rf"{_KYVERNO}\s+Policy (?P<name>{_NAME}) ", f"{KYVERNO}, policy "),
        (_WEBHOOK, "admission webhook "),
        (r"(?P<name>minimum|maximum) \S+ usage per (?:Container|Pod)", "LimitRange, "),
    )
)
"""What the words of a refusal look like, and whose they are."""


def refuser(words: str) -> str:
    """Who refused an object, by what the API server answered; empty: the words do not tell.

    What comes first counts: behind it are words of whoever wrote the policy.
    """
    said = words[:_READ]
    found = [(match.start(), who + match["name"]) for pattern, who in _REFUSERS if (match := pattern.search(said))]
    return min(found, key=lambda one: one[0])[1][:MOST_CHARACTERS] if found else ""
