"""Keeps the services of one release in step: dark first, then weights together, callees first; back in reverse.

Each service's own release stops before every step that would give it traffic, before it ends the version before it,
and before it goes back, and asks. The answers are decided here:

* **A step of weight** is let once every service has asked for one, so the slowest is waited for and all are judged
  where they are. The lowest weight that is asked for is next; a service gets it after all that it calls have as much.
* **The end** is let to all at once, when each has all traffic, verified: until then every one of them can go back.
* **The way back** is let to a service once those that call it have no more traffic on their new version. One that does
  not get there holds the others up for `PATIENCE_S`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.releases.actions import Action, ActionKind
from domain.releases.together.order import Needs, callers

PATIENCE_S = 120.0
"""How long the way back of a service waits for a caller that does not get there."""


class Gate(StrEnum):
    """What a service's release asks to be let through."""

    WEIGHT = "weight"
    END = "end"
    """The version before it may end, or go on standby."""
    BACK = "back"


def gate_before(action: Action, done: Sequence[Action]) -> tuple[Gate, float] | None:
    """What a service's release asks for before an action of its strategy, and the percentage; None: nothing.

    `done`: the actions before it. The one after VERIFY is the first that cannot be taken back.
    """
    if action.do in (ActionKind.SHIFT, ActionKind.ROUTE):
        return Gate.WEIGHT, action.percent if action.do is ActionKind.SHIFT else 100.0
    if done and done[-1].do is ActionKind.VERIFY:
        return Gate.END, 100.0
    return None


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One service."""

    asks: Gate | None = None
    """None: it is under way, and asks later."""
    wants: float = 0.0
    """WEIGHT: percent of its traffic."""
    percent: float = 0.0
    """What its new version has, in force."""
    exposed: bool = False
    """Whether its new version may have traffic: it was let to, and is not known to have none again."""
    let_back_at: float = 0.0
    """Seconds since the epoch; 0: it was not let back."""
    ended: bool = False


@dataclass(frozen=True)
class Turn:
    """Who may go on now."""

    let: tuple[str, ...] = ()
    until: float | None = None
    """When to look again without a message; None: only a message changes anything."""


@dataclass(kw_only=True)
class Lockstep:
    """All services of one release."""

    needs: Needs
    seats: dict[str, Seat] = field(default_factory=dict)
    moving: dict[str, float] = field(default_factory=dict)
    """This step: services that are still to be let, and the weight of each."""
    back_since: float = 0.0
    """Seconds since the epoch; 0: they go forward."""
    ending: bool = False
    """All have all traffic, and end what was before: there is no way back any more."""

    def __post_init__(self) -> None:
        for name in self.needs:
            self.seats.setdefault(name, Seat())

    # -- news --------------------------------------------------------------------------------------------------------

    def ask(self, service: str, gate: Gate, percent: float = 0.0) -> None:
        """A service stops before a step. Asking to go back is the beginning of all going back: see `go_back`."""
        self.seats[service] = replace(self.seats[service], asks=gate, wants=percent)

    def weighed(self, service: str, percent: float) -> None:
        """What a service's new version has now, in force."""
        seat = self.seats[service]
        self.seats[service] = replace(seat, percent=percent, exposed=seat.exposed and percent > 0)

    def ended(self, service: str) -> None:
        """Its own release is over."""
        seat = self.seats[service]
        self.seats[service] = replace(seat, asks=None, ended=True, exposed=False)

    def go_back(self, now: float) -> None:
        """None goes forward any more, unless all are at their end. `now`: seconds since the epoch, not 0."""
        if not self.ending:
            self.back_since, self.moving = self.back_since or now, {}

    def let(self, services: Iterable[str], now: float) -> None:
        """They were told to go on."""
        for name in services:
            seat = self.seats[name]
            match seat.asks:
                case Gate.WEIGHT:
                    self.moving.pop(name, None)
                    seat = replace(seat, exposed=True)
                case Gate.END:
                    self.ending = True
                case Gate.BACK:
                    seat = replace(seat, let_back_at=now)
            self.seats[name] = replace(seat, asks=None)

    # -- what follows ------------------------------------------------------------------------------------------------

    @property
    def open(self) -> tuple[str, ...]:
        """Services whose release is not over."""
        return tuple(name for name, seat in self.seats.items() if not seat.ended)

    def turn(self, now: float) -> Turn:
        """Who may go on at `now`; the same state gives the same answer."""
        return self._way_back(now) if self.back_since else Turn(self._way_on())

    def _way_on(self) -> tuple[str, ...]:
        asking = [self.seats[name].asks for name in self.open]
        if asking and set(asking) == {Gate.END}:
            return self.open
        if asking and set(asking) <= {Gate.WEIGHT, Gate.END}:
            self._next_step()
        return tuple(name for name in self.moving if not self._behind(name))

    def _next_step(self) -> None:
        wanted = {name: seat.wants for name, seat in self.seats.items() if seat.asks is Gate.WEIGHT}
        lowest = min(wanted.values())
        moving = {name for name, percent in wanted.items() if percent == lowest}
        for name in reversed(tuple(self.needs)):  # in order: what a caller pulls forward comes before it
            if name in moving:
                moving |= {one for one in self.needs[name] if self._less(one, wanted[name])} & set(wanted)
        self.moving = {name: wanted[name] for name in self.needs if name in moving}

    def _behind(self, service: str) -> bool:
        """Whether a service that it calls has less than it asks for."""
        return any(self._less(one, self.moving[service]) for one in self.needs[service])

    def _less(self, service: str, percent: float) -> bool:
        seat = self.seats[service]
        return seat.percent < percent and seat.asks is not Gate.END

    def _way_back(self, now: float) -> Turn:
        let, times = [], []
        for name in self.open:
            if self.seats[name].asks is Gate.BACK:
                late = [self._patience(one) for one in callers(self.needs, name) if self.seats[one].exposed]
                times += [one for one in late if now < one < float("inf")]
                let += [name] if all(one <= now for one in late) else []
        return Turn(tuple(let), min(times, default=None))

    def _patience(self, caller: str) -> float:
        """Until when a caller is waited for."""
        seat = self.seats[caller]
        if seat.let_back_at:
            return seat.let_back_at + PATIENCE_S
        return float("inf") if seat.asks is Gate.BACK else self.back_since + PATIENCE_S
