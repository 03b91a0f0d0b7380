"""Names of clips, as conventions take them apart."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitsu_api.errors import BadRequest
from kitsu_api.services.shot_names import NamingConvention, ShotName

USUAL = "${project_name}_${sequence_name}-${shot_name}"


def convention(text: str = USUAL, *, match_case: bool = True, **given: str) -> NamingConvention:
    return NamingConvention(text, match_case=match_case, **({"project_name": "Film"} | given))


@pytest.mark.parametrize(
    ("clip", "read"),
    [
        ("Film_SQ1-SH1", ShotName("SQ1", "SH1")),
        ("Film_SQ1-SH1.mov", ShotName("SQ1", "SH1")),
        (" Film_SQ 1-SH 1.mxf ", ShotName("SQ 1", "SH 1")),
        ("Film_SQ1-SH1.0010", ShotName("SQ1", "SH1.0010")),
        ("Film_SQ1-SH1-b", ShotName("SQ1", "SH1-b")),
        ("Other_SQ1-SH1", None),
        ("film_SQ1-SH1", None),
        ("Film_-SH1", None),
        ("Film_SQ1-", None),
        ("Film_SQ1-\x00", None),
        ("Film_SQ1-" + "x" * 161, None),
        ("", None),
    ],
)
def test_a_clip_is_taken_apart(clip, read):
    assert convention().read(clip) == read


def test_case_can_be_left_out_of_account():
    assert convention(match_case=False).read("FILM_sq1-SH1") == ShotName("sq1", "SH1")


def test_names_are_literal_and_no_patterns():
    found = convention("[${project_name}].(${sequence_name})$$${shot_name}", project_name="A.*B")
    assert found.read("[A.*B].(1)$2") == ShotName("1", "2")
    assert found.read("[AxxB].(1)$2") is None


def test_an_episode_is_read_where_it_is_not_given():
    found = convention("${project_name}_${episode_name}-${sequence_name}-${shot_name}")
    assert found.read("Film_E01-S1-1") == ShotName("S1", "1", "E01")
    given = convention("${project_name}_${episode_name}-${sequence_name}-${shot_name}", episode_name="E02")
    assert given.read("Film_E02-S1-1") == ShotName("S1", "1")
    assert given.read("Film_E01-S1-1") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${project_name}", "has to hold"),
        ("${sequence_name}${shot_name}", "between two names"),
        ("${sequence_name}-${shot_name}-${shot_name}", "each once"),
        ("${sequence_name}-${shot_name}-${camera}", "may hold"),
        ("${sequence_name}-${shot_name}-$", "may hold"),
        ("x" * 501, "longer than 500"),
    ],
)
def test_a_convention_that_tells_nothing_is_refused(text, message):
    with pytest.raises(BadRequest, match=message):
        convention(text)


def test_a_name_made_to_take_long_does_not():
    slow = NamingConvention("${episode_name}-${sequence_name}-${shot_name}~", match_case=False)
    started = time.process_time()  # of this process: whatever else the machine does is not the name's fault
    assert slow.read("-" * 400) is None
    assert time.process_time() - started < 5


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_convention_reads_any_name_or_is_refused(text, clip):
    try:
        found = convention(text + "${sequence_name}/${shot_name}").read(clip)
    except BadRequest:
        return
    assert found is None or found.shot
