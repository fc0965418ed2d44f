"""What a release has done and does, for people: steps, events, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow

from domain.releases.actions import Event
from workflows.core import search_attributes as attributes

MAX_EVENTS = 200


class Story:
    """What is told of a release; one for each."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """`changed` shows it, and is called whenever something is new."""
        self.show = changed
        self.steps: list[str] = []
        self.events: list[Event] = []
        self.doing, self.waiting = "begins", ""

    def step(self, text: str) -> None:
        """The release begins something; with the first step, it no longer waits for its lock."""
        self.steps.append(text)
        self.doing = text
        self.tell(text)
        if len(self.steps) == 1:
            self.wait_no_more()

    def tell(self, what: str, why: str = "") -> None:
        """An event, shown at once; after `MAX_EVENTS` no more are kept."""
        if len(self.events) < MAX_EVENTS:
            self.events.append(Event(workflow.time(), what, why))
        self.show()

    def wait_for(self, what: str) -> None:
        """Something that people may have to do something about."""
        self.waiting = what
        self.show()
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_set(what)])

    def wait_no_more(self) -> None:
        """Also takes back the search attribute by which waiting releases are found."""
        self.waiting = ""
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_unset()])
