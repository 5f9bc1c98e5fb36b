"""Text columns that travel as one come out as they went in."""

from __future__ import annotations

from collections.abc import Sequence
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import _spark_text

ROWS = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.tuples(*[st.none() | st.sampled_from(["", "oral", "þÿ"]) | st.text()] * columns),
        min_size=1,
    )
)


def pack(row: Sequence[str | None]) -> bytes:
    """Do what the SQL does."""
    return b"\xff".join(b"\xfe" if text is None else text.encode() for text in row)


@given(ROWS, st.integers(1, 5), st.integers(1, 5))
def test_packed_rows_come_apart(
    rows: list[tuple[str | None, ...]], batch: int, together: int
) -> None:
    table = pa.table({"number": range(len(rows)), "packed": pa.array(map(pack, rows), pa.binary())})
    names = [f"column {at}" for at in range(len(rows[0]))]
    with mock.patch.object(_spark_text, "_ROWS", together):
        found = list(_spark_text.unpacked(table.to_batches(batch), names))
    assert [one.schema.names for one in found] == [["number", *names]] * len(found)
    numbers = [number for one in found for number in one["number"].to_pylist()]
    assert numbers == list(range(len(rows)))
    for at, name in enumerate(names):
        texts = [text for one in found for text in one[name].cast(pa.string()).to_pylist()]
        assert texts == [row[at] for row in rows]


def test_no_batch_is_no_batch() -> None:
    assert list(_spark_text.unpacked([], ["a", "b"])) == []


def test_bytes_that_are_no_text_are_left_to_the_reader() -> None:
    batch = pa.record_batch({"packed": pa.array([b"a\xffb\xffc"], pa.binary())})
    (found,) = _spark_text.unpacked([batch], ["a", "b"])
    with pytest.raises(UnicodeDecodeError):
        found["b"].to_pylist()
