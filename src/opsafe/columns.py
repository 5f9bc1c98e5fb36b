"""A small frozen table of NumPy columns: what engines take and give for batches.

A column is a NumPy array, a :class:`Text` (codes into a vocabulary of distinct words) or a
:class:`Nullable` (integers or booleans of which some are missing). Missing floats are NaN and
missing dates NaT. A result of millions of members is one of these, never a list of objects.
"""

# More than 300 lines: the kinds of columns, and the table of them that every engine shares.

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.errors import ColumnError, MissingExtraError

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Column", "Columns", "Nullable", "Text"]

AnyArray: TypeAlias = npt.NDArray[Any]
SignedArray: TypeAlias = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Text as codes into its distinct words; code -1 is missing.

    Codes are of any width, as the library that made them had them: calculate with none of them.
    ``kind`` remembers what was written: text, whole or broken decimals, or several kinds mixed.
    """

    codes: SignedArray
    words: tuple[str, ...]
    kind: Literal["text", "decimal", "mixed"] = "text"

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, words: Iterable[str]) -> Text:
        """Return text as a column of distinct words, in order of their first appearance."""
        place: dict[str, int] = {}
        codes = np.array([place.setdefault(word, len(place)) for word in words], np.int64)
        return cls(codes, tuple(place))

    def repeat(self, times: int) -> Text:
        """Return the column with each row so many times, one after the other."""
        return Text(np.repeat(self.codes, times), self.words, self.kind)

    def array(self) -> AnyArray:
        """Return the words themselves, None where missing, as an object array."""
        lookup = np.empty(len(self.words) + 1, object)
        lookup[:-1] = self.words
        lookup[-1] = None
        return lookup[self.codes]


@dataclass(frozen=True, slots=True, eq=False)
class Nullable:
    """Integers or booleans of which those with ``valid`` False are missing."""

    values: AnyArray
    valid: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.values)

    def array(self) -> AnyArray:
        """Return plain integers when complete, else floats with NaN (NumPy has no null)."""
        if bool(self.valid.all()):
            return self.values
        return np.where(self.valid, self.values.astype(np.float64), np.nan)


Column: TypeAlias = AnyArray | Text | Nullable


class Columns:
    """A frozen table of named columns of one length.

    Parameters
    ----------
    columns : mapping of str to Column
        The columns in order; they are read-only here, and stay as they are for the caller.

    Raises
    ------
    ColumnError
        If lengths differ.

    Examples
    --------
    >>> table = Columns({"day": np.array([1, 2]), "mme_per_day": np.array([60.0, np.nan])})
    >>> table.keys(), len(table), float(table["mme_per_day"][0])
    (('day', 'mme_per_day'), 2, 60.0)
    """

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[str, Column]) -> None:
        lengths = {len(column) for column in columns.values()}
        if len(lengths) > 1:
            raise ColumnError(f"columns differ in length: {sorted(lengths)}", where="Columns")
        self._columns = {name: _frozen(column) for name, column in columns.items()}
        self._length = lengths.pop() if lengths else 0

    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns in order."""
        return tuple(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, name: str) -> AnyArray:
        column = self.column(name)
        return column if isinstance(column, np.ndarray) else column.array()

    def __iter__(self) -> None:
        raise TypeError("Columns is a table: loop over .keys(), or turn it into a frame first")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Columns):
            return NotImplemented
        return self.keys() == other.keys() and all(
            _same(self[name], other[name]) for name in self._columns
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Columns({len(self)} rows: {', '.join(self._columns)})"

    def _repr_html_(self) -> str:
        shown = range(min(len(self), 10))
        cells = {name: self[name] for name in self._columns}
        head = "".join(f"<th>{html.escape(name)}</th>" for name in cells)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(str(c[row]))}</td>" for c in cells.values())
            + "</tr>"
            for row in shown
        )
        more = f"<p>{len(self):,} rows</p>" if len(self) > len(shown) else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def column(self, name: str) -> Column:
        """Return a column as it is stored.

        Raises
        ------
        ColumnError
            If there is no column of that name.
        """
        try:
            return self._columns[name]
        except KeyError:
            raise ColumnError(
                f"there is no column {name!r}", where="Columns", allowed=self._columns
            ) from None

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas DataFrame; missing integers become pandas' nullable integers."""
        try:
            import pandas as pd
        except ImportError:
            raise _missing("pandas") from None
        data: dict[str, Any] = {}
        for name, column in self._columns.items():
            if isinstance(column, Nullable):
                values = column.values
                kind = pd.arrays.BooleanArray if values.dtype == bool else pd.arrays.IntegerArray
                data[name] = kind(values.copy(), ~column.valid)
            else:
                array = column if isinstance(column, np.ndarray) else column.array()
                data[name] = array.astype("datetime64[s]") if array.dtype.kind == "M" else array
        return pd.DataFrame(data)

    def to_polars(self) -> polars.DataFrame:
        """Return a polars DataFrame; NaN becomes null."""
        try:
            import polars as pl
        except ImportError:
            raise _missing("polars") from None
        data: dict[str, Any] = {}
        for name, column in self._columns.items():
            if isinstance(column, Nullable):
                series = pl.Series(name, column.values)
                data[name] = series.set(pl.Series(~column.valid), None)
            elif isinstance(column, Text):
                words = pl.Series(name, column.words, dtype=pl.String)
                codes = pl.Series(column.codes)
                data[name] = words.gather(codes.set(codes < 0, None))
            elif column.dtype.kind == "f":
                data[name] = pl.Series(name, column).fill_nan(None)
            elif column.dtype.kind == "O":
                data[name] = pl.Series(
                    name, column.tolist(), pl.String if _is_text(column) else None
                )
            else:
                data[name] = pl.Series(name, column)
        return pl.DataFrame(data)

    def to_arrow(self) -> pyarrow.Table:
        """Return a pyarrow Table; NaN becomes null."""
        try:
            import pyarrow as pa
        except ImportError:
            raise _missing("pyarrow") from None
        data: dict[str, Any] = {}
        zeros = cache(lambda: pa.py_buffer(np.zeros(self._length, np.int64)))
        for name, column in self._columns.items():
            if isinstance(column, Nullable):
                data[name] = _arrow(column.values, column.valid, zeros)
            elif isinstance(column, Text):
                data[name] = _arrow_text(column)
            elif column.dtype.kind == "f":
                data[name] = _arrow(column, ~np.isnan(column), zeros)
            elif column.dtype.kind == "M":
                days = column.astype("datetime64[D]", copy=False).view(np.int64)
                data[name] = _arrow(days.astype(np.int32), ~np.isnat(column), zeros, pa.date32())
            elif column.dtype.kind == "O":
                data[name] = pa.array(column, pa.string() if _is_text(column) else None)
            elif column.dtype.kind in "iu":
                data[name] = _arrow(column, None, zeros)
            else:
                data[name] = pa.array(column)
        return pa.table(data)


def _arrow(
    values: AnyArray, valid: AnyArray | None, zeros: Callable[[], Any], kind: Any = None
) -> pyarrow.Array:
    """Make an Arrow array over the values as they lie, since results can be large.

    Columns of nulls alone share one buffer of zeros.
    """
    import pyarrow as pa

    if values.dtype == bool:
        return pa.array(values, mask=None if valid is None else ~valid)
    kind = kind or pa.from_numpy_dtype(values.dtype)
    nulls, bits = 0, None
    if valid is not None and not valid.all():
        nulls = len(valid) - int(np.count_nonzero(valid))
        if nulls == len(values):
            return pa.Array.from_buffers(kind, len(values), [zeros(), zeros()], nulls)
        bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [bits, data], nulls)


def _arrow_text(column: Text) -> pyarrow.Array:
    """Make an Arrow array of words without an object for each row."""
    import pyarrow as pa

    if not column.words:
        return pa.nulls(len(column), pa.string())
    codes = column.codes.astype(np.int32)
    if len(codes) and bool((codes == codes[0]).all()):  # one word, or none, is soon repeated
        word = str(column.words[codes[0]]) if codes[0] >= 0 else None
        return pa.repeat(pa.scalar(word, pa.string()), len(codes))
    words = pa.array([str(word) for word in column.words], pa.string())
    coded = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), words)
    return coded.cast(pa.string())


def _frozen(column: Column) -> Column:
    """A view that cannot be written to: the caller's own array keeps its rights."""
    if isinstance(column, Text):
        return Text(_read_only(column.codes), column.words, column.kind)
    if isinstance(column, Nullable):
        return Nullable(_read_only(column.values), _read_only(column.valid))
    return _read_only(column)


def _read_only(array: AnyArray) -> AnyArray:
    view = array.view()
    view.flags.writeable = False
    return view


def _is_text(column: AnyArray) -> bool:
    """Whether an object column is text: one without any value is, so that kinds never change."""
    return all(value is None or isinstance(value, str) for value in column.tolist())


def _same(left: AnyArray, right: AnyArray) -> bool:
    if left.dtype.kind == "O" or right.dtype.kind == "O":
        return bool(left.tolist() == right.tolist())
    equal: bool = np.array_equal(
        left, right, equal_nan=left.dtype.kind == right.dtype.kind and left.dtype.kind in "fM"
    )
    return equal


def _missing(library: str) -> MissingExtraError:
    return MissingExtraError(
        f"{library} is not installed", where=f"to_{library}", advice=f"Run: pip install {library}"
    )
