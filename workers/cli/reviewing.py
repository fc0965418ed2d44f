"""Shows what an approval is about, on a terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.documents import Manifest
from workers.cli.common import records, store
from workers.core.settings import Settings
from workers.views.output import out

if TYPE_CHECKING:
    from activities.evidence.approval_review import Review
    from workflows.approvals.messages import ApprovalView


def of(chosen: Settings, owner: str, view: ApprovalView) -> Review | None:
    """What the open request of a run or release is about; None: an engine of before asked, which bound less.

    Raises:
        SluicewayError: SLW026, it cannot be shown.
    """
    from activities.access.environments import Environments
    from activities.evidence.approval_review import Reviewer
    from activities.source.mirrors import Mirrors

    if not view.binding.scope:
        return None
    known = records(chosen)
    environments = Environments(known.definitions, chosen.open_environments)
    return Reviewer(known, store(chosen), Mirrors(chosen.mirrors), environments).review(view.binding.scope, owner)


def show(review: Review | None, view: ApprovalView) -> None:
    """On standard output, so that strangers' text has no power over the terminal."""
    from workers.views import approval_review

    if review is None:
        bound = view.binding
        out(f"{bound.job}: {view.waiting_for}; commit {bound.commit}, gates {', '.join(bound.verdicts) or 'none'}")
        for digest in bound.digests:
            out(f"  artifact     {digest}")
        return
    for line in approval_review.lines(review, view):
        out(line)


def as_json(review: Review | None, view: ApprovalView) -> Manifest:
    """The request, and all that it is about."""
    from activities.core import serialization as serial

    shown = serial.dump_plain(review) if review else None
    return {"request": serial.dump_plain(view), "review": shown}
