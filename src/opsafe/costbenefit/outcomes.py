"""What strategies cost and gain in each draw: what a decision, and its uncertainty, rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from opsafe.costbenefit._reading import read_array
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = [
    "MOST_THRESHOLD",
    "Outcomes",
    "Simulated",
    "read_names",
    "read_outcomes",
    "read_thresholds",
]

_MOST_USD: Final = 1e15
_MOST_EFFECT: Final = 1e12
MOST_THRESHOLD: Final = 1e12  # with these two bounds no net benefit leaves the floats
_MOST_PARAMETER: Final = 1e15


class Simulated(Protocol):
    """Anything with these four attributes: an :class:`Outcomes`, or the run of a model."""

    @property
    def strategies(self) -> tuple[str, ...]:
        """Names of the strategies, in order."""
        ...

    @property
    def costs(self) -> FloatArray:
        """Cost in USD by strategy and draw."""
        ...

    @property
    def effects(self) -> FloatArray:
        """Effect, such as life years in good health, by strategy and draw."""
        ...

    @property
    def parameters(self) -> Mapping[str, FloatArray]:
        """Draws of what is uncertain, by name."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Costs and effects of strategies, draw by draw, from a model of any kind.

    Parameters
    ----------
    strategies : tuple of str
        Their names, each once.
    costs : array_like of float, shape (strategies, draws)
        Cost in USD.
    effects : array_like of float, shape (strategies, draws)
        Effect in one unit for all, more being better, such as quality-adjusted life years.
    parameters : mapping of str to array_like of float, shape (draws,), optional
        Draws of the uncertain parameters that the costs and effects came from.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If shapes differ, a number is missing or beyond any budget, or a name is doubled.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.Outcomes(
    ...     ("as it is", "treat more"), [[900, 1100], [1500, 1300]], [[0.5, 0.7], [0.8, 0.6]]
    ... )
    >>> found.draws, found.costs.mean(axis=1).tolist()
    (2, [1000.0, 1400.0])
    """

    strategies: tuple[str, ...]
    costs: FloatArray
    effects: FloatArray
    parameters: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = read_names(self.strategies)
        costs = _table(self.costs, "costs", len(names), _MOST_USD)
        effects = _table(self.effects, "effects", len(names), _MOST_EFFECT)
        if costs.shape != effects.shape:
            raise ArgumentError(
                f"has {effects.shape[1]} draws, and costs have {costs.shape[1]}", where="effects"
            )
        for name, value in (
            ("strategies", names),
            ("costs", costs),
            ("effects", effects),
            ("parameters", _parameters(self.parameters, costs.shape[1])),
        ):
            object.__setattr__(self, name, value)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return int(self.costs.shape[1])


def read_outcomes(run: Simulated, *, parameters: bool = False) -> Outcomes:
    """Read outcomes, or the run of a model; its parameters only where they are wanted."""
    if isinstance(run, Outcomes):
        return run
    missing = [each for each in Outcomes.__dataclass_fields__ if not hasattr(run, each)]
    if missing:
        raise ArgumentTypeError(
            f"is neither an Outcomes nor a run: it has no {', '.join(missing)}",
            where="run",
            value=type(run).__name__,
        )
    return Outcomes(
        run.strategies,
        run.costs,
        run.effects,
        run.parameters if parameters else MappingProxyType({}),
    )


def read_thresholds(thresholds: npt.ArrayLike) -> FloatArray:
    """Read one threshold or several, in USD for one unit of effect."""
    found = np.atleast_1d(read_array(thresholds, "thresholds", 0, MOST_THRESHOLD))
    if found.ndim != 1 or not len(found):
        raise ArgumentError("is no row of numbers", where="thresholds", value=found.shape)
    return found


def read_names(names: Any) -> tuple[str, ...]:
    """Read the names of strategies: text, each once."""
    if isinstance(names, str) or not isinstance(names, tuple | list):
        raise ArgumentTypeError(
            "is not a tuple of names", where="strategies", value=type(names).__name__
        )
    for place, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise ArgumentTypeError("is no name", where=f"strategies[{place}]", value=name)
        if name in names[:place]:
            raise ArgumentError(f"has {name!r} twice", where="strategies")
    if not names:
        raise ArgumentError("is empty", where="strategies")
    return tuple(names)


def _table(values: object, where: str, strategies: int, most: float) -> FloatArray:
    found = read_array(values, where, -most, most)
    if found.ndim != 2 or len(found) != strategies or not found.shape[1]:
        raise ArgumentError(
            f"has the shape {found.shape}, not ({strategies}, draws)",
            where=where,
            advice="A row for each strategy, a column for each draw",
        )
    return _frozen(found)


def _parameters(parameters: object, draws: int) -> Mapping[str, FloatArray]:
    if not isinstance(parameters, Mapping):
        raise ArgumentTypeError(
            "is not a mapping of names to draws",
            where="parameters",
            value=type(parameters).__name__,
        )
    found: dict[str, FloatArray] = {}
    for name, values in parameters.items():
        if not isinstance(name, str) or not name:
            raise ArgumentTypeError("has a name that is no text", where="parameters")
        where = f"parameters[{name!r}]"
        own = read_array(values, where, -_MOST_PARAMETER, _MOST_PARAMETER)
        if own.shape != (draws,):
            raise ArgumentError(f"has the shape {own.shape}, not ({draws},)", where=where)
        found[name] = _frozen(own)
    return MappingProxyType(found)


def _frozen(values: FloatArray) -> FloatArray:
    own = np.array(values, np.float64, order="C")
    own.flags.writeable = False
    return own
