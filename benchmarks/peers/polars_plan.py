"""A plain Polars plan, lazy and streaming: starts and ends of fills, added up day by day."""

from __future__ import annotations

from pathlib import Path

import polars as pl
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
from polars import col

__all__ = ["members"]

SUMS = ("mme", "mg", "used", "opioid", "benzodiazepine")


def members(path: Path) -> pl.DataFrame:
    """Compute the members table from a file of fills."""
    fills = _fills(pl.scan_parquet(path))
    table = _by_member(_runs(fills)).join(_people(fills), on="member_id", how="left")
    return table.select(COLUMNS).collect(engine="streaming")


def _fills(file: pl.LazyFrame) -> pl.LazyFrame:
    factor = col("ingredient").replace_strict(
        [*FACTORS, *BENZODIAZEPINES],
        [*FACTORS.values(), *(None for _ in BENZODIAZEPINES)],
        default=None,
        return_dtype=pl.Float64,
    )
    start = col("fill_date").cast(pl.Int32)
    return (
        file.filter(
            col("member_id").is_not_null(),
            col("fill_date").is_not_null(),
            # A null is no reason to say that a fill did not happen.
            (col("quantity") > 0).fill_null(value=True),
            (col("days_supply") >= 0).fill_null(value=True),
        )
        .with_columns(factor=factor)
        .select(
            "member_id",
            "prescriber_id",
            "pharmacy_id",
            "factor",
            tiered=col("ingredient") == TIERED,
            opioid=col("factor").is_not_null(),
            mg=col("strength") * col("quantity") / col("days_supply"),
            supply=col("days_supply"),
            start=start.clip(lower_bound=FIRST),
            stop=(start + col("days_supply")).clip(upper_bound=STOP),
        )
    )


def _on_the_grid(amount: pl.Expr) -> pl.Expr:
    return (amount * GRID).round().cast(pl.Int64).fill_null(0)


def _runs(fills: pl.LazyFrame) -> pl.LazyFrame:
    """Return runs of days between two changes of a member: sums and length."""
    used = col("opioid") & (col("mg") > 0).fill_null(value=False)
    covering = fills.filter(col("supply") > 0, col("start") < col("stop")).select(
        "member_id",
        "start",
        "stop",
        mme=_on_the_grid(pl.when(used).then(col("mg") * col("factor"))),
        mg=_on_the_grid(pl.when(used & col("tiered")).then(col("mg"))),
        used=used.cast(pl.Int32),
        opioid=col("opioid").cast(pl.Int32),
        benzodiazepine=(~col("opioid")).cast(pl.Int32),
    )
    starts = covering.select("member_id", col("start").alias("day"), *SUMS)
    ends = covering.select("member_id", col("stop").alias("day"), *(-col(name) for name in SUMS))
    changes = pl.concat([starts, ends]).group_by("member_id", "day").agg(col(*SUMS).sum())
    # Whole numbers come back to exactly 0 at the end of a member, so no sum needs to start anew.
    return changes.sort("member_id", "day").select(
        "member_id",
        col(*SUMS).cum_sum(),
        days=(col("day").shift(-1) - col("day")).cast(pl.Int64),
    )


def _by_member(runs: pl.LazyFrame) -> pl.LazyFrame:
    milligrams = (col("mg") + 500) // 1000
    factor = pl.when(milligrams <= TIERS[0][0] * 10**6).then(TIERS[0][1])
    for up_to, value in TIERS[1:]:
        factor = factor.when(milligrams <= up_to * 10**6).then(value)
    value = col("mme") + col("mg") * factor.otherwise(TOP_FACTOR).cast(pl.Int64)
    count = (col("value") + 500) // 1000
    covered = col("used") > 0
    return (
        runs.filter(col("opioid") > 0)
        .with_columns(value=value)
        .group_by("member_id")
        .agg(
            total=(col("value") * col("days")).sum(),
            covered_days=col("days").filter(covered).sum(),
            mme_maximum_day=count.max() / 1e6,
            days_at_least_50=col("days").filter(count >= 50 * 10**6).sum(),
            days_at_least_90=col("days").filter(count >= 90 * 10**6).sum(),
            benzodiazepine_overlap_days=col("days").filter(col("benzodiazepine") > 0).sum(),
        )
        .filter(col("covered_days") > 0)
        .with_columns(
            total_mme=col("total") / GRID,
            mme_per_covered_day=col("total") / GRID / col("covered_days"),
        )
    )


def _people(fills: pl.LazyFrame) -> pl.LazyFrame:
    return (
        fills.filter("opioid")
        .group_by("member_id")
        .agg(
            prescribers=col("prescriber_id").n_unique(),
            pharmacies=col("pharmacy_id").n_unique(),
        )
    )
