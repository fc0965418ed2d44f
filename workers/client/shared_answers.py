"""Answers that many want at once: the pages of 200 people who look at the same fleet ask the same after each change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
One = TypeVar("One")


class SharedAnswers:
    """Of one process. Who asks while an answer is made gets the next one, which is made once for all who wait.

    Each answer is begun after it was asked for: nobody gets one that is older than the question.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}
        self._begun: dict[Hashable, asyncio.Task[Any]] = {}
        self._together: dict[Hashable, list[Any]] = {}

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

    async def get_each(
        self, question: Hashable, one: One, make: Callable[[Sequence[One]], Awaitable[Sequence[T]]]
    ) -> T:
        """An answer of one's own, made together with those of all who wait. `make`: of several, in their order."""
        asking = self._together.setdefault(question, [])
        place = len(asking)
        asking.append(one)

        async def made() -> Sequence[T]:
            return await make(self._together.pop(question))  # who asks from here on is among the next

        answers = await self.get(("each", question), made)
        return answers[place]
