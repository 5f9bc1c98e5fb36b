"""Every column of a block to integers; what is odd keeps its word and gets its reason."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from opsafe.errors import ColumnError
from opsafe.frames import open_table
from opsafe.mme._population import encode as module
from opsafe.mme._population.claims import ODD_DAYS, ODD_QUANTITY, UNDATED, Claims
from opsafe.mme._population.codes import REASONS
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, encode
from opsafe.mme._population.lexicon import Lexicon

COUNT = 4
PLAIN: dict[str, Any] = {
    "member_id": [1, 2, 3, 4],
    "fill_date": ["2026-01-01"] * COUNT,
    "ingredient": ["morphine"] * COUNT,
    "route": ["oral"] * COUNT,
    "strength": np.full(COUNT, 10.0),
    "unit": ["mg"] * COUNT,
    "quantity": np.full(COUNT, 30.0),
    "days_supply": np.full(COUNT, 30),
}


def encoded(**changes: Any) -> tuple[Claims, Lexicon]:
    lexicon = Lexicon()
    table = open_table(PLAIN | changes, where="fills", required=REQUIRED, optional=OPTIONAL)
    return encode(table, lexicon, first_row=0), lexicon


def reasons_of(claims: Claims) -> list[str | None]:
    return [REASONS[own - 1].name if own else None for own in claims.own.tolist()]


@pytest.mark.parametrize("kind", [list, np.array])
def test_odd_quantities_keep_their_words(kind: Any) -> None:
    values = [30.0, math.inf, 0.00001, 1e300]
    claims, lexicon = encoded(quantity=kind(values))
    assert reasons_of(claims) == [
        None,
        "QUANTITY_INFINITE",
        "QUANTITY_OFF_GRID",
        "TOO_LARGE_TO_SUM",
    ]
    assert claims.quantity[0] == 30_000
    words = [lexicon.words[code] for code in claims.quantity[1:].tolist()]
    assert words == ["inf", "1e-05", "1e+300"]
    assert (claims.marks & ODD_QUANTITY > 0).tolist() == [False, True, True, True]


def test_odd_days_and_dates_keep_their_words_and_the_first_reason_stands() -> None:
    claims, lexicon = encoded(
        fill_date=["2026-01-01", "soon", None, "2026-02-30"], days_supply=["30", "x", "1.5", None]
    )
    assert reasons_of(claims) == [None, "DATE_UNREADABLE", "DATE_MISSING", "DATE_UNREADABLE"]
    assert (claims.marks & UNDATED > 0).tolist() == [False, True, True, True]
    assert (claims.marks & ODD_DAYS > 0).tolist() == [False, True, True, True]
    assert [lexicon.words[code] for code in claims.day[[1, 3]].tolist()] == ["soon", "2026-02-30"]
    assert [lexicon.words[code] for code in claims.days[[1, 2]].tolist()] == ["x", "1.5"]
    assert (claims.day[2], claims.days[3]) == (-1, -1)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_may_be_encoded_a_few_at_a_time(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {
        "quantity": ["1", "x", "3", None],
        "ingredient": ["a", None, "b", "a"],
        "strength": np.array([5.0, math.nan, 0.1, 5.0]),
    }
    whole, lexicon = encoded(**changes)
    monkeypatch.setattr(module, "_CHUNK", rows)
    found, again = encoded(**changes)
    assert again.lines[found.line[2]] == lexicon.lines[whole.line[2]]
    assert [again.lines[code] for code in found.line] == [lexicon.lines[c] for c in whole.line]
    for name in ("day", "days", "own", "marks"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
    assert found.quantity[[0, 2]].tolist() == [1_000, 3_000]
    assert again.words[found.quantity[1]] == "x"
    assert found.quantity[3] == -1


def test_a_number_of_any_kind_is_the_same_count() -> None:
    expected = [30_000] * COUNT
    for kind in (np.float64, np.float32, np.int8, np.uint8, np.int64, np.uint64, object):
        claims, _ = encoded(quantity=np.full(COUNT, 30).astype(kind))
        assert claims.quantity.tolist() == expected


def test_bare_strengths_need_a_unit() -> None:
    fills = {name: values for name, values in PLAIN.items() if name != "unit"}
    table = open_table(fills, where="fills", required=REQUIRED, optional=OPTIONAL)
    with pytest.raises(ColumnError, match="there is no column unit"):
        encode(table, Lexicon(), first_row=0)


@pytest.mark.parametrize("name", ["strength", "quantity", "days_supply"])
def test_true_and_false_are_no_numbers(name: str) -> None:
    with pytest.raises(ColumnError, match=name):
        encoded(**{name: np.array([True, False, True, True])})
