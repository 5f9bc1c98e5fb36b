"""pandas with one row for each member and day: what is usually written, and fits up to 10^6."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from peers.rules import (
    BENZODIAZEPINES,
    COLUMNS,
    FACTORS,
    FIRST,
    GRID,
    STOP,
    TIERED,
    TIERS,
    TOP_FACTOR,
)

__all__ = ["exploded", "fills_of", "members"]


def fills_of(path: Path) -> pd.DataFrame:
    """Read the fills that happened, with mg a day, first day and day after the last."""
    fills = pd.read_parquet(path)
    fills["ingredient"] = fills["ingredient"].astype(str)
    fills = fills[fills["ingredient"].isin([*FACTORS, *BENZODIAZEPINES])]
    fills = fills.dropna(subset=["member_id", "fill_date"])
    stands = ~(fills["quantity"] <= 0) & ~(fills["days_supply"] < 0)
    fills = fills[stands].copy()
    fills["member_id"] = fills["member_id"].astype("int64")
    fills["factor"] = fills["ingredient"].map(FACTORS)
    fills["opioid"] = fills["factor"].notna()
    days = fills["days_supply"].where(fills["days_supply"] > 0)
    fills["mg"] = fills["strength"] * fills["quantity"] / days
    fills["used"] = fills["opioid"] & (fills["mg"] > 0)
    day = fills["fill_date"].to_numpy().astype("datetime64[D]").astype("int64")
    fills["first"] = np.maximum(day, FIRST)
    fills["stop"] = np.minimum(day + days.fillna(0).to_numpy(np.int64), STOP)
    return fills


def exploded(fills: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each fill and day."""
    length = (fills["stop"] - fills["first"]).clip(lower=0).to_numpy()
    days = fills.loc[fills.index.repeat(length)]
    turn = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return days.assign(day=days["first"].to_numpy() + turn)


def members(path: Path) -> pd.DataFrame:
    """Compute the members table from a file of fills."""
    fills = fills_of(path)
    on_grid = pd.DataFrame(
        {
            "member_id": fills["member_id"],
            "first": fills["first"],
            "stop": fills["stop"],
            "mme": _whole(fills["mg"] * fills["factor"], fills["used"]),
            "mg": _whole(fills["mg"], fills["used"] & (fills["ingredient"] == TIERED)),
            "used": fills["used"].astype("int64"),
            "opioid": fills["opioid"].astype("int64"),
            "benzodiazepine": (~fills["opioid"]).astype("int64"),
        }
    )
    days = exploded(on_grid).drop(columns=["first", "stop"])
    daily = days.groupby(["member_id", "day"], as_index=False).sum()
    daily = daily[daily["opioid"] > 0]
    milligrams = (daily["mg"] + 500) // 1000
    factor = np.select(
        [milligrams <= up_to * 10**6 for up_to, _ in TIERS],
        [value for _, value in TIERS],
        TOP_FACTOR,
    )
    value = daily["mme"] + daily["mg"] * factor
    count = (value + 500) // 1000
    daily = daily.assign(
        value=value,
        count=count,
        covered=daily["used"] > 0,
        at_50=count >= 50 * 10**6,
        at_90=count >= 90 * 10**6,
        both=daily["benzodiazepine"] > 0,
    )
    by_member = daily.groupby("member_id")
    table = by_member.agg(
        total_mme=("value", "sum"),
        covered_days=("covered", "sum"),
        mme_maximum_day=("count", "max"),
        days_at_least_50=("at_50", "sum"),
        days_at_least_90=("at_90", "sum"),
        benzodiazepine_overlap_days=("both", "sum"),
    )
    table = table[table["covered_days"] > 0]
    people = fills[fills["opioid"]].groupby("member_id")
    table = table.assign(
        total_mme=table["total_mme"] / GRID,
        mme_maximum_day=table["mme_maximum_day"] / 1e6,
        mme_per_covered_day=table["total_mme"] / GRID / table["covered_days"],
        prescribers=people["prescriber_id"].nunique(),
        pharmacies=people["pharmacy_id"].nunique(),
    )
    return table.reset_index()[list(COLUMNS)]


def _whole(amount: pd.Series, chosen: pd.Series) -> pd.Series:
    return (amount.where(chosen, 0.0) * GRID).round().astype("int64")
