"""Fills by the million, vectorised: simpler than the sample claims, with the same round doses.

Most members fill now and then, some month after month, in one to three regimens side by side,
early by up to six days. One row in seven is another drug, one in a hundred is bad.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

__all__ = ["DAYS", "FACTORS", "make_fills"]

DAYS: Final = 365
_FIRST: Final = np.datetime64("2025-01-01", "D")
# ingredient, route, unit, strengths, weight, MME per unit of strength in cdc-2022 (None: no opioid)
_DRUGS: Final[tuple[tuple[str, str, str, tuple[float, ...], float, float | None], ...]] = (
    ("hydrocodone", "oral", "mg", (5, 7.5, 10), 27, 1.0),
    ("oxycodone", "oral", "mg", (5, 10, 15, 20, 30), 24, 1.5),
    ("tramadol", "oral", "mg", (50, 100), 15, 0.2),
    ("morphine", "oral", "mg", (15, 30, 60, 100), 7, 1.0),
    ("codeine", "oral", "mg", (15, 30, 60), 5, 0.15),
    ("hydromorphone", "oral", "mg", (2, 4, 8), 3, 5.0),
    ("tapentadol", "oral", "mg", (50, 75, 100), 2, 0.4),
    ("methadone", "oral", "mg", (2.5, 5, 10), 2, 4.7),
    ("fentanyl", "transdermal", "mcg/h", (25, 50, 75, 100), 2, 7.2),
    ("alprazolam", "oral", "mg", (0.25, 0.5, 1), 6, None),
    ("lorazepam", "oral", "mg", (0.5, 1, 2), 4, None),
    ("gabapentin", "oral", "mg", (100, 300), 4, None),
)
FACTORS: Final = {name: factor for name, *_, factor in _DRUGS if factor is not None}
"""MME per unit of strength and unit dispensed (a patch of 3 days: 3 x 2.4)."""


def make_fills(rows: int, seed: int) -> pl.DataFrame:
    """Make a frame of fills, about ten a member, in random order of rows.

    Parameters
    ----------
    rows : int
        Number of fills.
    seed : int
        The same seed gives the same frame.
    """
    rng = np.random.default_rng(seed)
    members = max(rows // 9, 1)
    kind = rng.choice(3, members, p=[0.55, 0.30, 0.15])
    wanted = np.select(
        [kind == 0, kind == 1],
        [rng.integers(1, 4, members), rng.integers(3, 11, members)],
        rng.integers(20, 60, members),
    )
    slots = np.select([kind == 0, kind == 1], [1, rng.integers(1, 3, members)], 3)
    member = np.repeat(np.arange(members), slots)
    fills = np.maximum(wanted[member] // slots[member], 1)
    drug = rng.choice(len(_DRUGS), len(member), p=_weights())
    strength = _strengths(drug, rng.random(len(member)))
    per_day = rng.choice([1, 2, 3, 4, 6], len(member), p=[0.12, 0.30, 0.28, 0.24, 0.06])
    usual = rng.choice([3, 5, 7, 14, 30], len(member), p=[0.1, 0.1, 0.12, 0.08, 0.6])
    patch = np.array([unit == "mcg/h" for _, _, unit, *_ in _DRUGS])[drug]
    days = np.where(patch, 30, usual)
    start = np.where(
        kind[member] == 2, rng.integers(0, 40, len(member)), rng.integers(0, DAYS, len(member))
    )
    slot = np.repeat(np.arange(len(member)), fills)
    turn = np.arange(len(slot)) - np.repeat(np.cumsum(fills) - fills, fills)
    chosen = rng.permutation(len(slot))[:rows]
    # Too few fills by chance are made up for by repeating some at other dates.
    chosen = np.resize(chosen, rows)
    slot, turn = slot[chosen], turn[chosen]
    day = (start[slot] + turn * days[slot] - rng.integers(0, 7, rows)) % DAYS
    quantity = np.where(patch[slot], days[slot] // 3, per_day[slot] * days[slot]).astype(float)
    # Some supplies are counted in other days than they were written for.
    supply = np.where(rng.random(rows) < 0.08, rng.integers(1, 46, rows), days[slot])
    frame = pl.DataFrame(
        {
            "member_id": 10_000_000_000 + member[slot] * 37,
            "fill_date": _FIRST + day,
            "ingredient": _words([name for name, *_ in _DRUGS], drug[slot]),
            "route": _words([route for _, route, *_ in _DRUGS], drug[slot]),
            "strength": strength[slot],
            "unit": _words([unit for _, _, unit, *_ in _DRUGS], drug[slot]),
            "quantity": quantity,
            "days_supply": supply,
            "prescriber_id": 1_000_000 + (member[slot] * 7919 + rng.integers(0, 3, rows)) % 90_000,
            "pharmacy_id": 5_000 + (member[slot] * 31 + rng.integers(0, 2, rows)) % 6_000,
        }
    )
    bad = rng.random(rows) < 0.01
    which = rng.integers(0, 3, rows)
    return frame.with_columns(
        pl.when(pl.Series(bad & (which == 0))).then(None).otherwise("strength").alias("strength"),
        pl.when(pl.Series(bad & (which == 1)))
        .then(0)
        .otherwise("days_supply")
        .alias("days_supply"),
        pl.when(pl.Series(bad & (which == 2))).then(None).otherwise("quantity").alias("quantity"),
    )


def _weights() -> Any:
    weight = np.array([weight for *_, weight, _ in _DRUGS], float)
    return weight / weight.sum()


def _strengths(drug: Any, draw: Any) -> Any:
    most = max(len(strengths) for _, _, _, strengths, *_ in _DRUGS)
    table = np.zeros((len(_DRUGS), most))
    number = np.zeros(len(_DRUGS), int)
    for at, (_, _, _, strengths, *_) in enumerate(_DRUGS):
        table[at, : len(strengths)] = strengths
        number[at] = len(strengths)
    return table[drug, (draw * number[drug]).astype(int)]


def _words(words: list[str], codes: Any) -> pl.Series:
    return pl.Series(words).gather(pl.Series(codes))
