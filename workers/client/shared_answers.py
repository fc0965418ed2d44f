"""Answers that many want at once: the pages of 200 people who look at the same fleet ask the same after each change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class SharedAnswers:
    """Of one process. Who asks while an answer is made gets the next one, which is made once for all who wait.

    Each answer is begun after it was asked for: nobody gets one that is older than the question.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}
        self._begun: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, question: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Equal questions have equal answers: what a caller may read is part of the question."""
        answer: asyncio.Task[T] | None = self._waiting.get(question)
        if answer is None:
            answer = self._waiting[question] = asyncio.ensure_future(self._made(question, make))
        return await asyncio.shield(answer)  # one that goes away takes it from nobody else

    async def _made(self, question: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        if before := self._begun.get(question):
            await asyncio.wait([before])
        this = self._begun[question] = self._waiting.pop(question)
        try:
            return await make()
        finally:
            if self._begun[question] is this:
                del self._begun[question]
