"""A population in one page: the four definitions side by side, and what they leave out."""

# More than 300 lines: a summary and how it is shown, which change together.

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.columns import Columns
from opsafe.errors import ArgumentError
from opsafe.mme.record import Provenance
from opsafe.quantity import BoolArray, FloatArray, IntArray

__all__ = [
    "SMALLEST_CELL",
    "DefinitionSummary",
    "GroupSummary",
    "Summary",
    "needed",
    "summarize",
]

SMALLEST_CELL: Final = 11
"""Counts below this one are hidden in printed summaries."""

ALL: Final = "all"
_DEFINITIONS: Final = {
    "D1": "mme_per_supply_day",
    "D2": "mme_per_covered_day",
    "D3": "mme_per_window_day",
    "D4": "mme_maximum_day",
}
_NEEDED: Final = ("fills", "excluded", "mme_is_lower_bound", *_DEFINITIONS.values())


def needed(by: str | None, there: Sequence[str]) -> tuple[str, ...]:
    """Columns of members that a summary is made of, for members that are not in memory.

    Raises
    ------
    ArgumentError
        If the column to group by is not among those that are there.
    """
    if by is not None and by not in there:
        raise ArgumentError("is no column of members", where="by", value=by, allowed=there)
    return tuple(dict.fromkeys((*_NEEDED, *([] if by is None else [by]))))


@dataclass(frozen=True, slots=True)
class DefinitionSummary:
    """One definition of daily MME over the members that have it."""

    definition: str
    column: str
    members: int
    lower_bound_members: int
    """Members among them whose MME is only a lower bound."""
    mean: float | None
    median: float | None
    at_thresholds: Mapping[str, int]
    """Members at or above (at_least_50) or above (more_than_90) each threshold."""

    def share(self, threshold: str) -> float | None:
        """Share of the members with a value that meet a threshold, from 0 to 1."""
        return self.at_thresholds[threshold] / self.members if self.members else None


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """One group of members, or all of them."""

    group: str
    members: int
    with_opioid_fills: int
    lower_bound_members: int
    definitions: tuple[DefinitionSummary, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A population summarized; counts from 1 to 10 are hidden unless asked for."""

    groups: tuple[GroupSummary, ...]
    thresholds: tuple[str, ...]
    provenance: Provenance
    suppress: bool
    withheld: frozenset[tuple[str, str]] = frozenset()
    """Cells (group, what) that are hidden because they would give a small one away."""

    def shown(self, count: int, of: int | None = None, cell: tuple[str, str] | None = None) -> str:
        """A count as it may be printed; ``of`` is the whole whose rest it must not give away."""
        if self.hidden(count):
            return f"under {SMALLEST_CELL}"
        rest_is_small = of is not None and self.hidden(of - count)
        if rest_is_small or (self.suppress and cell in self.withheld):
            return "hidden"
        return f"{count:,}"

    def hidden(self, count: int) -> bool:
        """Whether a count is too small to be printed."""
        return self.suppress and 0 < count < SMALLEST_CELL

    def shown_share(self, one: DefinitionSummary, threshold: str, group: str = ALL) -> str:
        """A share as it may be printed, with its count."""
        count = one.at_thresholds[threshold]
        share = one.share(threshold)
        if share is None:
            return "-"
        # The complement of a small cell would give it away.
        given_away = self.suppress and (group, f"{one.definition} {threshold}") in self.withheld
        if given_away or self.hidden(count) or self.hidden(one.members - count):
            return "hidden"
        return f"{100 * share:.1f}% ({count:,})"

    def rows(self) -> list[tuple[str, ...]]:
        """The table as text: a header, then a row for each group and definition."""
        head = (
            *("group", "definition", "members", "lower bound", "mean", "median"),
            *map(_words, self.thresholds),
        )
        lines = [head]
        for group in self.groups:
            for one in group.definitions:
                few = self.hidden(one.members)
                mean, median = (
                    "-" if value is None or few else f"{value:.1f}"
                    for value in (one.mean, one.median)
                )
                shares = (
                    self.shown_share(one, threshold, group.group) for threshold in self.thresholds
                )
                name = f"{one.definition} {one.column}"
                counts = (
                    self.shown(one.members, cell=(group.group, one.definition)),
                    self.shown(
                        one.lower_bound_members,
                        of=one.members,
                        cell=(group.group, f"{one.definition} lower bound"),
                    ),
                )
                lines.append((group.group, name, *counts, mean, median, *shares))
        return lines

    def notes(self) -> list[str]:
        """What stands beside the shares: members whose MME is a lower bound, and the cautions."""
        told = [self._group_note(group) for group in self.groups]
        rows = self.provenance.rows
        fates = {
            "used": rows.used,
            "netted": rows.netted,
            "not opioid": rows.not_opioid,
            "set aside": rows.set_aside,
        }
        parts = " + ".join(f"{self.shown(count)} {name}" for name, count in fates.items())
        few = any(self.hidden(count) for count in fates.values())
        told.append(f"rows: {'' if few else f'{rows.rows_in:,} in = '}{parts}")
        told += [
            f"set aside, {code}: {self.shown(count)}"
            for code, count in self.provenance.set_aside_by_reason.items()
        ]
        told += [
            f"flagged, {code}: {self.shown(count)}"
            for code, count in self.provenance.flags_by_code.items()
        ]
        return told + list(self.provenance.cautions)

    def _group_note(self, group: GroupSummary) -> str:
        counts = {
            "members": (group.members, None),
            "with opioid fills that count": (group.with_opioid_fills, group.members),
            "whose MME is a lower bound": (group.lower_bound_members, group.members),
        }
        shown = (
            f"{self.shown(count, of=whole, cell=(group.group, what))} {what}"
            for what, (count, whole) in counts.items()
        )
        return f"{group.group}: {', '.join(shown)}"

    def __str__(self) -> str:
        lines = self.rows()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )
        return table + "\n\n" + "\n".join(self.notes())

    def _repr_html_(self) -> str:
        head, *body = self.rows()
        cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
        lines = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>"
            for line in body
        )
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes())
        return (
            f"<table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table><ul>{notes}</ul>"
        )


def summarize(
    members: Columns,
    thresholds: Mapping[str, tuple[str, int]],
    provenance: Provenance,
    *,
    by: str | None,
    suppress: bool,
) -> Summary:
    """Summarize the members table, as a whole and by the groups of one of its columns."""
    groups = [(ALL, np.ones(len(members), bool))]
    if by is not None:
        if by not in members:
            raise ArgumentError(
                "is no column of members", where="by", value=by, allowed=members.keys()
            )
        labels = np.array([str(label) for label in members[by].tolist()], object)
        groups += [(label, labels == label) for label in sorted(set(labels.tolist()))]
    found = tuple(_group(members, thresholds, name, chosen) for name, chosen in groups)
    return Summary(found, tuple(thresholds), provenance, suppress, _withheld(found[1:]))


def _withheld(groups: Sequence[GroupSummary]) -> frozenset[tuple[str, str]]:
    """One small cell among groups follows from their total: withhold the next smallest too."""
    cells: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for group in groups:
        cells["members"][group.group] = group.members, 0
        cells["with opioid fills that count"][group.group] = group.with_opioid_fills, group.members
        cells["whose MME is a lower bound"][group.group] = group.lower_bound_members, group.members
        for one in group.definitions:
            cells[one.definition][group.group] = one.members, 0
            cells[f"{one.definition} lower bound"][group.group] = (
                one.lower_bound_members,
                one.members,
            )
            for threshold, count in one.at_thresholds.items():
                cells[f"{one.definition} {threshold}"][group.group] = count, one.members
    found = set()
    for what, counts in cells.items():
        small = {
            group
            for group, (count, whole) in counts.items()
            if 0 < count < SMALLEST_CELL or 0 < whole - count < SMALLEST_CELL
        }
        others = sorted((count, group) for group, (count, _) in counts.items() if count)
        others = [(count, group) for count, group in others if group not in small]
        if len(small) == 1 and others:
            found.add((others[0][1], what))
        found |= {(group, what) for group in small}
    return frozenset(found)


def _group(
    members: Columns, thresholds: Mapping[str, tuple[str, int]], name: str, chosen: BoolArray
) -> GroupSummary:
    counted = chosen & ~members["excluded"]
    return GroupSummary(
        group=name,
        members=int(chosen.sum()),
        with_opioid_fills=int((members["fills"][chosen] > 0).sum()),
        lower_bound_members=int((members["mme_is_lower_bound"] & counted).sum()),
        definitions=tuple(
            _definition(
                definition,
                column,
                members[column][chosen],
                members["mme_is_lower_bound"][chosen],
                thresholds,
            )
            for definition, column in _DEFINITIONS.items()
        ),
    )


def _definition(
    definition: str,
    column: str,
    values: FloatArray,
    lower_bound: BoolArray,
    thresholds: Mapping[str, tuple[str, int]],
) -> DefinitionSummary:
    known = ~np.isnan(values)
    values, bounds = values[known], int(lower_bound[known].sum())
    # Published values are the floats nearest to counts of 1e-6, so they meet a threshold there.
    counts = np.rint(values * 1e6).astype(np.int64)
    met = {
        name: int(((counts >= count) if kind == "at_least" else (counts > count)).sum())
        for name, (kind, count) in thresholds.items()
    }
    mean = _mean(counts) if len(values) else None
    median = float(np.median(values)) if len(values) else None
    return DefinitionSummary(definition, column, len(values), bounds, mean, median, met)


def _mean(counts: IntArray) -> float:
    """Mean of counts of 1e-6, exact until it becomes a float: the same in any order."""
    # In two halves, since a sum over ten million members may not fit.
    total = (int((counts >> 24).sum()) << 24) + int((counts & (2**24 - 1)).sum())
    return total / (len(counts) * 10**6)


def _words(threshold: str) -> str:
    return threshold.replace("_", " ")
