"""Parameters of a model and its strategies as numbers: drawn, given, or at their means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

import numpy as np

from opsafe._arguments import read_whole
from opsafe._distributions import Distribution
from opsafe._draws import MOST_DRAWS, draw_all, means_of, read_seed
from opsafe._used import UsedInputs
from opsafe.costbenefit._cohort_names import unknown
from opsafe.costbenefit._reading import read_array
from opsafe.costbenefit.cohort_model import CohortModel, Strategy
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Document
from opsafe.quantity import FloatArray

__all__ = ["Drawn", "draw_parameters", "note_inputs"]

_KINDS: tuple[Any, ...] = get_args(get_args(Distribution)[0])

Value: TypeAlias = "float | FloatArray"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Draws, and the values of every parameter that is no expression, by strategy."""

    draws: int
    """0 where every parameter stands at its mean."""
    seed: int | None
    uncertain: Mapping[str, FloatArray]
    by_strategy: tuple[tuple[Mapping[str, Value], frozenset[str]], ...]
    """With the names of those that differ by draw."""

    def block(self, strategy: int, first: int, last: int) -> dict[str, Value]:
        """Values of a strategy in some of the draws."""
        values, sampled = self.by_strategy[strategy]
        return {
            name: np.asarray(value)[first:last] if name in sampled else value
            for name, value in values.items()
        }


def draw_parameters(
    model: CohortModel,
    strategies: Sequence[tuple[str, Strategy]],
    draws: object,
    seed: object,
    given: object,
) -> Drawn:
    """Draw what is uncertain, each from the stream of its name, and put what is given in its place.

    A distribution that a strategy brings is drawn from the stream "strategy: parameter".
    """
    number, root = read_whole(draws, "draws", 0, MOST_DRAWS), read_seed(seed)
    base = {n: v for n, v in model.parameters.items() if isinstance(v, _KINDS)}
    own = {
        f"{name}: {parameter}": value
        for name, strategy in strategies
        for parameter, value in strategy.parameters.items()
        if isinstance(value, _KINDS)
    }
    ours = _given(given, number, {*model.needs, *own}, model.tables)
    number = len(next(iter(ours.values()))) if ours else number
    if number:
        groups = [group for group in model.joint if not ours.keys() >= {*group.names}]
        together = {name for group in groups for name in group.names}
        drawn = {n: v for n, v in base.items() if n not in ours or n in together}
        found: dict[str, Any] = draw_all(drawn, seed=root, draws=number, joint=groups)
        found |= draw_all({n: v for n, v in own.items() if n not in ours}, seed=root, draws=number)
    else:
        found = {**means_of(base, joint=model.joint), **means_of(own)}
    found |= ours
    made = {n: v if np.ndim(v) else float(v) for n, v in found.items()}
    uncertain = {name: value for name, value in made.items() if not isinstance(value, float)}
    for value in uncertain.values():
        value.flags.writeable = False
    values = [_values(model, name, strategy, made) for name, strategy in strategies]
    sampled = {id(value) for value in uncertain.values()}
    by_strategy = tuple(
        (each, frozenset(name for name, value in each.items() if id(value) in sampled))
        for each in values
    )
    return Drawn(number, root if number else None, uncertain, by_strategy)


def _values(
    model: CohortModel, name: str, strategy: Strategy, made: Mapping[str, Value]
) -> dict[str, Value]:
    """Values of one strategy: its own before the model's, numbers and tables as they stand."""
    values = {each: made[each] for each in model.needs if each in made}
    for parameter, value in {**model.parameters, **strategy.parameters}.items():
        mine = f"{name}: {parameter}"
        if parameter in strategy.parameters:
            values.pop(parameter, None)
            if mine in made:
                values[parameter] = made[mine]
        if isinstance(value, tuple):
            values[parameter] = np.array(value)
        elif isinstance(value, float | int) and parameter not in values:
            values[parameter] = float(value)
    return values


def _given(
    given: object, draws: int, known: set[str], tables: frozenset[str]
) -> dict[str, FloatArray]:
    """Draws that the caller brings, all of one length."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            "is not a mapping of names to draws", where="parameters", value=type(given).__name__
        )
    found = {}
    for name, values in given.items():
        where = f"parameters[{name!r}]"
        if name not in known:
            raise ArgumentError(unknown("parameter", str(name), sorted(known)), where=where)
        if name in tables:
            raise ArgumentError("is a table, which has no draws", where=where)
        found[name] = np.array(read_array(values, where, -1e12, 1e12))
        wanted = draws or len(next(iter(found.values())).ravel())
        if found[name].shape != (wanted,) or not 1 <= wanted <= MOST_DRAWS:
            raise ArgumentError(
                f"has shape {found[name].shape}, not ({wanted},): one number a draw", where=where
            )
    return found


def note_inputs(
    model: CohortModel, strategies: Sequence[tuple[str, Strategy]], used: UsedInputs
) -> None:
    """Note down every input with where it comes from."""
    for name, value in model.parameters.items():
        used.note(name, _written(value), "given", model.sources.get(name, ""))
    for state, dwell in model.dwell.items():
        used.note(
            f"dwell.{state}", _written(dwell), "given", model.sources.get(f"dwell.{state}", "")
        )
    for group in model.joint:
        used.note(", ".join(group.names), group.model_dump_json(), "given")
    for item in model.items():
        used.note(item.where, item.value, "given", model.sources.get(item.where, ""))
    for strategy, changes in strategies:
        for field, value in changes:
            for name, each in value.items() if isinstance(value, dict) else ():
                used.note(f"{strategy}: {field}.{name}", _written(each), "given")


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return f"table of {len(value)} numbers"
    return value.model_dump_json() if isinstance(value, Document) else str(value)
