"""Tables that come one by one are joined as one, whatever their columns repeat."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import numpy as np
import pytest

from opsafe.columns import AnyArray, Columns, Nullable, Text
from opsafe.mme._population import stack
from opsafe.mme._population.stack import Stack


def constant(value: float, size: int) -> AnyArray:
    return np.broadcast_to(np.array(value), size)


def joined(columns: Sequence[AnyArray]) -> AnyArray:
    tables = Stack(len(columns))
    for column in columns:
        tables.add(Columns({"one": column}))
    return tables.table()["one"]


@pytest.mark.parametrize("huge", [1, 64, stack._HUGE])
@pytest.mark.parametrize("sizes", [(2, 50, 0, 7), (1, 1), (1, 2, 90), (0, 1, 1), (0, 0)])
def test_tables_longer_than_the_first_find_room(
    sizes: tuple[int, ...], huge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "_HUGE", huge)
    pieces = [np.arange(size, dtype=np.int64) for size in sizes]
    np.testing.assert_array_equal(joined(pieces), np.concatenate(pieces))


def test_a_column_of_one_value_takes_no_memory() -> None:
    found = joined([constant(np.nan, 1000), constant(np.nan, 0), constant(np.nan, 500)])
    assert found.strides == (0,) and len(found) == 1500 and np.isnan(found).all()


@pytest.mark.parametrize(
    "pieces",
    [
        (constant(0.0, 3), constant(1.0, 2)),
        (constant(0.0, 3), np.array([5.0, 6.0]), constant(0.0, 2)),
        (np.array([5.0]), constant(2.0, 4)),
        (constant(0.0, 2), constant(-0.0, 2)),
        (constant(0.0, 0), np.array([1.0, 2.0])),
        (constant(0.0, 0), constant(0.0, 0)),
    ],
)
def test_values_that_come_after_a_repeated_one_are_kept(pieces: tuple[AnyArray, ...]) -> None:
    found, expected = joined(pieces), np.concatenate(pieces)
    assert found.tobytes() == expected.tobytes()


def test_what_is_made_of_a_large_table_outlives_it() -> None:
    size = stack._HUGE // 8 + 1
    made = Columns({"one": joined([np.arange(size), np.arange(size)])}).to_arrow()
    gc.collect()
    assert made["one"].to_pylist()[-2:] == [size - 2, size - 1]
    assert made["one"].to_numpy().sum() == size * (size - 1)


def test_every_kind_of_column_is_joined() -> None:
    tables = Stack(2)
    for start in (0, 2):
        numbers = np.arange(start, start + 2)
        tables.add(
            Columns(
                {
                    "plain": numbers,
                    "nullable": Nullable(numbers, numbers % 2 == 0),
                    "text": Text(numbers % 2, ("a", "b")),
                }
            )
        )
    found = tables.table()
    assert found["plain"].tolist() == [0, 1, 2, 3]
    assert found["text"].tolist() == ["a", "b", "a", "b"]
    assert found.to_arrow()["nullable"].to_pylist() == [0, None, 2, None]
