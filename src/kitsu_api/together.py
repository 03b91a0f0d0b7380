"""Questions that are asked all the time are asked together: one statement for all who came since the last.

Whoever asks is answered by what began after they asked, never by what was under way already and never by what
is kept, so that an answer is as fresh as if each had asked alone (ADR 0030). Nothing waits for a clock: a
question that comes alone is asked at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

AT_ONCE = 2
"""Groups of questions that may be under way."""

HELD_UP = 0.5
"""Seconds after which a group counts as held up: those who come later don't wait for it."""

LARGEST = 100
"""Questions of a group."""


class Together(Generic[Question, Answer]):
    """Asks in groups, with what answers several questions in their order."""

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        """`ask` runs outside of any request: a group has several."""
        self._ask = ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._running: dict[asyncio.Task[None], float] = {}
        self._called = False

    async def ask(self, question: Question) -> Answer:
        """The answer; what went wrong with its group is raised for each question of it."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((question, answer))
        if not self._called and self._may_begin():
            # once all who are at work in this turn of the loop had theirs
            self._called = True
            loop.call_soon(self._begin, context=Context())
        return await answer

    def _may_begin(self) -> bool:
        if len(self._running) < AT_ONCE:
            return True
        soon = time.monotonic() - HELD_UP
        return sum(began > soon for began in self._running.values()) < AT_ONCE

    def _begin(self) -> None:
        self._called = False
        while self._waiting and self._may_begin():
            group = [one for one in self._waiting[:LARGEST] if not one[1].done()]
            del self._waiting[:LARGEST]
            if group:
                task = asyncio.get_running_loop().create_task(self._answer(group), context=Context())
                self._running[task] = time.monotonic()
                task.add_done_callback(self._end, context=Context())

    def _end(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._begin()

    async def _answer(self, group: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._ask([question for question, _ in group])
            told = list(zip(group, answers, strict=True))
        except asyncio.CancelledError:
            for _, waiter in group:
                waiter.cancel()
            raise
        except Exception as error:
            for _, waiter in group:
                if not waiter.done():
                    waiter.set_exception(error)
            return
        for (_, waiter), answer in told:
            if not waiter.done():
                waiter.set_result(answer)
