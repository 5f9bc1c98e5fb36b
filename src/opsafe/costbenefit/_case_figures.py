"""The numbers of a case by name: each with the value it is planned with, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from opsafe._used import Origin, UsedInputs
from opsafe.costbenefit import figures
from opsafe.costbenefit.churn import Leaving
from opsafe.costbenefit.plan_inputs import Medication, OutcomeEvent, PlanInputs
from opsafe.errors import ArgumentError
from opsafe.provenance import Edition
from opsafe.quantity import FloatArray
from opsafe.uncertainty import Distribution, Fixed, uniforms

__all__ = ["Figure", "FigureBook", "Ready", "Values"]

Values = Mapping[str, FloatArray]
"""Each figure as an array over the draws, or of one value for all of them."""

_LARGEST: Final = 1e15


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a case is planned with; of a ratio it is the median, else the mean."""

    base: float
    spread: Distribution | None = None

    def at(self, shares: FloatArray, name: str) -> FloatArray:
        """Its values below which shares of the draws lie."""
        assert self.spread is not None
        try:
            with np.errstate(all="ignore"):
                drawn = self.spread.quantile(shares)
        except (ArithmeticError, ValueError):
            drawn = np.array([np.nan])
        if not bool(np.isfinite(drawn).all()) or bool((np.abs(drawn) > _LARGEST).any()):
            raise ArgumentError(
                "has a distribution whose draws are no usable numbers",
                where=name,
                advice="Give a spread that is not many times the mean",
            )
        return drawn


@dataclass(slots=True)
class FigureBook:
    """Figures as they are read, and noted down with where they are from."""

    used: UsedInputs
    figures: dict[str, Figure] = field(default_factory=dict)

    def add(
        self,
        name: str,
        value: float | Distribution,
        *,
        origin: Origin = "given",
        source: Edition | str = "",
        told: str | None = None,
        base: float | None = None,
    ) -> None:
        """Add a figure; ``base`` is what it is planned with where that is not the mean."""
        if isinstance(value, int | float):
            self.figures[name] = Figure(float(value))
            said = f"{float(value):.10g}"
        else:
            known = isinstance(value, Fixed)
            mean = float(value.mean) if base is None else base
            self.figures[name] = Figure(mean, None if known else value)
            said = value.model_dump_json()
        self.used.note(name, said if told is None else told, origin, source)

    def uncertain(self) -> dict[str, Figure]:
        """Those that are not known."""
        return {name: each for name, each in self.figures.items() if each.spread is not None}

    def base(self) -> dict[str, FloatArray]:
        """All as they are planned with."""
        return {name: np.array([each.base]) for name, each in self.figures.items()}

    def drawn(self, seed: int, draws: int) -> dict[str, FloatArray]:
        """All, the uncertain ones drawn: a stream for each name."""
        values = self.base()
        for name, each in self.uncertain().items():
            values[name] = each.at(uniforms(seed, name, draws), name)
        return values


@dataclass(slots=True)
class Ready:
    """Inputs in numbers and names of figures."""

    inputs: PlanInputs
    defaults: figures.Defaults
    book: FigureBook
    mix: dict[Medication, float] = field(default_factory=dict)
    leaving: Leaving = field(default_factory=lambda: Leaving(0.0, None))
    month_shares: FloatArray = field(default_factory=lambda: np.ones(0))
    """Of one start a month, what is left at the end of each month after it."""
    end_shares: FloatArray = field(default_factory=lambda: np.ones(0))
    """Of starts at the very beginning, what is left at the end of each month."""
    ratios: dict[OutcomeEvent, dict[Medication, str]] = field(default_factory=dict)
    """Names of the ratios by event and medication."""
    why_not: dict[OutcomeEvent, str] = field(default_factory=dict)
    """Why an event is not counted."""
    fiscal_year_start: int = 1
    designs: dict[str, None] = field(default_factory=dict)
    populations: dict[str, None] = field(default_factory=dict)
    staying: dict[float, list[FloatArray]] = field(default_factory=dict)
    """Enrolment by a mean churn that is known, which every run of a case asks for again."""

    @property
    def used(self) -> UsedInputs:
        """What was used."""
        return self.book.used

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return self.inputs.horizon_months

    @property
    def first_month(self) -> int:
        """Calendar month of the first month."""
        return int(self.inputs.start[5:])
