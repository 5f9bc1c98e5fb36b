"""The fit report of a calibration: targets against the fit, parameters, verdicts in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.costbenefit._calibration_fits import upper_tail
from opsafe.quantity import FloatArray
from opsafe.uncertainty import Distribution

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class _Targets:
    """Targets of one fit, a value each."""

    fit: str
    unit: str
    months: FloatArray
    count: FloatArray
    observed: FloatArray
    fitted: FloatArray
    deviance: FloatArray


@dataclass(slots=True)
class Report:
    """Rows as the fits add them."""

    level: float
    targets: list[_Targets] = field(default_factory=list)
    fits: list[tuple[str, str, int, int, float, float, str, str]] = field(default_factory=list)
    parameters: list[tuple[str, float, float, float, float, str]] = field(default_factory=list)
    distributions: dict[str, Distribution] = field(default_factory=dict)
    cautions: dict[str, None] = field(default_factory=dict)

    def add_targets(
        self,
        fit: str,
        unit: str,
        *,
        months: FloatArray,
        count: FloatArray,
        observed: FloatArray,
        fitted: FloatArray,
        deviance: FloatArray,
    ) -> None:
        """Add what a fit was to meet, and how it did."""
        self.targets.append(_Targets(fit, unit, months, count, observed, fitted, deviance))

    def judge(
        self,
        fit: str,
        form: str,
        deviance: FloatArray,
        free: int,
        *,
        at_bound: Sequence[str] = (),
        largest: str = "",
    ) -> None:
        """Add a fit with its deviance, and say in words what that means."""
        total, freedom = float(deviance.sum()), len(deviance) - free
        chance = upper_tail(total, freedom) if freedom > 0 else math.nan
        if at_bound:
            verdict = f"stopped at a bound ({', '.join(at_bound)}): do not use without a look"
        elif freedom <= 0:
            verdict = "passes through its targets: nothing is left to judge it by"
        elif chance >= 1 - self.level:
            verdict = "as near to its targets as chance allows"
        else:
            verdict = f"further from its targets than chance allows; the largest gap is {largest}"
        self.fits.append(
            (fit, form, len(deviance), max(freedom, 0), total, chance, ", ".join(at_bound), verdict)
        )

    def add_parameter(
        self, name: str, value: float, error: float | None, ends: tuple[float, float], unit: str
    ) -> None:
        """Add a fitted number; an error that is None is missing."""
        self.parameters.append((name, value, math.nan if error is None else error, *ends, unit))

    def warn(self, caution: str) -> None:
        """Add what a reader must know, once."""
        self.cautions[caution] = None

    def target_table(self) -> Columns:
        """One row a target."""
        sizes = [len(each.observed) for each in self.targets]

        def joined(name: str) -> FloatArray:
            return np.concatenate([getattr(each, name) for each in self.targets])

        def words(name: str) -> Text:
            return Text.of(
                getattr(each, name)
                for each, size in zip(self.targets, sizes, strict=True)
                for _ in range(size)
            )

        return Columns(
            {
                "fit": words("fit"),
                "month": joined("months"),
                "count": joined("count"),
                "observed": joined("observed"),
                "fitted": joined("fitted"),
                "residual": joined("observed") - joined("fitted"),
                "deviance": joined("deviance"),
                "unit": words("unit"),
            }
        )

    def fit_table(self) -> Columns:
        """One row a fit."""
        fit, form, targets, freedom, deviance, chance, bound, verdict = zip(*self.fits, strict=True)
        return Columns(
            {
                "fit": Text.of(fit),
                "form": Text.of(form),
                "targets": np.array(targets, np.int64),
                "degrees_of_freedom": np.array(freedom, np.int64),
                "deviance": np.array(deviance),
                "p_value": np.array(chance),
                "at_bound": Text.of(bound),
                "verdict": Text.of(verdict),
            }
        )

    def parameter_table(self) -> Columns:
        """One row a fitted number."""
        name, value, error, low, high, unit = zip(*self.parameters, strict=True)
        return Columns(
            {
                "parameter": Text.of(name),
                "value": np.array(value),
                "standard_error": np.array(error),
                "low": np.array(low),
                "high": np.array(high),
                "unit": Text.of(unit),
            }
        )
