"""What an `argocd-sync` job does."""

from __future__ import annotations

import re
from dataclasses import dataclass

REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,249}\Z")


@dataclass(frozen=True)
class ArgocdSync:
    """One Application, brought to one revision."""

    cluster: str
    namespace: str
    application: str
    revision: str = ""
    """A commit, branch or tag; empty: what the Application follows."""
    limit_s: float = 600

    @property
    def where(self) -> str:
        """As environments name it: `CLUSTER/NAMESPACE/APPLICATION`."""
        return f"{self.cluster}/{self.namespace}/{self.application}"

    @property
    def refusal(self) -> str:
        """Why its revision cannot be asked for; empty: it can."""
        fine = not self.revision or REVISION.match(self.revision)
        return "" if fine else f"{self.revision[:60]!r} is no commit, branch or tag"
