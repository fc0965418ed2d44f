"""One version of a service, as a target runs it."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.core import ids, names
from domain.releases.deploy_spec import DeploySpec
from domain.secrets.rules import SecretUse
from domain.triggers.source import SourceRef

RESERVED = ("preview", "sluiceway")
"""No services: `preview.SERVICE.localhost` is the address of a version before it is promoted."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One version of a service in one environment, as a target runs it."""

    service: str
    environment: str
    cluster: str = ""
    """Of an environment with several clusters: the one of this part; empty: the environment is one place, or the whole
    of a release over many."""
    instance: str
    """Permanent id of this deployment: `r` and the release's number."""
    spec: DeploySpec = DeploySpec()
    source: SourceRef = SourceRef()
    artifact: str = ""
    """Digest of its artifact; empty: a checkout of the source."""
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Environment variable to the name of a secret; never a value."""
    use: SecretUse = SecretUse()
    """What decides which secrets it may have."""

    @property
    def place(self) -> str:
        """`production`, or `production@eu-1`: where one release at a time is under way, and one version live."""
        return ids.place(self.environment, self.cluster)

    def complaint(self) -> str:
        """What of service, environment and instance cannot be a path, a route and a label; empty: nothing."""
        for what, text in (("service", self.service), ("environment", self.environment), ("instance", self.instance)):
            if wrong := names.complaint(text):
                return f"{what} {text[: names.MAX_NAME]!r} is no name: {wrong}"
        if self.cluster and (wrong := names.complaint(self.cluster)):
            return f"cluster {self.cluster[: names.MAX_NAME]!r} is no name: {wrong}"
        return f"{self.service} is a name of the router's own" if self.service in RESERVED else ""
