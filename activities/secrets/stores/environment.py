"""The worker's own variables with a prefix. They are taken out of its environment when it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping

from activities.secrets.port import absent, usable
from domain.secrets.reference import variable_for


class EnvironmentSecrets:
    """`deploy-token` is the variable `PREFIX` + `DEPLOY_TOKEN`."""

    def __init__(self, prefix: str, values: Mapping[str, str]) -> None:
        self._prefix, self._values = prefix, dict(values)
        self.where = f"the worker's variables {prefix}*"

    def read(self, name: str) -> str:
        variable = self._prefix + variable_for(name)
        value = self._values.get(variable)
        if value is None:
            raise absent(name, self.where, f"set {variable} where the worker is started, and restart it")
        return usable(name, value.encode("utf-8", "surrogateescape"))


def taken(prefix: str) -> dict[str, str]:
    """The variables with a prefix, removed from this process's environment: nothing that it starts inherits them."""
    return {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(prefix)}
