"""An exec session: a command of a person in a container, what it may use, and when it has to end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from domain.core.errors import DefinitionError
from domain.core.names import is_name

TICKET_S = 30.0
"""How long a ticket can be redeemed."""
MOST_OF_A_PERSON = 5
MOST_AT_ONCE = 50
"""Of all people: sessions of one installation."""
IDLE_S = 900.0
"""Without a byte in either direction."""
LONGEST_S = 4 * 3_600.0
LOOK_S = 2.0
"""How often a session asks for its rights, for its login, and whether somebody has ended it."""
LOST_S = 20.0
"""A session whose process has not looked for so long is over: the process was killed."""
OUTPUT_BYTES_S = 256 << 10
INPUT_BYTES_S = 64 << 10
MESSAGE_BYTES = 64
"""What a message counts as at least, whatever is in it: a size, or nothing."""
FRAME_BYTES = 64 << 10
"""Of one message, in either direction."""
MOST_CHARACTERS = 4_000
"""Of a command."""
MOST_WORDS = 100
MOST_SIDE = 1_000
"""Columns or rows of a terminal."""
SHELL = ("/bin/sh",)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class ExecTarget:
    """A command in a container of a pod."""

    cluster: str
    namespace: str
    pod: str
    container: str
    command: tuple[str, ...] = SHELL
    tty: bool = True
    """False: its outputs stay apart, and it has no terminal and no input."""

    @property
    def place(self) -> str:
        """`CLUSTER/NAMESPACE/POD/CONTAINER`."""
        return f"{self.cluster}/{self.namespace}/{self.pod}/{self.container}"


def checked(target: ExecTarget) -> ExecTarget:
    """The target, where it can be one: names as Kubernetes has them (RFC 1123), a command of a bounded length.

    Raises:
        DefinitionError: SLW463, it cannot.
    """
    if why := _odd(target):
        raise DefinitionError("SLW463", "this is no command in a container", why=why)
    return target


def _odd(target: ExecTarget) -> str:
    if not is_name(target.cluster):
        return "the cluster has no valid name"
    if not (_LABEL.fullmatch(target.namespace) and _LABEL.fullmatch(target.container)):
        return "the namespace or the container has no valid name"
    if not _SUBDOMAIN.fullmatch(target.pod):
        return "the pod has no valid name"
    words = target.command
    if not words or not words[0] or len(words) > MOST_WORDS or sum(map(len, words)) > MOST_CHARACTERS:
        return f"a command has 1 to {MOST_WORDS} words, and at most {MOST_CHARACTERS} characters"
    return "a word of the command has a character that no program gets" if "\0" in "".join(words) else ""


def side(value: int) -> int:
    """Columns or rows that a terminal can have, whatever is asked for."""
    return min(max(value, 1), MOST_SIDE)


def too_many(of_person: int, of_all: int) -> str:
    """Why one more session is not opened; empty: it is."""
    if of_person >= MOST_OF_A_PERSON:
        return f"a person has at most {MOST_OF_A_PERSON} at once"
    return f"there are at most {MOST_AT_ONCE} at once" if of_all >= MOST_AT_ONCE else ""


def over(began: float, used: float, now: float) -> str:
    """Why a session ends by itself; empty: it does not. `used`: when a byte last went through it."""
    if now - began >= LONGEST_S:
        return f"a session lasts at most {LONGEST_S / 3_600:g} hours"
    return f"nothing happened for {IDLE_S / 60:g} minutes" if now - used >= IDLE_S else ""


@dataclass
class Pace:
    """At most so many bytes a second: who is faster waits, so that nothing piles up."""

    bytes_s: int
    free_at: float = field(default=0.0)

    def wait(self, size: int, now: float) -> float:
        """Seconds to wait before the next bytes, after these. A second's worth may come at once."""
        self.free_at = max(self.free_at, now - 1.0) + size / self.bytes_s
        return max(self.free_at - now, 0.0)
