"""Columns of few words that travel as one: a text costs Spark more on the way than its bytes.

In Spark their bytes are put side by side, between bytes that no text in UTF-8 has. In a worker the
distinct rows are taken apart again, each of them once, and the columns are codes of their words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

__all__ = ["expression", "unpacked"]

_BETWEEN: Final = b"\xff"
_MISSING: Final = b"\xfe"
# Rows that are taken apart together: Spark's batches are small, and say the same again.
_ROWS: Final = 1 << 18


def expression(columns: Sequence[str]) -> str:
    """Write the SQL of Spark that packs some columns of text.

    Examples
    --------
    >>> expression(["a", "b"])
    "concat(ifnull(binary(a), X'FE'), X'FF', ifnull(binary(b), X'FE'))"
    """
    between = f", X'{_BETWEEN.hex().upper()}', "
    missing = f"X'{_MISSING.hex().upper()}'"
    return f"concat({between.join(f'ifnull(binary({one}), {missing})' for one in columns)})"


def unpacked(batches: Iterable[Any], names: Sequence[str]) -> Iterator[Any]:
    """Take the last column of Arrow batches apart.

    Parameters
    ----------
    batches : iterable of Arrow record batches
        The packed columns are the last one.
    names : sequence of str
        Names of the columns that were packed, in order.

    Yields
    ------
    Arrow record batch
        The columns before, and a dictionary of text for each that was packed.
    """
    import pyarrow as pa

    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += len(batch)
        if rows >= _ROWS:
            yield from _apart(pa.Table.from_batches(held), names)
            held, rows = [], 0
    if held:
        yield from _apart(pa.Table.from_batches(held), names)


def _apart(table: Any, names: Sequence[str]) -> Iterator[Any]:
    import pyarrow as pa

    last = table.num_columns - 1
    coded = table.column(last).combine_chunks().dictionary_encode()
    table = table.remove_column(last)
    written = [one.split(_BETWEEN, len(names) - 1) for one in coded.dictionary.to_pylist()]
    place = coded.indices.to_numpy()
    for name, column in zip(names, zip(*written, strict=True), strict=True):
        words: dict[bytes, int] = {}
        own = [-1 if one == _MISSING else words.setdefault(one, len(words)) for one in column]
        codes = np.array(own, np.int32).take(place)
        # Bytes that are no text are found where text is read, like those of any other column.
        text = pa.array(list(words), pa.binary()).view(pa.string())
        missing = codes < 0 if -1 in own else None
        table = table.append_column(
            name, pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), text)
        )
    yield from table.to_batches()
