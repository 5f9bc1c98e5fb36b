"""Tables that come one by one are joined as one, whatever their columns repeat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from opsafe.columns import AnyArray, Columns, Nullable, Text
from opsafe.mme._population.stack import Stack


def constant(value: float, size: int) -> AnyArray:
    return np.broadcast_to(np.array(value), size)


def joined(columns: Sequence[AnyArray]) -> AnyArray:
    stack = Stack(len(columns))
    for column in columns:
        stack.add(Columns({"one": column}))
    return stack.table()["one"]


@pytest.mark.parametrize("sizes", [(2, 50, 0, 7), (1, 1), (1, 2, 90), (0, 1, 1), (0, 0)])
def test_tables_longer_than_the_first_find_room(sizes: tuple[int, ...]) -> None:
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


def test_every_kind_of_column_is_joined() -> None:
    stack = Stack(2)
    for start in (0, 2):
        numbers = np.arange(start, start + 2)
        stack.add(
            Columns(
                {
                    "plain": numbers,
                    "nullable": Nullable(numbers, numbers % 2 == 0),
                    "text": Text(numbers % 2, ("a", "b")),
                }
            )
        )
    found = stack.table()
    assert found["plain"].tolist() == [0, 1, 2, 3]
    assert found["text"].tolist() == ["a", "b", "a", "b"]
    assert found.to_arrow()["nullable"].to_pylist() == [0, None, 2, None]
