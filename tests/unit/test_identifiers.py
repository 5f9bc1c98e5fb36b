from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe._columnize import from_sequence
from opsafe._identifiers import (
    HASH,
    LONGEST,
    Identifiers,
    concatenate,
    equal_neighbours,
    from_bytes,
    order,
    read_identifiers,
    restore,
    take,
    widen,
)
from opsafe._packing import SPACES
from opsafe._readings import read_codes
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ColumnError
from opsafe.frames import open_table
from tests.tables import rows_of


def identifiers(values: Any) -> Identifiers:
    return read_identifiers(from_sequence(values, "x"), "fills['x']")


def of_frame(native: Any) -> Identifiers:
    return open_table(native, where="fills", required=["id"]).identifiers("id")


def listed(found: Identifiers) -> list[Any]:
    """Return identifiers as Python's own values, None where missing."""
    values: list[Any] = restore(found).tolist()
    if found.missing is None:
        return values
    return [
        None if missing else value for value, missing in zip(values, found.missing, strict=True)
    ]


def blank_is_none(values: list[Any]) -> list[Any]:
    return [None if value is None or not str(value).strip() else value for value in values]


WORDS = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("\0\x01 a\u2003\xa0\u3042é")),
    max_size=20,
)
SPELLINGS = st.one_of(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.none() | st.integers(-(2**66), 2**66)),
    st.lists(st.none() | st.integers(-5, 5)),
    st.lists(st.none() | st.decimals(-(10**20), 10**20, places=0)),
    st.lists(st.none() | WORDS),
    st.lists(st.none() | st.sampled_from(["a", "A", " a", "a\0", "a\x01", "1", "01", "", " "])),
)

# --------------------------------------------------------------------------- values and equality


@given(SPELLINGS)
def test_identifiers_come_back_as_they_were(values: list[Any]) -> None:
    assert listed(identifiers(values)) == blank_is_none(values)


@given(SPELLINGS)
def test_identifiers_part_and_order_the_rows_as_codes_do(values: list[Any]) -> None:
    column = from_sequence(values, "x")
    found, codes = read_identifiers(column, "x"), read_codes(column, "x").codes
    there = np.flatnonzero(codes >= 0)
    assert (found.missing is None) == (len(there) == len(values))
    known = take(found, there)
    assert known.missing is None
    ranked = order(known)
    assert np.all(np.diff(codes[there][ranked]) >= 0)
    alike = equal_neighbours(take(known, ranked))
    assert alike[1:].tolist() == (np.diff(codes[there][ranked]) == 0).tolist()


@given(st.lists(WORDS, min_size=1))
def test_words_are_equal_where_the_text_is_and_nowhere_else(values: list[str]) -> None:
    found = identifiers(values)
    assert found.words is not None
    distinct = {tuple(row) for row in found.words.tolist()}
    assert len(distinct) == len(set(blank_is_none(values)))


def test_the_words_are_the_bytes_and_their_end() -> None:
    found = identifiers(["ab", "a" * 8, None])
    assert found.words is not None
    assert found.words.tolist() == [
        [0x6162_0100_0000_0000, 0],
        [0x6161_6161_6161_6161, 0x0100_0000_0000_0000],
        [0, 0],
    ]
    assert found.key.tolist()[2] == 0


def test_a_missing_identifier_equals_no_other() -> None:
    found = identifiers([0, None, None, 0, 0])
    assert equal_neighbours(found).tolist() == [False, False, False, False, True]


def test_a_shared_key_does_not_make_two_identifiers_one() -> None:
    found = identifiers(["a", "b", "b"])
    collided = Identifiers("text", np.full(3, 7), found.words, None)
    assert equal_neighbours(collided).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "values, kind",
    [
        ([7, -7], "integer"),
        ([Decimal("12.0"), 12], "integer"),
        ([1.0, 2.0**53 - 1], "integer"),
        ([2**63, 1], "wide"),
        ([Decimal(-(2**64)), 12], "wide"),
        (["7"], "text"),
        ([None], "text"),
    ],
)
def test_whole_numbers_are_integers_however_they_are_written(values: Any, kind: str) -> None:
    found = identifiers(values)
    assert found.kind == kind
    assert listed(found) == values


def test_an_array_of_small_integers_widens_without_a_wrap() -> None:
    for kind in (np.int8, np.uint8, np.uint32):
        top = np.iinfo(kind).max
        assert listed(read_identifiers(np.array([top, 0], kind), "x")) == [top, 0]
    both = Nullable(np.array([5, 9], np.int16), np.array([True, False]))
    assert read_identifiers(both, "x").key.tolist() == [5, 0]


@pytest.mark.parametrize(
    "values",
    [
        [1, "1"], [1.0, 1], [b"x"], [True, False], [Decimal("1.5")], [Decimal("Infinity")],
        [2.0**53], [1.5], np.array([2**24], np.float32), np.array(["2024-01-01"], "M8[D]"),
    ],
)  # fmt: skip
def test_what_is_no_identifier_is_refused_as_codes_refuse_it(values: Any) -> None:
    column = from_sequence(values, "x")
    with pytest.raises(ColumnError) as expected:
        read_codes(column, "x")
    with pytest.raises(ColumnError) as raised:
        read_identifiers(column, "x")
    assert str(raised.value) == str(expected.value)


def test_an_identifier_may_be_long_but_not_endless() -> None:
    long = "x" * LONGEST
    assert listed(identifiers([long, "y"])) == [long, "y"]
    for native in ({"id": [long + "x"]}, pa.table({"id": [long + "x"]})):
        with pytest.raises(ColumnError, match=f"more than {LONGEST} bytes") as raised:
            of_frame(native)
        assert "xxx" not in str(raised.value)


def test_blank_is_what_python_calls_white_space() -> None:
    spaces = [chr(code) for code in range(sys.maxunicode) if chr(code).isspace()]
    assert "".join(spaces) == SPACES
    for space in (*spaces, "".join(spaces)):
        assert identifiers([space, space + "x", "x"]).missing is not None
        assert listed(identifiers([space, space + "x"])) == [None, space + "x"]
    assert identifiers(["\u2045", "\u3042", "\x85\x86"]).missing is None


def test_half_a_surrogate_is_a_letter_like_others() -> None:
    assert listed(identifiers(["\ud800", "a"])) == ["\ud800", "a"]


# ------------------------------------------------------------------------------------- the hash


def by_hand(text: str) -> int:
    """Hash a text with plain integers, as the name of the hash promises for good."""
    data = text.encode() + b"\x01"
    total = 0
    for place in range(0, len(data), 8):
        word = int.from_bytes(data[place : place + 8].ljust(8, b"\0"), "big")
        word = word * (0x9E3779B97F4A7C15 * (place // 4 + 1) % 2**64 | 1) % 2**64
        word = (word ^ word >> 32) * 0xFF51AFD7ED558CCD % 2**64
        total += word ^ word >> 29
    total %= 2**64
    for multiplier in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        total = (total ^ total >> 33) * multiplier % 2**64
    return total ^ total >> 33


def test_the_hash_is_the_one_of_its_name() -> None:
    """Data may be spilled by key: another hash needs another name."""
    assert HASH == "opsafe-words-1"
    assert by_hand("a") == 0xB43DA39C9B649538
    texts = ["a", "member-0000001", "12345678", "é" * 50]
    assert identifiers(texts).key.view(np.uint64).tolist() == list(map(by_hand, texts))


def test_the_hash_does_not_depend_on_what_else_is_there() -> None:
    short, beside = identifiers(["abc"]), identifiers(["abc", "x" * 100])
    assert short.words is not None and beside.words is not None
    assert short.words.shape[1] < beside.words.shape[1]
    assert short.key[0] == beside.key[0]


def test_a_changed_letter_moves_half_of_the_bits() -> None:
    rng = np.random.default_rng(5)
    letters = rng.integers(97, 123, (4000, 14), dtype=np.uint8)
    for place in range(14):
        changed = letters.copy()
        changed[:, place] ^= 1
        flips = _keys(letters) ^ _keys(changed)
        bits = np.unpackbits(flips.view(np.uint8).reshape(-1, 8), axis=1)
        assert abs(bits.sum(axis=1).mean() - 32) < 0.5
        assert np.all(np.abs(bits.mean(axis=0) - 0.5) < 0.05)


def _keys(letters: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    rows, width = letters.shape
    starts = np.arange(rows, dtype=np.int64) * width
    return from_bytes(letters.ravel(), starts, np.full(rows, width), None, "x").key


@pytest.mark.parametrize("written", ["{}", "{:09}", "M{:07}", "member-{:09}-x", "{:09}{:09}"])
def test_consecutive_numbers_spread_over_all_partitions(written: str) -> None:
    key = identifiers([written.format(number, number) for number in range(1 << 16)]).key
    assert len(np.unique(key)) == len(key)
    for shift in (0, 8, 32, 56):
        count = np.bincount((key >> shift) & 255, minlength=256)
        assert np.all(np.abs(count - 256) < 6 * 16)


# --------------------------------------------------------------------------------------- roads


def _odd_dictionary(values: list[str | None]) -> pa.Array:
    """Make a dictionary with an unused word, a null and each word twice."""
    words = [*dict.fromkeys(value for value in values if value is not None)]
    dictionary = ["unused", None, *words, *words]
    places = [
        None if value is None else 2 + words.index(value) + (row % 2) * len(words)
        for row, value in enumerate(values)
    ]
    places = [1 if place is None and row % 2 else place for row, place in enumerate(places)]
    return pa.DictionaryArray.from_arrays(
        pa.array(places, pa.int16()), pa.array(dictionary, pa.string())
    )


def _without_room(values: list[str | None]) -> pa.Array:
    """Make an array whose bytes end where the last text does."""
    array = pa.array(values, pa.large_string())
    _, offsets, data = array.buffers()
    valid = array.buffers()[0]
    exact = None if data is None else pa.py_buffer(bytes(data)[: np.frombuffer(offsets, "i8")[-1]])
    return pa.Array.from_buffers(array.type, len(array), [valid, offsets, exact])


def categorical(values: list[str | None]) -> Any:
    """Make a category of pandas, of which older releases take "" and a null byte for the same."""
    words = list(dict.fromkeys(value for value in values if value is not None))
    codes = [-1 if value is None else words.index(value) for value in values]
    return pd.Categorical.from_codes(codes, pd.Index(words))


ROADS: dict[str, Callable[[list[str | None]], Any]] = {
    "list": lambda values: {"id": values},
    "pandas text": lambda values: pd.DataFrame(
        {"id": pd.array(values, pd.StringDtype(na_value=np.nan))}
    ),
    "pandas object": lambda values: pd.DataFrame({"id": pd.Series(values, dtype=object)}),
    "pandas string": lambda values: pd.DataFrame({"id": pd.array(values, "string[python]")}),
    "pandas category": lambda values: pd.DataFrame({"id": categorical(values)}),
    "pandas arrow": lambda values: pd.DataFrame(
        {"id": pd.Series(values, dtype=pd.ArrowDtype(pa.string()))}
    ),
    "polars": lambda values: pl.DataFrame({"id": values}, schema={"id": pl.String}),
    "polars category": lambda values: pl.DataFrame({"id": values}, schema={"id": pl.Categorical}),
    "arrow": lambda values: pa.table({"id": pa.array(values, pa.string())}),
    "arrow large": lambda values: pa.table({"id": pa.array(values, pa.large_string())}),
    "arrow view": lambda values: pa.table({"id": pa.array(values, pa.string_view())}),
    "arrow dictionary": lambda values: pa.table(
        {"id": pa.array(values, pa.string()).dictionary_encode()}
    ),
    "arrow odd dictionary": lambda values: pa.table({"id": _odd_dictionary(values)}),
    "arrow chunks": lambda values: pa.table(
        {"id": pa.chunked_array([values[:2], [], values[2:]], pa.string())}
    ),
    "arrow slice": lambda values: pa.table(
        {"id": pa.array(["é", "x" * 30, None, *values, "y"], pa.string())[3:-1]}
    ),
    "arrow dictionary chunks": lambda values: pa.table(
        {
            "id": pa.chunked_array(
                [pa.array(v, pa.string()).dictionary_encode() for v in (values[:3], values[3:])]
            )
        }
    ),
    "arrow odd dictionary chunks": lambda values: pa.table(
        {"id": pa.chunked_array([_odd_dictionary(values[:3]), _odd_dictionary(values[3:])])}
    ),
    "arrow dictionary slice": lambda values: pa.table(
        {"id": pa.array([None, "z", *values], pa.string()).dictionary_encode()[2:]}
    ),
    "arrow without room": lambda values: pa.table({"id": _without_room(values)}),
}


@pytest.mark.parametrize("road", list(ROADS))
@given(values=st.lists(st.none() | WORDS, max_size=12))
def test_every_library_gives_the_same_identifiers(road: str, values: list[str | None]) -> None:
    native = ROADS[road](values)
    found, expected = of_frame(native), identifiers(values)
    assert listed(found) == blank_is_none(values)
    assert found.kind == expected.kind and found.key.tolist() == expected.key.tolist()


@pytest.mark.parametrize("road", list(ROADS))
@given(values=st.lists(st.none() | WORDS, max_size=12))
def test_every_library_gives_the_same_words(road: str, values: list[str | None]) -> None:
    column = open_table(ROADS[road](values), where="fills", required=["id"]).column("id")
    assert isinstance(column, Text) and column.kind == "text"
    assert column.array().tolist() == values
    assert len(set(column.words)) == len(column.words)
    assert np.issubdtype(column.codes.dtype, np.signedinteger)
    assert bool(column.words) == any(value is not None for value in values)


def test_more_rows_than_fit_a_slab_and_an_end_without_room() -> None:
    values: list[str | None] = [f"{number:x}" * (1 + number % 3) for number in range(40_000)]
    values[::1000] = [None] * 40
    found = of_frame(pa.table({"id": _without_room(values)}))
    assert listed(found) == values


def test_a_dictionary_of_many_words_gives_up_those_without_a_row() -> None:
    words = [f"w{number}" for number in range(1000)]
    coded = pa.DictionaryArray.from_arrays(pa.array([999, None, 7], pa.uint16()), words)
    column = open_table(pa.table({"id": coded}), where="x", required=["id"]).column("id")
    assert isinstance(column, Text) and column.words == ("w7", "w999")


@pytest.mark.parametrize("kind", [pa.uint8(), pa.int8(), pa.uint16(), pa.uint32(), pa.uint64()])
def test_codes_of_a_dictionary_become_signed(kind: Any) -> None:
    words = [f"w{number}" for number in range(100 if kind == pa.int8() else 200)]
    places = [*range(len(words)), None]
    coded = pa.DictionaryArray.from_arrays(pa.array(places, kind), words)
    column = open_table(pa.table({"id": coded}), where="x", required=["id"]).column("id")
    assert isinstance(column, Text) and column.array().tolist() == [*words, None]


def test_codes_of_any_width_go_back_to_every_library() -> None:
    words = Columns({"word": Text(np.array([0, -1, 1], np.int8), ("a", "b"))})
    expected = [{"word": "a"}, {"word": None}, {"word": "b"}]
    for table in (words, words.to_pandas(), words.to_polars(), words.to_arrow()):
        assert rows_of(table) == expected


def test_integers_are_not_copied_and_cannot_be_written_to() -> None:
    own = np.array([3, 4])
    natives = [{"id": own}, pd.DataFrame({"id": own}, copy=False), pa.table({"id": pa.array(own)})]
    for native in natives:
        key = of_frame(native).key
        assert np.shares_memory(key, own)
        assert not key.flags.writeable


def test_bytes_that_are_no_text_are_refused() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")]
    )
    for array in (broken, pa.DictionaryArray.from_arrays(pa.array([0]), broken)):
        table = open_table(pa.table({"id": array}), where="x", required=["id"])
        with pytest.raises(ColumnError, match="not valid Unicode"):
            table.identifiers("id")
        with pytest.raises(ColumnError, match="not valid Unicode"):
            table.column("id")


UNSIGNED: dict[str, Callable[[list[int]], Any]] = {
    "array": lambda values: {"id": np.array(values, np.uint64)},
    "pandas": lambda values: pd.DataFrame({"id": np.array(values, np.uint64)}),
    "pandas nullable": lambda values: pd.DataFrame({"id": pd.array(values, "UInt64")}),
    "polars": lambda values: pl.DataFrame({"id": values}, schema={"id": pl.UInt64}),
    "arrow": lambda values: pa.table({"id": pa.array(values, pa.uint64())}),
    "decimal": lambda values: pa.table(
        {"id": pa.array([Decimal(value) for value in values], pa.decimal128(38, 2))}
    ),
    "polars decimal": lambda values: pl.DataFrame(
        {"id": [Decimal(value) for value in values]}, schema={"id": pl.Decimal(38, 1)}
    ),
    "list": lambda values: {"id": values},
}


@pytest.mark.parametrize("road", list(UNSIGNED))
@pytest.mark.parametrize("values", [[2**63, 7, 2**64 - 1, 2**63 - 1], [3, 1, 2], []])
def test_integers_beyond_int64_keep_their_digits(road: str, values: list[int]) -> None:
    found = of_frame(UNSIGNED[road](values))
    expected = identifiers(values)
    assert found.kind == expected.kind or not values
    assert listed(found) == values
    assert found.key.tolist() == expected.key.tolist()
    assert [values[row] for row in order(found)] == sorted(values)


def test_a_null_beside_large_integers_is_missing() -> None:
    found = of_frame(pl.DataFrame({"id": [2**64 - 1, None, 5]}, schema={"id": pl.UInt64}))
    assert listed(found) == [2**64 - 1, None, 5]
    assert listed(widen(identifiers([5, None]))) == [5, None]


def test_a_broken_decimal_is_no_identifier() -> None:
    broken = pa.table({"id": [Decimal("1.50"), Decimal("2.00")]})
    with pytest.raises(ColumnError, match="whole decimals"):
        of_frame(broken)


# ------------------------------------------------------------------------------------- joining


@given(st.lists(SPELLINGS, max_size=3))
def test_blocks_join_as_if_they_had_come_together(blocks: list[list[Any]]) -> None:
    kinds = {type(value) is str for block in blocks for value in block if value is not None}
    parts = [identifiers(block) for block in blocks]
    if len({part.kind == "text" for part in parts if set(listed(part)) - {None}}) > 1:
        with pytest.raises(ColumnError, match="mixed types"):
            concatenate(parts, "x")
        assert len(kinds) == 2
        return
    joined = concatenate(parts, "x")
    assert listed(joined) == blank_is_none([value for block in blocks for value in block])
    assert joined.key.tolist() == [key for part in parts for key in part.key.tolist()]


def test_nothing_joins_to_nothing() -> None:
    assert len(concatenate([], "x")) == 0


def test_an_identifier_stands_in_no_picture_of_them() -> None:
    assert repr(identifiers(["secret"])) == "Identifiers(1 rows, text)"
