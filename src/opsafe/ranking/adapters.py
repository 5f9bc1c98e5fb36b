"""Scores of other houses (RICE, WSJF, risk priority number, PICK), each with what it hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np

from opsafe._display import as_html, counted
from opsafe.columns import Columns
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._cells import exact

__all__ = ["PICK_LABELS", "AdaptedScores", "Numbers", "rice", "risk_priority_number", "wsjf"]

Numbers: TypeAlias = float | Decimal | Fraction | Sequence[float | Decimal | Fraction] | FloatArray
"""One number, or one for each item."""

PICK_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "quick_win": "Implement",
        "major_project": "Challenge",
        "fill_in": "Possible",
        "thankless": "Kill",
    }
)
"""Names of the PICK chart for ``quadrants(labels=...)``: high payoff and easy is Implement, high
and hard Challenge, low and easy Possible, low and hard Kill. The chart gives no rule for the cut.
Other words for the same letters are in use: https://www.leansixsigmadefinition.com/glossary/pick-chart/
"""

_MOST: Final = 1e12
_LEAST_SIZE: Final = 1e-6
_POINTS: Final = 10  # steps of each scale of a risk priority number
_GUESSES: Final = (
    "a product of guesses: an error in one factor moves the score by the same share,"
    " and nothing here says how sure it is"
)
_SCORE_IS_RELATIVE: Final = (
    "relative estimates added up are no money: a score twice as high is not worth twice as much"
)
_ORDINAL: Final = (
    "steps of an order multiplied as if they were amounts: 1,000 combinations give 120 values, and"
    " up to 24 combinations share one, so equal numbers may be unequal risks"
)


@dataclass(frozen=True, slots=True, eq=False)
class AdaptedScores:
    """Scores of another house, as it calculates them; no score of :func:`rank`."""

    method: str
    formula: str
    scores: FloatArray
    """One for each item, in the order given."""
    table: Columns
    """What was given and the score, one row an item."""
    cautions: tuple[str, ...]
    """What a reader must know."""

    def __repr__(self) -> str:
        return f"AdaptedScores({self.method} = {self.formula}; {counted(len(self.scores), 'item')})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def rice(reach: Numbers, impact: Numbers, confidence: Numbers, effort: Numbers) -> AdaptedScores:
    """Score items by RICE: reach, impact and confidence over effort.

    Parameters
    ----------
    reach : float or sequence of float
        People or events in a period, 0 or more.
    impact : float or sequence of float
        Points; the house that made the method uses 3, 2, 1, 0.5 and 0.25.
    confidence : float or sequence of float
        Share from 0 to 1; that house uses 1, 0.8 and 0.5.
    effort : float or sequence of float
        Person-months, above 0.

    Returns
    -------
    AdaptedScores
        Points of impact for each person-month.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is missing or out of range, or lengths differ.

    Notes
    -----
    reach × impact × confidence / effort, in exact arithmetic and rounded once. One number stands
    for all items. Printed examples are not reliable: one page gives 26,667 for
    10,000 × 1 × 0.8 / 3, which is 2,667 [2]_.

    References
    ----------
    .. [1] RICE scoring explained. https://cadenly.io/blog/rice-scoring-explained.html
    .. [2] Examples of RICE scoring.
       https://beginpm.com/asking/examples-of-rice-scoring-in-project-management

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.rice([5000, 3000], [2, 1], [0.8, 1.0], [2, 1.5]).scores.tolist()
    [4000.0, 2000.0]
    """
    given = _read(
        reach=(reach, 0, _MOST, ""),
        impact=(impact, 0, _MOST, ""),
        confidence=(confidence, 0, 1, "Write 80 % as 0.8"),
        effort=(effort, _LEAST_SIZE, _MOST, ""),
    )
    scores = [r * i * c / e for r, i, c, e in zip(*given.values(), strict=True)]
    return _adapted("RICE", "reach x impact x confidence / effort", given, scores, _GUESSES)


def wsjf(
    business_value: Numbers,
    time_criticality: Numbers,
    risk_reduction: Numbers,
    job_size: Numbers,
) -> AdaptedScores:
    """Score items by WSJF (weighted shortest job first): cost of delay over job size.

    Parameters
    ----------
    business_value, time_criticality, risk_reduction : float or sequence of float
        Relative estimates, 0 or more; their sum is called the cost of delay.
    job_size : float or sequence of float
        Relative estimate, above 0.

    Returns
    -------
    AdaptedScores
        Relative points; ``table`` also has ``cost_of_delay``.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is missing or out of range, or lengths differ.

    Notes
    -----
    (business value + time criticality + risk reduction) / job size, in exact arithmetic and
    rounded once. A critique is that relative scores which are summed no longer trade off against
    money [1]_.

    References
    ----------
    .. [1] Problems I have with SAFe-style WSJF.
       https://jchyip.medium.com/problems-i-have-with-safe-style-wsjf-772df2beaf02

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> found = rk.wsjf(1, 3, 5, 3)
    >>> found.table["cost_of_delay"].tolist(), found.scores.tolist()
    ([9.0], [3.0])
    """
    given = _read(
        business_value=(business_value, 0, _MOST, ""),
        time_criticality=(time_criticality, 0, _MOST, ""),
        risk_reduction=(risk_reduction, 0, _MOST, ""),
        job_size=(job_size, _LEAST_SIZE, _MOST, ""),
    )
    value, urgency, risk, size = given.values()
    given["cost_of_delay"] = [v + u + r for v, u, r in zip(value, urgency, risk, strict=True)]
    scores = [delay / each for delay, each in zip(given["cost_of_delay"], size, strict=True)]
    formula = "(business value + time criticality + risk reduction) / job size"
    return _adapted("WSJF", formula, given, scores, _SCORE_IS_RELATIVE)


def risk_priority_number(
    severity: Numbers, occurrence: Numbers, detection: Numbers
) -> AdaptedScores:
    """Multiply the three ratings of a failure mode to its risk priority number.

    Parameters
    ----------
    severity, occurrence, detection : int or sequence of int
        Steps from 1 to 10, as the caller's scales define them.

    Returns
    -------
    AdaptedScores
        Numbers from 1 to 1,000, of which 120 are possible.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a step is no whole number from 1 to 10, or lengths differ.

    Notes
    -----
    severity × occurrence × detection. The steps are an order; their product treats them as
    amounts [1]_.

    References
    ----------
    .. [1] Quality Digest, problems with risk priority numbers.
       https://www.qualitydigest.com/print/17205

    Examples
    --------
    Two different risks with one number:

    >>> from opsafe import ranking as rk
    >>> rk.risk_priority_number([10, 1], [3, 6], [2, 10]).scores.tolist()
    [60.0, 60.0]
    """
    steps = (1, _POINTS, "")
    given = _read(
        severity=(severity, *steps),
        occurrence=(occurrence, *steps),
        detection=(detection, *steps),
    )
    for name, ratings in given.items():
        broken = [place for place, each in enumerate(ratings) if each.denominator > 1]
        if broken:
            raise ArgumentError(f"is no whole step at place {broken[0]}", where=name)
    scores = [s * o * d for s, o, d in zip(*given.values(), strict=True)]
    return _adapted(
        "risk priority number", "severity x occurrence x detection", given, scores, _ORDINAL
    )


def _read(**numbers: tuple[Any, float, float, str]) -> dict[str, list[Fraction]]:
    """Read numbers exactly; one number stands for all items."""
    read: dict[str, list[Fraction]] = {}
    single = set()
    for name, (given, low, high, advice) in numbers.items():
        if isinstance(given, np.ndarray):
            if given.ndim > 1:
                raise ArgumentTypeError("is no row of numbers", where=name, value=given.shape)
            given = given.tolist()  # noqa: PLW2901
        if isinstance(given, str) or not isinstance(given, Sequence):
            single.add(name)
            read[name] = [exact(given, name, low, high, advice=advice)]
            continue
        read[name] = [
            exact(each, f"{name}[{place}]", low, high, advice=advice)
            for place, each in enumerate(given)
        ]
    lengths = {name: len(read[name]) for name in read if name not in single}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ArgumentError(f"lengths differ: {told}", where=next(iter(lengths)))
    count = next(iter(lengths.values()), 1)
    return {name: each * count if name in single else each for name, each in read.items()}


def _adapted(
    method: str,
    formula: str,
    given: Mapping[str, Sequence[Fraction]],
    scores: Sequence[Fraction],
    caution: str,
) -> AdaptedScores:
    columns = {name: np.array([float(each) for each in read]) for name, read in given.items()}
    found = np.array([float(each) for each in scores], np.float64)
    found.flags.writeable = False
    table = Columns({**columns, "score": found})
    cautions = (caution, "not anchored: 0 and the best are not what they are in a ranking")
    return AdaptedScores(method, formula, found, table, cautions)
