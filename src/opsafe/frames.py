"""Any table of a caller to columns, and results back as the caller's own kind.

A table is a pandas, polars or pyarrow frame (or any other that narwhals reads), a mapping of
columns, a list of records, or :class:`~opsafe.columns.Columns`; read in blocks, it may also be a
stream. Engines see only columns; this module knows no engine. Null and NaN both mean missing, for
every library alike.
"""

# More than 300 lines: a table, its blocks and the door to both share the names of columns.

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from opsafe._arguments import plain
from opsafe._columnize import from_sequence, from_series, identifiers_from_series, plain_array
from opsafe._identifiers import Identifiers, from_unsigned, read_identifiers
from opsafe._retype import column_like, series_like
from opsafe._streams import Part, Stream, find_stream
from opsafe.columns import AnyArray, Column, Columns, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["Blocks", "Table", "give_back", "open_blocks", "open_table"]

Frame: TypeAlias = Any
"""A frame of the caller's own library, or Columns."""

_ACCEPTED: Final = (
    "a pandas, polars or pyarrow frame",
    "a mapping of columns",
    "a list of records (mappings)",
)

# Below this many rows a batch costs more to open than its columns to copy.
_SHORTEST_BATCH: Final = 1 << 16


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
    def names(self) -> Mapping[str, str]:
        """Our name to the caller's, for the columns that exist."""
        return MappingProxyType(self._names)

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
            return from_sequence(self._source[theirs], where)
        return from_series(self._source.get_column(theirs), where)

    def identifiers(self, name: str) -> Identifiers:
        """Read a column of identifiers, by our name; text from the bytes where they are at hand.

        Raises
        ------
        ColumnError
            If they are no identifiers: see :func:`opsafe._identifiers.read_identifiers`.
        """
        theirs = self._names[name]
        where = f"{self.where}[{theirs!r}]"
        found = None
        if not isinstance(self._source, Mapping):
            found = identifiers_from_series(self._source.get_column(theirs), where)
        else:
            values = self._source[theirs]
            if isinstance(values, np.ndarray) and values.dtype == np.uint64 and values.ndim == 1:
                found = from_unsigned(values, None)
        if found is not None:
            return found
        return read_identifiers(self.column(name), where)

    def batches(self) -> list[Table]:
        """Cut an Arrow table where its columns are cut anyway, so that none is copied whole."""
        if isinstance(self._source, Mapping) or not self._source.implementation.is_pyarrow():
            return [self]
        import narwhals as nw

        parts = self._source.select(*self._names.values()).to_native().to_batches()
        if len(parts) < 2 or len(self) < _SHORTEST_BATCH * len(parts):
            return [self]
        tables = [type(self._source.to_native()).from_batches([part]) for part in parts]
        return [
            Table(self.where, nw.from_native(table, eager_only=True), self._names, table.num_rows)
            for table in tables
        ]

    def gather(self, name: str, rows: AnyArray) -> Any:
        """Take the values of some rows, as the caller wrote them (type and all)."""
        values = self._source[self._names[name]]
        if not isinstance(self._source, Mapping):
            return _take(values, rows)
        if isinstance(values, Text):
            return Text(values.codes[rows], values.words, values.kind)
        if isinstance(values, Nullable):
            return Nullable(values.values[rows], values.valid[rows])
        if isinstance(values, np.ndarray):
            return values[rows]
        taken = [values[row] for row in rows.tolist()]
        return plain_array(taken)

    def texts(self, name: str, rows: AnyArray, longest: int) -> list[str | None]:
        """Take the values of some rows as short texts, None where missing."""
        values = self.gather(name, rows)
        if isinstance(values, Text | Nullable):
            values = values.array()
        listed = values.tolist() if isinstance(values, np.ndarray) else values.to_list()
        return [None if value is None else str(value)[:longest] for value in map(plain, listed)]

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
            return _beside(parts, columns)
        return give_back(columns, self._source, parts)

    def build_for(self, columns: Columns, leading: Mapping[str, AnyArray] | None = None) -> Frame:
        """Build a result as the caller's kind of table, for identifiers that were restored.

        Parameters
        ----------
        columns : Columns
            The computed columns.
        leading : mapping of str to array, optional
            Leading columns: our name to identifiers as
            :func:`opsafe._identifiers.restore` gives them. They get the caller's own type.
        """
        source = self._source
        leading = leading or {}
        theirs = {name: source[self._names[name]] for name in leading}
        if isinstance(source, Mapping):
            made = {name: column_like(leading[name], theirs[name]) for name in leading}
            return _beside(made, columns)
        series = {name: series_like(leading[name], theirs[name]) for name in leading}
        return give_back(columns, source, series)


def _beside(leading: Mapping[str, Column], columns: Columns) -> Columns:
    own = {name: columns.column(name) for name in columns.keys()}  # noqa: SIM118
    return Columns({**leading, **own})


class Blocks:
    """A caller's data in blocks: one for data that stay at hand, many for a stream.

    Parameters
    ----------
    where : str
        The argument it came in, for messages.
    names : mapping of str to str
        Our name to the caller's, for the columns that exist.
    source : Table or Stream
        The one block, or what gives them.
    """

    def __init__(self, where: str, names: Mapping[str, str], source: Table | Stream) -> None:
        self.where = where
        self._names = dict(names)
        self._source = source
        self._like = source if isinstance(source, Table) else None
        self._parts: Iterator[Part] | None = None
        self._is_read = False

    @property
    def table(self) -> Table | None:
        """The only block of data that stay at hand; None of a stream, to be read once."""
        return self._source if isinstance(self._source, Table) else None

    @property
    def names(self) -> Mapping[str, str]:
        """Our name to the caller's, for the columns that exist."""
        return MappingProxyType(self._names)

    def __iter__(self) -> Iterator[Table]:
        """Give the blocks in order; a stream can be read once.

        Raises
        ------
        ArgumentError
            If a stream is read again.
        """
        return (read() for read in self.reads())

    def reads(self) -> Iterator[Callable[[], Table]]:
        """Give calls that read the blocks, in order, for threads to share; otherwise as above."""
        if isinstance(self._source, Table):
            table = self._source
            return iter((lambda: table,))
        if self._is_read:
            raise ArgumentError("is a stream, which can be read once", where=self.where)
        self._is_read = True
        self._open()
        return (partial(self._read, part) for part in self._parts or ())

    def empty(self) -> Table:
        """A block of a stream without rows, for its columns and their types."""
        return self._open()

    def build(self, columns: Columns, leading: Mapping[str, AnyArray] | None = None) -> Frame:
        """Build a result as the caller's kind of table; see :meth:`Table.build_for`.

        A stream of polars gives polars; every other stream gives pyarrow.
        """
        return self._open().build_for(columns, leading)

    def _open(self) -> Table:
        """A block without rows (or the only one), which knows the caller's kind and types."""
        if self._like is None:
            assert isinstance(self._source, Stream)
            empty, self._parts = self._source.open(tuple(dict.fromkeys(self._names.values())))
            self._like = self._table(empty)
        return self._like

    def _read(self, part: Part) -> Table:
        return self._table(part())

    def _table(self, native: Any) -> Table:
        import narwhals as nw

        frame = nw.from_native(native, eager_only=True)
        return Table(self.where, frame, self._names, len(frame))


def give_back(columns: Columns, like: nw.DataFrame[Any], leading: Mapping[str, Any]) -> Frame:
    """Turn columns into a frame of the library that ``like`` belongs to."""
    import narwhals as nw

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


def _take(series: nw.Series[Any], rows: AnyArray) -> nw.Series[Any]:
    """Take rows of a series; kinds that its library cannot take from, by way of Python."""
    import narwhals as nw

    try:
        taken: nw.Series[Any] = series[rows.tolist()]
    except NotImplementedError:
        values = series.to_list()
        written = [values[row] for row in rows.tolist()]
        taken = nw.new_series(series.name, written, backend=series.implementation)
    return taken


def _own_index(series: nw.Series[Any], frame: nw.DataFrame[Any]) -> nw.Series[Any]:
    import narwhals as nw

    if not series.implementation.is_pandas_like():
        return series
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
    if isinstance(source, Mapping) and not source and not length:
        source = {mapping.get(name, name): [] for name in required}
    there: Iterable[Any] = source.keys() if isinstance(source, Mapping) else source.columns
    return Table(where, source, _find(there, required, optional, mapping, where), length)


def open_blocks(
    data: object,
    *,
    where: str,
    required: Iterable[str],
    optional: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
) -> Blocks:
    """Find the columns of a caller's table or stream, to read it block by block.

    Parameters
    ----------
    data : table or stream
        What :func:`open_table` takes; or a DuckDB relation, a lazy polars frame, a pyarrow
        dataset, scanner or reader, an ibis table, or another source of Arrow's stream.
    where, required, optional, columns
        As of :func:`open_table`.

    Returns
    -------
    Blocks
        The columns that exist, found but not yet read.

    Raises
    ------
    ColumnError
        If a column is missing or is there twice, before any row of a stream is read.
    ArgumentTypeError
        If ``data`` is neither table nor stream.
    """
    required, optional = tuple(required), tuple(optional)
    stream = (
        None if isinstance(data, Columns | Mapping | list | tuple) else find_stream(data, where)
    )
    if stream is None:
        table = open_table(data, where=where, required=required, optional=optional, columns=columns)
        return Blocks(where, table.names, table)
    mapping = _check_mapping(columns, (*required, *optional), where)
    _refuse_twins(stream.names, where)
    return Blocks(where, _find(stream.names, required, optional, mapping, where), stream)


def _find(
    there: Iterable[Any],
    required: Sequence[str],
    optional: Sequence[str],
    mapping: Mapping[str, str],
    where: str,
) -> dict[str, str]:
    """Our name to the caller's, for the columns that are there."""
    available = tuple(name for name in there if isinstance(name, str))
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
            f"there is no column {', '.join(map(repr, absent))}; there are: {', '.join(available)}",
            where=where,
            advice='Map your names with columns={"our_name": "your_name"}',
        )
    return found


def _check_mapping(
    columns: Mapping[str, str] | None, known: Sequence[str], where: str
) -> dict[str, str]:
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise ArgumentTypeError("is not a mapping of our names to yours", where="columns")
    for name, yours in columns.items():
        if not isinstance(yours, str):
            raise ArgumentTypeError(
                "is no name of a column", where=f"columns[{name!r}]", value=type(yours).__name__
            )
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
    import narwhals as nw

    _refuse_twins(_names_of(data), where)
    try:
        frame = nw.from_native(data)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{type(data).__name__} is not a table", where=where, allowed=_ACCEPTED
        ) from error
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return frame, len(frame)


def _refuse_twins(names: Sequence[Any], where: str) -> None:
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise ColumnError(f"column {', '.join(map(repr, twice))} is there twice", where=where)


def _names_of(data: Any) -> list[Any]:
    if hasattr(data, "collect_schema"):
        return []  # polars: its names differ, and asking a lazy frame for them is costly
    names: Any = getattr(data, "column_names", None)
    if names is None:
        names = getattr(data, "columns", ())
    try:
        return list(names)
    except TypeError:
        return []
