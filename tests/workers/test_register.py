"""The jobs that a process knows without having loaded any."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

from kitsu_api.workers import jobs
from kitsu_api.workers.register import FUNCTIONS, MEDIA, QUICK, queue_of

MODULES = sorted(module.name for module in pkgutil.iter_modules(jobs.__path__))
QUEUEING = """
import sys
from kitsu_api.services.jobs import check_arguments
from kitsu_api.workers.register import FUNCTIONS, queue_of

assert queue_of("send_mail") == "quick"
print(*(name for name in sys.modules if name.startswith("kitsu_api.workers.jobs.")))
try:
    check_arguments("draw_report", {"nonsense": 1})
except ValueError:
    print("refused")
"""


@pytest.mark.parametrize("table", ["JOBS", "MEDIA_JOBS"])
def test_every_job_of_a_module_is_known_by_its_name(table):
    held = {
        name: module
        for module in MODULES
        for name in getattr(import_module(f"{jobs.__name__}.{module}"), table, {})
    }
    known = getattr(jobs, table)
    assert dict(known.places) == held
    assert all(known[name] is not None for name in held)


def test_each_queue_serves_its_jobs():
    assert set(FUNCTIONS[QUICK]) >= set(jobs.JOBS)
    assert set(FUNCTIONS[MEDIA]) >= set(jobs.MEDIA_JOBS)
    assert (queue_of("send_mail"), queue_of("build_playlist")) == (QUICK, MEDIA)
    with pytest.raises(LookupError):
        queue_of("nothing")
    assert jobs.time_limit("build_playlist") == 6 * 3600
    assert jobs.time_limit("send_mail") is None


def test_a_process_that_only_queues_loads_no_job_until_it_must_know_what_one_is_told():
    found = subprocess.run([sys.executable, "-c", QUEUEING], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["", "refused"]
