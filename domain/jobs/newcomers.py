"""Which connection ends when there are too many that have not shown a token yet.

Before a token nothing is known of a connection but its address, and many machines may stand behind one (NAT): an agent
and whoever wants to keep it out. So nobody's place is certain, neither to be kept nor to be lost: one of the crowd is
drawn, and an agent that dials again and again gets in. After its token a connection is counted by its job alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Newcomer:
    """A connection without a token."""

    address: str
    greeted: bool = False
    """It has finished its handshake: that costs a stranger more than a packet."""


@dataclass(frozen=True)
class Room:
    """`most`: newcomers at once; `of_one`: of one address."""

    most: int
    of_one: int

    def ends(self, known: Sequence[Newcomer], address: str, draw: Callable[[int], int]) -> int | None:
        """The index of the one that ends so that one more of `address` has a place; None: there is room.

        `draw`: a number below its argument, which nobody foresees.
        """
        crowds = Counter(one.address for one in known)
        if crowds[address] >= self.of_one:
            crowded = address
        elif known and len(known) >= self.most:
            crowded = max(crowds, key=lambda one: crowds[one])
        else:
            return None
        crowd = [at for at, one in enumerate(known) if one.address == crowded]
        silent = [at for at in crowd if not known[at].greeted]
        return (silent or crowd)[draw(len(silent or crowd))]
