"""The details of a release over many in the Temporal UI."""

from __future__ import annotations

from workflows.releases.details import waves_details
from workflows.releases.messages import ClusterView, EvidenceView, ReleaseView


def test_details_of_a_release_over_many_have_each_part_and_what_all_show_together() -> None:
    view = ReleaseView(
        id="release/web/prod/2",
        service="web",
        environment="prod",
        version="2",
        strategy="canary",
        doing="1 releasing",
        evidence=(EvidenceView("errors", 2.5, 8.0, (3, 1_200), (1, 9_000)),),
        clusters=(ClusterView(cluster="eu-1", wave=1, standing="releasing", percent=10.0, reason="proves itself"),),
    )
    shown = waves_details(view, "run/web/1")

    assert "| 1 | eu-1 | releasing | 10 % |  | proves itself |" in shown
    assert "| errors | 3 of 1,200 (0.25 %) | 1 of 9,000 (0.011 %) | 2.5 | 8.0 |" in shown
