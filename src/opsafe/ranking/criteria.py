"""What initiatives are rated on: criteria with a worst and a best anchor that stay fixed.

A value is read against the anchors of its criterion and never against the other initiatives, so
that an initiative which is dropped cannot reorder the rest.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationInfo, field_validator, model_validator

from opsafe._arguments import read_number
from opsafe.provenance import Document, Words
from opsafe.quantity import FloatArray
from opsafe.ranking._exact import as_written
from opsafe.ranking._names import read_name
from opsafe.ranking._reading import read_array

__all__ = ["IMPACT_EASE_1_5", "Criteria", "Criterion", "Step"]

_FARTHEST: Final = 1e9
Anchor: TypeAlias = Annotated[float, Field(ge=-_FARTHEST, le=_FARTHEST)]
# In a table of ratings these are columns of their own.
_TAKEN: Final = ("initiative", "rater", "criterion", "score")


class Step(Document):
    """A rating with the words that it stands for.

    Parameters
    ----------
    value : float
        The rating, in the criterion's unit.
    label : str
        What it means.
    """

    value: Anchor
    label: Words


class Criterion(Document):
    """One thing that initiatives are rated on, between two anchors.

    Parameters
    ----------
    name : str
        Name in tables and weights.
    label : str, optional
        Name for people; the name where it is not given.
    worst, best : float
        The anchors, in ``unit``; ``worst`` is above ``best`` where less is better.
    unit : str, optional
        Unit of the ratings.
    steps : tuple of Step, optional
        What ratings stand for; each lies within the anchors.
    group : str, optional
        The group whose weight it shares.

    Raises
    ------
    DocumentError
        If the anchors are equal, or a step lies outside them or is there twice.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> cost = rk.Criterion(name="cost", worst=500_000, best=0, unit="USD")
    >>> float(cost.anchored(125_000))
    0.75
    """

    name: Words
    label: str = ""
    worst: Anchor
    best: Anchor
    unit: Words = "points"
    steps: tuple[Step, ...] = ()
    group: Words | None = None

    @field_validator("name")
    @classmethod
    def _not_taken(cls, name: str) -> str:
        if name in _TAKEN:
            raise ValueError(f"is a column of every table of ratings ({', '.join(_TAKEN)})")
        return name

    @field_validator("label")
    @classmethod
    def _labelled(cls, label: str, info: ValidationInfo) -> str:
        return label or str(info.data.get("name", ""))

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.worst == self.best:
            raise ValueError(f"worst and best are both {self.best:g}: there is nothing between")
        values = [step.value for step in self.steps]
        outside = [value for value in values if not self.low <= value <= self.high]
        if outside:
            raise ValueError(f"step {outside[0]:g} lies outside {self.low:g} to {self.high:g}")
        if len(set(values)) < len(values):
            raise ValueError("steps have a value twice")
        return self

    @property
    def low(self) -> float:
        """The lower anchor."""
        return min(self.worst, self.best)

    @property
    def high(self) -> float:
        """The upper anchor."""
        return max(self.worst, self.best)

    @property
    def midpoint(self) -> float:
        """Half way between the anchors."""
        return float((as_written(self.worst) + as_written(self.best)) / 2)

    def anchored(self, values: npt.ArrayLike) -> FloatArray:
        """Return values as shares of the way from worst to best.

        Parameters
        ----------
        values : array_like of float, any shape
            In the criterion's unit; NaN is missing.

        Returns
        -------
        array of float, same shape
            0 at the worst anchor, 1 at the best; NaN where missing.

        Notes
        -----
        (x - worst) / (best - worst).

        Examples
        --------
        >>> from opsafe import ranking as rk
        >>> rk.IMPACT_EASE_1_5.named("impact").anchored([1, 3, 5])
        array([0. , 0.5, 1. ])
        """
        found = read_array(values, "values", shape=None, axes="row of ratings", missing=True)
        return np.asarray((found - self.worst) / (self.best - self.worst), np.float64)

    def anchored_exactly(self, value: float) -> Fraction:
        """Return one value as a share of the way from worst to best, without rounding."""
        read_number(value, "value", -_FARTHEST, _FARTHEST)
        worst, best = as_written(self.worst), as_written(self.best)
        return (as_written(value) - worst) / (best - worst)

    def in_unit(self, values: npt.ArrayLike) -> FloatArray:
        """Return shares of the way from worst to best as values in the criterion's unit.

        Parameters
        ----------
        values : array_like of float, any shape
            0 to 1; NaN is missing.

        Returns
        -------
        array of float, same shape
            In the criterion's unit.

        Notes
        -----
        worst + v (best - worst).
        """
        found = read_array(values, "values", shape=None, axes="row of shares", missing=True)
        return np.asarray(self.worst + found * (self.best - self.worst), np.float64)

    def says(self, value: float) -> str | None:
        """Return the label of a rating; None where it has none of its own."""
        asked = read_number(value, "value", -_FARTHEST, _FARTHEST)
        return next((step.label for step in self.steps if step.value == asked), None)


class Criteria(Document):
    """The criteria of one ranking.

    Parameters
    ----------
    id : str
        Short name of the set.
    title : str
        One line for people.
    criteria : tuple of Criterion
        One or more, each with a name of its own; a group is no criterion's name.

    Raises
    ------
    DocumentError
        If there is none, or a name stands for two things.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.IMPACT_EASE_1_5.names
    ('impact', 'ease')
    """

    id: Words
    title: Words
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @field_validator("criteria")
    @classmethod
    def _each_has_its_name(cls, criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
        names = [each.name for each in criteria]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"have a name twice: {', '.join(twice)}")
        both = sorted({each.group for each in criteria if each.group in names} - {None})
        if both:
            raise ValueError(f"have a group named as a criterion: {', '.join(map(str, both))}")
        return criteria

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the criteria, in order."""
        return tuple(each.name for each in self.criteria)

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Names of the criteria of each group, in order."""
        found: dict[str, tuple[str, ...]] = {}
        for each in self.criteria:
            if each.group is not None:
                found[each.group] = (*found.get(each.group, ()), each.name)
        return found

    def named(self, name: str) -> Criterion:
        """Return the criterion of a name.

        Raises
        ------
        ArgumentTypeError, ArgumentError
            If the name is no text, or no criterion has it; the message names the nearest.
        """
        known = read_name(name, self.names, "criterion", "criterion")
        return self.criteria[self.names.index(known)]


IMPACT_EASE_1_5: Final = Criteria(
    id="impact-ease-1-5",
    title="Impact and ease, each from 1 to 5",
    criteria=(
        Criterion(
            name="impact",
            label="Impact",
            worst=1,
            best=5,
            steps=(
                Step(value=1, label="The same as doing nothing"),
                Step(value=2, label="A small gain for few members"),
                Step(value=3, label="A clear gain for some members"),
                Step(value=4, label="A large gain for many members"),
                Step(value=5, label="As much as any programme could do for our members"),
            ),
        ),
        Criterion(
            name="ease",
            label="Ease",
            worst=1,
            best=5,
            steps=(
                Step(value=1, label="Needs what we neither have nor control"),
                Step(value=2, label="Needs new money, staff or contracts"),
                Step(value=3, label="Needs work across several teams"),
                Step(value=4, label="Needs work of one team"),
                Step(value=5, label="Can start at once with what we have"),
            ),
        ),
    ),
)
"""Impact (1 is the same as doing nothing) and ease, each from 1 to 5; the labels are our own."""
