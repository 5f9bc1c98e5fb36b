"""Days at thresholds by running sums of floats: which of them fall on the wrong side.

All methods get the same rates as floats and the same days on which something changes; they differ
in how they add. The answer they are set against adds whole numbers of 1e-9 MME, rounded to 1e-6
before each comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from peers.pandas_days import exploded, fills_of
from peers.rules import GRID, TIERED, TIERS, TOP_FACTOR

__all__ = ["METHODS", "Misjudged", "misjudged"]

THRESHOLDS: Final = (50, 90)
Sums = tuple[np.ndarray, np.ndarray]
"""MME without methadone, and mg of methadone, of each run of days."""


@dataclass(frozen=True, slots=True)
class Misjudged:
    """How far a method is from the exact answer."""

    method: str
    days: dict[int, int]
    """Threshold to member-days on its wrong side."""
    members: int
    """Members with at least one such day."""
    total_off: float
    """Largest error of a member's total, as a share of it."""


@dataclass(frozen=True, slots=True)
class _Case:
    fills: pd.DataFrame
    changes: pd.DataFrame
    """Starts and ends of fills: member_id, day, mme, mg; in order of rows of the file."""
    runs: pd.DataFrame
    """Member and first day of each run, in that order, with length and days covered."""


def misjudged(path: Path) -> tuple[dict[int, int], list[Misjudged]]:
    """Return the exact number of days at each threshold, and how each method differs."""
    case = _case(path)
    covered = case.runs["covered"].to_numpy()
    member = case.runs["member_id"].to_numpy()[covered]
    days = case.runs["days"].to_numpy()[covered].astype(np.int64)
    opens = np.flatnonzero(np.append(True, member[1:] != member[:-1]))
    exact = _exact(case)[covered]
    count = (exact + 500) // 1000
    above = {threshold: count >= threshold * 10**6 for threshold in THRESHOLDS}
    total = np.add.reduceat(exact * days, opens) / GRID
    found = []
    for name, method in METHODS.items():
        theirs = method(case)[covered]
        wrong = {at: (theirs >= at) != above[at] for at in THRESHOLDS}
        either = np.add.reduceat(np.any(list(wrong.values()), axis=0), opens) > 0
        off = np.abs(np.add.reduceat(theirs * days, opens) / total - 1)
        found.append(
            Misjudged(
                name,
                {at: int(days[rows].sum()) for at, rows in wrong.items()},
                int(np.count_nonzero(either)),
                float(off.max()),
            )
        )
    return {at: int(days[rows].sum()) for at, rows in above.items()}, found


def _case(path: Path) -> _Case:
    fills = fills_of(path)
    fills = fills[fills["used"] & (fills["first"] < fills["stop"])].reset_index(drop=True)
    fills["mme"] = fills["mg"] * fills["factor"]
    fills["mg"] = fills["mg"].where(fills["ingredient"] == TIERED, 0.0)
    fills = fills[["member_id", "first", "stop", "mme", "mg"]]
    starts = fills.rename(columns={"first": "day"}).drop(columns="stop").assign(active=1)
    ends = fills.rename(columns={"stop": "day"}).drop(columns="first").assign(active=-1)
    ends[["mme", "mg"]] *= -1
    changes = pd.concat([starts, ends], ignore_index=True)
    runs = changes.groupby(["member_id", "day"], as_index=False)["active"].sum()
    active = runs["active"].cumsum()
    runs["days"] = runs["day"].shift(-1, fill_value=0) - runs["day"]
    runs["covered"] = active > 0
    return _Case(fills, changes, runs)


def _value(sums: Sums, digits: int | None = None) -> np.ndarray:
    """Take methadone by tiers; round the sums first where digits are given."""
    mme, mg = sums if digits is None else (np.round(each, digits) for each in sums)
    tiers = [mg <= up_to for up_to, _ in TIERS]
    value = mme + mg * np.select(tiers, [factor for _, factor in TIERS], TOP_FACTOR)
    return value if digits is None else np.round(value, digits)


def _in_order(case: _Case) -> tuple[pd.DataFrame, np.ndarray]:
    """Return changes in order of member and day, and where each run begins in them."""
    changes = case.changes.sort_values(["member_id", "day"], kind="stable")
    member, day = changes["member_id"].to_numpy(), changes["day"].to_numpy()
    new = np.append(True, (member[1:] != member[:-1]) | (day[1:] != day[:-1]))
    return changes, np.flatnonzero(new)


def _exact(case: _Case) -> np.ndarray:
    """Whole numbers of 1e-9 MME a day."""
    changes, first = _in_order(case)
    whole = [
        np.add.reduceat(np.rint(changes[name].to_numpy() * GRID).astype(np.int64), first).cumsum()
        for name in ("mme", "mg")
    ]
    milligrams = (whole[1] + 500) // 1000
    tiers = [milligrams <= up_to * 10**6 for up_to, _ in TIERS]
    return whole[0] + whole[1] * np.select(tiers, [each for _, each in TIERS], TOP_FACTOR)


def _numpy(case: _Case) -> np.ndarray:
    """One running sum over all members, less what stood before the member."""
    changes, first = _in_order(case)
    member = case.runs["member_id"].to_numpy()
    opens = np.flatnonzero(np.append(True, member[1:] != member[:-1]))
    lengths = np.diff(np.append(opens, len(member)))
    sums = []
    for name in ("mme", "mg"):
        running = np.add.reduceat(changes[name].to_numpy(), first).cumsum()
        before = np.append(0.0, running)[opens]
        sums.append(running - np.repeat(before, lengths))
    return _value((sums[0], sums[1]))


def _by_member(case: _Case, digits: int | None = None) -> np.ndarray:
    """A running sum for each member, added one by one."""
    changes, first = _in_order(case)
    member = case.runs["member_id"].to_numpy()
    opens = [*np.flatnonzero(np.append(True, member[1:] != member[:-1])), len(member)]
    sums = []
    for name in ("mme", "mg"):
        change = np.add.reduceat(changes[name].to_numpy(), first)
        # NumPy's cumulative sum adds one by one, as a loop would.
        sums.append(np.concatenate([change[a:b].cumsum() for a, b in pairwise(opens)]))
    return _value((sums[0], sums[1]), digits)


def _rounded(case: _Case) -> np.ndarray:
    return _by_member(case, 6)


def _polars(case: _Case) -> np.ndarray:
    running = (
        pl.from_pandas(case.changes)
        .lazy()
        .group_by("member_id", "day")
        .agg(pl.col("mme", "mg").sum())
        .sort("member_id", "day")
        .with_columns(pl.col("mme", "mg").cum_sum().over("member_id"))
        .collect()
    )
    return _value((running["mme"].to_numpy(), running["mg"].to_numpy()))


def _duckdb(case: _Case) -> np.ndarray:
    with duckdb.connect() as connection:
        connection.register("changes", case.changes)
        running: Any = connection.sql(
            """
            WITH daily AS (
                SELECT member_id, day, sum(mme) AS mme, sum(mg) AS mg FROM changes GROUP BY ALL
            )
            SELECT sum(mme) OVER so_far AS mme, sum(mg) OVER so_far AS mg FROM daily
            WINDOW so_far AS (PARTITION BY member_id ORDER BY day)
            ORDER BY member_id, day
            """
        ).fetchnumpy()
    return _value((running["mme"], running["mg"]))


def _pandas(case: _Case) -> np.ndarray:
    daily = case.changes.groupby(["member_id", "day"])[["mme", "mg"]].sum()
    running = daily.groupby(level="member_id").cumsum()
    return _value((running["mme"].to_numpy(), running["mg"].to_numpy()))


def _days(case: _Case) -> Iterator[pd.DataFrame]:
    """Yield member-days of some members after others: all at once would take gigabytes."""
    part = case.fills["member_id"].rank(method="dense").astype("int64") // 20_000
    for _, fills in case.fills.groupby(part):
        yield exploded(fills)


def _exploded(case: _Case) -> np.ndarray:
    """Each day's fills added up afresh; the first day of a run stands for the run."""
    pieces = [
        days.groupby(["member_id", "day"], as_index=False)[["mme", "mg"]].sum()
        for days in _days(case)
    ]
    wanted = case.runs[["member_id", "day"]]
    sums = wanted.merge(pd.concat(pieces), how="left", on=["member_id", "day"]).fillna(0.0)
    return _value((sums["mme"].to_numpy(), sums["mg"].to_numpy()))


METHODS: Final[dict[str, Callable[[_Case], np.ndarray]]] = {
    "NumPy, one running sum over all members": _numpy,
    "a running sum for each member": _by_member,
    "Polars, cum_sum().over(member)": _polars,
    "DuckDB, sum() OVER (PARTITION BY member)": _duckdb,
    "pandas, groupby(member).cumsum()": _pandas,
    "pandas, a row a member-day, no rounding": _exploded,
    "a running sum for each member, rounded to 1e-6 before each comparison": _rounded,
}
