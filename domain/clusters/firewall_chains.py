"""Taking chains out of a table of rules: from what `iptables-save` prints to what `iptables-restore` is told."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from itertools import pairwise

APPEND = "-A"


def removal(saved: Iterable[str], prefixes: tuple[str, ...]) -> list[str]:
    """Orders that take away the chains with one of these prefixes, and first every rule of others that leads to them.

    Nothing else is touched; empty: there is no such chain. `saved`: the lines of one table.

    Source: iptables-save(8), iptables-restore(8)
    """
    lines = list(saved)
    named = [line[1:].split() for line in lines if line.startswith(":")]
    chains = {words[0] for words in named if words and words[0].startswith(prefixes)}
    leading = [line for line in lines if _leads(_words(line), chains)]
    orders = [f"-D{line.removeprefix(APPEND)}" for line in leading]
    return orders + [f"{order} {chain}" for order in ("-F", "-X") for chain in sorted(chains)]


def _leads(words: list[str], chains: set[str]) -> bool:
    """Whether it is a rule of a chain that stays, which jumps or goes to one that goes."""
    if words[:1] != [APPEND] or chains.intersection(words[1:2]):
        return False
    return any(word in ("-j", "-g") and target in chains for word, target in pairwise(words))


def _words(line: str) -> list[str]:
    """A comment in quotes is one word, whatever it says."""
    try:
        return shlex.split(line)
    except ValueError:
        return []
