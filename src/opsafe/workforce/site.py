"""Where to place new heads: the most members served, with the proven gap to the best possible."""

# More than 300 lines: half of them say what each argument and each part of the result is.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import plain, read_number, read_whole
from opsafe._columnize import plain_array
from opsafe.columns import Columns
from opsafe.errors import ArgumentError
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray, IntArray
from opsafe.uncertainty import read_seed
from opsafe.workforce._places import (
    Name,
    names_of,
    read_amounts,
    read_choice,
    spread,
)
from opsafe.workforce._siting import PROVEN, BoundFrom, Found, Method, Question, solve
from opsafe.workforce._travel import Missing, Travel, inside, read_limit, read_travel
from opsafe.workforce.editions import resolve
from opsafe.workforce.figures import Defaults, Panel
from opsafe.workforce.reach import Reach, ReachStandard
from opsafe.workforce.scenario import OwnPanel

__all__ = ["Siting", "site"]

Status: TypeAlias = Literal["optimal", "within gap", "time limit"]

_MOST_HEADS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Siting:
    """New heads by site, whom they serve, and how far the best possible can lie above."""

    heads: Columns
    """site, existing_heads, new_heads, members_served, members_gained (by its new heads)."""
    by_area: Columns
    """area, gap, members_served, sites_in_reach."""
    served: Columns
    """area, site, members: the pairs that serve anybody."""
    next_heads: Columns
    """head (1, 2, ...), site, members_gained, total_served: each head where it adds most."""
    total_served: float
    """Members served by existing and new heads."""
    served_before: float
    """Members that the existing heads serve alone."""
    bound: float
    """No placement of the new heads serves more members than this."""
    gap: float
    """(bound - total_served) / bound, 0 to 1."""
    status: Status
    method: Method
    """The method that found this placement."""
    bound_from: BoundFrom
    reproducible: bool
    """False where the clock ended the search."""
    new_heads: int
    """New heads placed; fewer than asked for where more would serve nobody."""
    members_per_head: float
    """Panel × plan share."""
    limit: Reach
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]
    """The published panel and standard, where they were named."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, checked, with the names of its places."""

    areas: tuple[Name, ...]
    sites: tuple[Name, ...]
    question: Question
    limit: Reach
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]


def site(
    gaps: object,
    travel_minutes: object,
    *,
    travel_miles: object = None,
    existing: object = None,
    new_heads: int,
    most_heads_per_site: object = None,
    panel: float | str | Panel | OwnPanel | None = None,
    plan_share: float | None = None,
    limit: Reach | ReachStandard,
    sites: Sequence[Name] | None = None,
    method: Method = "greedy",
    time_limit_seconds: float = 10.0,
    seed: int = 0,
    missing: Missing = "error",
    defaults: str | Defaults = "2026-01",
) -> Siting:
    """Place new prescribers at sites so that they serve the most members, with a proven gap.

    Parameters
    ----------
    gaps : array, mapping or table
        Members without treatment by area: numbers in the order of the rows, a mapping of area to
        members, or a table with columns area and members. Below a millionth counts as nobody.
    travel_minutes : array of float, shape (areas, sites), table or None
        Travel time from each area to each site, minutes; or a table of pairs with columns area,
        site, and minutes or miles or both.
    travel_miles : array of float, shape (areas, sites), optional
        Distance, miles.
    existing : array, mapping or table, optional
        Heads that are at a site already and stay: in the order of the columns, by site, or a
        table with columns site and heads. Parts of a head are allowed. None by default.
    new_heads : int
        Heads to place, at most.
    most_heads_per_site : int, array, mapping or table, optional
        New heads at each site, at most: one number for all, or as ``existing``; a site without
        an entry gets none.
    panel : float, str, Panel or OwnPanel, optional
        Patients that one head treats at a time, of all payers; or the id of a panel's edition.
        Without it the default panel, which a caution names.
    plan_share : float, optional
        The share of a panel that this plan's members can have, 0 to 1. Without it all of each
        panel is assumed to be the plan's, and a caution says so.
    limit : Reach or ReachStandard
        What counts as within reach.
    sites : sequence of names, optional
        Names of the columns of a matrix; without them positions from 0.
    method : {"greedy", "milp"}, optional
        By steps and moves; or besides by mixed integer programming, of which the better counts.
    time_limit_seconds : float, optional
        For ``"milp"``: seconds that its search may take.
    seed : int, optional
        Seed of the random moves that lead out of a placement that no single move improves.
    missing : {"error", "unreachable"}, optional
        Whether a NaN or an absent pair is an error or means that there is no way.
    defaults : str or Defaults, optional
        The edition of defaults, whose panel stands in for one that is not given.

    Returns
    -------
    Siting
        Heads by site, members served by area and site, what each next head adds, and the bound.

    Raises
    ------
    ArgumentError, ArgumentTypeError, ColumnError
        If an argument has the wrong shape, or holds a negative, infinite or missing number.
    EditionNotFoundError
        If there is no such edition of a panel, or of defaults.

    Notes
    -----
    With x(j) new heads at site j (whole numbers, their sum at most ``new_heads``) and y(i, j)
    members of area i served there, within reach only::

        maximise    sum of y(i, j)
        subject to  sum over j of y(i, j) <= gap(i)
                    sum over i of y(i, j) <= (existing(j) + x(j)) * panel * plan_share

    For given heads this is a maximum flow, solved exactly. Steps place each head where it serves
    most, moves shift one head while that helps. The bound is the linear relaxation, made tighter
    by mixed integer rounding cuts; with ``"milp"`` also what branch and bound proved.

    Examples
    --------
    Two heads of 20 members each; 30 members live near the first site, 15 near the third:

    >>> found = site(
    ...     {"north": 30, "south": 15},
    ...     [[10, 35, 90], [80, 70, 12]],
    ...     sites=["a", "b", "c"],
    ...     new_heads=2,
    ...     panel=40,
    ...     plan_share=0.5,
    ...     limit=Reach(minutes=30),
    ... )
    >>> found.heads["new_heads"].tolist(), found.total_served, found.status
    ([1, 0, 1], 35.0, 'optimal')
    >>> found.next_heads["members_gained"].tolist()
    [20.0, 15.0]
    """
    way: Method = read_choice(method, Method, "method")
    seconds = read_number(time_limit_seconds, "time_limit_seconds", 0.01, 1e6)
    root = read_seed(seed)
    asked = _read(
        gaps,
        travel_minutes,
        travel_miles,
        existing,
        most_heads_per_site,
        sites,
        new_heads=read_whole(new_heads, "new_heads", 0, _MOST_HEADS),
        panel=panel,
        plan_share=None if plan_share is None else read_number(plan_share, "plan_share", 0, 1),
        limit=limit,
        missing=read_choice(missing, Missing, "missing"),
        defaults=resolve(defaults, Defaults, "defaults"),
    )
    return _told(asked, solve(asked.question, way, seconds, root))


def _read(
    gaps: object,
    travel_minutes: object,
    travel_miles: object,
    existing: object,
    most_heads: object,
    sites: object,
    *,
    new_heads: int,
    panel: object,
    plan_share: float | None,
    limit: object,
    missing: Missing,
    defaults: Defaults,
) -> _Asked:
    patients, of_panel = _panel(defaults.panel if panel is None else panel)
    reach, of_limit = read_limit(limit)
    areas, members = read_amounts(gaps, "gaps", place="area", amount="members")
    travel = read_travel(
        travel_minutes,
        travel_miles,
        areas=areas if areas is not None else len(members),
        sites=None if sites is None else names_of(sites, "sites"),
        missing=missing,
    )
    is_inside, cautions = inside(reach, travel)
    if panel is None:
        cautions += (f"panel was not given: {patients:g} patients, of {of_panel[0].id}, are used",)
    if plan_share is None:
        plan_share = 1.0
        cautions += ("plan_share was not given: 1 is assumed",)
    if plan_share == 1:
        cautions += ("panels count all payers' patients, and all of them are taken for the plan's",)
    return _Asked(
        areas=travel.areas,
        sites=travel.sites,
        question=Question(
            reach=is_inside,
            gaps=members,
            existing=_heads(existing, "existing", travel),
            most=_most(most_heads, travel, new_heads),
            new_heads=new_heads,
            members_per_head=patients * plan_share,
        ),
        limit=reach,
        cautions=cautions,
        editions=of_panel + of_limit,
    )


def _panel(given: object) -> tuple[float, tuple[EditionUsed, ...]]:
    """Read the mean panel: a number, an edition's, or one of the caller's own."""
    if isinstance(given, OwnPanel):
        return given.mean_patients, ()
    if isinstance(given, str | Panel):
        edition = resolve(given, Panel, "panel")
        return float(edition.mean_patients), (EditionUsed.of(edition),)
    return read_number(given, "panel", 0, 1e6), ()


def _heads(given: object, where: str, travel: Travel) -> FloatArray:
    if given is None:
        return np.zeros(len(travel.sites))
    names, values = read_amounts(given, where, place="site", amount="heads")
    return spread(names, values, travel.sites, where)


def _most(given: object, travel: Travel, new_heads: int) -> IntArray:
    where = "most_heads_per_site"
    if given is None:
        return np.full(len(travel.sites), new_heads)
    if isinstance(plain(given), int | float):
        return np.full(len(travel.sites), read_whole(given, where, 0, _MOST_HEADS))
    names, values = read_amounts(given, where, place="site", amount="heads")
    found = spread(names, values, travel.sites, where)
    if (found != np.rint(found)).any():
        raise ArgumentError("holds a number of heads that is not whole", where=where)
    return np.minimum(found, new_heads).astype(np.int64)


def _told(asked: _Asked, found: Found) -> Siting:
    """Tell whom the placement serves and what is proved of it."""
    gap = (found.bound - found.total) / found.bound if found.bound > 0 else 0.0
    status: Status = "within gap"
    if gap <= PROVEN:
        status = "optimal"
    elif found.is_stopped:
        status = "time limit"
    failed = ("branch and bound failed: the other bound stands",) if found.has_failed else ()
    return Siting(
        **_tables(asked, found),
        total_served=found.total,
        served_before=found.before,
        bound=found.bound,
        gap=gap,
        status=status,
        method=found.method,
        bound_from=found.bound_from,
        reproducible=not found.is_stopped,
        new_heads=int(found.heads.sum()),
        members_per_head=asked.question.members_per_head,
        limit=asked.limit,
        cautions=asked.cautions + failed,
        editions=asked.editions,
    )


def _tables(asked: _Asked, found: Found) -> dict[str, Columns]:
    question = asked.question
    areas, sites = plain_array(list(asked.areas)), plain_array(list(asked.sites))
    rows, columns = np.nonzero(found.served)
    return {
        "heads": Columns(
            {
                "site": sites,
                "existing_heads": question.existing,
                "new_heads": found.heads,
                "members_served": found.served.sum(axis=0),
                "members_gained": np.bincount(found.order, found.gained, len(sites)),
            }
        ),
        "by_area": Columns(
            {
                "area": areas,
                "gap": question.gaps,
                "members_served": np.minimum(found.served.sum(axis=1), question.gaps),
                "sites_in_reach": question.reach.sum(axis=1),
            }
        ),
        "served": Columns(
            {
                "area": areas[rows],
                "site": sites[columns],
                "members": found.served[rows, columns],
            }
        ),
        "next_heads": Columns(
            {
                "head": np.arange(1, len(found.order) + 1),
                "site": sites[found.order],
                "members_gained": found.gained,
                "total_served": found.before + np.cumsum(found.gained),
            }
        ),
    }
