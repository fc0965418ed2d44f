"""What a worker tells of messages that it refuses."""

from pathlib import Path

from activities.notifications.port import Notice
from workers.core.refused import Refusals
from workers.worker.guarding import NOTICE_EVERY_S, TYPES, Telling


class Heard:
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    async def notify(self, notice: Notice) -> None:
        self.notices.append(notice)


async def test_a_flood_of_refusals_is_one_notice_a_minute_that_counts_them_all(tmp_path: Path) -> None:
    heard, refusals = Heard(), Refusals(tmp_path)
    telling = Telling(refusals, [heard])
    for second in range(int(NOTICE_EVERY_S) + 1):
        refusals.tell("signal", "lock", "environment/web", "it has no seal", "7@mallory")
        await telling.tell(refusals.flush(), float(second))

    first, second_ = heard.notices
    assert (first.kind, first.subject, second_.text.partition(" ")[0]) == ("message-refused", "environment/web", "60")
    assert "from 7@mallory" in first.text


async def test_nothing_is_told_where_nothing_was_refused(tmp_path: Path) -> None:
    heard = Heard()
    await Telling(Refusals(tmp_path), [heard]).tell(None, 0)
    assert heard.notices == []


def test_every_workflow_of_the_engine_is_known_to_the_sweep() -> None:
    assert {"Release", "Approval", "PipelineWorkflow", "Scheduled"} <= TYPES
