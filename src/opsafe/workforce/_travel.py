"""Travel between places, as a caller brings it, checked once; and what lies within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.frames import open_table
from opsafe.provenance import EditionUsed
from opsafe.quantity import BoolArray, FloatArray
from opsafe.workforce._places import (
    Name,
    as_floats,
    check,
    floats_in,
    is_table,
    names_in,
    shown,
    where_first,
)
from opsafe.workforce.reach import Reach, ReachStandard

__all__ = ["Missing", "Travel", "inside", "read_limit", "read_travel"]

Missing: TypeAlias = Literal["error", "unreachable"]
"""What a pair without travel means."""

_FARTHEST: Final = 1e6  # minutes or miles


@dataclass(frozen=True, slots=True)
class Travel:
    """Travel from each area (rows) to each site (columns); infinite where there is no way."""

    areas: tuple[Name, ...]
    sites: tuple[Name, ...]
    minutes: FloatArray | None
    miles: FloatArray | None


def read_limit(value: object) -> tuple[Reach, tuple[EditionUsed, ...]]:
    """Read the argument ``limit=``, and the edition that it is from."""
    if isinstance(value, ReachStandard):
        return value.reach, (EditionUsed.of(value),)
    if not isinstance(value, Reach):
        raise ArgumentTypeError(
            "is neither a Reach nor a ReachStandard",
            where="limit",
            value=type(value).__name__,
            advice="Give it as Reach(minutes=30), or with miles=15 and logic= beside it",
        )
    return value, ()


def read_travel(
    travel_minutes: object,
    travel_miles: object,
    *,
    areas: tuple[Name, ...] | int,
    sites: tuple[Name, ...] | None,
    missing: Missing,
) -> Travel:
    """Read travel as one or two matrices, or as one long table of pairs.

    Parameters
    ----------
    travel_minutes, travel_miles : matrix, table or None
        Areas by sites. A table has columns area, site and minutes, miles or both.
    areas : tuple of names, or int
        The areas in the order of the rows, or their number where nobody named them.
    sites : tuple of names, optional
        The sites in the order of the columns.
    missing : {"error", "unreachable"}
        What a NaN or an absent pair means.
    """
    named = tuple(range(areas)) if isinstance(areas, int) else areas
    if travel_minutes is not None and is_table(travel_minutes):
        if travel_miles is not None:
            raise ArgumentError(
                "came beside a table of pairs",
                where="travel_miles",
                advice="Put miles into the table, as a column of its own",
            )
        return _from_pairs(travel_minutes, named, sites, missing)
    if travel_miles is not None and is_table(travel_miles):
        raise ArgumentError("is a table, which goes into travel_minutes", where="travel_miles")
    given = {"travel_minutes": travel_minutes, "travel_miles": travel_miles}
    matrices = {
        where: _matrix(value, where, len(named), missing)
        for where, value in given.items()
        if value is not None
    }
    if not matrices:
        raise ArgumentError(
            "is not given, and neither is travel_miles", where="travel_minutes",
            advice="Bring the travel from each area (rows) to each site (columns)",
        )  # fmt: skip
    width = len(sites) if sites is not None else next(iter(matrices.values())).shape[1]
    for where, matrix in matrices.items():
        if matrix.shape[1] != width:
            raise ArgumentError(f"has {matrix.shape[1]} columns for {width} sites", where=where)
    return Travel(
        named,
        sites if sites is not None else tuple(range(width)),
        matrices.get("travel_minutes"),
        matrices.get("travel_miles"),
    )


def inside(limit: Reach, travel: Travel) -> tuple[BoolArray, tuple[str, ...]]:
    """Tell which sites are in reach of which areas, and what could not be asked."""
    tests = []
    cautions = []
    for unit, most, cost in (
        ("minutes", limit.minutes, travel.minutes),
        ("miles", limit.miles, travel.miles),
    ):
        if most is None:
            continue
        if cost is not None:
            tests.append(cost <= most)
        elif limit.logic == "both" or (limit.minutes is None or limit.miles is None):
            raise ArgumentError(
                f"is needed for the limit of {limit}",
                where=f"travel_{unit}",
                advice=f"Bring the {unit} too, or give a limit without them",
            )
        else:
            cautions.append(
                f"the limit of {most:g} {unit} was not evaluated, because no {unit} were given:"
                " pairs that are in reach through it alone are missing"
            )
    combine = np.logical_and if limit.logic == "both" else np.logical_or
    return np.asarray(combine.reduce(tests)), tuple(cautions)


def _matrix(value: object, where: str, rows: int, missing: Missing) -> FloatArray:
    matrix = as_floats(value, where)
    if matrix.ndim != 2 or matrix.shape[0] != rows or not matrix.shape[1]:
        raise ArgumentError(
            f"has shape {matrix.shape}, not ({rows}, number of sites)",
            where=where,
            advice="Rows are areas and columns are sites: travel from the area to the site",
        )
    return _travel_costs(matrix, where, missing)


def _travel_costs(values: FloatArray, where: str, missing: Missing) -> FloatArray:
    """Check costs, and turn missing ones into infinite ones where that was asked for."""
    absent = np.isnan(values)
    if missing == "error" and absent.any():
        raise ArgumentError(
            f"is missing for {int(absent.sum()):,} of {values.size:,} pairs, first at"
            f" {where_first(absent)}",
            where=where,
            advice='If that means that there is no way, pass missing="unreachable"',
        )
    check(np.where(absent, 0.0, values), where, most=_FARTHEST)
    return np.where(absent, np.inf, values)


def _from_pairs(
    data: object, areas: tuple[Name, ...], sites: tuple[Name, ...] | None, missing: Missing
) -> Travel:
    where = "travel_minutes"
    table = open_table(data, where=where, required=("area", "site"), optional=("minutes", "miles"))
    costs = [unit for unit in ("minutes", "miles") if unit in table]
    if not costs:
        raise ColumnError("has neither of the two", where=where, allowed=("minutes", "miles"))
    of_area, of_site = names_in(table, "area"), names_in(table, "site")
    if sites is None:
        sites = tuple(dict.fromkeys(of_site))
    rows = _positions(of_area, areas, f"{where}['area']")
    columns = _positions(of_site, sites, f"{where}['site']")
    if not sites:
        raise ArgumentError("holds no pair of area and site", where=where)
    pairs = np.array(rows, np.int64) * len(sites) + np.array(columns, np.int64)
    distinct, first = np.unique(pairs, return_index=True)
    if len(distinct) < len(pairs):
        twice = int(np.setdiff1d(np.arange(len(pairs)), first)[0])
        raise ArgumentError(
            f"has a pair of area and site twice, the second time in row {twice}", where=where
        )
    found: dict[str, FloatArray] = {}
    for unit in costs:
        matrix = np.full(len(areas) * len(sites), np.nan)
        matrix[pairs] = floats_in(table, unit)
        named = f"{where}[{unit!r}]"
        found[unit] = _travel_costs(matrix.reshape(len(areas), len(sites)), named, missing)
    return Travel(areas, sites, found.get("minutes"), found.get("miles"))


def _positions(names: Sequence[Name], order: tuple[Name, ...], where: str) -> list[int]:
    position = {name: at for at, name in enumerate(order)}
    try:
        return [position[name] for name in names]
    except KeyError as error:
        raise ArgumentError(
            f"{shown(error.args[0])} is no place of the other arguments", where=where,
            allowed=order[:5],
        ) from None  # fmt: skip
