"""Questions that are asked together: who is answered by what, and what becomes of those that fail."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from kitsu_api import together
from kitsu_api.together import AT_ONCE, Together

WHO: ContextVar[str] = ContextVar("who", default="nobody")


class World:
    """Something that changes, and whose state is read by groups that end when they are told to."""

    def __init__(self) -> None:
        self.state = "old"
        self.groups: list[list[str]] = []
        self._ends: list[asyncio.Future[None]] = []

    async def read(self, questions):
        seen = self.state
        self.groups.append(list(questions))
        end = asyncio.get_running_loop().create_future()
        self._ends.append(end)
        await end
        return [f"{question}: {seen}" for question in questions]

    async def began(self, number):
        """Wait until so many groups have begun."""
        async with asyncio.timeout(5):
            while len(self.groups) < number:
                await asyncio.sleep(0)

    def end(self, number, error=None):
        if error is None:
            self._ends[number].set_result(None)
        else:
            self._ends[number].set_exception(error)


@pytest.fixture
def world():
    return World()


def asked(questions, *names):
    return [asyncio.ensure_future(questions.ask(name)) for name in names]


async def test_those_who_come_in_one_turn_are_asked_together_and_get_their_own_answers(world):
    asking = asked(Together(world.read), "a", "b", "c")
    await world.began(1)
    world.end(0)
    assert await asyncio.gather(*asking) == ["a: old", "b: old", "c: old"]
    assert world.groups == [["a", "b", "c"]]


async def test_who_comes_while_a_group_is_under_way_is_not_answered_by_it(world):
    questions = Together(world.read)
    [early] = asked(questions, "early")
    await world.began(1)
    world.state = "new"
    [late] = asked(questions, "late")
    await world.began(2)
    world.end(0)
    world.end(1)
    assert (await early, await late) == ("early: old", "late: new")


async def test_those_who_find_all_places_taken_are_asked_together_after_one_is_free(world):
    questions = Together(world.read)
    first = []
    for number in range(AT_ONCE):
        first += asked(questions, f"first {number}")
        await world.began(number + 1)
    late = asked(questions, "a", "b")
    await asyncio.sleep(0.01)
    assert len(world.groups) == AT_ONCE
    world.state = "new"
    world.end(0)
    await world.began(AT_ONCE + 1)
    world.end(AT_ONCE)
    assert await asyncio.gather(*late) == ["a: new", "b: new"]
    world.end(1)
    await asyncio.gather(*first)


async def test_groups_that_are_held_up_do_not_hold_up_those_who_come_later(world, monkeypatch):
    monkeypatch.setattr(together, "HELD_UP", 0.0)
    questions = Together(world.read)
    for number in range(AT_ONCE + 1):
        stuck = asked(questions, "stuck")
        await world.began(number + 1)
    world.end(AT_ONCE)
    assert await stuck[0] == "stuck: old"
    for number in range(AT_ONCE):
        world.end(number)


async def test_what_went_wrong_is_told_to_all_of_a_group_and_to_nobody_else(world):
    questions = Together(world.read)
    failing = asked(questions, "a", "b")
    await world.began(1)
    [other] = asked(questions, "c")
    await world.began(2)
    world.end(0, ConnectionError("away"))
    world.end(1)
    told = await asyncio.gather(*failing, return_exceptions=True)
    assert [str(error) for error in told] == ["away", "away"]
    assert await other == "c: old"


async def test_answers_that_are_missing_are_told_and_not_waited_for():
    async def answer_one(questions):
        return questions[:1]

    told = await asyncio.gather(*asked(Together(answer_one), "a", "b"), return_exceptions=True)
    assert [type(error) for error in told] == [ValueError, ValueError]


async def test_who_gives_up_does_not_disturb_the_others(world):
    questions = Together(world.read)
    before, during, stays = asked(questions, "before", "during", "stays")
    await asyncio.sleep(0)
    before.cancel()
    await world.began(1)
    during.cancel()
    world.end(0)
    assert await stays == "stays: old"
    assert before.cancelled()
    assert during.cancelled()


async def test_nothing_is_asked_for_those_who_have_all_given_up(world):
    questions = Together(world.read)
    places = []
    for number in range(AT_ONCE):
        places += asked(questions, "first")
        await world.began(number + 1)
    [late] = asked(questions, "late")
    await asyncio.sleep(0)
    late.cancel()
    for number in range(AT_ONCE):
        world.end(number)
    await asyncio.gather(*places)
    await asyncio.sleep(0)
    assert world.groups == [["first"]] * AT_ONCE


async def test_a_crowd_is_asked_in_groups_of_a_bounded_size(world, monkeypatch):
    monkeypatch.setattr(together, "LARGEST", 2)
    asking = asked(Together(world.read), "a", "b", "c", "d", "e")
    for number in range(3):
        await world.began(number + 1)
        world.end(number)
    assert await asyncio.gather(*asking) == [f"{name}: old" for name in "abcde"]
    assert [len(group) for group in world.groups] == [2, 2, 1]


async def test_a_group_belongs_to_none_of_those_who_ask():
    async def who(questions):
        return [WHO.get()] * len(questions)

    WHO.set("somebody")
    assert await Together(who).ask("who") == "nobody"


async def test_what_a_group_notes_does_not_reach_the_next_one():
    async def note(questions):
        before = WHO.get()
        WHO.set("the group before")
        return [before] * len(questions)

    questions = Together(note)
    assert [await questions.ask("who") for _ in range(3)] == ["nobody"] * 3
