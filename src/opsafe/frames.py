"""Any table of a caller to columns, and results back as the caller's own kind.

A table is a pandas, polars or pyarrow frame (or any other that narwhals reads), a mapping of
columns, a list of records, or :class:`~opsafe.columns.Columns`. Engines see only columns; this
module knows no engine. Null and NaN both mean missing, for every library alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from opsafe.columns import AnyArray, Column, Columns, Nullable, Text
from opsafe.errors import ArgumentTypeError, ColumnError

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["Table", "give_back", "open_table"]

Frame: TypeAlias = Any
"""A frame of the caller's own library, or Columns."""

_ACCEPTED: Final = (
    "a pandas, polars or pyarrow frame",
    "a mapping of columns",
    "a list of records (mappings)",
)
_BEYOND_INT64: Final = 2**63


class Table:
    """A caller's table with its columns found by our names.

    Parameters
    ----------
    where : str
        The argument it came in, for messages.
    source : narwhals DataFrame or mapping of str to Sequence
        The data under the caller's names.
    names : mapping of str to str
        Our name to the caller's, for the columns that exist.
    length : int
        Number of rows.
    """

    def __init__(
        self,
        where: str,
        source: nw.DataFrame[Any] | Mapping[str, Any],
        names: Mapping[str, str],
        length: int,
    ) -> None:
        self.where = where
        self._source = source
        self._names = dict(names)
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __contains__(self, name: object) -> bool:
        return name in self._names

    @property
    def is_frame(self) -> bool:
        """Whether the caller gave a dataframe (and so gets one back)."""
        return not isinstance(self._source, Mapping)

    def column(self, name: str) -> Column:
        """Read a column, by our name, into NumPy.

        Raises
        ------
        ColumnError
            If it holds timestamps with a time zone.
        """
        theirs = self._names[name]
        where = f"{self.where}[{theirs!r}]"
        if isinstance(self._source, Mapping):
            return _from_sequence(self._source[theirs], where)
        return _from_series(self._source[theirs], where)

    def gather(self, name: str, rows: AnyArray) -> Any:
        """Take the values of some rows, as the caller wrote them (type and all)."""
        values = self._source[self._names[name]]
        if not isinstance(self._source, Mapping):
            return values[rows.tolist()]
        if isinstance(values, Text):
            return Text(values.codes[rows], values.words, values.kind)
        if isinstance(values, Nullable):
            return Nullable(values.values[rows], values.valid[rows])
        if isinstance(values, np.ndarray):
            return values[rows]
        taken = [values[row] for row in rows.tolist()]
        return _plain_array(taken)

    def texts(self, name: str, rows: AnyArray, longest: int) -> list[str | None]:
        """Take the values of some rows as short texts, None where missing."""
        values = self.gather(name, rows)
        listed = values.array().tolist() if isinstance(values, Text | Nullable) else (
            values.tolist() if isinstance(values, np.ndarray) else values.to_list()
        )
        plain = (_plain(value) for value in listed)
        return [None if value is None else str(value)[:longest] for value in plain]

    def build(self, columns: Columns, taken: Mapping[str, AnyArray] | None = None) -> Frame:
        """Build a result as the caller's kind of table.

        Parameters
        ----------
        columns : Columns
            The computed columns.
        taken : mapping of str to array of int, optional
            Leading columns that are the caller's own values: our name to row positions.
        """
        parts = {name: self.gather(name, rows) for name, rows in (taken or {}).items()}
        if isinstance(self._source, Mapping):
            own = {name: columns.column(name) for name in columns.keys()}  # noqa: SIM118
            return Columns({**parts, **own})
        return give_back(columns, self._source, parts)


def give_back(columns: Columns, like: nw.DataFrame[Any], leading: Mapping[str, Any]) -> Frame:
    """Turn columns into a frame of the library that ``like`` belongs to."""
    import narwhals as nw  # noqa: PLC0415

    kind = like.implementation
    if kind.is_pandas():
        native: Any = columns.to_pandas()
    elif kind.is_polars():
        native = columns.to_polars()
    else:
        native = columns.to_arrow()
        if not kind.is_pyarrow():
            native = nw.from_arrow(native, backend=kind).to_native()
    frame = nw.from_native(native, eager_only=True)
    if not leading:
        return native
    series = [_own_index(values.alias(name), frame) for name, values in leading.items()]
    return frame.with_columns(*series).select(*leading, *columns.keys()).to_native()


def _own_index(series: nw.Series[Any], frame: nw.DataFrame[Any]) -> nw.Series[Any]:
    import narwhals as nw  # noqa: PLC0415

    return nw.maybe_align_index(nw.maybe_reset_index(series), frame)


def open_table(
    data: object,
    *,
    where: str,
    required: Iterable[str],
    optional: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
) -> Table:
    """Find the columns of a caller's table.

    Parameters
    ----------
    data : frame, mapping of columns, or list of records
        The table.
    where : str
        The argument it came in, for messages.
    required, optional : iterable of str
        Our names of the columns that must and may be there.
    columns : mapping of str to str, optional
        Our name to the caller's, where they differ.

    Returns
    -------
    Table
        The columns that exist, found but not yet read.

    Raises
    ------
    ColumnError
        If a column is missing, is there twice, or the lengths differ.
    ArgumentTypeError
        If ``data`` is no table.
    """
    required, optional = tuple(required), tuple(optional)
    mapping = _check_mapping(columns, (*required, *optional), where)
    source, length = _open(data, where)
    there = source.keys() if isinstance(source, Mapping) else source.columns
    available = tuple(str(name) for name in there)
    found = {
        name: mapping.get(name, name)
        for name in (*required, *optional)
        if mapping.get(name, name) in available
    }
    absent = [
        mapping.get(name, name)
        for name in (*required, *optional)
        if name not in found and (name in required or name in mapping)
    ]
    if absent:
        raise ColumnError(
            f"there is no column {', '.join(map(repr, absent))}",
            where=where,
            allowed=available,
            advice='Map your names with columns={"our_name": "your_name"}',
        )
    return Table(where, source, found, length)


def _check_mapping(
    columns: Mapping[str, str] | None, known: Sequence[str], where: str
) -> dict[str, str]:
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise ArgumentTypeError("is not a mapping of our names to yours", where="columns")
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise ColumnError(
            f"columns maps {', '.join(map(repr, unknown))}, which {where} does not use",
            where="columns",
            allowed=known,
        )
    return dict(columns)


def _open(data: object, where: str) -> tuple[nw.DataFrame[Any] | Mapping[str, Any], int]:
    if isinstance(data, Columns):
        data = {name: data.column(name) for name in data.keys()}  # noqa: SIM118
    if isinstance(data, Mapping):
        return _open_mapping(data, where)
    if isinstance(data, list | tuple):
        return _open_records(data, where)
    return _open_frame(data, where)


def _open_mapping(data: Mapping[Any, Any], where: str) -> tuple[Mapping[str, Any], int]:
    source: dict[str, Any] = {}
    for name, values in data.items():
        if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
            raise ArgumentTypeError("is not a column of values", where=f"{where}[{name!r}]")
        if not isinstance(values, np.ndarray | Text | Nullable | list | tuple):
            values = values.tolist() if hasattr(values, "tolist") else list(values)  # noqa: PLW2901
        source[str(name)] = values
    lengths = {name: len(values) for name, values in source.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise ColumnError(f"columns differ in length ({told})", where=where)
    if len(source) < len(data):
        raise ColumnError("two columns have the same name", where=where)
    return source, next(iter(lengths.values()), 0)


def _open_records(data: Sequence[Any], where: str) -> tuple[Mapping[str, Any], int]:
    names: dict[str, None] = {}
    for position, record in enumerate(data):
        if not isinstance(record, Mapping):
            raise ArgumentTypeError(
                f"record {position} is not a mapping of column to value", where=where
            )
        names.update(dict.fromkeys(map(str, record)))
    return {name: [record.get(name) for record in data] for name in names}, len(data)


def _open_frame(data: Any, where: str) -> tuple[nw.DataFrame[Any], int]:
    import narwhals as nw  # noqa: PLC0415

    names = _names_of(data)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise ColumnError(f"column {', '.join(map(repr, twice))} is there twice", where=where)
    try:
        frame = nw.from_native(data)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{type(data).__name__} is not a table", where=where, allowed=_ACCEPTED
        ) from error
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return frame, len(frame)


def _names_of(data: Any) -> list[Any]:
    names = getattr(data, "column_names", None)
    if names is None:
        names = getattr(data, "columns", ())
    try:
        return list(names)
    except TypeError:
        return []


def _from_series(series: nw.Series[Any], where: str) -> Column:
    import narwhals as nw  # noqa: PLC0415

    dtype = series.dtype
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        return _code(series.cast(nw.String).to_list())
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        raise _zoned(where)
    if isinstance(dtype, nw.Date | nw.Datetime):
        return series.to_numpy().astype("datetime64[D]")
    if isinstance(dtype, nw.Boolean):
        valid = ~series.is_null().to_numpy().astype(bool)
        return Nullable(series.fill_null(False).to_numpy().astype(bool), valid)
    if dtype.is_integer() and not isinstance(dtype, nw.UInt64 | nw.Int128 | nw.UInt128):
        missing = series.is_null().to_numpy().astype(bool)
        if not missing.any():
            return series.to_numpy().astype(np.int64)
        return Nullable(series.fill_null(0).to_numpy().astype(np.int64), ~missing)
    if dtype.is_float():
        kind = np.float32 if isinstance(dtype, nw.Float32) else np.float64
        if kind is np.float32:
            return np.asarray(series.to_numpy(), np.float32)
        return np.asarray(series.to_numpy(), np.float64)
    return _from_sequence(series.to_list(), where)


def _from_sequence(values: Any, where: str) -> Column:
    if isinstance(values, Text | Nullable):
        return values
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ColumnError(f"has {values.ndim} dimensions, not one", where=where)
        if values.dtype.kind in "iu" and values.dtype != np.uint64:
            return values.astype(np.int64)
        if values.dtype in (np.float32, np.float64):
            return values
        if values.dtype.kind == "M":
            return values.astype("datetime64[D]")
        values = values.tolist()
    return _from_objects([_plain(value) for value in values], where)


def _plain(value: Any) -> Any:
    """Fold every spelling of missing to None, and NumPy and pandas scalars to Python's own."""
    if isinstance(value, np.generic):
        # Nanoseconds would come back from item() as a bare integer.
        value = (
            value.astype("datetime64[us]").item()
            if isinstance(value, np.datetime64)
            else value.item()
        )
    if isinstance(value, float | Decimal) and value != value:
        return None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value


def _from_objects(values: list[Any], where: str) -> Column:
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return _code(values)
    if kinds == {bool}:
        valid = np.array([value is not None for value in values], bool)
        return Nullable(np.array([bool(value) for value in values], bool), valid)
    if kinds == {int}:
        return _integers(values)
    if kinds == {float}:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    if any(issubclass(kind, datetime) for kind in kinds) and any(
        isinstance(value, datetime) and value.tzinfo is not None for value in values
    ):
        raise _zoned(where)
    if all(issubclass(kind, date) for kind in kinds):
        days = [value.date() if isinstance(value, datetime) else value for value in values]
        return np.array(days, "datetime64[D]")
    kind: Literal["decimal", "mixed"] = "decimal" if kinds <= {Decimal, int} else "mixed"
    return _code([None if value is None else _as_text(value) for value in values], kind)


def _integers(values: list[Any]) -> Column:
    if any(value is not None and not -_BEYOND_INT64 <= value < _BEYOND_INT64 for value in values):
        return _code([None if value is None else str(value) for value in values], "decimal")
    valid = np.array([value is not None for value in values], bool)
    numbers = np.array([value or 0 for value in values], np.int64)
    return numbers if bool(valid.all()) else Nullable(numbers, valid)


def _as_text(value: Any) -> str:
    """Write a value of a mixed column so that numbers and dates can be read again exactly."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return f"<{value}>"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"<{type(value).__name__}>"


class _Coder(dict[Any, int]):
    """Gives each distinct word the next code, and anything that is not text -1."""

    def __init__(self) -> None:
        super().__init__({None: -1})
        self.words: list[str] = []

    def __missing__(self, word: Any) -> int:
        if not isinstance(word, str):
            return -1
        self[word] = len(self.words)
        self.words.append(word)
        return self[word]


def _code(values: Sequence[Any], kind: Literal["text", "decimal", "mixed"] = "text") -> Text:
    coder = _Coder()
    codes = np.fromiter(map(coder.__getitem__, values), np.int64, len(values))
    return Text(codes, tuple(coder.words), kind)


def _plain_array(values: list[Any]) -> AnyArray:
    kinds = set(map(type, values))
    if kinds == {int} and all(-_BEYOND_INT64 <= value < _BEYOND_INT64 for value in values):
        return np.array(values, np.int64)
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _zoned(where: str) -> ColumnError:
    return ColumnError(
        "timestamps with a time zone have no one date",
        where=where,
        advice="Choose the zone and drop it first, for example "
        'frame["fill_date"].dt.tz_convert("America/New_York").dt.tz_localize(None)',
    )
