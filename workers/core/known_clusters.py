"""What was last read of the clusters that registered environments release to, for whoever checks a definition."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from activities.clusters.kept_facts import known_of
from activities.releases.release_lists import ReleaseLists
from domain.clusters.facts import age
from domain.releases.kubernetes.registered import registered, text_of

if TYPE_CHECKING:  # these load pydantic
    from activities.storage.schema import Rows
    from pipeline_defs.core.checked import Checked
    from pipeline_defs.core.diagnostics import Diagnostic
    from pipeline_defs.releases.facts_lint import Known

MOST_ENVIRONMENTS = 20
"""Of one definition: a stranger's text may name thousands, and each is a look into the records."""
May = Callable[[str, Sequence[str]], Sequence[str]]
"""An environment and its clusters to those of which the asker may know."""


@dataclass
class KnownClusters:
    """Of one check of one definition."""

    rows: Rows
    may: May = lambda environment, clusters: clusters
    clock: Callable[[], float] = time.time
    _asked: dict[str, tuple[Known, ...]] = field(default_factory=dict, init=False)

    def lint(self, checked: Checked) -> list[Diagnostic]:
        """Warnings; none where the document has none of its own.

        Raises:
            SluicewayError: SLW806 or SLW807, the records cannot be used.
        """
        from pipeline_defs.pipelines import registered_clusters

        return list(registered_clusters.lint(checked.source, self.of)) if checked.source else []

    def of(self, environment: str) -> tuple[Known, ...]:
        """Its clusters of which something is known; none of an environment that is not registered."""
        if environment not in self._asked and len(self._asked) < MOST_ENVIRONMENTS:
            self._asked[environment] = tuple(self._read(environment))
        return self._asked.get(environment, ())

    def _read(self, environment: str) -> list[Known]:
        from pipeline_defs.releases.facts_lint import Known

        body = ReleaseLists(self.rows).rules([environment]).get(environment)
        target = registered(text_of(body)) if body else None
        names = self.may(environment, [*target.clusters]) if target else ()
        gateway = target.gateway if target else ""
        return [Known(one, gateway, age(one, self.clock())) for one in known_of(self.rows, names)]
