"""Identifiers back in the type of the column that they came from.

What was read as 7 goes back as an int32, a decimal, a float or a category, in the library that
it came from, so that a result joins to the caller's own tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from opsafe._arguments import plain
from opsafe._columnize import code_words, plain_array
from opsafe.columns import AnyArray, Column, Nullable, Text

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["column_like", "series_like"]


def series_like(values: AnyArray, source: nw.Series[Any]) -> nw.Series[Any]:
    """Make a series of the library and type of ``source``.

    Parameters
    ----------
    values : array
        Integers, or objects: text or Python's integers, None where missing.
    source : narwhals Series
        The column that they were read from; only its type matters, and of objects the first.
    """
    import narwhals as nw

    kind, native = source.implementation, source.to_native()
    made: Any
    if kind.is_pyarrow():
        import pyarrow as pa

        made = pa.chunked_array([_in_arrow(values, native.type)])
    elif kind.is_polars():
        made = _in_polars(values, native)
    elif kind.is_pandas():
        made = _in_pandas(values, native)
    else:
        return nw.new_series(source.name, values.tolist(), source.dtype, backend=kind)
    return nw.from_native(made, series_only=True)


def column_like(values: AnyArray, source: Any) -> Column:
    """Make a column of the type of one of a mapping of columns."""
    if isinstance(source, Text):
        words = [None if value is None else str(value) for value in values.tolist()]
        return code_words(words, source.kind)
    if isinstance(source, Nullable):
        return Nullable(values.astype(source.values.dtype), np.ones(len(values), bool))
    if isinstance(source, np.ndarray) and source.dtype != object:
        return values.astype(source.dtype)
    return plain_array(_as_first(values, source))


def _as_first(values: AnyArray, source: Iterable[Any]) -> list[Any]:
    """Turn identifiers into what the first of the column is: of 7.0 and 7 all become as it is."""
    first = next((value for value in source if plain(value) is not None), None)
    listed: list[Any] = values.tolist()
    if not isinstance(first, Decimal | float):
        return listed
    return [None if value is None else type(first)(value) for value in listed]


def _in_arrow(values: AnyArray, kind: Any) -> Any:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        coded = _in_arrow(values, kind.value_type).dictionary_encode()
        try:
            indices = coded.indices.cast(kind.index_type)
        except pa.ArrowInvalid:  # parts of a stream had dictionaries of their own
            indices = coded.indices
        return pa.DictionaryArray.from_arrays(indices, coded.dictionary, ordered=kind.ordered)
    if types.is_null(kind):
        return pa.nulls(len(values))
    if types.is_decimal(kind):
        listed = values.tolist()
        return pa.array([None if value is None else Decimal(value) for value in listed], kind)
    if types.is_floating(kind):
        return pa.array(values.astype(kind.to_pandas_dtype()))
    return pa.array(values, kind)


def _in_polars(values: AnyArray, source: Any) -> Any:
    import polars as pl

    kind = source.dtype
    if kind == pl.Object:
        return pl.Series(source.name, _as_first(values, source), dtype=pl.Object)
    if values.dtype != object:
        return pl.Series(source.name, values).cast(kind)
    listed = values.tolist()
    if all(value is None or isinstance(value, str) for value in listed):
        return pl.Series(source.name, listed, dtype=pl.String).cast(kind)
    if kind == pl.Decimal:
        listed = [None if value is None else Decimal(value) for value in listed]
    return pl.Series(source.name, listed, dtype=kind)


def _in_pandas(values: AnyArray, source: Any) -> Any:
    import pandas as pd

    kind = source.dtype
    if isinstance(kind, pd.ArrowDtype):
        import pyarrow as pa

        array = pa.chunked_array([_in_arrow(values, kind.pyarrow_dtype)])
        return pd.Series(pd.arrays.ArrowExtensionArray(array), name=source.name)
    if isinstance(kind, pd.CategoricalDtype):
        of_kind = _in_pandas(values, kind.categories.to_series())
        return pd.Series(pd.Categorical(of_kind, dtype=kind), name=source.name)
    if kind.kind == "O" and isinstance(kind, np.dtype):
        own = np.empty(len(values), object)
        own[:] = _as_first(values, source)
        return pd.Series(own, name=source.name, dtype=object)
    # Through NumPy's own type where there is one: from a list, integers may pass through a float.
    plain_kind = getattr(kind, "numpy_dtype", kind)
    if isinstance(plain_kind, np.dtype):
        values = values.astype(plain_kind)
    return pd.Series(pd.array(values, dtype=kind), name=source.name)
