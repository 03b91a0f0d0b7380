"""Known holes are found in lock files with no network: versions are compared as OSV says."""

from __future__ import annotations

import json
import zipfile

import pytest

from supply.advisories import main

LOCK = """\
# compiled
fennel==1.4.2 ; sys_platform != 'win32' \\
    --hash=sha256:00 \\
    --hash=sha256:11
    # via kitsu-api
Sweet_Basil==2.0rc1 \\
    --hash=sha256:22
thyme[extra]==3.0 \\
    --hash=sha256:33
"""


def advisory(name: str = "fennel", id: str = "PYSEC-1", ecosystem: str = "PyPI", **affected: object) -> dict:
    package = {"package": {"ecosystem": ecosystem, "name": name}, **affected}
    return {"id": id, "summary": "Burns.", "modified": "2026-11-20T10:00:00Z", "affected": [package]}


def between(*events: tuple[str, str], kind: str = "ECOSYSTEM") -> dict:
    return {"ranges": [{"type": kind, "events": [dict([event]) for event in events]}]}


@pytest.fixture
def audit(tmp_path, capsys):
    """`audit(*advisories)`: the exit code, and what is told."""
    lock = tmp_path / "run.txt"
    lock.write_text(LOCK)

    def run(*advisories, more=()):
        folder = tmp_path / "advisories"
        folder.mkdir(exist_ok=True)
        for number, one in enumerate(advisories):
            text = one if isinstance(one, str) else json.dumps(one)
            (folder / f"{number}.json").write_text(text)
        code = main([str(folder), str(lock), *more])
        return code, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("affected", "open_to_it"),
    [
        (between(("introduced", "0")), True),
        (between(("introduced", "0"), ("fixed", "1.4.2")), False),
        (between(("introduced", "0"), ("fixed", "1.4.3")), True),
        (between(("introduced", "1.5")), False),
        (between(("introduced", "1.0"), ("last_affected", "1.4.2")), True),
        (between(("introduced", "1.0"), ("last_affected", "1.4.1")), False),
        # as text 1.10 would come before 1.4.2
        (between(("introduced", "1.10")), False),
        (between(("introduced", "0"), ("fixed", "1.2"), ("introduced", "1.4"), ("fixed", "1.5")), True),
        (between(("introduced", "1.4"), ("fixed", "1.5"), ("introduced", "0"), ("fixed", "1.2")), True),
        (between(("introduced", "0"), ("fixed", "1.2"), ("introduced", "1.5"), ("fixed", "1.6")), False),
        (between(("introduced", "0"), kind="GIT"), False),
        ({"versions": ["1.4.1", "1.4.2"]}, True),
        ({"versions": ["1.4.2.0"]}, True),
        ({"versions": ["1.4.1", "odd"]}, False),
    ],
)
def test_versions_are_compared_as_the_advisory_means_them(audit, affected, open_to_it):
    code, told = audit(advisory(**affected))
    assert code == int(open_to_it), told
    assert ("fennel 1.4.2" in told) is open_to_it


@pytest.mark.parametrize(("name", "found"), [("sweet.basil", 1), ("thyme", 1), ("rosemary", 0)])
def test_names_are_those_of_packages_however_they_are_written(audit, name, found):
    assert audit(advisory(name, **between(("introduced", "0"))))[0] == found


def test_a_hole_is_told_with_all_its_names_and_where_it_is_mended(audit):
    one = advisory(**between(("introduced", "0"), ("fixed", "1.5"))) | {"aliases": ["CVE-2026-1"]}
    code, told = audit(one)
    assert code == 1
    assert "PYSEC-1, CVE-2026-1, mended in 1.5: Burns." in told
    assert "3 locked packages, 1 advisories, the newest of 2026-11-20: 1 holes." in told
    assert audit(one, more=["--ignore", "CVE-2026-1"])[0] == 0


def test_what_was_withdrawn_or_is_about_others_is_no_hole(audit):
    whole = between(("introduced", "0"))
    withdrawn = advisory(id="PYSEC-2", **whole) | {"withdrawn": "2026-11-01T00:00:00Z"}
    assert audit(advisory("rosemary", **whole), withdrawn, advisory(ecosystem="npm", **whole))[0] == 0


def test_an_archive_is_read_as_it_is_published(audit, tmp_path):
    archive = tmp_path / "advisories" / "all.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("PYSEC-1.json", json.dumps(advisory(**between(("introduced", "0")))))
    assert audit()[0] == 1


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"name": "x"}'])
def test_a_folder_of_something_else_is_no_clean_bill(audit, text):
    code, told = audit(text)
    assert (code, "0.json is no advisory" in told) == (2, True)


def test_nothing_to_compare_with_is_no_clean_bill(audit, tmp_path, capsys):
    assert audit()[0] == 2
    (tmp_path / "loose.txt").write_text("fennel>=1\n")
    (tmp_path / "one.json").write_text(json.dumps(advisory(**between(("introduced", "0")))))
    assert main([str(tmp_path / "none"), str(tmp_path / "run.txt")]) == 2
    assert main([str(tmp_path / "one.json"), str(tmp_path / "run.txt")]) == 2
    assert main([str(tmp_path), str(tmp_path / "loose.txt")]) == 2
    assert "does not say which version: fennel>=1" in capsys.readouterr().out
