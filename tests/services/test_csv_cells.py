"""Cells of sheets: no spreadsheet runs them, and every text can be had back."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from kitsu_api.services.csv_cells import harmless, plain, sheet
from kitsu_api.services.import_csv.cells import CellReader

TEXTS = (
    *(
        "",
        "Tree",
        "=1+1",
        "+33 6 08 08",
        "-1+1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "\uff1d1",
        "'=1",
        "''=1",
        "'",
    ),
    *("'quoted'", "'Tree", "-5", "-5.25", "5", "+5", "--", "é;à", 'a "b" c', "two\nlines", "a\r\nb", " =1"),
)


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=";"))


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_from_its_cell(text):
    [[cell, _]] = read(sheet([[text, "end"]]))
    assert plain(cell) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+33 6 08 08", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1", "+5"]
)
def test_a_text_that_a_spreadsheet_would_run_has_an_apostrophe_before_it(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "-5.25", "5", "Tree", "'Tree", " =1", ""])
def test_numbers_and_plain_texts_are_left_alone(text):
    assert harmless(text) == text


def test_a_text_that_is_guarded_already_is_guarded_once_more():
    assert harmless("'=1") == "''=1"


def test_values_are_written_as_people_read_them():
    moment = dt.datetime(2026, 3, 1, 10, 30, 59, 999, dt.UTC)
    row = [True, False, None, 3, -2.5, dt.date(2026, 3, 1), moment]
    assert sheet([row]) == b"true;false;;3;-2.5;2026-03-01;2026-03-01T10:30:59\r\n"


def test_cells_are_quoted_where_they_have_to_be():
    assert sheet([['a "b"', "c;d", "e\nf", "g,h"]]) == b'"a ""b""";"c;d";"e\nf";g,h\r\n'


def test_a_number_before_an_invisible_separator_is_that_number():
    assert CellReader(3).integer("24\x1f", "Frames") == 24
