"""Drawings of several people: what is added, changed and erased, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fast
from hypothesis import strategies as some

from kitsu_api.schemas.annotations import AnnotationChanges
from kitsu_api.services.annotations import frame_of, merged, objects_of


def drawn(time: float, *ids: str, **more: object) -> dict[str, object]:
    return {"time": time, "drawing": {"objects": [{"id": id, **more} for id in ids]}}


def ids(annotations: object) -> dict[float, list[str]]:
    return {one["time"]: [thing["id"] for thing in objects_of(one)] for one in annotations}


def after(before: object, rate: float = 25, **changes: object) -> list[dict[str, object]]:
    return merged(before, AnnotationChanges.model_validate(changes), rate)


def test_a_drawing_on_a_new_frame_is_kept_as_it_came():
    wish = {**drawn(0.44, "a"), "frame": 12, "width": 320}
    assert after(None, additions=[wish]) == [wish]


def test_what_others_drew_stays():
    found = after([drawn(0.44, "a"), drawn(2, "b")], additions=[drawn(0.44, "c")])
    assert ids(found) == {0.44: ["a", "c"], 2: ["b"]}


def test_two_times_within_a_frame_are_one():
    assert ids(after([drawn(0.44, "a")], additions=[drawn(0.4431, "b")])) == {0.44: ["a", "b"]}
    assert ids(after([drawn(0.44, "a")], additions=[drawn(0.48, "b")])) == {0.44: ["a"], 0.48: ["b"]}


def test_what_is_sent_twice_is_there_once():
    once = after(None, additions=[drawn(1, "a")])
    assert after(once, additions=[drawn(1, "a")]) == once


def test_objects_are_changed_by_their_ids():
    found = after([drawn(1, "a", "b")], updates=[drawn(1, "a", left=9)])
    assert objects_of(found[0]) == [{"id": "a", "left": 9}, {"id": "b"}]


def test_who_erases_wins_over_who_changes():
    left = after([drawn(1, "a", "b")], deletions=[{"time": 1, "objects": ["a"]}])
    assert ids(after(left, updates=[drawn(1, "a", left=9)])) == {1: ["b"]}


def test_a_frame_without_drawings_is_no_annotation():
    assert after([drawn(0, "a")], deletions=[{"time": 0.0, "objects": ["a"]}]) == []


def test_an_object_may_be_erased_by_its_id_alone():
    assert ids(after([drawn(0, "a"), drawn(1, "a", "b")], deletions=["a"])) == {1: ["b"]}


def test_scripts_may_keep_things_without_a_frame():
    before = [drawn(0, "a"), {"id": "note", "x": 1}]
    found = after(before, additions=[{"x": 3}], updates=[{"id": "note", "x": 2}, {"id": "gone"}])
    assert found == [drawn(0, "a"), {"id": "note", "x": 2}, {"x": 3}]
    assert after(found, deletions=["note"]) == [drawn(0, "a"), {"x": 3}]


@pytest.mark.parametrize(
    ("annotation", "frame"),
    [
        ({"time": 0.44}, 11),
        ({"time": "x", "frame": 12}, 11),
        ({"time": -3}, 0),
        ({"time": 1e300}, 25 * 10**9),
        ({"time": 10**400}, 25 * 10**9),
        ({"time": float("nan"), "frame": 3}, 2),
        ({}, 0),
    ],
)
def test_an_annotation_is_on_a_frame(annotation, frame):
    assert frame_of(annotation, 25) == frame


scalar = some.sampled_from([None, True, 0, -1.5, 1e300, "", "a", [], {}, [{}], {"id": "a"}, {"id": []}])
drawing = some.fixed_dictionaries(
    {},
    optional={
        "time": scalar,
        "frame": scalar,
        "drawing": scalar | some.fixed_dictionaries({"objects": scalar | some.lists(scalar, max_size=3)}),
    },
)
deletion = scalar | some.fixed_dictionaries({"time": scalar, "objects": scalar})
FAST = fast(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@FAST
@given(
    scalar | some.lists(drawing | scalar, max_size=3),
    some.lists(drawing, max_size=3),
    some.lists(deletion, max_size=3),
)
def test_nothing_that_clients_send_or_sent_before_breaks_it(before, wishes, deletions):
    found = after(before, additions=wishes, updates=wishes, deletions=deletions)
    assert isinstance(found, list)
