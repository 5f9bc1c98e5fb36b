"""What the record says of all members, as counts that add up over parts that are not at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from opsafe.columns import Nullable
from opsafe.mme._population.codes import REASONS
from opsafe.mme._population.part import FLAGS, Counts, Part
from opsafe.quantity import IntArray

__all__ = ["Totals", "add", "totals_of"]


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of one part or of many."""

    counts: Counts
    not_opioid: int
    """Rows of other drugs."""
    set_aside: dict[str, int]
    """Rows set aside by their reason."""
    flags: dict[str, int]
    members: int
    lower_bound: int
    """Members whose MME is a lower bound, without those that are left out."""
    any_lower_bound: bool
    any_tier_reading: bool
    bounded: bool
    """Whether every member's window has a length."""

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.counts + other.counts,
            self.not_opioid + other.not_opioid,
            add(self.set_aside, other.set_aside),
            add(self.flags, other.flags),
            self.members + other.members,
            self.lower_bound + other.lower_bound,
            self.any_lower_bound | other.any_lower_bound,
            self.any_tier_reading | other.any_tier_reading,
            self.bounded & other.bounded,
        )


def add(left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
    """Add counts by name, names in order."""
    return {name: left.get(name, 0) + right.get(name, 0) for name in sorted(left | right)}


def totals_of(part: Part) -> Totals:
    """Count a part."""
    members, window = part.members, part.members.column("window_days")
    lower_bound = members["mme_is_lower_bound"]
    return Totals(
        counts=part.counts,
        not_opioid=int(part.counts.not_opioid_by_line.sum()),
        set_aside=_counted(part.set_aside.code, REASONS),
        flags=_counted(part.flags.code, FLAGS),
        members=len(members),
        lower_bound=int((lower_bound & ~members["excluded"]).sum()),
        any_lower_bound=bool(lower_bound.any()),
        any_tier_reading=bool(members["tier_reading_days"].any()),
        bounded=not isinstance(window, Nullable) or bool(window.valid.all()),
    )


def _counted(codes: IntArray, names: Sequence[Any]) -> dict[str, int]:
    number = np.bincount(codes, minlength=len(names))
    return dict(sorted((str(name), int(n)) for name, n in zip(names, number, strict=True) if n))
