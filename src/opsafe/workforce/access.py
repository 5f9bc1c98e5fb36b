"""Access by area: two-step floating catchment areas, and the share of members within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from opsafe._arguments import read_number
from opsafe._columnize import plain_array
from opsafe.columns import Columns
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray
from opsafe.workforce._places import read_amounts, read_choice
from opsafe.workforce._travel import Missing, Travel, inside, read_limit, read_travel
from opsafe.workforce.reach import Reach, ReachStandard

__all__ = ["Access", "Band", "access"]

Band: TypeAlias = tuple[float, float]
"""A cost (minutes, or miles) and the weight of what lies at or below it, above the band before."""

_STEPS: Final[tuple[Band, ...]] = ((20, 1), (40, 0.68), (60, 0.22))


@dataclass(frozen=True, slots=True)
class Access:
    """Access of members by area, with what it rests on."""

    by_area: Columns
    """area, members, access_ratio (supply per member), is_within (whether any supply is within
    the limit)."""
    by_site: Columns
    """site, supply, weighted_members (its demand), supply_ratio (supply per weighted member; 0
    where nobody is in reach)."""
    members: float
    members_within: float
    """Members with any supply within the limit."""
    share_within: float | None
    """Their share of all members, 0 to 1; None without members."""
    supply: float
    supply_reaching: float
    """Supply that reaches any member: the sum of members × access_ratio."""
    bands: tuple[Band, ...]
    unit: str
    """Unit of the bands: minutes or miles."""
    limit: Reach
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]
    """The published standard, where one was the limit."""


def access(
    demand: object,
    supply: object,
    travel_minutes: object,
    *,
    travel_miles: object = None,
    bands: Sequence[Band] = _STEPS,
    limit: Reach | ReachStandard | None = None,
    missing: Missing = "error",
) -> Access:
    """Measure access by area with two-step floating catchment areas, plain or in weighted bands.

    Parameters
    ----------
    demand : array, mapping or table
        Members by area: numbers in the order of the rows, a mapping of area to members, or a
        table with columns area and members. Below a millionth counts as nobody.
    supply : array, mapping or table
        Supply by site (prescribers, slots or patients that fit): numbers in the order of the
        columns, a mapping of site to supply, or a table with columns site and supply.
    travel_minutes : array of float, shape (areas, sites), table or None
        Travel time from each area to each site, minutes; or a table of pairs with columns area,
        site, and minutes or miles or both. It is taken as given: from the area to the site.
    travel_miles : array of float, shape (areas, sites), optional
        Distance, miles. Without minutes the bands are in miles.
    bands : sequence of (cost, weight), optional
        Costs at most, rising, and the weight of each band. One band of weight 1 is the plain
        method.
    limit : Reach or ReachStandard, optional
        What counts as within reach; without it the last band.
    missing : {"error", "unreachable"}, optional
        Whether a NaN or an absent pair is an error or means that there is no way.

    Returns
    -------
    Access
        Supply per member by area; the share of members (0 to 1) with any supply within the limit.

    Raises
    ------
    ArgumentError, ArgumentTypeError, ColumnError
        If an argument has the wrong shape, or holds a negative, infinite or missing number.

    Notes
    -----
    With weight w(i, j) of the band that the cost from area i to site j falls in (0 beyond the
    last), supply S(j) and members P(i):

    - step 1: R(j) = S(j) / sum over i of w(i, j) P(i);
    - step 2: access(i) = sum over j of w(i, j) R(j).

    Both steps are weighted. So the sum of P(i) × access(i) is the supply of all sites that reach
    any member. The default bands and weights are those of the enhanced method as a peer prints
    them [1]_.

    References
    ----------
    .. [1] PySAL access, enhanced two-step floating catchment areas, step weights.
       https://github.com/pysal/access

    Examples
    --------
    Two areas share the first site; the second site is 50 minutes from the second area:

    >>> found = access([100, 300], [4, 1], [[10, 70], [15, 50]])
    >>> found.by_area["access_ratio"].round(5).tolist()
    [0.01, 0.01333]
    >>> found.supply_reaching, found.share_within
    (5.0, 1.0)
    """
    mode: Missing = read_choice(missing, Missing, "missing")
    areas, members = read_amounts(demand, "demand", place="area", amount="members")
    sites, given = read_amounts(supply, "supply", place="site", amount="supply")
    travel = read_travel(
        travel_minutes,
        travel_miles,
        areas=areas if areas is not None else len(members),
        sites=sites if sites is not None else tuple(range(len(given))),
        missing=mode,
    )
    steps = _read_bands(bands)
    unit, costs = _costs(travel)
    farthest = steps[-1][0]
    widest = Reach(minutes=farthest) if unit == "minutes" else Reach(miles=farthest)
    reach, editions = read_limit(widest if limit is None else limit)
    is_inside, cautions = inside(reach, travel)
    weights = step_weights(costs, steps)
    by_site = _by_site(travel, given, members @ weights)
    is_within = np.any(is_inside & (given > 0), axis=1)
    total, within = float(members.sum()), float(members[is_within].sum())
    return Access(
        by_area=Columns(
            {
                "area": plain_array(list(travel.areas)),
                "members": members,
                "access_ratio": weights @ by_site["supply_ratio"],
                "is_within": is_within,
            }
        ),
        by_site=by_site,
        members=total,
        members_within=within,
        share_within=min(1.0, within / total) if total else None,
        supply=float(given.sum()),
        supply_reaching=float(given[by_site["weighted_members"] > 0].sum()),
        bands=steps,
        unit=unit,
        limit=reach,
        cautions=cautions,
        editions=editions,
    )


def _by_site(travel: Travel, supply: FloatArray, asked: FloatArray) -> Columns:
    return Columns(
        {
            "site": plain_array(list(travel.sites)),
            "supply": supply,
            "weighted_members": asked,
            "supply_ratio": np.divide(supply, asked, out=np.zeros_like(supply), where=asked > 0),
        }
    )


def step_weights(costs: FloatArray, bands: Sequence[Band]) -> FloatArray:
    """Return the weight of the band that each cost falls in; a cost on an edge is inside."""
    edges = np.array([edge for edge, _ in bands])
    weights = np.array([*(weight for _, weight in bands), 0.0])
    return np.asarray(weights[np.searchsorted(edges, costs, side="left")], np.float64)


def _costs(travel: Travel) -> tuple[str, FloatArray]:
    if travel.minutes is not None:
        return "minutes", travel.minutes
    assert travel.miles is not None
    return "miles", travel.miles


def _read_bands(bands: object) -> tuple[Band, ...]:
    if isinstance(bands, str) or not isinstance(bands, Sequence) or not bands:
        raise ArgumentTypeError(
            "is no sequence of pairs of cost and weight",
            where="bands",
            value=type(bands).__name__,
            advice="One band of weight 1 is the plain method: ((30, 1),)",
        )
    read: list[Band] = []
    for at, band in enumerate(bands):
        if not isinstance(band, Sequence) or isinstance(band, str) or len(band) != 2:
            raise ArgumentTypeError("is no pair of cost and weight", where=f"bands[{at}]")
        cost = read_number(band[0], f"bands[{at}][0]", 0, 1e6)
        weight = read_number(band[1], f"bands[{at}][1]", 1e-6, 1)
        if read and cost <= read[-1][0]:
            raise ArgumentError(
                f"is {cost:g}, not above the band before", where=f"bands[{at}][0]", value=cost
            )
        read.append((cost, weight))
    return tuple(read)
