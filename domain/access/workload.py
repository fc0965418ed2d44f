"""Jobs of other systems: which JWT of which issuer is exchanged for a token, and for what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.access.oidc import LEEWAY_S, endpoint_complaint
from domain.access.principal import Scope
from domain.core import names
from domain.core.documents import Node, Object

MOST_LIFE_S = 24 * 3600
"""Between `iat` and `exp` of a JWT: one that lives longer is no job's."""
MOST_SUBJECT = 500
WRITTEN_OUT = 3
"""Parts of a subject without a star: `repo:OWNER/NAME`, `project_path:GROUP/NAME`, `system:serviceaccount:SPACE`."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """An issuer whose jobs of one kind get a token, with at most the rights of a person here."""

    name: str
    issuer: str
    audience: str
    """Of this server: an issuer's tokens for other services are none."""
    subject: str
    """`repo:acme/shop:ref:refs/heads/main`; `*` stands for any characters but `:`, `/` and space."""
    owner: str
    """Name of the person whose rights bound it."""
    scope: Scope
    jwks: str = ""
    """Where its keys are; empty: where its document says."""


def trust_complaint(trust: Trust) -> str:
    """Why a trust is not registered; empty: it may be."""
    if wrong := names.complaint(trust.name):
        return wrong
    if wrong := endpoint_complaint(trust.issuer) or (endpoint_complaint(trust.jwks) if trust.jwks else ""):
        return wrong
    if not trust.audience or len(trust.audience) > MOST_SUBJECT:
        return "it needs an audience of its own"
    segments = re.split(r"[:/]", trust.subject)
    if not trust.subject or len(trust.subject) > MOST_SUBJECT or sum(one == "*" for one in segments) > 1:
        return "its subject says too little about who it is: at most one part may be a star"
    if any("*" in one for one in segments[:WRITTEN_OUT]):
        return f"its subject does not say whose jobs they are: the first {WRITTEN_OUT} parts are written out"
    return ""


def refusal(trust: Trust, claims: Object, now: float) -> str:
    """Why a JWT gets no token by a trust; empty: it does. Its signature was verified before."""
    said = Node(claims)
    if said["iss"].value != trust.issuer:
        return "it is of another issuer"
    audience = said["aud"].value
    if trust.audience not in ([audience] if isinstance(audience, str) else said["aud"].texts()):
        return "it is for another audience"
    made, until = said["iat"].number(-1), said["exp"].number(-1)
    if not 0 <= made <= now + LEEWAY_S or not now - LEEWAY_S < until <= made + MOST_LIFE_S:
        return "its time is over, not yet, or too long"
    if said["nbf"].number(0) > now + LEEWAY_S:
        return "its time has not come"
    subject = said["sub"].value
    if not isinstance(subject, str) or len(subject) > MOST_SUBJECT or not matches(trust.subject, subject):
        return "its subject is another one"
    return ""


def matches(pattern: str, subject: str) -> bool:
    """A star stands for characters of one part: a branch `main:evil` or a repository `shop/evil` is another part."""
    return re.fullmatch(r"[^:/\s]*".join(map(re.escape, pattern.split("*"))), subject) is not None
