"""Siting by trying everything: slow, and exact in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, combinations, product


def most_served(
    reach: Sequence[Sequence[bool]], gaps: Sequence[float], capacity: Sequence[Fraction]
) -> Fraction:
    """Return the smallest cut: capacity of some sites, and the gaps in reach of all others."""
    sites = range(len(capacity))
    subsets = chain.from_iterable(combinations(sites, size) for size in range(len(capacity) + 1))
    return min(
        sum((capacity[site] for site in cut), Fraction(0))
        + sum(
            Fraction(gap)
            for gap, row in zip(gaps, reach, strict=True)
            if any(row[site] for site in sites if site not in cut)
        )
        for cut in subsets
    )


def best_siting(
    reach: Sequence[Sequence[bool]],
    gaps: Sequence[float],
    existing: Sequence[float],
    most: Sequence[int],
    new_heads: int,
    members_per_head: float,
) -> Fraction:
    """Return the most members that any placement of the new heads serves."""
    per_head = Fraction(members_per_head)
    return max(
        most_served(
            reach,
            gaps,
            [(Fraction(old) + new) * per_head for old, new in zip(existing, heads, strict=True)],
        )
        for heads in product(*(range(min(limit, new_heads) + 1) for limit in most))
        if sum(heads) <= new_heads
    )
