"""Draw fills, a hundred thousand members at a time: realistic where it decides speed and sums.

Most members fill now and then; some month after month in two to four regimens side by side, up to
six days early or five late. Doses are round, so days of exactly 50 or 90 MME are common. One row
in twenty is a partial fill, one in a hundred is bad. The dose is higher than a real plan's, because
long-term members fill more than a year's supply: the shape is what matters here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from claims.schema import DAYS, FILL, FIRST_DAY, MISSING, PRODUCTS, as_batch

__all__ = ["draw", "make_fills", "order_generator"]

MEMBERS_AT_ONCE: Final = 100_000
FIRST_MEMBER: Final = 10_000_000_000

_WEIGHT: Final = np.array([product.weight for product in PRODUCTS])
_CHANCE: Final = _WEIGHT / _WEIGHT.sum()
_STRENGTHS: Final = np.array([len(product.strengths) for product in PRODUCTS])
_STRENGTH: Final = np.array([np.resize(product.strengths, 5) for product in PRODUCTS])
_UNIT: Final = np.array([product.unit for product in PRODUCTS])
_ROUTE: Final = np.array([product.route for product in PRODUCTS])

_LONG: Final = {30: 50, 90: 5, 28: 9, 15: 8, 14: 7, 7: 6, 25: 4, 10: 3, 20: 3, 60: 2, 3: 2, 1: 1}
_SHORT: Final = {7: 20, 5: 18, 3: 16, 14: 11, 30: 10, 10: 10, 1: 6, 15: 4, 20: 3, 28: 2}
_A_DAY: Final = {2: 28, 3: 23, 4: 21, 1: 12, 6: 6, 5: 4, 0.5: 2, 1.5: 3, 8: 1}
_BOTTLES_ML: Final = (118.3, 236.6, 473.2, 120, 240, 473)


def draw(rows: int, seed: int) -> Iterator[np.ndarray]:
    """Yield fills in order of member and date, ``rows`` in all, about ten a member.

    Parameters
    ----------
    rows : int
        Number of fills.
    seed : int
        The same seed gives the same fills; a file of 10^7 begins with the file of 10^6.

    Yields
    ------
    array of FILL
        The fills of at most a hundred thousand members.
    """
    at_once = min(MEMBERS_AT_ONCE, rows // 8 + 20)
    drawn, turn = 0, 0
    while drawn < rows:
        rng = np.random.default_rng(np.random.SeedSequence([seed, turn]))
        fills = _fills(rng, at_once, turn * at_once)[: rows - drawn]
        yield fills
        drawn += len(fills)
        turn += 1


def make_fills(rows: int, seed: int = 7) -> pl.DataFrame:
    """Make a frame of fills with plain text, in random order of rows, for what fits into memory.

    Parameters
    ----------
    rows : int
        Number of fills.
    seed : int, optional
        The same seed gives the same frame.
    """
    fills = order_generator(seed).permutation(np.concatenate(list(draw(rows, seed))))
    frame = pl.DataFrame(pa.Table.from_batches([as_batch(fills)]))
    return frame.with_columns(pl.col("ingredient", "route", "unit").cast(pl.String))


def order_generator(seed: int) -> np.random.Generator:
    """Return what decides the order of rows: the fills themselves do not depend on it."""
    return np.random.default_rng(np.random.SeedSequence([seed, *b"order"]))


def _fills(rng: np.random.Generator, members: int, before: int) -> np.ndarray:
    """Draw the fills of some members; ``before`` of them were drawn already."""
    kind = rng.choice(3, members, p=[0.55, 0.30, 0.15])
    wanted = _by_kind(rng, kind, ((1, 4), (3, 11), (22, 72)))
    regimens = _by_kind(rng, kind, ((1, 2), (1, 3), (2, 5)))
    owner = np.repeat(np.arange(members), regimens)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(regimens) - regimens, regimens)
    # The fills of a member are dealt to the regimens in turn.
    size = wanted[owner] // regimens[owner] + (place < wanted[owner] % regimens[owner])
    product = rng.choice(len(PRODUCTS), len(owner), p=_CHANCE)
    a_day = _weighted(rng, len(owner), _A_DAY)
    days = np.where(
        kind[owner] == 0, _weighted(rng, len(owner), _SHORT), _weighted(rng, len(owner), _LONG)
    ).astype(np.int64)
    days[_UNIT[product] == "mcg/h"] = 30
    start = np.where(
        kind[owner] == 2, rng.integers(0, 60, len(owner)), rng.integers(0, DAYS, len(owner))
    )
    strength = rng.integers(0, 60, len(owner)) % _STRENGTHS[product]

    regimen = np.repeat(np.arange(len(owner)), size)
    turn = np.arange(len(regimen)) - np.repeat(np.cumsum(size) - size, size)
    rows = len(regimen)
    member = owner[regimen] + before
    fills = np.zeros(rows, FILL)
    fills["product"] = product[regimen]
    fills["fill_date"] = FIRST_DAY + (
        (start[regimen] + turn * days[regimen] + rng.integers(-6, 6, rows)) % DAYS
    )
    changed = rng.random(rows) < 0.03
    fills["strength"] = _STRENGTH[product[regimen], np.where(changed, 0, strength[regimen])]
    odd = rng.random(rows) < 0.03
    fills["days_supply"] = np.where(odd, rng.integers(1, 91, rows), days[regimen])
    fills["quantity"] = _quantity(rng, fills, a_day[regimen])
    fills["member_id"] = FIRST_MEMBER + member * 37
    fills["prescriber_id"] = 1_000_000_000 + (
        (member * 7919 + rng.choice(4, rows, p=[0.75, 0.15, 0.07, 0.03]) * 104_729) % 900_000
    )
    fills["pharmacy_id"] = 5_000_000 + (
        (member * 31 + rng.choice(3, rows, p=[0.80, 0.15, 0.05]) * 1543) % 60_000
    )
    _spoil(rng, fills)
    return fills[np.argsort(member * DAYS + fills["fill_date"] - FIRST_DAY, kind="stable")]


def _by_kind(
    rng: np.random.Generator, kind: np.ndarray, ranges: tuple[tuple[int, int], ...]
) -> np.ndarray:
    """Draw a whole number for each member, from the range of its kind."""
    low, high = np.array(ranges).T
    return rng.integers(low[kind], high[kind])


def _weighted(rng: np.random.Generator, size: int, weights: dict[Any, float]) -> np.ndarray:
    chance = np.array(list(weights.values()), float)
    return rng.choice(np.array(list(weights)), size, p=chance / chance.sum())


def _quantity(rng: np.random.Generator, fills: np.ndarray, a_day: np.ndarray) -> np.ndarray:
    """Tablets for the days, patches of three days each, or mL: doses of 5 mL, or bottles."""
    rows, unit = len(fills), _UNIT[fills["product"]]
    days = fills["days_supply"]
    tablets = np.ceil(a_day * days)
    partial = rng.random(rows) < 0.05
    tablets[partial] = rng.integers(1, 180, np.count_nonzero(partial))
    bottle = rng.choice(np.array(_BOTTLES_ML), rows)
    liquid = np.where(rng.random(rows) < 0.5, bottle, 5 * tablets)
    sprays = 2.5 * np.ceil(days / 10)
    patches = np.ceil(days / 3)
    return np.select(
        [_ROUTE[fills["product"]] == "nasal", unit == "mcg/h", unit == "mg/mL"],
        [sprays, patches, liquid],
        tablets,
    )


def _spoil(rng: np.random.Generator, fills: np.ndarray) -> None:
    """Make one row in a hundred bad, in one of eight ways."""
    bad = np.flatnonzero(rng.random(len(fills)) < 0.01)
    way = rng.integers(0, 8, len(bad))
    for number, bit in enumerate(MISSING.values()):
        fills["missing"][bad[way == number]] = bit
    fills["days_supply"][bad[way == 5]] = 0
    # Reversals of fills that lie before the data begin: an odd quantity keeps them unmatched.
    back = bad[way >= 6]
    fills["quantity"][back] += 0.125
    fills["quantity"][bad[way == 6]] *= -1
    fills["days_supply"][bad[way == 7]] *= -1
