"""What the next hires would add, and at what cost, against larger panels for the same patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray
from opsafe.workforce import figures
from opsafe.workforce._changing import hireable, supply_of, with_supply
from opsafe.workforce.changes import with_panel
from opsafe.workforce.plan import Plan
from opsafe.workforce.project import project
from opsafe.workforce.scenario import Scenario

__all__ = ["HiresAdded", "NextHires", "next_hires"]

_MOST_HIRES: Final = 1_000
_MOST_USD: Final = 1e12
_LEAST_GAIN: Final = 1e-6  # patients; less is rounding
_LARGEST_FACTOR: Final = 128.0


@dataclass(frozen=True, slots=True)
class HiresAdded:
    """So many hires more, and larger panels instead of them."""

    hires: int
    by_area: tuple[tuple[str, int], ...]
    """Hires of each area that gets any."""
    patients_added: float
    """Patients on treatment at the end of the last month beyond those without these hires; below
    0 where earlier starts have ended by then."""
    cost_usd: float
    usd_per_patient: float | None
    """Cost of a patient added; None where no patient is."""
    panel_factor: float | None
    """What all panels would be multiplied by to add as many; None where no patient is added, or
    panels cannot add so many: another bound, or demand, holds, or the pool is an edition's."""
    panel_cost_usd: float | None
    """Cost of as many patients through larger panels; None where there is no factor."""


@dataclass(frozen=True, slots=True)
class NextHires:
    """The next hires against larger panels, by number of hires."""

    steps: tuple[HiresAdded, ...]
    """One for each number asked for, in that order."""
    panel_usd_per_patient: float
    """Cost of a patient added through larger panels, as the caller gave it."""
    cost_per_hire_usd: float
    price_year: int
    medication: str
    month: int
    """The month at whose end patients count, the last of the run."""
    draws: int | None
    seed: int | None
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]


def next_hires(
    scenario: Scenario,
    *,
    start: str | date,
    months: int,
    cost_per_hire_usd: float,
    cost_per_panel_patient_usd: float,
    price_year: int,
    more: Sequence[int] = (1, 5, 10),
    medication: str = "buprenorphine",
    draws: int | None = None,
    seed: int | None = None,
    defaults: str | figures.Defaults = "2026-01",
) -> NextHires:
    """Work out what the next hires add and cost, and what larger panels cost instead.

    Parameters
    ----------
    scenario, start, months, draws, seed, defaults
        As of :func:`project`. Patients count at the end of the last month; with draws they are
        the mean of the draws, without them those of the run of expected values.
    cost_per_hire_usd : float
        All that one hire costs over the run, as you count it, US dollars of ``price_year``.
    cost_per_panel_patient_usd : float
        What one patient more costs where prescribers take larger panels, over the run, US dollars
        of ``price_year``.
    price_year : int
        The year whose prices both are in, 1900 to 2199; it is told, and nothing is converted.
    more : sequence of int, optional
        Numbers of hires, each 1 to 1,000 and once.
    medication : str, optional
        The medication that they prescribe.

    Returns
    -------
    NextHires
        Patients added, US dollars, US dollars for each patient added.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range, or nobody can be hired for the medication.
    EditionNotFoundError
        If the scenario names an edition that does not exist.

    Notes
    -----
    Hires come in the first month, besides those of the scenario, and go through its stages, ramp
    and exits: a hire is not a head with a full panel. Each goes where the run of expected values
    gains most patients; between equals to the area named first in the demand. Larger panels are
    :func:`~opsafe.workforce.with_panel`: of all prescribers in all areas, by the factor
    that adds the same patients, at most 128, found by bracketing and Brent's method.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.next_hires import next_hires
    >>> scenario = wf.example_scenario()
    >>> found = next_hires(
    ...     scenario,
    ...     start="2026-01",
    ...     months=24,
    ...     cost_per_hire_usd=30_000.0,
    ...     cost_per_panel_patient_usd=2_500.0,
    ...     price_year=2026,
    ... )
    >>> [(each.hires, round(each.patients_added)) for each in found.steps]
    [(1, 4), (5, 21), (10, 42)]
    """
    hire = read_number(cost_per_hire_usd, "cost_per_hire_usd", 0, _MOST_USD)
    patient = read_number(cost_per_panel_patient_usd, "cost_per_panel_patient_usd", 0, _MOST_USD)
    year = read_whole(price_year, "price_year", 1900, 2199)
    numbers = _numbers(more)
    plan = project(scenario, start=start, months=months, draws=draws, seed=seed, defaults=defaults)
    added = _Added(plan, hireable(scenario, medication), medication)
    return NextHires(
        steps=tuple(_step(added, number, hire, patient) for number in numbers),
        panel_usd_per_patient=patient,
        cost_per_hire_usd=hire,
        price_year=year,
        medication=medication,
        month=plan.months,
        draws=plan.draws,
        seed=plan.seed,
        cautions=plan.cautions,
        editions=plan.editions,
    )


def _step(added: _Added, hires: int, hire: float, patient: float) -> HiresAdded:
    counts = added.placed(hires)
    gained = added.by_hires(counts)
    is_gain = gained > _LEAST_GAIN
    factor = added.factor_for(gained) if is_gain else None
    return HiresAdded(
        hires=hires,
        by_area=tuple((area, count) for area, count in counts.items() if count),
        patients_added=gained,
        cost_usd=hires * hire,
        usd_per_patient=hires * hire / gained if is_gain else None,
        panel_factor=factor,
        panel_cost_usd=None if factor is None else patient * gained,
    )


class _Added:
    """Patients that changes add to a plan, at the end of its last month."""

    def __init__(self, plan: Plan, areas: Sequence[str], medication: str) -> None:
        self._plan, self._areas, self._medication = plan, areas, medication
        self._base = float(plan._treated[-1].mean())
        self._levels: list[FloatArray] = []
        self._counts = np.zeros(len(areas), np.int64)
        self._order: list[int] = []

    def placed(self, hires: int) -> dict[str, int]:
        """Hires by area, one after the other where patients gain most."""
        every = np.arange(len(self._areas))
        while len(self._order) < hires:
            while len(self._levels) < int(self._counts.max()) + 2:
                self._levels.append(self._level(len(self._levels)))
            treated = np.array(self._levels)
            gain = treated[self._counts + 1, every] - treated[self._counts, every]
            best = int(np.argmax(np.round(gain, 6)))
            self._counts[best] += 1
            self._order.append(best)
        placed = np.bincount(self._order[:hires], minlength=len(self._areas)).tolist()
        return dict(zip(self._areas, placed, strict=True))

    def by_hires(self, counts: dict[str, int]) -> float:
        """Patients that hires add; a mean of the draws, if there are any."""
        return self._more(self._hiring(counts))

    def factor_for(self, patients: float) -> float | None:
        """What all panels are multiplied by to add so many patients."""
        from scipy.optimize import brentq

        scenario = self._plan.scenario

        def missing(factor: float) -> float:
            more = self._more(with_panel(scenario, factor=factor))
            return more - patients + _LEAST_GAIN  # as many, but for rounding

        high = 2.0
        try:
            while missing(high) < 0:
                high *= 2
                if high > _LARGEST_FACTOR:
                    return None
        except ArgumentError:  # larger than a panel may be, or not to be raised
            return None
        return float(brentq(missing, max(high / 2, 1.0), high, rtol=1e-9))

    def _more(self, scenario: Scenario) -> float:
        return float(self._plan._rerun(scenario).treated[-1].mean()) - self._base

    def _level(self, hires: int) -> FloatArray:
        """Patients of each area with so many hires more in each, as expected."""
        found = self._plan._expected(self._hiring(dict.fromkeys(self._areas, hires)))
        at = [found.keys.index((area, self._medication)) for area in self._areas]
        return np.array([found.means[one]["treated"][-1] for one in at])

    def _hiring(self, counts: dict[str, int]) -> Scenario:
        """The scenario with more hires in its first month."""
        scenario, months = self._plan.scenario, self._plan.months
        changed = []
        for area, count in counts.items():
            supply = supply_of(scenario, area, self._medication)
            first, *later = supply.hires(months)
            changed.append(supply.model_copy(update={"hires_per_month": (first + count, *later)}))
        return with_supply(scenario, changed)


def _numbers(more: object) -> tuple[int, ...]:
    if isinstance(more, str) or not isinstance(more, Sequence):
        raise ArgumentTypeError(
            "is no list of whole numbers", where="more", value=type(more).__name__
        )
    found = tuple(read_whole(each, "more", 1, _MOST_HIRES) for each in more)
    if not found or len(set(found)) < len(found):
        raise ArgumentError("needs one number at least, and each once", where="more")
    return found
