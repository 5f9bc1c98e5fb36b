"""What is done in which quarter: the most impact within the teams' capacity, and what is proved."""

# More than 300 lines: half of them say what each argument and each part of the result is.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

import numpy as np

from opsafe._display import as_html, counted
from opsafe.columns import Columns
from opsafe.provenance import EditionUsed
from opsafe.quantity import IntArray
from opsafe.ranking._impact import Worth
from opsafe.ranking._programme import read_effort
from opsafe.ranking._schedule import LEFT_OUT
from opsafe.ranking._schedule_inputs import Asked, Request, read_request
from opsafe.ranking._schedule_programme import PROVEN, Ended
from opsafe.ranking._schedule_solve import Found, FoundBy, solve
from opsafe.ranking._schedule_tables import Tables, tables_of
from opsafe.ranking._schedule_why import why_infeasible
from opsafe.ranking.figures import Defaults
from opsafe.ranking.record import ResultRecord, record_of
from opsafe.ranking.work import Work
from opsafe.ranking.work_plan import work_plan_of
from opsafe.uncertainty import read_seed

__all__ = ["Roadmap", "RoadmapStatus", "roadmap"]

RoadmapStatus: TypeAlias = Literal["optimal", "within gap", "infeasible", "not found"]
"""Proved best; feasible, with a gap; proved that there is none; or the search ended before one."""


@dataclass(frozen=True, slots=True, eq=False)
class Roadmap:
    """A programme by quarter, and how far the best possible can lie above."""

    table: Columns
    """initiative, start_quarter, finish_quarter (both from 1), start_date, finish_date (the last
    day; null without a first month), impact, value (impact kept after the delay),
    value_lost_by_delay (against the soonest quarter that it could have alone), must_do, quick_win,
    slack_quarters; in order of the start."""
    left_out: Columns
    """initiative, impact, reason ("left out by the caller", "no work given", "cannot be done",
    "predecessor left out", "adds nothing", "no room"), detail."""
    load: Columns
    """team, quarter, used_fte, capacity_fte, left_fte, is_full."""
    binding: Columns
    """team, full_quarters, share_used: the team that binds most comes first."""
    value: float
    """Sum of the values: impacts that a delay has not taken."""
    value_lost_by_delay: float
    """Of what is scheduled, against the soonest quarter that each could have alone."""
    bound: float
    """No schedule that keeps the rules has a larger value."""
    gap: float
    """(bound - value) / bound, 0 to 1."""
    status: RoadmapStatus
    stopped_by: Ended
    """What ended the search: "proved", "node limit", "time limit" or "failed"."""
    reason: str
    """Where there is no schedule: why."""
    found_by: FoundBy
    list_value: float | None
    """Value of the best list schedule, the floor; None where no list kept all rules."""
    reproducible: bool
    """False where the clock ended the search."""
    quick_wins_in_first_quarter: int
    quarters: int
    start: date | None
    """First day of the first quarter."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    inputs: Columns
    """What was used, where it came from, and its source."""
    editions: tuple[EditionUsed, ...]
    """The editions that answered."""
    _asked: Asked = field(repr=False)
    _starts: IntArray = field(repr=False)

    @property
    def audit(self) -> ResultRecord:
        """How it came about."""
        return record_of(
            "roadmap",
            self.inputs,
            self.cautions,
            editions=self.editions,
            reproducible=self.reproducible,
        )

    def work_plan(self) -> Columns:
        """Return the rows of a work plan, one for each team's work on what is scheduled.

        Returns
        -------
        Columns
            id, chapter, owner, initiative, team, fte, start_quarter, finish_quarter, start,
            finish, predecessor, slack_quarters, critical.

        Notes
        -----
        ``id`` "2.1" is the first work of the second initiative to start; ``predecessor`` holds the
        ids of the work that must be done before, with commas. A row is critical where it cannot
        slip by a quarter without moving a successor as scheduled, passing its latest quarter, or
        moving the end of the programme. Capacity is not looked at.
        """
        return work_plan_of(self._asked, self._starts)

    def __repr__(self) -> str:
        if self.reason:
            return f"Roadmap: {self.status}; {self.reason}"
        done = len(self.table)
        return (
            f"Roadmap: {done} of {counted(done + len(self.left_out), 'initiative')} in"
            f" {counted(self.quarters, 'quarter')}, value {self.value:.3f}, at most"
            f" {self.bound:.3f}, {self.status}"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def roadmap(
    ranking: Worth,
    *,
    work: Iterable[Work],
    capacity_fte: Mapping[str, float | Sequence[float]],
    quarters: int,
    after: Iterable[tuple[str, str]] = (),
    earliest: Mapping[str, int] | None = None,
    latest: Mapping[str, int] | None = None,
    must_do: Sequence[str] = (),
    quick_wins_first: int = 0,
    quick_wins: Sequence[str] | None = None,
    leave_out: Sequence[str] = (),
    start: str | date | None = None,
    discount: float | None = None,
    value: str = "impact",
    time_limit_s: float = 10.0,
    node_limit: int = 1_000,
    seed: int = 1,
    defaults: str | Defaults = "2026-01",
) -> Roadmap:
    """Schedule initiatives by quarter for the most impact, within the capacity of the teams.

    Parameters
    ----------
    ranking : Ranking, or mapping of str to float
        A ranking, or impact by initiative from 0 (the same as doing nothing) to 1.
    work : sequence of Work
        What each initiative needs: one or several rows. One without a row is left out, and named
        in a caution.
    capacity_fte : mapping of str to float, or to a sequence of float by quarter
        Full-time equivalents of each team, in every quarter or quarter by quarter.
    quarters : int
        Quarters to plan, 1 to 400.
    after : sequence of pairs of str, optional
        ``("b", "a")``: b starts when a is done, and only if a is done at all.
    earliest : mapping of str to int, optional
        First quarter, from 1, in which an initiative may start.
    latest : mapping of str to int, optional
        Quarter, from 1, with which an initiative must be done if it is done at all.
    must_do : sequence of str, optional
        Initiatives that must be scheduled; what they wait for must be, too.
    quick_wins_first : int, optional
        Quick wins to be done with quarter 1, at least.
    quick_wins : sequence of str, optional
        The quick wins. Without it those of the ranking's quadrants, cut at the midpoint.
    leave_out : sequence of str, optional
        Initiatives that take no part.
    start : str or date, optional
        First month of quarter 1, as "2026-01" or "2026-Q1"; gives dates.
    discount : float, optional
        Share of an initiative's impact that each quarter of delay takes, from 0 to below 1.
        Without it a planning value.
    value : str, optional
        The criterion of the ranking that is added up; or ``"composite"``, with a caution.
    time_limit_s : float, optional
        Seconds that the search may take, about: half of them, or more, are for the programme.
    node_limit : int, optional
        Nodes that it may visit; where this ends the search, the same call gives the same answer.
    seed : int, optional
        Seed of the moves that improve list schedules.
    defaults : str or Defaults, optional
        The edition of planning values.

    Returns
    -------
    Roadmap
        Starts and finishes, what is left out, how full the teams are, bound, gap and status.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument cannot be used: an unknown initiative or team, no work for one that
        must be done or is named in a pair, a negative capacity, pairs that go round in a circle.
    DocumentError
        If a row of work is not valid.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    With x(i, t) = 1 if initiative i starts in quarter t and takes L(i) quarters::

        maximise  sum of impact(i) (1 - discount)^(t + L(i) - 2) x(i, t)

    within capacity by team and quarter. Work is not interrupted; an initiative may be left out
    unless it must be done. Staff counts in whole 1e-6 of a full-time equivalent. Two searches run,
    and the better schedule is returned: lists by rules of priority, improved by random moves (the
    floor), and mixed integer programming over x, which also gives the bound. Every schedule has
    passed a check of all rules in whole numbers. The search is exact if the status is "optimal"
    (a gap of at most 1e-6); if not, the gap says how much better one could be.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> found = rk.roadmap(
    ...     {"naloxone": 0.75, "training": 0.5, "telehealth": 1.0},
    ...     work=[
    ...         rk.Work("naloxone", team="pharmacy", quarters=1, fte=0.5),
    ...         rk.Work("training", team="clinic", quarters=2, fte=1.0),
    ...         rk.Work("telehealth", team="clinic", quarters=2, fte=1.0),
    ...     ],
    ...     capacity_fte={"pharmacy": 1, "clinic": 1},
    ...     quarters=4,
    ...     after=[("telehealth", "training")],
    ...     discount=0.03,
    ... )
    >>> found.table["initiative"].tolist(), found.table["start_quarter"].tolist()
    (['naloxone', 'training', 'telehealth'], [1, 1, 3])
    >>> round(found.value, 4), found.status
    (2.1477, 'optimal')
    """
    effort, root = read_effort(node_limit, time_limit_s), read_seed(seed)
    asked = read_request(
        Request(
            worth=ranking,
            work=work,
            capacity_fte=capacity_fte,
            quarters=quarters,
            after=after,
            earliest=earliest,
            latest=latest,
            must_do=must_do,
            quick_wins_first=quick_wins_first,
            quick_wins=quick_wins,
            leave_out=leave_out,
            start=start,
            discount=discount,
            value=value,
            defaults=defaults,
        )
    )
    asked.used.note("time_limit_s", effort.seconds, "given")
    asked.used.note("node_limit", effort.nodes, "given")
    asked.used.note("seed", root, "given")
    return _told(asked, solve(asked.instance, effort.seconds, effort.nodes, root))


def _told(asked: Asked, found: Found) -> Roadmap:
    """Tell the schedule, what is proved of it, and what a reader must know."""
    tables = tables_of(asked, found.starts)
    gap = (found.bound - found.value) / found.bound if found.bound > 0 else 0.0
    status, reason = _status(asked, found, gap)
    _warn(asked, found, tables, gap)
    delays = tables.table["value_lost_by_delay"]
    starts = np.full(len(asked.names), LEFT_OUT) if found.starts is None else found.starts
    starts.flags.writeable = False
    return Roadmap(
        table=tables.table,
        left_out=tables.left_out,
        load=tables.load,
        binding=tables.binding,
        value=found.value,
        value_lost_by_delay=float(delays.sum()),
        bound=found.bound,
        gap=gap,
        status=status,
        stopped_by=found.ended,
        reason=reason,
        found_by=found.found_by,
        list_value=found.floor,
        reproducible=found.ended != "time limit",
        quick_wins_in_first_quarter=_first_quick_wins(tables.table),
        quarters=asked.instance.capacity.shape[1],
        start=asked.start,
        cautions=tuple(asked.used.cautions),
        inputs=asked.used.table(),
        editions=tuple(asked.used.editions.values()),
        _asked=asked,
        _starts=starts,
    )


def _status(asked: Asked, found: Found, gap: float) -> tuple[RoadmapStatus, str]:
    if found.is_infeasible:
        return "infeasible", why_infeasible(asked.instance, asked.names, asked.teams)
    if found.starts is None:
        return "not found", f"the search ended before any schedule was found: {found.ended}"
    return ("optimal" if gap <= PROVEN else "within gap"), ""


def _first_quick_wins(table: Columns) -> int:
    return int((table["quick_win"] & (table["finish_quarter"] == 1)).sum())


def _warn(asked: Asked, found: Found, tables: Tables, gap: float) -> None:
    if found.starts is None:
        return
    if gap > PROVEN:
        asked.used.warn(
            f"not proved best: this schedule is worth {found.value:.4g}, the best at most"
            f" {found.bound:.4g}, a gap of {gap:.1%}"
        )
    if found.ended == "time limit":
        asked.used.warn("the clock ended the search: another run may give another schedule")
    if found.ended == "failed":
        asked.used.warn("the integer programme failed: the bound is the sum of all impacts alone")
    count = len(tables.left_out)
    if count:
        asked.used.warn(f"{count} of {len(asked.names) + len(asked.left_out)} are left out")
