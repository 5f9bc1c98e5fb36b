"""Episodes to what a plan sees: months, panels, retention, and counts that add up."""

# More than 300 lines: one observation, told in five tables that share its months.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

import opsafe
from opsafe.columns import Column, Columns, Text
from opsafe.quantity import BoolArray, IntArray
from opsafe.workforce._episodes import (
    Calendar,
    Cover,
    Episodes,
    Kind,
    add_up,
    cover,
    find_episodes,
    number,
    patients_by_panel,
    spread,
    take_together,
    tally,
)
from opsafe.workforce._kaplan_meier import kaplan_meier
from opsafe.workforce._observe_claims import REASONS, ClaimsRead
from opsafe.workforce._observe_rules import (
    ObserveRules,
    as_date,
)
from opsafe.workforce.observed import (
    STREAMS,
    EpisodesFound,
    Observed,
    ObservedProvenance,
    PanelDistribution,
    RowsOfFills,
)

__all__ = ["Observation"]

_QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)


class Observation:
    """Claims that were laid out in time, and the tables that they are told in."""

    def __init__(self, claims: ClaimsRead, rules: ObserveRules) -> None:
        self.claims, self.rules, self.window = claims, rules, claims.window
        self.streams = max(len(claims.medications), 1)
        self.fills, rows = take_together(claims.fills)
        self.covered: Cover = cover(self.fills, rules.carry_forward_days)
        self.episodes: Episodes = find_episodes(self.fills, self.covered, self.window)
        self.medication = self.fills.stream % self.streams
        self.member = self.fills.stream // self.streams
        # A panel is one prescriber's members of one medication.
        raw = claims.fills
        self.by_row = np.full(len(raw.day), -1, np.int64)
        known = np.flatnonzero(raw.prescriber >= 0)
        self.panels, self.by_row[known] = number(
            raw.prescriber[known] * self.streams + raw.stream[known] % self.streams,
            len(claims.prescribers) * self.streams,
        )
        self.panel = self.by_row[rows]
        first = np.datetime64(as_date(self.window.start), "M")
        after = np.datetime64(as_date(self.window.end), "M") + 2
        self.calendar = Calendar(np.arange(first, after).astype("datetime64[D]").astype(np.int64))
        bounds = self.calendar.bounds
        self.months = len(bounds) - 1
        self.whole = np.flatnonzero(
            (bounds[:-1] >= self.window.start) & (bounds[1:] <= self.window.end + 1)
        )
        self.is_new = (self.episodes.kind == Kind.START) | (self.episodes.kind == Kind.RETURN)

    def told(self) -> Observed:
        active, is_open = self._active_and_open()
        panel, month, patients = patients_by_panel(
            self.covered, self.panel, self.member, self.calendar
        )
        census = np.isin(month, self.whole)
        panel, month, patients = panel[census], month[census], patients[census]
        claims = self.claims
        return Observed(
            by_month=self._by_month(active, is_open),
            by_group=self._by_group(),
            panels=self._panels(active, is_open, panel, month, patients),
            panel_distributions=tuple(self._distributions(panel, month, patients)),
            retention=self._retention(),
            set_aside=claims.set_aside(),
            counts=self._rows(),
            episodes=self._episodes(),
            medications=claims.medications or (None,),
            provenance=self._provenance(),
        )

    def _active_and_open(self) -> tuple[IntArray, IntArray]:
        """Panels times months plus month, of those who wrote a fill, and of those of them open."""
        month = self.calendar.month_of(self.claims.fills.day)
        known = self.by_row >= 0
        active, _ = tally((self.by_row * self.months + month)[known])
        taken = self.panel[self.episodes.first[self.is_new]]
        begun = self.calendar.month_of(self.episodes.begin[self.is_new])[taken >= 0]
        taken = taken[taken >= 0]
        position, month = spread(begun, np.minimum(begun + self.rules.open_months, self.months))
        taking, _ = tally(taken[position] * self.months + month)
        return active, np.intersect1d(active, taking, assume_unique=True)

    def _grid(self, month: IntArray, medication: IntArray) -> IntArray:
        """Count by month and medication."""
        cells = self.months * self.streams
        counts = np.bincount(month * self.streams + medication, minlength=cells)
        return counts.reshape(self.months, self.streams)

    def _begun(self, *kinds: Kind) -> IntArray:
        """Positions of the first fills of episodes that begin in some way."""
        return self.episodes.first[np.isin(self.episodes.kind, kinds)]

    def _month_ends(self) -> tuple[IntArray, IntArray]:
        """Positions of fills, and a month at whose last day each is at hand."""
        return spread(*self.calendar.last_days_in(self.covered.begin, self.covered.until))

    def _stops(self) -> tuple[IntArray, IntArray]:
        """Positions of the last fills of episodes that stopped, and the months of the stops."""
        stopped = self.episodes.is_stopped
        return self.episodes.last[stopped], self.calendar.month_of(self.episodes.until[stopped])

    def _by_month(self, active: IntArray, is_open: IntArray) -> Columns:
        def of_panels(cells: IntArray) -> IntArray:
            whose = self.panels[cells // self.months] % self.streams
            return self._grid(cells % self.months, whose)

        def begun(*kinds: Kind) -> IntArray:
            first = self._begun(*kinds)
            return self._grid(self.calendar.month_of(self.fills.day[first]), self.medication[first])

        at_hand, month = self._month_ends()
        last, stop_month = self._stops()
        stops = self._grid(stop_month, self.medication[last])
        counts = {
            "prescribers_active": of_panels(active),
            "prescribers_open": of_panels(is_open),
            "members_on_treatment": self._grid(month, self.medication[at_hand]),
            "members_in_episode": np.cumsum(begun(*Kind) - stops, axis=0),
            "starts": begun(Kind.START),
            "returns": begun(Kind.RETURN),
            "resumed": begun(Kind.RESUMED),
            "prevalent": begun(Kind.PREVALENT),
            "stops": stops,
        }
        bounds = self.calendar.bounds
        starts_known = bounds[:-1] >= self.window.starts_from
        back = np.arange(self.months) - self.rules.open_months + 1
        known = {
            "starts_are_complete": starts_known,
            "open_is_complete": (back >= 0) & starts_known[np.maximum(back, 0)],
            "stops_are_complete": bounds[1:] <= self.window.view_ends,
        }
        whole, streams = self.whole, self.streams
        return Columns(
            {
                "month": np.repeat(self._first_days(whole), streams),
                "medication": self._medications(np.tile(np.arange(streams), len(whole))),
                **{name: grid[whole].ravel() for name, grid in counts.items()},
                **{name: np.repeat(each[whole], streams) for name, each in known.items()},
            }
        )

    def _by_group(self) -> Columns:
        groups = len(self.claims.lines)

        def cells(position: IntArray, month: IntArray) -> IntArray:
            position, month = (each[np.isin(month, self.whole)] for each in (position, month))
            code = month * self.streams + self.medication[position]
            return code * groups + self.fills.group[position]

        begun = (self._begun(kind) for kind in (Kind.START, Kind.RETURN))
        found, counts = add_up(
            cells(*self._month_ends()),
            *(cells(each, self.calendar.month_of(self.fills.day[each])) for each in begun),
            cells(*self._stops()),
        )
        code, group = found // max(groups, 1), found % max(groups, 1)
        names = ("members_on_treatment", "starts", "returns", "stops")
        lines, areas = self.claims.lines, self.claims.areas
        return Columns(
            {
                "month": self._first_days(code // self.streams),
                "medication": self._medications(code % self.streams),
                "line_of_business": Text(lines.codes[group], lines.words),
                "area": Text(areas.codes[group], areas.words),
                **dict(zip(names, counts, strict=True)),
            }
        )

    def _panels(
        self,
        active: IntArray,
        is_open: IntArray,
        panel: IntArray,
        month: IntArray,
        patients: IntArray,
    ) -> Columns:
        size, months = len(self.panels), self.months
        last = self.whole[-1] if len(self.whole) else -1

        def count(panels: IntArray) -> IntArray:
            return np.bincount(panels[panels >= 0], minlength=size)

        def in_last(cells: IntArray) -> BoolArray:
            return count((cells // months)[cells % months == last]) > 0

        of_last = np.zeros(size, np.int64)
        of_last[panel[month == last]] = patients[month == last]
        with_patients = count(panel)
        total = np.bincount(panel, weights=patients, minlength=size)
        active_whole = active[np.isin(active % months, self.whole)]
        return Columns(
            {
                "prescriber_id": _identifiers(self.claims.prescribers, self.panels // self.streams),
                "medication": self._medications(self.panels % self.streams),
                "fills": count(self.by_row),
                "months_active": count(active_whole // months),
                "months_with_members": with_patients,
                "mean_members": total / np.maximum(with_patients, 1),
                "members_last_month": of_last,
                "starts": count(self.panel[self._begun(Kind.START)]),
                "returns": count(self.panel[self._begun(Kind.RETURN)]),
                "is_active": in_last(active),
                "is_open": in_last(is_open),
            }
        )

    def _distributions(
        self, panel: IntArray, month: IntArray, patients: IntArray
    ) -> Iterator[PanelDistribution]:
        if not len(self.whole):
            return
        last = self.whole[-1]
        panel, patients = panel[month == last], patients[month == last]
        first_day: date = self._first_days(self.whole[-1:])[0].item()
        names = self.claims.medications or (None,)
        for code in np.unique(self.panels[panel] % self.streams).tolist():
            of_one = patients[self.panels[panel] % self.streams == code]
            banded = np.bincount(np.searchsorted((3, 30, 75), of_one), minlength=4) / len(of_one)
            several = len(of_one) > 1
            yield PanelDistribution(
                names[code],
                first_day,
                len(of_one),
                float(of_one.mean()),
                float(of_one.std(ddof=1)) if several else None,
                tuple(zip(_QUANTILES, np.quantile(of_one, _QUANTILES).tolist(), strict=True)),
                *banded.tolist(),
            )

    def _retention(self) -> Columns:
        episodes = self.episodes
        followed = episodes.followed_days > 0
        whose = self.medication[episodes.first]
        of_stream = {
            "all": self.is_new,
            "first": episodes.kind == Kind.START,
            "return": episodes.kind == Kind.RETURN,
        }
        names = ("days", "at_risk", "stopped", "censored", "share", "standard_error")
        keys = [(medication, stream) for medication in range(self.streams) for stream in STREAMS]
        chosen = [
            np.flatnonzero(of_stream[stream] & followed & (whose == medication))
            for medication, stream in keys
        ]
        curves = [
            kaplan_meier(episodes.followed_days[rows], episodes.is_stopped[rows]) for rows in chosen
        ]
        lengths = [len(curve.days) for curve in curves]
        medication = np.repeat([key[0] for key in keys], lengths)
        stream = np.repeat([STREAMS.index(key[1]) for key in keys], lengths)
        ends = {"lower_95": "lower", "upper_95": "upper"}
        return Columns(
            {
                "medication": self._medications(medication),
                "stream": Text(stream, STREAMS),
                **{
                    name: np.concatenate([getattr(curve, ends.get(name, name)) for curve in curves])
                    for name in (*names, *ends)
                },
            }
        )

    def _rows(self) -> RowsOfFills:
        rows_in, used = len(self.claims.table), len(self.claims.fills.day)
        set_aside = int(np.count_nonzero(self.claims.reason))
        assert rows_in == used + set_aside
        return RowsOfFills(
            rows_in=rows_in,
            used=used,
            set_aside=set_aside,
            without_prescriber=int(np.count_nonzero(self.by_row < 0)),
            same_day=used - len(self.fills.day),
        )

    def _episodes(self) -> EpisodesFound:
        by_kind = np.bincount(self.episodes.kind, minlength=len(Kind)).tolist()
        stopped = int(np.count_nonzero(self.episodes.is_stopped))
        return EpisodesFound(
            episodes=sum(by_kind),
            starts=by_kind[Kind.START],
            returns=by_kind[Kind.RETURN],
            resumed=by_kind[Kind.RESUMED],
            prevalent=by_kind[Kind.PREVALENT],
            stopped=stopped,
            censored=sum(by_kind) - stopped,
            not_followed=int(np.count_nonzero(self.is_new & (self.episodes.followed_days <= 0))),
        )

    def _provenance(self) -> ObservedProvenance:
        rules, window = self.rules, self.window
        reasons = np.bincount(self.claims.reason, minlength=len(REASONS) + 1)[1:].tolist()
        touched = self._first_days(np.arange(self.months)).astype("datetime64[M]")
        left_out = np.delete(touched, self.whole).astype(str).tolist()
        seen_from, seen_to = as_date(window.starts_from), as_date(window.view_ends - 1)
        told = [name for name in ("start", "end") if getattr(rules, name) is None]
        cautions = [
            "These are the plan's own members: a prescriber's panel also holds other payers'",
            f"Starts are seen from {seen_from} on, and stops up to {seen_to}",
            "Starts and returns together contain returners: add no second stream of them",
        ]
        if told:
            cautions.append(
                f"{' and '.join(told)} of the window told from the fills: give the days between"
                " which the claims are complete"
            )
        return ObservedProvenance(
            opsafe_version=opsafe.__version__,
            start=as_date(window.start),
            end=as_date(window.end),
            arguments={
                "gap_days": str(rules.gap_days),
                "washout_days": str(rules.washout_days),
                "carry_forward_days": str(rules.carry_forward_days),
                "open_months": str(rules.open_months),
                "start": "from the fills" if rules.start is None else str(as_date(rules.start)),
                "end": "from the fills" if rules.end is None else str(as_date(rules.end)),
            },
            planning_values=rules.planning_values(),
            months_left_out=tuple(left_out),
            set_aside_by_reason={
                reason.value: count for reason, count in zip(REASONS, reasons, strict=True) if count
            },
            cautions=tuple(cautions),
        )

    def _first_days(self, months: IntArray) -> Any:
        return self.calendar.bounds[:-1][months].astype("datetime64[D]")

    def _medications(self, codes: IntArray) -> Text:
        names = self.claims.medications
        return Text(codes if names else np.full(len(codes), -1), names)


def _identifiers(values: Sequence[int] | Sequence[str], codes: IntArray) -> Column:
    """Identifiers of the caller's own type: integers or text."""
    if values and isinstance(values[0], str):
        return Text(codes, tuple(map(str, values)))
    return np.array(values, None if values else np.int64)[codes]
