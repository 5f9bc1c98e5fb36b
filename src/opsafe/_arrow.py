"""Words behind a library's own Arrow arrays, without an object for each row.

Pandas, polars and pyarrow keep text as Arrow does: bytes beside offsets, or codes beside a
dictionary. Both are read here as they stand; decimals become words too, which are exact. A
dictionary may hold a word twice, nulls and words that no row uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from opsafe._identifiers import (
    Identifiers,
    concatenate,
    from_bytes,
    read_identifiers,
    take,
    unreadable,
)
from opsafe.columns import AnyArray, Nullable, SignedArray, Text
from opsafe.quantity import BoolArray

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["find_arrow", "identifiers_of", "numbers_of", "text_of"]

# A dictionary of so many words may belong to other columns too; only words in use are kept.
_SHARED: Final = 256


def find_arrow(series: nw.Series[Any]) -> Any | None:
    """Find the Arrow array of a series of text or decimals; None where there is none."""
    native = series.to_native()
    array: Any = None
    if series.implementation.is_pyarrow():
        array = native
    elif series.implementation.is_polars():
        array = _from_polars(series)
    elif series.implementation.is_pandas():
        array = _from_pandas(native)
    if array is None:
        return None
    import pyarrow as pa

    if not isinstance(array, pa.ChunkedArray):
        array = pa.chunked_array([array])
    return array if pa.types.is_decimal(array.type) or _is_text(array) else None


def _from_polars(series: nw.Series[Any]) -> Any | None:
    import narwhals as nw

    if not isinstance(series.dtype, nw.String | nw.Categorical | nw.Enum | nw.Decimal):
        return None
    try:
        return series.to_native().to_arrow()
    except ImportError:  # polars alone, without pyarrow
        return None


def _from_pandas(native: Any) -> Any | None:
    import pandas as pd

    dtype = native.dtype
    in_arrow = isinstance(dtype, pd.ArrowDtype) or (
        isinstance(dtype, pd.StringDtype) and dtype.storage.startswith("pyarrow")
    )
    return native.array.__arrow_array__() if in_arrow else None


def _is_text(array: Any) -> bool:
    """Whether an Arrow array holds text, or codes of text."""
    from pyarrow import types

    kind = array.type
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


# ------------------------------------------------------------------------------------ words


def text_of(array: Any, where: str) -> Text:
    """Read an Arrow array of text or decimals as codes into its words."""
    import pyarrow as pa

    kind: Literal["text", "decimal"] = "decimal" if pa.types.is_decimal(array.type) else "text"
    if array.null_count == len(array):
        return Text(np.full(len(array), -1, np.int8), ())
    if not pa.types.is_dictionary(array.type):
        array = _bytes_and_offsets(array).dictionary_encode()
    elif array.num_chunks > 1:
        try:
            array = array.unify_dictionaries()
        except pa.ArrowException:  # a dictionary with nulls
            array = array.cast(array.type.value_type)
            array = _bytes_and_offsets(array).dictionary_encode()
    chunks = [chunk for chunk in array.chunks if len(chunk)]
    dictionary = chunks[0].dictionary
    codes = [_codes(chunk, len(dictionary)) for chunk in chunks]
    together = codes[0] if len(codes) == 1 else np.concatenate(codes)
    return _distinct(together, dictionary, kind, where)


def _bytes_and_offsets(array: Any) -> Any:
    """Turn views, which older releases cannot encode, into plain large text."""
    import pyarrow as pa

    if not pa.types.is_string_view(array.type):
        return array
    try:
        return array.cast(pa.large_string())
    except pa.ArrowNotImplementedError:  # releases that know views, and cannot cast them either
        chunks = [pa.array(chunk.to_pylist(), pa.large_string()) for chunk in array.chunks]
        return pa.chunked_array(chunks, pa.large_string())


def _codes(chunk: Any, words: int) -> SignedArray:
    """Codes of a dictionary array as signed integers, -1 where null; a view where that is one."""
    indices = _values(chunk.indices, _numpy_type(chunk.indices.type))
    signed = np.dtype(f"i{indices.itemsize}")
    if indices.dtype.kind == "u" and words > np.iinfo(signed).max:
        signed = np.dtype(f"i{min(2 * indices.itemsize, 8)}")
        indices = indices.astype(signed)
    codes: SignedArray = indices.view(signed)
    if chunk.indices.null_count:
        codes = np.where(_valid(chunk.indices), codes, signed.type(-1))
    return codes


def _distinct(
    codes: SignedArray, dictionary: Any, kind: Literal["text", "decimal"], where: str
) -> Text:
    """Give each word one code, and none to nulls and (of many words) to those without a row."""
    try:
        words = dictionary.to_pylist()
    except UnicodeDecodeError:
        raise unreadable(where) from None
    used = np.ones(len(words), bool)
    if len(words) > _SHARED:
        marked = np.zeros(len(words) + 1, bool)
        marked[codes] = True
        used = marked[:-1]
    distinct: dict[str, int] = {}
    lookup = np.full(len(words) + 1, -1, np.int64)
    for code in np.flatnonzero(used).tolist():
        if words[code] is not None:
            lookup[code] = distinct.setdefault(str(words[code]), len(distinct))
    if len(distinct) < len(words):
        codes = lookup[codes] if len(words) >= 2**31 else lookup.astype(np.int32)[codes]
        if not (codes >= 0).any():
            distinct = {}  # a column without any value says nothing, whatever words it knows
    return Text(codes, tuple(distinct), kind)


# ------------------------------------------------------------------------------- identifiers


def identifiers_of(array: Any, where: str) -> Identifiers | None:
    """Read an Arrow array of text or decimals as identifiers; None where its words must tell."""
    import pyarrow as pa

    if pa.types.is_decimal(array.type):
        return _of_decimals(array, where)
    if pa.types.is_dictionary(array.type):
        parts = [_of_dictionary(chunk, where) for chunk in array.chunks]
    else:
        parts = [_of_bytes(chunk, where) for chunk in _bytes_and_offsets(array).chunks]
    return concatenate(parts, where) if parts else read_identifiers(_NOTHING, where)


def _of_decimals(array: Any, where: str) -> Identifiers | None:
    import pyarrow as pa

    try:
        whole = array.cast(pa.int64())  # refuses a broken number and one that does not fit
    except pa.ArrowException:
        return None
    values = whole.fill_null(0).to_numpy()
    valid = array.is_valid().to_numpy()
    return read_identifiers(Nullable(values, valid), where)


_NOTHING: Final = Text(np.zeros(0, np.int64), ())


def _of_dictionary(chunk: Any, where: str) -> Identifiers:
    import pyarrow as pa

    nobody = pa.nulls(1, chunk.dictionary.type)  # at the end, where code -1 finds it
    dictionary = _bytes_and_offsets(pa.chunked_array([chunk.dictionary, nobody]))
    distinct = _of_bytes(dictionary.combine_chunks(), where)
    return take(distinct, _codes(chunk, len(chunk.dictionary)))


def _of_bytes(chunk: Any, where: str) -> Identifiers:
    import pyarrow as pa

    if isinstance(chunk, pa.ChunkedArray):
        chunk = chunk.chunk(0)
    rows = len(chunk)
    _, offsets, data = chunk.buffers()
    kind = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
    places = np.zeros(1, np.int64)
    if rows:
        written = np.frombuffer(offsets, kind)[chunk.offset : chunk.offset + rows + 1]
        places = written.astype(np.int64, copy=False)
    letters = np.frombuffer(b"" if data is None else data, np.uint8)
    if (letters[places[0] : places[-1]] >= 0x80).any():
        try:
            chunk.validate(full=True)
        except pa.ArrowInvalid:
            raise unreadable(where) from None
    missing = ~_valid(chunk) if chunk.null_count else None
    return from_bytes(letters, places[:-1], np.diff(places), missing, where)


# ------------------------------------------------------------------------------------ numbers


def numbers_of(series: nw.Series[Any]) -> tuple[AnyArray, BoolArray | None] | None:
    """Read numbers or days of pyarrow as they lie; None where they are not of pyarrow.

    Returns
    -------
    values, missing : array, array of bool or None
        Integers (0 where missing), floats (NaN where missing) or days since 1970-01-01 as
        ``datetime64[D]`` (NaT where missing); and which are missing, None when none is.
    """
    if not series.implementation.is_pyarrow():
        return None
    from pyarrow import types

    native: Any = series.to_native()
    kind = native.type
    is_number = types.is_integer(kind) or types.is_float32(kind) or types.is_float64(kind)
    if not (is_number or types.is_date32(kind)):
        return None
    chunks = native.chunks if hasattr(native, "chunks") else [native]
    dtype = np.dtype(np.int32) if types.is_date32(kind) else _numpy_type(kind)
    values = _joined([_values(chunk, dtype) for chunk in chunks], dtype)
    if types.is_date32(kind):
        values = values.astype(np.int64).view("datetime64[D]")
    missing = None
    if native.null_count:
        missing = ~_joined([_valid(chunk) for chunk in chunks], np.dtype(bool))
        if len(chunks) == 1 and not types.is_date32(kind):
            values = values.copy()  # they are the caller's own
        values[missing] = {"f": np.nan, "M": np.datetime64("NaT", "D")}.get(values.dtype.kind, 0)
    return values, missing


def _joined(parts: list[AnyArray], dtype: np.dtype[Any]) -> AnyArray:
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, dtype), *parts])


# ------------------------------------------------------------------------------------ buffers


def _valid(array: Any) -> BoolArray:
    if not array.null_count:
        return np.ones(len(array), bool)
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    first, offset = array.offset // 8, array.offset % 8
    count = offset + len(array)
    flags = np.unpackbits(bits[first:], count=count, bitorder="little")
    return flags[offset:].view(bool)


def _numpy_type(kind: Any) -> np.dtype[Any]:
    """Return the type of NumPy for numbers; older releases of pyarrow ask pandas for it."""
    name = str(kind)
    return np.dtype({"float": "float32", "double": "float64"}.get(name, name))


def _values(array: Any, kind: np.dtype[Any]) -> AnyArray:
    """Values of an array of plain numbers as a view, whatever stands where it is null."""
    if not len(array):
        return np.zeros(0, kind)
    values = np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array)]
    values.flags.writeable = False
    return values
