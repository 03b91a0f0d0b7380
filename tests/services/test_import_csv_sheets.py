"""Sheets of any encoding, delimiter and content: what is written is read, what is no sheet is refused."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kitsu_api.services.csv_cells import sheet as written
from kitsu_api.services.import_csv.sheets import LONGEST_LINE, SheetError, open_sheet

KNOWN = frozenset({"name", "description", "type"})

plain = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
cells = st.one_of(
    plain, st.sampled_from(["=1+1", "'=1", "+33", "a;b", "a,b\tc", 'say "hi"', "one\r\ntwo", ""])
)


def read(content: bytes) -> tuple[list[str], list[list[str]]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(content)
        found = open_sheet(path, KNOWN)
        return list(found.head), [list(line.cells) for line in found.lines()]


rows_of = st.lists(st.tuples(cells, cells, cells), max_size=8)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(rows_of)
def test_an_exported_sheet_is_read_as_it_was(rows):
    content = written([("Type", "Name", "Description"), *rows])
    head, found = read(content)
    assert head == ["Type", "Name", "Description"]
    assert found == [list(row) for row in rows if any(cell.strip() for cell in row)]


@quick
@given(
    rows_of,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_delimiter_and_encoding_are_found_out(rows, delimiter, encoding, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([("Type", "Name", "Description"), *rows])
    if encoding in ("utf-16-le", "utf-16-be"):
        # without a mark, only text that is mostly plain letters can be told from anything else
        rows = [(cell.encode("ascii", "ignore").decode() for cell in row) for row in rows]
        rows = [tuple(row) for row in rows]
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(
            [("Type", "Name", "Description"), *rows]
        )
    head, found = read(text.getvalue().encode(encoding))
    assert head == ["Type", "Name", "Description"]
    assert len(found) == len([row for row in rows if any(cell.strip() for cell in row)])


@quick
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_a_sheet_or_are_refused(content):
    with contextlib.suppress(SheetError):
        head, rows = read(b"Type,Name\n" + content)
        assert all(len(row) == len(head) for row in rows)


@quick
@given(st.binary(max_size=200))
def test_what_is_no_sheet_at_all_is_refused_and_not_more(content):
    with contextlib.suppress(SheetError):
        read(content)


def test_lines_are_numbered_where_rows_begin(tmp_path):
    path = tmp_path / "sheet"
    path.write_bytes(b'Name,Description\r\n"A","one\r\ntwo"\r\n\r\n;,\r\nB,x\r\n')
    assert [(line.number, line.cells[0]) for line in open_sheet(path, KNOWN).lines()] == [
        (2, "A"),
        (5, ";"),
        (6, "B"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"Name,Type\nA", 2, "1 cells"),
        (b"Name,Type\nA,B,C", 2, "3 cells"),
        (b'Name,Type\nA,"B" c', 2, "can't be read"),
        (b'Name,Type\nA,"B', 2, "can't be read"),
        (b"Name,Type\nA,B\0", 2, "NUL"),
        (b"Name,Type\nA," + b"x" * 140_000, 2, "field larger than"),
        (b"Name,Type\nA," + b"x" * (LONGEST_LINE + 10), 2, "longer than"),
        (b"Name,Type," + b"," * 2000 + b"x\n", 1, "columns"),
        (b"", None, "empty"),
        (b"\n\n  \n", None, "empty"),
        (b"nothing known here\nat all", None, "delimiter"),
        (b"Name\n\x81\x8d", None, "UTF-8"),
    ],
)
def test_a_refusal_says_where(tmp_path, content, line, message):
    path = tmp_path / "sheet"
    path.write_bytes(content)
    with pytest.raises(SheetError, match=message) as caught:
        list(open_sheet(path, KNOWN).lines())
    assert caught.value.details.get("line_number") == line


def test_windows_1252_is_read(tmp_path):
    path = tmp_path / "sheet"
    path.write_bytes("Name;Description\r\nÉlan;“cher” at 5 €".encode("cp1252"))
    found = open_sheet(path, KNOWN)
    assert next(found.lines()).cells == ["Élan", "“cher” at 5 €"]


def test_cells_beyond_the_head_are_fine_while_they_are_empty(tmp_path):
    path = tmp_path / "sheet"
    path.write_bytes(b"Name,Type,,\nA,B,,\n")
    found = open_sheet(path, KNOWN)
    assert (found.head, next(found.lines()).cells) == (["Name", "Type"], ["A", "B"])
