"""Folders of a moment: gone after use, and swept up where a process was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from kitsu_api.storage.scratch import PREFIX, scratch_folder, sweep

DAY = 86_400.0


def test_a_folder_is_its_owners_alone_and_gone_after_the_block(tmp_path):
    with scratch_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "frame.png").write_bytes(b"...")
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept_up_and_nothing_else(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {
        "left": f"{PREFIX}-{ended.pid}-left",
        "young": f"{PREFIX}-{ended.pid}-young",
        "busy": f"{PREFIX}-{os.getpid()}-busy",
        "foreign": "somebody-elses",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
    moment = time.time() - 2 * DAY
    for kind in ("left", "busy", "foreign"):
        os.utime(tmp_path / names[kind], (moment, moment))
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        names[kind] for kind in ("young", "busy", "foreign")
    )
