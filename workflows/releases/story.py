"""The visible history of a release: steps, events, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow

from domain.releases.actions import Event
from workflows.core import search_attributes as attributes

MAX_EVENTS = 200


class Story:
    """The events of one release, for people."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """`changed` is called after every change, to show it."""
        self.show = changed
        self.steps: list[str] = []
        self.events: list[Event] = []
        self.doing, self.waiting = "begins", ""

    def step(self, text: str) -> None:
        """Starts a step; at the first one, the release no longer waits for its lock."""
        self.steps.append(text)
        self.doing = text
        self.tell(text)
        if len(self.steps) == 1:
            self.wait_no_more()

    def tell(self, what: str, why: str = "") -> None:
        """Adds an event and shows it; events beyond `MAX_EVENTS` are dropped."""
        if len(self.events) < MAX_EVENTS:
            self.events.append(Event(workflow.time(), what, why))
        self.show()

    def wait_for(self, what: str) -> None:
        """Shows what the release waits for, so that people can act."""
        self.waiting = what
        self.show()
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_set(what)])

    def wait_no_more(self) -> None:
        """Also removes the search attribute that marks waiting releases."""
        self.waiting = ""
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_unset()])
