"""How fast fills become exposure, beside what an analyst writes in pandas; answers compared.

    python benchmarks/mme_exposure.py            10^6 fills, the peers on 10^5; under a minute
    python benchmarks/mme_exposure.py --full     10^7 fills too, the peers on 10^6
    python benchmarks/mme_exposure.py --profile  where the time of 10^6 fills goes

One peer makes a row for each member and day (explode), adds up, rounds and compares: its answers
must be ours. The other adds a rate where a fill starts and takes it away where it ends (running
sum), in floats and without rounding: it is faster, and days of exactly 50 or 90 MME fall on either
side. The last lines count how many.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

from claims.fills import FACTORS, make_fills

from opsafe import mme

START, END = "2025-01-01", "2025-12-31"
TARGET_SECONDS: Final = 3.0
SEED: Final = 7
COMPARED: Final = (
    *("total_mme", "covered_days", "mme_per_covered_day", "mme_maximum_day"),
    *("days_at_least_50", "days_at_least_90"),
)


def ours(fills: Any) -> mme.Exposure:
    """Run the library."""
    return mme.exposure(fills, edition="cdc-2022", start=START, end=END)


def kept(fills: pd.DataFrame) -> pd.DataFrame:
    """Keep the fills that count, with their MME a day."""
    found = fills[fills["ingredient"].isin(list(FACTORS))].dropna(subset=["strength", "quantity"])
    found = found[found["days_supply"] > 0]
    factor = found["ingredient"].map(FACTORS)
    return found.assign(mme=found["strength"] * factor * found["quantity"] / found["days_supply"])


def exploded(fills: pd.DataFrame) -> pd.DataFrame:
    """Do the same with one row for each member and day."""
    found = kept(fills)
    days = found.loc[found.index.repeat(found["days_supply"])]
    offset = pd.to_timedelta(days.groupby(level=0).cumcount(), unit="D")
    days = days.assign(date=days["fill_date"] + offset)
    days = days[days["date"].between(START, END)]
    exact = days.groupby(["member_id", "date"])["mme"].sum()
    rounded = exact.round(6)
    total = exact.groupby(level="member_id")
    member = rounded.groupby(level="member_id")
    return pd.DataFrame(
        {
            "total_mme": total.sum(),
            "covered_days": member.size(),
            "mme_per_covered_day": total.mean(),
            "mme_maximum_day": member.max(),
            "days_at_least_50": (rounded >= 50).groupby(level="member_id").sum(),
            "days_at_least_90": (rounded >= 90).groupby(level="member_id").sum(),
        }
    )


def running_sum(fills: pd.DataFrame) -> pd.DataFrame:
    """Count days at the thresholds from a running sum of starts and ends."""
    found = kept(fills)
    first = (found["fill_date"] - pd.Timestamp(START)).dt.days
    after = (pd.Timestamp(END) - pd.Timestamp(START)).days + 1
    starts = pd.DataFrame({"member_id": found["member_id"], "day": first, "mme": found["mme"]})
    stop = (first + found["days_supply"]).clip(upper=after)
    stops = pd.DataFrame({"member_id": found["member_id"], "day": stop, "mme": -found["mme"]})
    change = pd.concat([starts, stops]).groupby(["member_id", "day"])["mme"].sum()
    value = change.groupby(level="member_id").cumsum().reset_index()
    lasts = (value.groupby("member_id")["day"].shift(-1) - value["day"]).fillna(0)
    return pd.DataFrame(
        {
            f"days_at_least_{threshold}": lasts[value["mme"] >= threshold]
            .groupby(value["member_id"])
            .sum()
            for threshold in (50, 90)
        }
    ).reindex(value["member_id"].unique(), fill_value=0)


def timed(run: Callable[[], Any], times: int) -> tuple[list[float], list[float], Any]:
    """Return wall and processor seconds of each run, and the last answer."""
    wall, processor, answer = [], [], None
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        answer = run()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return wall, processor, answer


def report(name: str, rows: int, wall: list[float], processor: list[float]) -> float:
    """Print a line of medians; return the fills a second."""
    seconds = statistics.median(wall)
    print(
        f"{name:34} {rows:>10,} fills  {seconds:7.2f} s  ({min(wall):.2f} to {max(wall):.2f})  "
        f"{statistics.median(processor):7.2f} CPU s  {rows / seconds:>10,.0f} fills/s"
    )
    return rows / seconds


def compared(found: mme.Exposure, peer: pd.DataFrame) -> Iterator[str]:
    """Yield what differs between our members with exposure and the peer's."""
    members = found.members.set_index("member_id")
    members = members[members["covered_days"] > 0].sort_index()
    if not members.index.equals(peer.index):
        yield f"members: {len(members):,} and {len(peer):,}"
        return
    for name in COMPARED:
        mine, theirs = (np.asarray(frame[name], float) for frame in (members, peer))
        differ = ~np.isclose(mine, theirs, rtol=1e-7, atol=2e-6)
        if differ.any():
            yield f"{name}: {differ.sum():,} of {len(mine):,} members differ"


def compare_with_peers(rows: int, times: int) -> None:
    """Time the peers, say what differs, and how plain floats misjudge."""
    fills = make_fills(rows, SEED).to_pandas()
    wall, processor, found = timed(partial(ours, fills), max(times, 3))
    own = report("mme.exposure, pandas frame", rows, wall, processor)
    wall, processor, peer = timed(partial(exploded, fills), times)
    by_day = report("pandas, one row a member-day", rows, wall, processor)
    wall, processor, floats = timed(partial(running_sum, fills), times)
    events = report("pandas, running sum", rows, wall, processor)
    print(f"fills a second, ours to theirs: {own / by_day:.1f} and {own / events:.1f}")
    differences = list(compared(found, peer))
    print("answers: " + ("; ".join(differences) or f"equal for {len(peer):,} members"))
    for name in ("days_at_least_50", "days_at_least_90"):
        wrong = int((floats[name].fillna(0) - peer[name]).abs().sum())
        print(f"running sum in floats: {wrong:,} of {int(peer[name].sum()):,} {name} misjudged")
    if differences:
        sys.exit("the answers differ")


def profiled(rows: int) -> None:
    """Print where the time goes."""
    fills = make_fills(rows, SEED)
    ours(fills.head(1000))
    profile = cProfile.Profile()
    profile.runcall(ours, fills)
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile).sort_stats(order).print_stats(30)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="10^7 fills, and the peer on 10^6")
    parser.add_argument("--profile", action="store_true", help="profile 10^6 fills instead")
    given = parser.parse_args()
    if given.profile:
        profiled(1_000_000)
        return
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, polars {pl.__version__}; "
        f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} of them busy before we begin"
    )
    for rows in (1_000_000, *((10_000_000,) if given.full else ())):
        fills = make_fills(rows, SEED)
        ours(fills.head(1000))  # tables are loaded once
        wall, processor, found = timed(partial(ours, fills), 3)
        report("mme.exposure, polars frame", rows, wall, processor)
        counts = found.provenance.rows
        print(
            f"{len(found.members):,} members; {counts.used:,} used, {counts.netted:,} netted, "
            f"{counts.not_opioid:,} not opioid, {counts.set_aside:,} set aside"
        )
        if rows == 1_000_000:
            verdict = "met" if statistics.median(wall) < TARGET_SECONDS else "missed"
            print(f"target of {TARGET_SECONDS:g} s for 10^6 fills: {verdict}")
    compare_with_peers(1_000_000 if given.full else 100_000, 3 if given.full else 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
