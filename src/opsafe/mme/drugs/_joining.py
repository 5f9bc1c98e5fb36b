"""The tables around a join: names of columns, rows taken from the fills, columns added to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.columns import Column, Columns, Nullable, Text
from opsafe.errors import ArgumentTypeError
from opsafe.frames import Table
from opsafe.mme.drugs._contents import Content

__all__ = ["build", "coded", "content_columns", "found_columns", "names_of", "text_table"]

IntArray: TypeAlias = npt.NDArray[np.int64]


def names_of(data: object) -> tuple[str, ...]:
    """Return the names of a table's columns; of records, those of any."""
    if isinstance(data, list | tuple):
        records = (record for record in data if isinstance(record, Mapping))
        return tuple(dict.fromkeys(str(name) for record in records for name in record))
    for place in ("column_names", "columns"):
        found = getattr(data, place, None)
        if found is not None and not callable(found):
            return tuple(dict.fromkeys(map(str, found)))
    keys = getattr(data, "keys", None)
    if keys is None:
        raise ArgumentTypeError(
            f"{type(data).__name__} is not a table", where="fills", value=type(data).__name__
        )
    return tuple(map(str, keys()))


def found_columns(
    frame: object, wanted: Mapping[str, str], required: Iterable[str]
) -> dict[str, str]:
    """Find columns whatever the case and underscores of their names."""
    there = {name.casefold().replace("_", ""): name for name in names_of(frame)}
    folded = {name: theirs.casefold().replace("_", "") for name, theirs in wanted.items()}
    return {
        name: there.get(word, wanted[name])
        for name, word in folded.items()
        if word in there or name in required
    }


def build(
    table: Table, fills: object, names: Iterable[str], rows: IntArray, added: dict[str, Column]
) -> Any:
    if table.is_frame:
        return table.build(Columns(added), dict.fromkeys(names, rows))
    source = fills if isinstance(fills, Columns | Mapping) else None
    taken = {name: _taken(table, source, name, rows) for name in names}
    return Columns({**taken, **added})


def _taken(
    table: Table, source: Columns | Mapping[str, Any] | None, name: str, rows: IntArray
) -> Column:
    own = source.column(name) if isinstance(source, Columns) else None
    if own is None and source is not None and not isinstance(source, Columns):
        own = source.get(name)
    if isinstance(own, Text):
        return Text(own.codes[rows], own.words, own.kind)
    if isinstance(own, Nullable):
        return Nullable(own.values[rows], own.valid[rows])
    gathered: Column = table.gather(name, rows)
    return gathered


def content_columns(contents: Sequence[Content], chosen: IntArray) -> dict[str, Column]:
    """Spread contents over rows; -1 is none."""

    def text(values: list[str | None]) -> Column:
        words = coded(values)
        return Text(np.append(words.codes, -1)[chosen], words.words)

    def nullable(values: list[int | None] | list[bool | None], kind: type[int]) -> Column:
        valid = np.array([*(value is not None for value in values), False], bool)
        plain = np.array([*(value or 0 for value in values), 0], kind)
        return Nullable(plain[chosen], valid[chosen])

    numbers = [np.nan if one.strength is None else one.strength for one in contents]
    return {
        "ingredient": text([one.ingredient for one in contents]),
        "strength": np.array([*numbers, np.nan], np.float64)[chosen],
        "unit": text([one.unit for one in contents]),
        "route": text([one.route for one in contents]),
        "form": text([one.form for one in contents]),
        "wear_hours": nullable([one.wear_hours for one in contents], int),
        "cough_cold": nullable([one.cough_cold for one in contents], bool),
        "moud": nullable([one.moud for one in contents], bool),
    }


def coded(values: Sequence[str | None]) -> Text:
    places: dict[str, int] = {}
    codes = [-1 if one is None else places.setdefault(one, len(places)) for one in values]
    return Text(np.array(codes, np.int64), tuple(places))


def text_table(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Columns:
    return Columns({name: coded([row[at] for row in rows]) for at, name in enumerate(names)})
