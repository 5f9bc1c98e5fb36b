"""Every distinct drug line, and every odd word, has one code in all blocks of a run."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from opsafe.columns import Column, Nullable, Text
from opsafe.mme._population.lexicon import LINE_COLUMNS, Lexicon, Written, reader


def readers(**columns: Column) -> list[Any]:
    return [reader(columns[name]) if name in columns else None for name in LINE_COLUMNS]


def text(*words: str | None) -> Text:
    distinct = tuple(dict.fromkeys(word for word in words if word is not None))
    codes = [-1 if word is None else distinct.index(word) for word in words]
    return Text(np.array(codes, np.int64), distinct)


def lines_of(lexicon: Lexicon, rows: int, **columns: Column) -> list[Written]:
    codes = lexicon.line_codes(readers(**columns), slice(0, rows))
    assert codes.dtype == np.int32
    return [lexicon.lines[code] for code in codes.tolist()]


def test_a_line_has_one_code_in_every_block_and_every_order() -> None:
    lexicon = Lexicon()
    one = lexicon.line_codes(readers(ingredient=text("a", "b", "a", None)), slice(0, 4))
    two = lexicon.line_codes(readers(ingredient=text(None, "b", "c", "a")), slice(0, 4))
    assert one[0] == one[2] == two[3]
    assert one[1] == two[1]
    assert one[3] == two[0]
    assert len(lexicon.lines) == 4


def test_some_rows_are_read_where_they_stand() -> None:
    lexicon = Lexicon()
    read = readers(ingredient=text("a", "b", "c", "d"), strength=np.array([1.0, 2.0, 3.0, 4.0]))
    codes = lexicon.line_codes(read, slice(1, 3))
    assert [lexicon.lines[code][:3] for code in codes] == [("b", None, 2.0), ("c", None, 3.0)]


@pytest.mark.parametrize(
    "column",
    [
        np.array([0.1, 7.5, 1 / 3, math.inf, 1e300, 5.0]),
        np.array([5, -1, 2**40, 5]),
        np.array([5, 7], np.uint8),
        Nullable(np.array([5, 7, 9]), np.array([True, False, True])),
        text("10 mg", None, "5 mg/5 mL"),
    ],
)
def test_strengths_come_back_as_they_were_written(column: Column) -> None:
    if isinstance(column, Text):
        expected: list[Any] = [column.words[c] if c >= 0 else None for c in column.codes]
    elif isinstance(column, Nullable):
        pairs = zip(column.values.tolist(), column.valid.tolist(), strict=True)
        expected = [value if valid else None for value, valid in pairs]
    else:
        expected = column.tolist()
    found = lines_of(Lexicon(), len(expected), strength=column)
    assert [line.strength for line in found] == expected


def test_a_strength_that_is_not_there_is_none() -> None:
    found = lines_of(Lexicon(), 3, strength=np.array([math.nan, 1.0, math.nan]))
    assert [line.strength for line in found] == [None, 1.0, None]


def test_a_float32_means_the_number_that_it_prints() -> None:
    found = lines_of(Lexicon(), 2, strength=np.array([0.1, 12.5], np.float32))
    assert [line.strength for line in found] == [0.1, 12.5]


def test_flags_are_true_false_or_missing() -> None:
    flags = Nullable(np.array([True, False, True]), np.array([True, True, False]))
    found = lines_of(Lexicon(), 3, cough_cold=flags)
    assert [line.cough_cold for line in found] == [True, False, None]


def test_more_combinations_than_64_bits_hold_are_told_apart() -> None:
    """Ten columns of a hundred words each make 10^20 possible lines; what occurs is numbered."""
    rng = np.random.default_rng(1)
    words = tuple(f"w{number}" for number in range(100))
    codes = rng.integers(-1, 100, (len(LINE_COLUMNS), 500))
    codes[:, 99] = 99  # the largest code of each column occurs
    columns: dict[str, Column] = {
        name: Text(own, words) for name, own in zip(LINE_COLUMNS, codes, strict=True)
    }
    found = lines_of(Lexicon(), 500, **columns)
    for row, line in enumerate(found):
        assert list(line) == [words[c] if c >= 0 else None for c in codes[:, row]]


def test_fifty_thousand_lines_are_numbered() -> None:
    lexicon = Lexicon()
    found = lines_of(lexicon, 50_000, strength=np.arange(50_000) / 1000)
    assert [line.strength for line in found] == (np.arange(50_000) / 1000).tolist()
    assert len(lexicon.lines) == 50_000


def test_a_status_anywhere_is_remembered() -> None:
    lexicon = Lexicon()
    lines_of(lexicon, 2, status=text(None, None))
    assert not lexicon.status_says
    lines_of(lexicon, 2, status=text(None, "paid"))
    assert lexicon.status_says


def test_words_are_numbered_once() -> None:
    lexicon = Lexicon()
    assert lexicon.words_of(["x", 7, "x", 7.5]).tolist() == [0, 1, 0, 2]
    assert lexicon.words_of([7]).tolist() == [1]
    assert lexicon.words == ["x", "7", "7.5"]


def test_threads_agree_on_codes() -> None:
    lexicon = Lexicon()
    strengths = np.arange(2_000) / 8
    read = readers(strength=strengths)

    def work(turn: int) -> list[float]:
        start = turn * 37 % 1_000
        codes = lexicon.line_codes(read, slice(start, start + 1_000))
        wrong = [
            row
            for row, code in enumerate(codes.tolist())
            if lexicon.lines[code].strength != strengths[start + row]
        ]
        return list(map(float, wrong))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(40))) == [[]] * 40
    assert len(lexicon.lines) == len(set(lexicon.lines))


def test_a_lexicon_that_was_written_down_goes_on() -> None:
    lexicon = Lexicon()
    strengths = np.array([0.1, math.inf, math.nan])
    read = readers(ingredient=text("ä", "\ud800", None), strength=strengths, status=text("paid"))
    read[-1] = reader(text("paid", None, "paid"))
    codes = lexicon.line_codes(read, slice(0, 3))
    words = lexicon.words_of(["x", "y"])
    lexicon.columns = frozenset(("member_id", "status"))
    lexicon.people.add("prescriber")
    again = Lexicon.from_json(json.dumps(json.loads(lexicon.to_json())))
    assert again.lines == lexicon.lines
    assert again.words == lexicon.words
    assert (again.columns, again.people, again.status_says) == (
        lexicon.columns,
        lexicon.people,
        True,
    )
    np.testing.assert_array_equal(again.line_codes(read, slice(0, 3)), codes)
    np.testing.assert_array_equal(again.words_of(["x", "y"]), words)
    assert again.words_of(["z"]).tolist() == [2]
