"""Rules: a pattern, the words without which it cannot match, and what is not meant by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from domain.scans.findings.model import Severity
from domain.scans.secrets import entropy
from domain.scans.secrets.patterns import Match, Pattern, Words, compiled

BLOCK_BYTES, LONGEST_BYTES = 256_000, 32_000
"""A long text is searched in blocks, each with the rules whose words it holds; and how far a match may reach beyond."""


@dataclass(frozen=True)
class Allowed:
    """What a rule does not mean: all of its parts have to hold with `every`, else one of them."""

    values: tuple[str, ...] = ()
    """Patterns of the value."""
    lines: tuple[str, ...] = ()
    """Patterns of the line."""
    matches: tuple[str, ...] = ()
    """Patterns of the whole match."""
    words: tuple[str, ...] = ()
    """Words in the value, in small letters."""
    every: bool = False

    @cached_property
    def _compiled(self) -> tuple[tuple[Pattern, ...], ...]:
        return tuple(tuple(map(compiled, each)) for each in (self.values, self.lines, self.matches))

    def holds(self, value: bytes, line: bytes, match: bytes) -> bool:
        """Whether this is something else than a secret."""
        said = [
            any(one.search(text) for one in patterns)
            for patterns, text in zip(self._compiled, (value, line, match), strict=True)
            if patterns
        ]
        if self.words:
            said.append(any(word.encode() in value.lower() for word in self.words))
        return bool(said) and (all(said) if self.every else any(said))


@dataclass(frozen=True)
class Rule:
    """One kind of secret by its form."""

    name: str
    message: str
    pattern: str
    keywords: tuple[str, ...] = ()
    """In small letters; one of them stands in every text that the pattern can match. Empty: always tried."""
    group: int = 0
    """Group of the value; 0: the first that matches, else the whole match."""
    entropy: float = 0.0
    """The value must have more, in bits per byte."""
    path: str = ""
    """Pattern of the paths of files; empty: all."""
    allowed: tuple[Allowed, ...] = ()
    severity: Severity = Severity.HIGH
    confidence: str = "high"
    judged: bool = False
    """The value is a password as people make them: it counts only if it does not look like a placeholder."""
    credentials: bool = False
    """The value must be base64 of `name:password`."""
    outside_code: bool = False
    """Not in code of tests and in prose, where such values are examples."""

    @cached_property
    def compiled(self) -> Pattern:
        """Compiled at first use: most rules' keywords occur nowhere."""
        return compiled(self.pattern)

    @cached_property
    def _inside(self) -> Pattern:
        """Without what must stand around a match: where texts were put together, others may stand there."""
        bare = _TAIL.sub("", _HEAD.sub(r"\1", self.pattern))
        try:
            return compiled(bare)
        except ValueError:
            return self.compiled

    @cached_property
    def _path(self) -> Pattern:
        return compiled(self.path)

    def applies(self, path: str) -> bool:
        """Whether it is about such files."""
        return not self.path or bool(self._path.search(path.encode("utf-8", "replace")))

    def matches(self, text: bytes, start: int, end: int, *, inside: bool = False) -> Iterator[tuple[int, int]]:
        """Start and end of each value in a part of the text; with `inside` whatever stands around it."""
        pattern = self._inside if inside else self.compiled
        for match in pattern.finditer(text, start, end):
            groups = (self.group,) if self.group else range(1, pattern.groups + 1)
            group = next((one for one in groups if match.start(one) >= 0 and match.group(one)), 0)
            value = match.group(group)
            random = not self.entropy or entropy.bits(value) > self.entropy
            if value and random and not self._not_meant(text, match, value):
                yield match.start(group), match.end(group)

    def _not_meant(self, text: bytes, match: Match, value: bytes) -> bool:
        if not self.allowed:
            return False
        start, end = match.start(), match.end()
        line = text[text.rfind(b"\n", 0, start) + 1 : _line_end(text, end)]
        return any(one.holds(value, line, text[start:end]) for one in self.allowed)


_HEAD = re.compile(r"^(\(\?i\))?\\b")
_TAIL = re.compile(r"(?:\\b|\(\?:\[\\x60'\"\\s;\]\|\\\\\[nr\]\|\$(?:\|\\b)?\))$")


def _line_end(text: bytes, at: int) -> int:
    found = text.find(b"\n", at)
    return len(text) if found < 0 else found


@dataclass(frozen=True)
class Rules:
    """All rules, the more precise first."""

    every: tuple[Rule, ...]
    _of: dict[str, list[int]] = field(default_factory=dict)

    @cached_property
    def _words(self) -> Words:
        for number, rule in enumerate(self.every):
            for word in rule.keywords:
                self._of.setdefault(word, []).append(number)
        return Words(sorted(self._of))

    @cached_property
    def _always(self) -> list[int]:
        return [number for number, rule in enumerate(self.every) if not rule.keywords]

    def matches(self, text: bytes, path: str, *, inside: bool = False) -> Iterator[tuple[Rule, int, int]]:
        """Every rule's values in this text of this file: start and end, by rule within each block of the text.

        `inside`: whatever stands around them.
        """
        for at in range(0, len(text), BLOCK_BYTES):
            end = min(at + BLOCK_BYTES + LONGEST_BYTES, len(text))
            for rule in self._possible(text[at:end], path):
                for start, stop in rule.matches(text, at, end, inside=inside):
                    if start < at + BLOCK_BYTES:  # else: the next block's
                        yield rule, start, stop

    def _possible(self, text: bytes, path: str) -> Sequence[Rule]:
        """Rules that could match in this text of this file, in their order."""
        words = self._words  # fills the index
        found = {number for word in words.within(text) for number in self._of[word]}.union(self._always)
        return [self.every[number] for number in sorted(found) if self.every[number].applies(path)]
