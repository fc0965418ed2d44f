"""Any definition can name any group: what it asks for there reaches what is its own."""

import pytest

from domain.queues.queue import ConcurrencyPolicy, Mode, Queue, SlotStatus
from domain.triggers.events import Event, EventKind
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan

GROUP = "deploys main"


def terms(mode: Mode = Mode.QUEUE, owner: str = "/shop shop", visitor: str = "", limit: int = 1) -> ConcurrencyPolicy:
    return ConcurrencyPolicy(GROUP, limit, mode, owner=owner, visitor=visitor)


@pytest.fixture
def busy() -> Queue:
    """A deployment of main holds the only slot, and the next one waits."""
    queue = Queue()
    queue.ask("run/shop/1", terms(), 0)
    queue.ask("run/shop/2", terms(), 1)
    return queue


def cancelled(queue: Queue, who: str, asked: ConcurrencyPolicy) -> list[str]:
    return [notice.who for notice in queue.ask(who, asked, 2) if notice.told is SlotStatus.CANCELLED]


@pytest.mark.parametrize("mode", [Mode.CANCEL_PENDING, Mode.CANCEL_RUNNING])
def test_a_pull_request_cancels_no_run_of_a_branch_nor_of_another_pull_request(busy: Queue, mode: Mode) -> None:
    busy.ask("run/shop/3", terms(visitor="other"), 1)
    assert cancelled(busy, "run/shop/4", terms(mode, visitor="feature")) == []
    assert cancelled(busy, "run/shop/5", terms(mode, visitor="feature")) == ["run/shop/4"], "its own is replaced"


@pytest.mark.parametrize("mode", [Mode.CANCEL_PENDING, Mode.CANCEL_RUNNING])
def test_another_pipeline_or_repository_cancels_nothing_in_the_group(busy: Queue, mode: Mode) -> None:
    assert cancelled(busy, "run/evil/1", terms(mode, owner="/evil evil")) == []
    assert cancelled(busy, "run/shop/9", terms(mode, owner="/fork shop")) == []


def test_a_newer_push_of_the_pipeline_itself_does(busy: Queue) -> None:
    assert cancelled(busy, "run/shop/3", terms(Mode.CANCEL_RUNNING)) == ["run/shop/2", "run/shop/1"]


def test_a_pull_request_does_not_open_the_group_for_everybody(busy: Queue) -> None:
    busy.ask("run/shop/3", terms(visitor="feature", limit=1000), 2)
    assert (busy.limit, [slot.who for slot in busy.holders]) == (1, ["run/shop/1"])
    busy.ask("run/shop/4", terms(limit=2), 3)
    assert len(busy.holders) == 2, "a push of the pipeline sets the limit"


def test_the_owner_comes_from_the_event_and_not_from_the_definition() -> None:
    text = f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: shop\nconcurrency: {GROUP}\njobs: {{a: {{run: x}}}}\n"
    checked = check(text.encode(), "p.yaml", lambda _: None)
    of_push = compile_plan(checked, Event(EventKind.PUSH, "/shop", "c", branch="main")).concurrency
    of_request = compile_plan(checked, Event(EventKind.PULL_REQUEST, "/shop", "c", branch="feature")).concurrency

    assert (of_push.owner, of_push.visitor) == ("/shop shop", "")
    assert (of_request.owner, of_request.visitor) == ("/shop shop", "feature")
