"""How a definition names a secret: by its name alone. Where the value lies is a matter of the installation."""

from __future__ import annotations

import re

from domain.core import names

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
SETTING = "secret:"
"""Before the name of a secret in a setting that may also be plain text, such as `connection.var-token` of a cluster."""
_FREE = ("env:", "file:")


def is_free(text: str) -> bool:
    """Whether it names a variable or a file of the worker, as definitions could before."""
    return text.startswith(_FREE)


def complaint(text: str) -> str:
    """Why a text names no secret; empty: it does."""
    if is_free(text):
        return "it names a variable or a file of the worker, and whoever writes a definition could name any of them"
    return names.complaint(text)


def named_for(variable: str) -> str:
    """The secret of a variable that names none: `DEPLOY_TOKEN` gets `deploy-token`."""
    return variable.lower().replace("_", "-").strip("-")


def variable_for(secret: str) -> str:
    """The other way round: `deploy-token` is `DEPLOY_TOKEN` in an environment."""
    return secret.upper().replace("-", "_")


def hint(text: str) -> str:
    """What to write and to do instead of a reference that is refused."""
    last = re.split(r"[:/]", text)[-1]
    secret = names.nearest(last.rpartition(".")[0] or last)
    return f"keep it with `sluiceway secret set {secret}`, and write its name: {secret}"
