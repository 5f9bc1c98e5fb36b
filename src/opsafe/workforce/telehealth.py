"""Telehealth as a change of a scenario: areas that share prescribers and one waiting line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.workforce._changing import (
    check_scenario,
    titled,
)
from opsafe.workforce.figures import STAGES
from opsafe.workforce.scenario import (
    PoolCapacity,
    Scenario,
    Supply,
)

__all__ = [
    "with_telehealth",
]

_MOST_MONTHS: Final = 240


def with_telehealth(
    scenario: Scenario,
    areas: Sequence[str],
    name: str,
    *,
    medication: str = "buprenorphine",
    title: str | None = None,
) -> Scenario:
    """Let the prescribers of several areas serve the members of all of them.

    Parameters
    ----------
    scenario, medication, title
        As of :func:`with_hires`.
    areas : sequence of str
        Areas of the demand for the medication, two at least.
    name : str
        What they are called together; no other area's name.

    Returns
    -------
    Scenario
        With one area in their place. Assumed: capacity is tied to no place within it, and nobody
        treats more or fewer than before; pharmacies are pooled too, and where one area's bound is
        not given, theirs together is not. Streams stay apart, with their own retention and gap:
        the line of business of each tells the area it was of.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If areas cannot be put together: places with heads, different hours of a head, or a pool
        that other medications of these areas need too.

    Notes
    -----
    Heads and hires are added up. The new area has chance of its own: in a comparison its heads
    and hires go by other draws than those of the areas before; inputs go by the same.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.telehealth import with_telehealth
    >>> base = wf.example_scenario()
    >>> shared = with_telehealth(base, ["north", "south"], "valley")
    >>> [each.key for each in shared.demand]  # doctest: +NORMALIZE_WHITESPACE
    [('valley', 'all, north', 'buprenorphine'),
     ('valley', 'all, south', 'buprenorphine')]
    """
    check_scenario(scenario)
    merged = _areas(scenario, areas, medication)
    name = _name(scenario, name, merged)
    demand = tuple(
        each.model_copy(
            update={"area": name, "line_of_business": f"{each.line_of_business}, {each.area}"}
        )
        if each.area in merged and each.medication == medication
        else each
        for each in scenario.demand
    )
    of_them = [s for s in scenario.supply if s.area in merged and s.medication == medication]
    others = [s for s in scenario.supply if s not in of_them]
    together = [_together(of_them, name, len(merged))] if of_them else []
    changed: dict[str, Any] = {"demand": demand, "supply": (*together, *others)}
    if isinstance(scenario.capacity, PoolCapacity):
        changed["capacity"] = _pooled(scenario, scenario.capacity, merged, name, medication)
    told = f"telehealth in {', '.join(merged)}"
    return titled(scenario.model_copy(update=changed), title, told)


def _areas(scenario: Scenario, areas: object, medication: object) -> tuple[str, ...]:
    if not isinstance(medication, str):
        raise ArgumentTypeError("is not text", where="medication", value=type(medication).__name__)
    if isinstance(areas, str) or not isinstance(areas, Sequence):
        raise ArgumentTypeError("is no list of areas", where="areas", value=type(areas).__name__)
    there = dict.fromkeys(each.area for each in scenario.demand if each.medication == medication)
    unknown = [each for each in areas if not isinstance(each, str) or each not in there]
    if unknown:
        raise ArgumentError(
            f"no demand for {medication} is of one of them",
            where="areas",
            value=unknown[0],
            allowed=tuple(there)[:20],
        )
    if len(set(areas)) < len(areas) or len(areas) < 2:
        raise ArgumentError("needs two different areas at least, each once", where="areas")
    return tuple(areas)


def _name(scenario: Scenario, name: object, merged: Sequence[str]) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ArgumentTypeError("is not text", where="name", value=type(name).__name__)
    taken = {each.area for each in scenario.demand} - set(merged)
    if name.strip() in taken:
        raise ArgumentError(f"{name!r} is another area already", where="name", value=name)
    return name.strip()


def _together(supplies: Sequence[Supply], name: str, areas: int) -> Supply:
    """Add supplies up."""
    programmes = [each for each in supplies if each.places is not None]
    staffed = [each for each in supplies if any((*each.heads(), *each.hires(_MOST_MONTHS)))]
    if programmes and staffed:
        raise ArgumentError(
            f"{programmes[0].area} has places and {staffed[0].area} heads: they do not add up",
            where="areas",
        )
    hours = {each.hours_per_head_month for each in staffed or supplies}
    if len(hours) > 1:
        raise ArgumentError("differ in the hours of a head", where="areas")
    pharmacies = [each.pharmacy_patients for each in supplies if each.pharmacy_patients is not None]
    fields: dict[str, Any] = {
        stage: sum(getattr(each, stage) for each in supplies) for stage in STAGES
    }
    return Supply(
        area=name,
        medication=supplies[0].medication,
        hires_per_month=_hires_together(supplies),
        places=sum(float(each.places or 0) for each in programmes) if programmes else None,
        pharmacy_patients=sum(pharmacies) if len(pharmacies) == areas else None,
        hours_per_head_month=hours.pop(),
        **fields,
    )


def _hires_together(supplies: Sequence[Supply]) -> int | tuple[int, ...]:
    if all(isinstance(each.hires_per_month, int) for each in supplies):
        return sum(each.hires(1)[0] for each in supplies)
    months = zip(*(each.hires(_MOST_MONTHS) for each in supplies), strict=True)
    return tuple(sum(month) for month in months)


def _pooled(
    scenario: Scenario,
    capacity: PoolCapacity,
    merged: Sequence[str],
    name: str,
    medication: str,
) -> PoolCapacity:
    """The pool with one share for areas that are put together."""
    if any(each.area in merged and each.medication != medication for each in scenario.demand):
        raise ArgumentError(
            "have demand for other medications, which need their shares of the pool", where="areas"
        )
    shares = {area: share for area, share in capacity.pool_shares if area not in merged}
    of_them = [share for area, share in capacity.pool_shares if area in merged]
    if len(of_them) == len(merged):
        shares[name] = min(sum(of_them), 1.0)
    return capacity.model_copy(update={"pool_shares": tuple(shares.items())})
