"""Sections as Markdown and as HTML: what a caller wrote stays words."""

from __future__ import annotations

import numpy as np
import pytest

from opsafe.columns import Columns, Nullable, Text
from opsafe.costbenefit._report_text import Section, as_html, as_markdown, cells_of, number_words

TABLE = Columns(
    {
        "line": Text.of(["a|b", "<script>"]),
        "cost_usd": np.array([1234567.8, np.nan]),
        "month": np.array(["2026-01-01", "NaT"], "datetime64[D]"),
        "members": Nullable(np.array([3, 0]), np.array([True, False])),
        "gain": np.array([True, False]),
    }
)


@pytest.mark.parametrize(
    "value, words",
    [(0.0, "0"), (-0.0, "0"), (999.96, "1,000"), (999.9, "999.9"), (1000.4, "1,000"),
     (-2345678.9, "-2,345,679"), (0.123456, "0.1235"), (1e-7, "1e-07"), (float("nan"), "")],
)  # fmt: skip
def test_numbers_are_written_to_be_read(value: float, words: str) -> None:
    assert number_words(value) == words


def test_a_cell_that_is_missing_is_empty() -> None:
    assert cells_of(TABLE) == [
        ["a|b", "1,234,568", "2026-01-01", "3", "yes"],
        ["<script>", "", "", "", "no"],
    ]


def test_markdown_has_one_row_a_line_and_no_markup_of_the_caller() -> None:
    text = as_markdown("Plan *A*", [Section("Money\n# x", ("one | two",), TABLE)])
    assert text.startswith("# Plan \\*A\\*\n\n## Money \\# x\n\none \\| two\n\n| line |")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4 and rows[1] == "| --- | ---: | --- | ---: | --- |"
    assert rows[2].startswith("| a\\|b | 1,234,568 |") and "\\<script\\>" in rows[3]
    assert text.endswith("|\n")


def test_a_list_has_a_line_for_each_and_a_text_a_paragraph() -> None:
    listed = as_markdown("t", [Section("s", ("one", "two"), bullets=True)])
    assert listed == "# t\n\n## s\n\n- one\n- two\n"
    assert as_markdown("t", [Section("s", ("one", "two"))]) == "# t\n\n## s\n\none\n\ntwo\n"


def test_html_is_escaped_and_fetches_nothing() -> None:
    page = as_html("a<b>", [Section("s", ("<i>",), TABLE), Section("l", ("&",), bullets=True)])
    assert "<script" not in page and "<i>" not in page and "http" not in page
    assert "&lt;script&gt;" in page and "<li>&amp;</li>" in page and "<h2>a&lt;b&gt;</h2>" in page
