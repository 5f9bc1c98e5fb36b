"""What a caller asks of a roadmap, read and checked, as an instance in whole numbers."""

# More than 300 lines: each argument of a roadmap has its own rules, and each its own message.

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from opsafe._arguments import plain, read_number, read_whole
from opsafe._used import UsedInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._amounts import FTE_COUNTS, read_amount
from opsafe.ranking._impact import GRID, Impacts, Worth, read_impacts
from opsafe.ranking._names import items_of, listed, read_name, read_names
from opsafe.ranking._schedule import Instance
from opsafe.ranking._schedule_notes import note_inputs
from opsafe.ranking.editions import defaults as planning_values
from opsafe.ranking.figures import Defaults
from opsafe.ranking.work import Work

__all__ = ["Asked", "Request", "read_request"]

_MOST_QUARTERS: Final = 400
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_QUARTER: Final = re.compile(r"(\d{4})-?[Qq]([1-4])")


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of a roadmap as they came."""

    worth: Worth
    work: object
    capacity_fte: object
    quarters: object
    after: object
    earliest: object
    latest: object
    must_do: object
    quick_wins_first: object
    quick_wins: object
    leave_out: object
    start: object
    discount: object
    value: object
    defaults: str | Defaults


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What was asked, checked, in the order of the ranking."""

    names: tuple[str, ...]
    impact: FloatArray
    work: tuple[tuple[Work, ...], ...]
    """Rows of work of each initiative."""
    teams: tuple[str, ...]
    instance: Instance
    quick: BoolArray
    left_out: tuple[str, ...]
    """By the caller, or for want of work."""
    without_work: tuple[str, ...]
    """Those of them for which no work is given."""
    start: date | None
    discount: float
    used: UsedInputs


def read_request(request: Request) -> Asked:
    """Read every argument of a roadmap.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DocumentError, EditionNotFoundError
        If one cannot be used; the message names it.
    """
    used = UsedInputs()
    value = request.value
    if not isinstance(value, str):
        raise ArgumentTypeError(
            "is no name of a criterion", where="value", value=type(value).__name__
        )
    # Two readers look at these, and what the caller gives may be gone through once only.
    request = replace(
        request,
        after=items_of(request.after, "after", "pairs"),
        must_do=items_of(request.must_do, "must_do", "names", advice='Write ["the name"] for one'),
    )
    impacts, rows, idle = _read_work(request, value, used)
    names, left_out = impacts.initiatives, impacts.left_out
    quarters = read_whole(request.quarters, "quarters", 1, _MOST_QUARTERS)
    capacity = _read_capacity(request.capacity_fte, quarters)
    teams = tuple(capacity)
    work = _by_initiative(rows, names, left_out, teams)
    discount = _read_discount(request, used)
    quick = _read_quick(request, impacts, left_out)
    instance = _instance(request, impacts, work, capacity, quarters, discount, quick)
    note_inputs(used, impacts, instance, work, teams)
    if request.quick_wins is not None or impacts.quick_wins is not None:
        whose = "named by the caller" if request.quick_wins is not None else "of the ranking"
        used.note("quick_wins", whose, "given")
    return Asked(
        names=names,
        impact=impacts.values,
        work=work,
        teams=teams,
        instance=_with_what_comes_first(instance),
        quick=quick,
        left_out=left_out,
        without_work=idle,
        start=_read_start(request.start),
        discount=discount,
        used=used,
    )


def _instance(
    request: Request,
    impacts: Impacts,
    work: Sequence[Sequence[Work]],
    capacity: Mapping[str, Sequence[int]],
    quarters: int,
    discount: float,
    quick: BoolArray,
) -> Instance:
    """Read what is asked of initiatives, and put it all in whole numbers."""
    names, left_out = impacts.initiatives, impacts.left_out
    demand = tuple(_demand(rows, tuple(capacity)) for rows in work)
    counts = np.array(list(capacity.values()), np.int64).reshape(len(capacity), quarters)
    return Instance(
        demand=demand,
        capacity=counts,
        worth=_worth(impacts.counts, [len(each) for each in demand], quarters, discount),
        first=_read_quarters(request.earliest, names, left_out, "earliest", 1),
        finish=_read_quarters(request.latest, names, left_out, "latest", quarters),
        after=_read_after(request.after, names),
        must=np.isin(names, read_names(request.must_do, names, "must_do")),
        quick=quick,
        least_quick=read_whole(request.quick_wins_first, "quick_wins_first", 0, 1_000),
    )


def _read_capacity(given: object, quarters: int) -> dict[str, list[int]]:
    """Counts by team and quarter."""
    where = "capacity_fte"
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            "is no mapping of team to staff", where=where, value=type(given).__name__
        )
    found: dict[str, list[int]] = {}
    for team, each in given.items():
        if not isinstance(team, str):
            raise ArgumentTypeError(
                "holds a team that is no text", where=where, value=type(team).__name__
            )
        here = f"{where}[{team!r}]"
        amount = each.tolist() if isinstance(each, np.ndarray) else each
        if not isinstance(amount, Sequence) or isinstance(amount, str):
            found[team] = [read_amount(amount, here, FTE_COUNTS)] * quarters
            continue
        if len(amount) != quarters:
            raise ArgumentError(
                f"has {len(amount)} amounts for {quarters} quarters", where=here, value=len(amount)
            )
        found[team] = [
            read_amount(one, f"{here}[{at}]", FTE_COUNTS) for at, one in enumerate(amount)
        ]
    return found


def _read_work(
    request: Request, value: str, used: UsedInputs
) -> tuple[Impacts, list[Work], tuple[str, ...]]:
    """Impacts of the initiatives that have work, the rows of it, and the names of the others."""
    impacts = read_impacts(request.worth, value, request.leave_out)
    rows: list[Work] = []
    for at, row in enumerate(items_of(request.work, "work", "Work")):
        each = Work(**row) if isinstance(row, Mapping) else row
        if not isinstance(each, Work):
            raise ArgumentTypeError("is no Work", where=f"work[{at}]", value=type(each).__name__)
        rows.append(each)
    given = {each.initiative for each in rows}
    idle = tuple(name for name in impacts.initiatives if name not in given)
    if not idle:
        return impacts, rows, idle
    pairs = _read_after(request.after, impacts.initiatives)
    asked_for = set(read_names(request.must_do, impacts.initiatives, "must_do"))
    asked_for |= {impacts.initiatives[at] for pair in pairs for at in pair}
    needed = [name for name in idle if name in asked_for]
    if needed or len(idle) == len(impacts.initiatives):
        raise ArgumentError(
            f"has no row for {listed(needed or idle)}",
            where="work",
            advice="Give its Work (fte=0 where it needs no staff), or name it in leave_out=",
        )
    used.warn(f"no work is given for {listed(idle)}: left out")
    rest = read_impacts(request.worth, value, (*impacts.left_out, *idle))
    return replace(rest, cautions=impacts.cautions), rows, idle


def _by_initiative(
    rows: Iterable[Work], names: Sequence[str], left_out: Sequence[str], teams: Sequence[str]
) -> tuple[tuple[Work, ...], ...]:
    found: dict[str, list[Work]] = {name: [] for name in names}
    for at, each in enumerate(rows):
        if each.initiative in left_out:
            continue
        name = read_name(each.initiative, names, f"work[{at}].initiative")
        read_name(each.team, teams, f"work[{at}].team", "team of capacity_fte")
        found[name].append(each)
    return tuple(map(tuple, found.values()))


def _demand(rows: Sequence[Work], teams: Sequence[str]) -> IntArray:
    """Counts by quarter since the start of the initiative, and by team."""
    found = np.zeros((max(each.finishes_after for each in rows), len(teams)), np.int64)
    for each in rows:
        count = read_amount(each.fte, "work.fte", FTE_COUNTS)
        found[each.starts_after : each.finishes_after, teams.index(each.team)] += count
    return found


def _worth(impact: IntArray, lasts: Sequence[int], quarters: int, discount: float) -> FloatArray:
    """Impact x (1 - discount)^(finish quarter - 1), by initiative and quarter of its start."""
    delay = np.add.outer(np.array(lasts) - 1, np.arange(quarters))
    kept = np.array([(1.0 - discount) ** each for each in range(int(delay.max()) + 1)])
    found: FloatArray = (impact / GRID)[:, None] * kept[delay]
    return found


def _read_discount(request: Request, used: UsedInputs) -> float:
    if request.discount is not None:
        found = read_number(request.discount, "discount", 0, 1, below=True)
        used.note("discount", found, "given")
        return found
    edition = planning_values(request.defaults)
    planned = edition.delay_discount_per_quarter
    used.note("discount", planned.value, "planning value", edition)
    used.warn(f"each quarter of delay takes {float(planned):.0%} of the value: a planning value")
    return float(planned)


def _read_quick(request: Request, impacts: Impacts, left_out: Sequence[str]) -> BoolArray:
    """Which are quick wins: those named, or those of the ranking's quadrants."""
    names = impacts.initiatives
    if request.quick_wins is not None:
        known = (*names, *left_out)
        return np.isin(names, read_names(request.quick_wins, known, "quick_wins"))
    if impacts.quick_wins is not None:
        return np.isin(names, sorted(impacts.quick_wins))
    if plain(request.quick_wins_first) != 0:
        raise ArgumentError(
            "needs to know which initiatives are quick wins",
            where="quick_wins_first",
            advice="Name them in quick_wins=",
        )
    return np.zeros(len(names), bool)


def _read_quarters(
    given: object,
    names: Sequence[str],
    left_out: Sequence[str],
    where: str,
    otherwise: int,
) -> IntArray:
    """A quarter by initiative, counted from 0 here."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            "is no mapping of initiative to quarter", where=where, value=type(given).__name__
        )
    found = np.full(len(names), otherwise, np.int64)
    for name, quarter in given.items():
        if name in left_out:
            continue
        at = names.index(read_name(name, names, where))
        found[at] = read_whole(quarter, f"{where}[{name!r}]", 1, _MOST_QUARTERS)
    return found - 1


def _read_after(given: object, names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Pairs of places, what comes first in front; the caller writes it last, as in "b after a"."""
    where = "after"
    pairs: dict[tuple[int, int], None] = {}
    for at, pair in enumerate(items_of(given, where, "pairs")):
        here = f"{where}[{at}]"
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise ArgumentTypeError(
                "is no pair of names",
                where=here,
                value=type(pair).__name__,
                advice='Write ("b", "a") for: b after a',
            )
        later, sooner = (names.index(read_name(each, names, here)) for each in pair)
        pairs[sooner, later] = None
    _refuse_cycle(pairs, names)
    return tuple(pairs)


def _refuse_cycle(pairs: Iterable[tuple[int, int]], names: Sequence[str]) -> None:
    before: dict[int, list[int]] = {at: [] for at in range(len(names))}
    for sooner, later in pairs:
        before[later].append(sooner)
    while done := [at for at, each in before.items() if not each]:
        before = {
            at: [one for one in each if one not in done]
            for at, each in before.items()
            if at not in done
        }
    if not before:
        return
    path = [min(before)]  # whoever is left waits for another that is left
    while path[-1] not in path[:-1]:
        path.append(before[path[-1]][0])
    cycle = path[path.index(path[-1]) :]
    told = " waits for ".join(repr(names[at]) for at in cycle)
    raise ArgumentError(f"goes round in a circle: {told}", where="after", value=told)


def _with_what_comes_first(instance: Instance) -> Instance:
    """What a must-do waits for must be done as well."""
    must = instance.must.copy()
    for _ in instance.demand:
        for sooner, later in instance.after:
            must[sooner] |= must[later]
    return replace(instance, must=must)


def _read_start(given: object) -> date | None:
    where = "start"
    if given is None:
        return None
    if isinstance(given, date):
        if given.day == 1:
            return date(given.year, given.month, 1)
    elif isinstance(given, str):
        month, quarter = _MONTH.fullmatch(given), _QUARTER.fullmatch(given)
        year = int((month or quarter or ["", "0"])[1])
        at = int(month[2]) if month else 3 * int(quarter[2]) - 2 if quarter else 0
        if 1900 <= year <= 9000 and 1 <= at <= 12:
            return date(year, at, 1)
    else:
        raise ArgumentTypeError("is no month", where=where, value=type(given).__name__)
    raise ArgumentError(
        f"{str(given)[:40]!r} is no first month of a quarter",
        where=where,
        value=given,
        allowed=('"2026-01"', '"2026-Q1"', "date(2026, 1, 1)"),
    )
