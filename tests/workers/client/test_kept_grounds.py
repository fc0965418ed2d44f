"""A page does not wait for a cluster that answers slowly: it has what was said last, with its age."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from domain.clusters.request_ground import Ground
from workers.client.on_engine.requests.kept_grounds import FRESH_S, KEPT_S, MOST_ASKED, MOST_KEPT, KeptGrounds

KEY = ("dc", "shop", "quota")


@dataclass
class Slow:
    """A cluster that answers when it is let."""

    now: float = 1_000.0
    asked: int = 0
    answers: threading.Event = field(default_factory=threading.Event)
    done: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    said: Ground = Ground(denied=("first",))

    def __post_init__(self) -> None:
        self.kept = KeptGrounds(lambda: self.now, patience_s=0.001, live_s=0.001)

    def look(self) -> Ground:
        self.asked += 1
        self.answers.wait()
        self.done.release()
        return self.said

    def at_once(self) -> Ground:
        """As a cluster says it that answers within the patience."""
        self.kept.patience_s = self.kept.live_s = 60
        self.answers.set()
        found = self.kept.of(KEY, self.look)
        self.answers.clear()
        self.kept.patience_s = self.kept.live_s = 0.001
        return found


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.answers.set()


def test_an_answer_of_a_moment_ago_is_not_asked_for_again(slow: Slow) -> None:
    first = slow.at_once()
    slow.now += FRESH_S
    assert slow.kept.of(KEY, slow.look) == first
    assert (first.denied, first.at, slow.asked) == (("first",), 1_000.0, 1)


def test_a_slow_cluster_holds_no_page_that_has_what_it_said_before(slow: Slow) -> None:
    first = slow.at_once()
    slow.now += FRESH_S + 1
    assert slow.kept.of(KEY, slow.look) == first
    assert slow.kept.of(KEY, slow.look) == first
    assert slow.asked == 2, "one question is open, whoever looks"


@pytest.mark.parametrize("live", [True, False])
def test_what_nobody_knows_or_is_too_old_or_is_signed_by_is_said_to_be_unknown(slow: Slow, live: bool) -> None:
    assert "has not answered" in slow.kept.of(KEY, slow.look, live=live).trouble
    slow.answers.set()
    slow.at_once()
    slow.now += FRESH_S if live else KEPT_S
    assert "has not answered" in slow.kept.of(KEY, slow.look, live=live).trouble


def test_a_cluster_that_fails_is_shown_as_it_was_and_asked_again(slow: Slow) -> None:
    first, slow.said = slow.at_once(), Ground(trouble="connection refused")
    slow.now += FRESH_S + 1
    assert slow.at_once() == first
    slow.now += KEPT_S
    assert slow.at_once().trouble == "connection refused"
    slow.said = Ground(denied=("later",))
    assert slow.at_once().denied == ("later",)


def test_one_cluster_that_hangs_takes_few_threads_and_none_of_the_others(slow: Slow) -> None:
    for number in range(MOST_ASKED):
        slow.kept.of(("dc", f"ns-{number}", "quota"), slow.look)
    assert "open already" in slow.kept.of(("dc", "more", "quota"), slow.look).trouble
    assert "has not answered" in slow.kept.of(("other", "shop", "quota"), slow.look).trouble


def test_what_is_kept_is_bounded(slow: Slow) -> None:
    slow.kept.patience_s = 60
    slow.answers.set()
    for number in range(MOST_KEPT + 5):
        slow.kept.of(("dc", f"ns-{number}", "quota"), slow.look)
    assert len(slow.kept._kept) == MOST_KEPT


def test_what_goes_wrong_in_a_look_is_told_and_asked_again(slow: Slow) -> None:
    def broken() -> Ground:
        raise ZeroDivisionError

    slow.kept.patience_s = 60
    ask: Callable[[], Ground] = lambda: slow.kept.of(KEY, broken)  # noqa: E731
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            ask()
    assert slow.at_once().denied == ("first",)
