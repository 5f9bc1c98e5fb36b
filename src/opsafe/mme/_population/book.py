"""All that a run knows beside its fills: options, drug lines, factors, tables by member."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from opsafe._identifiers import Identifiers
from opsafe.frames import Frame
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.flags import LineFlags
from opsafe.mme._population.measure import Scale
from opsafe.mme._population.options import Options
from opsafe.mme._population.rates import Factors
from opsafe.mme._population.spans import (
    Intervals,
    MemberTable,
    Spans,
    clip,
    observed,
    read_intervals,
)
from opsafe.mme.chain import EditionChain
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Book", "Looked", "MemberTables"]


@dataclass(frozen=True, slots=True)
class MemberTables:
    """The optional tables by member."""

    windows: MemberTable | None
    enrolment: MemberTable | None
    exclusions: MemberTable | None

    @classmethod
    def read(
        cls, windows: Frame | None, enrolment: Frame | None, exclusions: Frame | None
    ) -> MemberTables:
        """Read the tables that were given."""

        def read(table: Frame | None, where: str, label: str | None) -> MemberTable | None:
            return None if table is None else read_intervals(table, where=where, label=label)

        return cls(
            read(windows, "windows", None),
            read(enrolment, "enrolment", "line_of_business"),
            read(exclusions, "exclusions", "reason"),
        )


class Looked:
    """The days of some members that are looked at, and who is left out."""

    def __init__(self, members: Identifiers, tables: MemberTables, options: Options) -> None:
        def of(table: MemberTable | None) -> Intervals | None:
            return None if table is None else table.of(members)

        self.enrolment = of(tables.enrolment)
        self.exclusions = of(tables.exclusions)
        windows = of(tables.windows)
        self.found = {
            name: table.found
            for name, table in (
                ("windows", windows),
                ("enrolment", self.enrolment),
                ("exclusions", self.exclusions),
            )
            if table is not None
        }
        count = len(members)
        window = (options.start, options.end, windows, self.enrolment)
        self.uncut: Spans = observed(count, *window, None)
        cut = self.exclusions if options.exclude == "days" else None
        self.spans: Spans = self.uncut if cut is None else observed(count, *window, cut)
        self.excluded: BoolArray = np.zeros(count, bool)
        if self.exclusions is not None and options.exclude == "members":
            ours = self.exclusions
            which, _, _ = clip(ours.member, ours.start, ours.stop, self.uncut)
            self.excluded[ours.member[which]] = True

    def dated_in(self, member: IntArray, day: IntArray) -> IntArray | None:
        """Which fills are dated on a looked-at day; None where all are."""
        if self.spans.window is None:
            return clip(member, day, day + 1, self.spans)[0]
        first, stop = self.spans.window
        if not len(day) or (first <= day.min() and day.max() < stop):
            return None
        return np.flatnonzero((day >= first) & (day < stop))


@dataclass(frozen=True)
class Book:
    """What one edition (or chain) and the options say of every drug line of a run."""

    drugs: Drugs
    chain: EditionChain
    options: Options
    tables: MemberTables

    @cached_property
    def factors(self) -> Factors:
        """The factor of every drug line."""
        return Factors.of(self.drugs, self.chain, self.options.policy)

    @cached_property
    def flags(self) -> LineFlags:
        """What can be flagged by the drug line."""
        return LineFlags(self.drugs, self.factors)

    @cached_property
    def scale(self) -> Scale:
        """Tiers and thresholds."""
        return Scale(
            self.factors.tiers,
            self.factors.printed,
            tuple(self.options.at_least.values()),
            tuple(self.options.more_than.values()),
        )
