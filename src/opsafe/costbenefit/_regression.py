"""What is expected of costs and effects, given some of what is uncertain: one regression for all.

A decision that waits for a parameter to be known takes the best strategy at each of its values.
The mean of each strategy given the parameter is a regression on it; since net benefit is linear in
the threshold, costs and effects are fitted once for all thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Final

import numpy as np

from opsafe.costbenefit._net_benefit import losses
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = ["MOST_REGRESSORS", "Regression"]

MOST_REGRESSORS: Final = 5
_KNOTS: Final = 10  # of a natural cubic spline, whose degrees of freedom they are
_DEGREE: Final = 3
_APART: Final = 1e-6  # share of the range by which knots lie apart: closer ones make no spline
_RANK: Final = 1e-10  # singular values below this share of the largest are none


@dataclass(frozen=True, slots=True)
class Regression:
    """Costs and effects regressed on one to five numbers a draw."""

    basis: FloatArray
    """Orthonormal over the draws, by term and draw."""
    responses: FloatArray
    """Costs, then effects, by strategy and draw."""
    method: str

    @classmethod
    def of(
        cls, regressors: FloatArray, costs: FloatArray, effects: FloatArray, where: str
    ) -> Regression:
        """Prepare the regression on rows of numbers, one a draw."""
        if len(regressors) == 1:
            terms, method = _spline(regressors[0])
        else:
            terms, method = _polynomial(regressors)
        draws = len(terms)
        if draws <= terms.shape[1]:
            raise ArgumentError(
                f"needs more than the {draws} draws of the run for {terms.shape[1]} terms",
                where=where,
                advice="Run the model with 1,000 draws or more",
            )
        # Terms of one size, so that what is small beside them is dust and not a small term.
        size = np.linalg.norm(terms, axis=0)
        left, sizes, _ = np.linalg.svd(terms / np.where(size > 0, size, 1), full_matrices=False)
        basis = np.ascontiguousarray(left[:, sizes > _RANK * sizes[0]].T)
        return cls(basis, np.vstack([costs, effects]), method)

    def value(self, thresholds: FloatArray) -> FloatArray:
        """What knowing the regressors is worth, by threshold."""
        return self._value(self.basis @ self.responses.T, thresholds, None)

    def standard_error(self, thresholds: FloatArray, resamples: Iterator[FloatArray]) -> FloatArray:
        """Spread of the value over resamples, each with a regression of its own."""
        again = []
        weighted = np.empty_like(self.basis)
        for weights in resamples:
            np.multiply(self.basis, weights, out=weighted)
            normal = weighted @ self.basis.T, weighted @ self.responses.T
            coefficients = np.linalg.lstsq(*normal, rcond=None)[0].astype(np.float64)
            again.append(self._value(coefficients, thresholds, weights))
        return np.asarray(np.std(again, axis=0, ddof=1), np.float64)

    def _value(
        self, coefficients: FloatArray, thresholds: FloatArray, weights: FloatArray | None
    ) -> FloatArray:
        costs, effects = np.split(coefficients.T @ self.basis, 2)
        return losses(costs, effects, thresholds, weights)[0]


def _spline(values: FloatArray) -> tuple[FloatArray, str]:
    """A natural cubic spline, by its values at knots that split the draws evenly."""
    knots = np.unique(np.quantile(values, np.linspace(0, 1, _KNOTS)))
    knots = knots[np.diff(knots, prepend=-np.inf) > _APART * (knots[-1] - knots[0])]
    if len(knots) < 3:
        return np.column_stack([np.ones(len(values)), _standard(values)]), "straight line"
    from scipy.interpolate import CubicSpline

    terms = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")(values)
    return np.asarray(terms, np.float64), f"cubic regression spline, {len(knots)} df"


def _polynomial(values: FloatArray) -> tuple[FloatArray, str]:
    """Every product of up to three of the numbers."""
    standard = [_standard(row) for row in values]
    terms = [np.ones(values.shape[1])]
    for degree in range(1, _DEGREE + 1):
        products = combinations_with_replacement(standard, degree)
        terms += [np.prod(chosen, axis=0) for chosen in products]
    return np.column_stack(terms), f"polynomial of degree {_DEGREE}, {len(terms)} terms"


def _standard(values: FloatArray) -> FloatArray:
    spread = float(values.std()) or 1.0
    standard: FloatArray = (values - values.mean()) / spread
    return standard
