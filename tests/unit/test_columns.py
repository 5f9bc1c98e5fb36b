from __future__ import annotations

import sys
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from opsafe.columns import AnyArray, Column, Columns, Nullable, Text
from opsafe.errors import ColumnError, MissingExtraError
from tests.tables import rows_of

VALID = np.array([True, False])


def objects(*values: Any) -> AnyArray:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def every_kind() -> dict[str, Column]:
    return {
        "number": np.array([1.5, np.nan]),
        "day": np.array(["2024-02-29", "NaT"], "M8[D]"),
        "count": np.array([1, 2]),
        "nullable_count": Nullable(np.array([7, 8]), VALID),
        "nullable_flag": Nullable(np.array([True, True]), VALID),
        "flag": np.array([True, False]),
        "word": Text(np.array([0, -1]), ("oral", "nasal")),
        "object": objects("a", None),
        "nothing": objects(None, None),
        "no_word": Text(np.array([-1, -1]), ()),
    }


ROWS = [
    {
        "number": 1.5, "day": date(2024, 2, 29), "count": 1, "nullable_count": 7,
        "nullable_flag": True, "flag": True, "word": "oral", "object": "a", "nothing": None,
        "no_word": None,
    },
    {
        "number": None, "day": None, "count": 2, "nullable_count": None, "nullable_flag": None,
        "flag": False, "word": None, "object": None, "nothing": None, "no_word": None,
    },
]  # fmt: skip


def test_every_kind_of_column_goes_to_pandas_with_its_nulls() -> None:
    frame = Columns(every_kind()).to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert rows_of(frame) == ROWS
    assert frame["nullable_count"].dtype == pd.Int64Dtype()
    assert frame["nullable_flag"].dtype == pd.BooleanDtype()
    assert frame["number"].dtype == np.float64
    assert frame["day"].dtype == np.dtype("M8[s]")


def test_every_kind_of_column_goes_to_polars_with_its_nulls() -> None:
    frame = Columns(every_kind()).to_polars()
    assert isinstance(frame, pl.DataFrame)
    assert rows_of(frame) == ROWS
    assert frame["number"].null_count() == 1
    assert frame.dtypes == [
        *(pl.Float64, pl.Date, pl.Int64, pl.Int64, pl.Boolean, pl.Boolean),
        *(pl.String, pl.String, pl.String, pl.String),
    ]


def test_every_kind_of_column_goes_to_arrow_with_its_nulls() -> None:
    table = Columns(every_kind()).to_arrow()
    assert isinstance(table, pa.Table)
    assert rows_of(table) == ROWS
    assert table["number"].null_count == 1
    assert [str(kind) for kind in table.schema.types] == [
        *("double", "date32[day]", "int64", "int64", "bool", "bool"),
        *("string", "string", "string", "string"),
    ]


def test_a_table_without_rows_keeps_the_kinds_of_its_columns() -> None:
    none = np.zeros(0, np.int64)
    empty = Columns(
        {"count": Nullable(none, none.astype(bool)), "word": Text(none, ()), "object": objects()}
    )
    assert len(empty) == 0
    assert len(empty.to_pandas()) == 0
    assert empty.to_polars().dtypes == [pl.Int64, pl.String, pl.String]
    assert [str(kind) for kind in empty.to_arrow().schema.types] == ["int64", "string", "string"]


def test_a_table_without_columns_has_no_rows() -> None:
    empty = Columns({})
    assert (len(empty), empty.keys()) == (0, ())
    assert empty.to_pandas().shape == empty.to_polars().shape == empty.to_arrow().shape == (0, 0)


def test_object_columns_other_than_text_keep_their_values() -> None:
    table = Columns({"days": objects(date(2024, 1, 1), None)})
    assert table.to_polars()["days"].to_list() == [date(2024, 1, 1), None]
    assert table.to_arrow()["days"].to_pylist() == [date(2024, 1, 1), None]


def test_text_is_words_with_none_where_missing() -> None:
    text = Text(np.array([1, -1, 0, 1]), ("a", "b"))
    assert len(text) == 4
    assert text.array().tolist() == ["b", None, "a", "b"]


@pytest.mark.parametrize(
    "codes, expected", [([1, 1], ["b", "b"]), ([-1, -1], [None, None]), ([0, 1], ["a", "b"])]
)
def test_a_word_that_repeats_is_the_same_in_arrow(
    codes: list[int], expected: list[str | None]
) -> None:
    table = Columns({"word": Text(np.array(codes), ("a", "b"))}).to_arrow()
    assert str(table.schema.field("word").type) == "string"
    assert table["word"].to_pylist() == expected


def test_complete_nullable_integers_stay_integers() -> None:
    whole = Nullable(np.array([1, 2]), np.array([True, True]))
    assert whole.array().dtype == np.int64
    broken = Nullable(np.array([1, 2]), VALID)
    np.testing.assert_array_equal(broken.array(), [1.0, np.nan])


def test_a_view_is_frozen_and_the_array_of_the_caller_is_not() -> None:
    own = np.array([1.0, 2.0])
    table = Columns({"x": own})
    with pytest.raises(ValueError, match="read-only"):
        table["x"][0] = 9.0
    own[0] = 5.0
    assert own.flags.writeable


def test_a_column_is_found_by_name_and_its_absence_is_told() -> None:
    table = Columns(every_kind())
    assert "word" in table and "other" not in table and 3 not in table
    assert isinstance(table.column("word"), Text)
    assert table["word"].tolist() == ["oral", None]
    with pytest.raises(ColumnError, match=r"no column 'other'.*Allowed: number, day") as raised:
        table["other"]
    assert raised.value.allowed == table.keys()


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ColumnError, match=r"differ in length: \[1, 2\]"):
        Columns({"a": np.zeros(1), "b": Text(np.zeros(2, np.int64), ("x",))})


def test_a_table_is_not_silently_iterated_or_hashed() -> None:
    table: Any = Columns({"a": np.zeros(1)})
    with pytest.raises(TypeError, match=r"loop over \.keys\(\)"):
        list(table)
    with pytest.raises(TypeError, match="unhashable"):
        hash(table)


def test_tables_are_equal_by_names_order_and_values_with_missing_equal_to_missing() -> None:
    assert Columns(every_kind()) == Columns(every_kind())
    assert Columns({"a": np.array([1])}) != Columns({"a": np.array([2])})
    assert Columns({"a": np.array([1])}) != Columns({"b": np.array([1])})
    both = {"a": np.array([1]), "b": np.array([1])}
    assert Columns(both) != Columns(dict(reversed(both.items())))
    assert Columns({"a": np.array([1.0])}) != Columns({"a": objects("x")})
    assert Columns({"a": np.array([1])}) != 1


def test_the_repr_counts_and_names_but_shows_no_rows() -> None:
    assert repr(Columns({"member_id": np.array([987654321])})) == "Columns(1 rows: member_id)"


def test_html_shows_ten_rows_and_escapes() -> None:
    long = Columns({"<n>": np.arange(1200)})._repr_html_()
    assert long.count("<tr>") == 11
    assert "&lt;n&gt;" in long and "<p>1,200 rows</p>" in long
    short = Columns({"x": objects("a<b")})._repr_html_()
    assert "<td>a&lt;b</td>" in short and "rows" not in short


@pytest.mark.parametrize(
    "library, method", [("pandas", "to_pandas"), ("polars", "to_polars"), ("pyarrow", "to_arrow")]
)
def test_a_library_that_is_not_installed_is_named(
    library: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=f"{library} is not installed.*pip install"):
        getattr(Columns({"a": np.zeros(1)}), method)()


def test_text_of_words_repeats_its_rows() -> None:
    text = Text.of(["b", "a", "b"])
    assert (text.codes.tolist(), text.words) == ([0, 1, 0], ("b", "a"))
    assert text.repeat(2).array().tolist() == ["b", "b", "a", "a", "b", "b"]
    assert Text.of([]).repeat(3).array().tolist() == []
