"""The arithmetic of a budget impact: population x mix x cost, year by year, never discounted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe.costbenefit._by_year import ByYear
from opsafe.costbenefit.budget_inputs import COST_FIELDS, BudgetInputs, BudgetLine
from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray

__all__ = ["Entry", "LineYears", "Part", "entries_of", "line_years", "read_lines", "total_impact"]

Part: TypeAlias = Literal["treatment", "condition", "offset", "programme"]
"""What an amount is: of the treatment, of the condition, what comes back, or of the programme."""

_PARTS: Final[tuple[Part, ...]] = ("treatment", "condition", "offset")
NO_TREATMENT: Final = "(programme)"
_ALL: Final = "all"  # the category of a cost that is given as a whole

Moved: TypeAlias = Mapping[str, float]
"""Values that stand instead of the means of distributions, by path."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of money of one treatment: rows of the years."""

    line: str
    treatment: str
    part: Part
    category: str
    current_usd: FloatArray
    new_usd: FloatArray


@dataclass(frozen=True, slots=True)
class LineYears:
    """Patients of one line, year by year; arrays are (treatments, years) or (years,)."""

    name: str
    line: BudgetLine
    treatments: tuple[str, ...]
    population: FloatArray
    members: FloatArray | None
    share_current: FloatArray
    share_new: FloatArray
    limited: BoolArray

    @property
    def treated(self) -> FloatArray:
        """Patients who are on a treatment with the change, by year."""
        on = np.array([each not in self.line.untreated for each in self.treatments])
        found: FloatArray = self.population * self.share_new[on].sum(axis=0)
        return found


def read_lines(inputs: BudgetInputs, moved: Moved | None = None) -> list[LineYears]:
    """Read every line's patients."""
    return [
        line_years(name, line, inputs.horizon_years, moved or {})
        for name, line in inputs.lines.items()
    ]


def line_years(name: str, line: BudgetLine, years: int, moved: Moved) -> LineYears:
    """Read one line's patients and their mixes."""
    growth = (1 + line.growth_per_year) ** np.arange(years)

    def row(field: str, value: ByYear | None, *, grows: bool = False) -> FloatArray | None:
        if value is None:
            return None
        found = _row(value, f"{name}.{field}", years, moved)
        return found * growth if grows and not isinstance(value, tuple) else found

    members = row("members", line.members, grows=True)
    population = row("population", line.population, grows=True)
    if population is None:
        prevalence = row("prevalence", line.prevalence)
        eligible = row("eligible_share", line.eligible_share)
        assert members is not None and prevalence is not None and eligible is not None
        population = members * prevalence * eligible
    _check_patients(name, population, members)
    treatments = tuple(line.cost_usd_per_patient_year)
    current = _mix(line.share_current, treatments, years)
    wanted = _mix(line.share_new, treatments, years)
    uptake = row("uptake", line.uptake)
    assert uptake is not None
    places = np.full((len(treatments), years), np.inf)
    for treatment, limit in (line.most_patients or {}).items():
        path = f"{name}.most_patients.{treatment}"
        places[treatments.index(treatment)] = _row(limit, path, years, moved)
    share_new, limited = _reached(current, wanted, uptake, population, places)
    return LineYears(name, line, treatments, population, members, current, share_new, limited)


def _check_patients(name: str, population: FloatArray, members: FloatArray | None) -> None:
    if members is not None and bool((population > members * (1 + 1e-12)).any()):
        year = int(np.argmax(population > members * (1 + 1e-12)))
        raise ArgumentError(
            f"has {population[year]:g} patients of {members[year]:g} members in year {year + 1}",
            where=f"lines.{name}",
            value=float(population[year]),
        )


def _mix(
    shares: Mapping[str, float | tuple[float, ...]], treatments: tuple[str, ...], years: int
) -> FloatArray:
    return np.array([np.broadcast_to(shares.get(each, 0.0), years) for each in treatments])


def _row(value: ByYear, path: str, years: int, moved: Moved) -> FloatArray:
    if not isinstance(value, tuple | float | int):
        value = moved.get(path, value.mean)
    return np.array(np.broadcast_to(np.asarray(value, np.float64), years))


def _reached(
    current: FloatArray,
    wanted: FloatArray,
    uptake: FloatArray,
    population: FloatArray,
    places: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """The mix that is reached, and which treatments their places hold back.

    A treatment that gains does so by uptake, up to its places. What all of them gain is taken from
    those that lose, in proportion to what each was to lose, so that shares sum as before.
    """
    change = (wanted - current) * uptake
    gains, losses = np.maximum(change, 0), np.maximum(-change, 0)
    with np.errstate(
        divide="ignore", invalid="ignore", over="ignore"
    ):  # nobody to place: room for all
        room = np.maximum(
            np.nan_to_num(places / population, nan=np.inf, posinf=np.inf) - current, 0
        )
    # By more than rounding: a limit that is just met holds nobody back.
    limited = gains > room + 1e-12
    reached = np.where(limited, room, gains)
    lost = losses.sum(axis=0)
    kept = np.divide(reached.sum(axis=0), lost, out=np.ones_like(lost), where=lost > 0)
    kept = np.where(limited.any(axis=0), kept, 1.0)
    return np.where(change >= 0, current + reached, current - losses * kept), limited


def entries_of(years: LineYears, moved: Moved | None = None) -> list[Entry]:
    """Multiply patients and costs, entry by entry."""
    moved = moved or {}
    count = len(years.population)
    found = []
    for part, field in zip(_PARTS, COST_FIELDS, strict=True):
        sign = -1.0 if part == "offset" else 1.0
        for treatment, costs in (getattr(years.line, field) or {}).items():
            place = years.treatments.index(treatment)
            by_category = costs if isinstance(costs, dict) else {_ALL: costs}
            for category, value in by_category.items():
                path = f"{years.name}.{field}.{treatment}"
                path += f".{category}" if isinstance(costs, dict) else ""
                usd = sign * years.population * _row(value, path, count, moved)
                current, new = years.share_current[place] * usd, years.share_new[place] * usd
                found.append(Entry(years.name, treatment, part, category, current, new))
    for category, value in (years.line.programme_usd_per_year or {}).items():
        usd = _row(value, f"{years.name}.programme_usd_per_year.{category}", count, moved)
        found.append(Entry(years.name, NO_TREATMENT, "programme", category, np.zeros(count), usd))
    return found


def total_impact(inputs: BudgetInputs, moved: Moved) -> float:
    """The impact of all years and lines, with some inputs moved."""
    return float(
        sum(
            (entry.new_usd - entry.current_usd).sum()
            for years in read_lines(inputs, moved)
            for entry in entries_of(years, moved)
        )
    )
