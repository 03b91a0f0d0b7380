"""Temporary folders: gone after use, and swept up where a process was killed."""

from __future__ import annotations

import os
import time

import pytest

from kitsu_api.storage.temporary import PREFIX, remove_stale, temporary_folder

DAY = 86_400


@pytest.fixture
def here(settings, tmp_path):
    return settings.model_copy(update={"temporary_folder": tmp_path})


def age(path, days: float) -> None:
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment), follow_symlinks=False)


def test_a_folder_is_its_owners_alone_and_gone_after_the_block(here, tmp_path):
    with temporary_folder(here) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "frame.png").write_bytes(b"...")
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_and_nothing_else(here, tmp_path):
    left, busy, young = (tmp_path / f"{PREFIX}{name}" for name in ("left", "busy", "young"))
    for folder in (left, busy, young):
        folder.mkdir()
        (folder / "frame.png").write_bytes(b"...")
    for path in (left / "frame.png", left, busy):
        age(path, 3)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    age(outside, 3)
    (tmp_path / f"{PREFIX}link").symlink_to(outside)
    age(tmp_path / f"{PREFIX}link", 3)
    assert remove_stale(here, 2 * DAY) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [busy.name, young.name, "elsewhere", f"{PREFIX}link"]
    )
