"""Spark frames: a function over whole groups of rows, and its tables side by side.

Rows meet their group in one shuffle and go to Python as Arrow batches. What comes back are
several tables at once, tagged and laid side by side in one: Spark computes it once, writes it
once, and each table is a filter of what was written. This module knows no engine, and runs none:
frames of Spark itself and of Spark Connect are used through their own methods alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final, TypeAlias

from opsafe._arguments import read_whole
from opsafe._spark_shipping import Shipping
from opsafe._spark_written import TAG
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, MissingExtraError

__all__ = ["Group", "SparkFrame", "is_spark_frame"]

# Rows that go back to Spark together.
_BATCH: Final = 1 << 14
# What Spark itself starts with; a cluster may say "auto".
_PARTITIONS: Final = 200
_DATES: Final = ("timestamp", "timestamp_ntz")

Group: TypeAlias = Callable[[Any], Iterator[tuple[str, Any]]]
"""From a reader of Arrow batches (or an Arrow table) of whole groups to tables and their tags."""


def is_spark_frame(data: object) -> bool:
    """Say whether this is a frame of Spark or of Spark Connect, without importing either."""
    return any(
        kind.__name__ == "DataFrame" and kind.__module__.startswith("pyspark.sql.")
        for kind in type(data).__mro__
    )


class SparkFrame:
    """A caller's Spark frame, its columns found by position.

    Parameters
    ----------
    data : pyspark.sql.DataFrame
        The frame.
    where : str
        The argument it came in, for messages.

    Raises
    ------
    ArgumentTypeError
        If it is no Spark frame.
    ArgumentError
        If it is a stream of Spark's, which never ends.
    MissingExtraError
        If pyarrow is not installed.
    """

    def __init__(self, data: Any, where: str) -> None:
        if not is_spark_frame(data):
            raise ArgumentTypeError(
                f"{type(data).__name__} is not a Spark DataFrame",
                where=where,
                advice="Make it one with spark.createDataFrame(...)",
            )
        if data.isStreaming:
            raise ArgumentError("is a streaming DataFrame, which never ends", where=where)
        _pyarrow(where)
        self.where = where
        self.names: tuple[str, ...] = tuple(data.columns)
        self._data = data
        self._fields = tuple(data.schema.fields)

    @property
    def session(self) -> Any:
        """The session that the frame belongs to."""
        return self._data.sparkSession

    def empty(self) -> Any:
        """Make an Arrow table without rows, of the types that the rows will be shipped in."""
        import pyarrow as pa

        types = [self._arrow_type(position) for position in range(len(self.names))]
        arrays = [pa.array([], pa.null() if one is None else one) for one in types]
        return pa.Table.from_arrays(arrays, names=list(self.names))

    def typical(self) -> Any:
        """Make a row that shows what kind each column is of; text may say anything, so nothing."""
        import pyarrow as pa

        table = self.empty()
        arrays = [_zero(field.type) for field in table.schema]
        return pa.Table.from_arrays(arrays, names=table.column_names)

    def check(self, names: Sequence[str]) -> None:
        """Refuse columns that are not plain values."""
        for name in names:
            position = self.names.index(name)
            if self._arrow_type(position) is None:
                kind = self._fields[position].dataType.simpleString()
                raise ColumnError(f"is of type {kind[:60]}", where=f"{self.where}[{name!r}]")

    def _arrow_type(self, position: int) -> Any | None:
        import pyarrow as pa
        from pyspark.errors import PySparkException
        from pyspark.sql.pandas.types import to_arrow_type

        kind = self._fields[position].dataType
        if kind.typeName() in _DATES:
            return pa.date32()
        try:
            found = to_arrow_type(kind)
        except (PySparkException, TypeError):
            return None
        return None if pa.types.is_nested(found) else found

    def says_anything(self, name: str) -> bool:
        """Whether a column has any value; Spark stops at the first."""
        chosen = self._chosen([self._column(name)])
        return bool(chosen.filter("column_0 is not null").limit(1).count())

    def partitions(self, asked: int | None) -> int:
        """Say into how many partitions to shuffle: as asked, or as Spark would."""
        if asked is None:
            said = self.session.conf.get("spark.sql.shuffle.partitions", str(_PARTITIONS))
            return int(said) if said.isdigit() and int(said) else _PARTITIONS
        return read_whole(asked, "partitions", 1, 10**6)

    def map_groups(
        self,
        group: Group,
        names: Sequence[str],
        key: str,
        like: Mapping[str, Any],
        partitions: int,
        few_words: Sequence[str] = (),
    ) -> Any:
        """Plan a function over whole groups of rows; nothing runs yet.

        Parameters
        ----------
        group : callable
            Called once a partition; pickled, so it holds plain data only.
        names : sequence of str
            The columns that it needs; others never leave their files.
        key : str
            The column whose equal values are a group.
        like : mapping of str to Arrow table
            Tables without rows, by tag: what ``group`` will give.
        partitions : int
            Partitions to shuffle into.
        few_words : sequence of str, optional
            Those of the columns that say few different things.

        Returns
        -------
        pyspark.sql.DataFrame
            The tagged table, not yet computed.
        """
        from pyspark.sql.pandas.types import from_arrow_schema

        kinds = {name: self._arrow_type(self.names.index(name)) for name in names}
        texts = {name for name in few_words if self._is_text(name)}
        shipping = Shipping.plan(kinds, key, texts)
        chosen = self._chosen(shipping.expressions(self._column))
        together = chosen.repartition(partitions, f"column_{shipping.alone.index(key)}")
        schema = _side_by_side(like)
        return together.mapInArrow(_shipped(group, shipping, schema), from_arrow_schema(schema))

    def _chosen(self, expressions: Sequence[str]) -> Any:
        """Choose columns by position, since Spark's names depend on its settings."""
        every = self._data.toDF(*(f"position_{at}" for at in range(len(self.names))))
        return every.selectExpr(*(f"{one} as column_{at}" for at, one in enumerate(expressions)))

    def _column(self, name: str) -> str:
        position = self.names.index(name)
        column = f"position_{position}"
        is_date = self._fields[position].dataType.typeName() in _DATES
        return f"cast({column} as date)" if is_date else column

    def _is_text(self, name: str) -> bool:
        return bool(self._fields[self.names.index(name)].dataType.simpleString() == "string")


def _zero(kind: Any) -> Any:
    """One value of a type: zero, false or the first day; null where a type has none of these."""
    import pyarrow as pa

    types = pa.types
    if types.is_decimal(kind):
        return pa.array([Decimal(0)], kind)
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind):
        return pa.array([0]).cast(kind)
    if types.is_date32(kind):
        return pa.array([0], pa.int32()).cast(kind)
    return pa.nulls(1, kind)


def _pyarrow(where: str) -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "pyarrow is not installed", where=where, advice="Run: pip install opsafe[spark]"
        ) from None


def _side_by_side(like: Mapping[str, Any]) -> Any:
    """Lay the columns of all tables side by side; those of one name are one column."""
    import pyarrow as pa

    found = {TAG: pa.string()}
    for table in like.values():
        for field in table.schema:
            assert found.setdefault(field.name, field.type) == field.type, field.name
    return pa.schema(list(found.items()))


# ------------------------------------------------------------------------------- in a worker


def _shipped(group: Group, shipping: Shipping, schema: Any) -> Callable[[Any], Iterator[Any]]:
    """Wrap a function for Spark: a partition's batches in, tagged batches out."""

    def mapped(batches: Iterator[Any]) -> Iterator[Any]:
        return _tagged(group, schema, shipping.unpacked(batch for batch in batches if len(batch)))

    return mapped


def _tagged(group: Group, schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa

    first = next(batches, None)
    if first is None:
        return
    reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
    for tag, table in group(reader):
        yield from _padded(tag, table, schema).to_batches(max_chunksize=_BATCH)


def _padded(tag: str, table: Any, schema: Any) -> Any:
    """Fill a table up with the columns of the others, which are null here."""
    import pyarrow as pa

    def column(field: Any) -> Any:
        if field.name == TAG:
            return pa.repeat(tag, len(table))
        if field.name not in table.column_names:
            return pa.nulls(len(table), field.type)
        return table.column(field.name).cast(field.type)

    return pa.Table.from_arrays([column(field) for field in schema], schema=schema)
