"""Strategies as they are given, each put on the model it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from opsafe.costbenefit._cohort_names import unknown
from opsafe.costbenefit.cohort_model import CohortModel, Strategy
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError
from opsafe.provenance import Document

__all__ = ["put_on", "read_strategies"]

Kind = TypeVar("Kind", bound=Document)

_MOST: Final = 200
_ALONE: Final = "model"
_MERGED: Final = ("transitions", "dwell", "utilities", "transition_effects", "new_cases")
_BY_CATEGORY: Final = ("costs", "transition_costs", "one_time_costs", "events")


def read_strategies(strategies: object) -> tuple[tuple[str, Strategy], ...]:
    """Read strategies by name: a list of them, or a mapping to them or to their changes.

    A mapping whose names are no fields of a strategy is taken for its parameters.
    """
    if strategies is None:
        return ((_ALONE, Strategy()),)
    if isinstance(strategies, Strategy):
        strategies = (strategies,)
    if isinstance(strategies, Mapping):
        pairs = [(name, _strategy(each, name)) for name, each in strategies.items()]
    elif isinstance(strategies, Iterable) and not isinstance(strategies, str | bytes):
        listed = [_strategy(each, place) for place, each in enumerate(strategies)]
        pairs = [(each.name, each) for each in listed]
    else:
        raise ArgumentTypeError(
            "is neither a list nor a mapping of strategies",
            where="strategies",
            value=type(strategies).__name__,
        )
    found: dict[str, Strategy] = {}
    for place, (name, each) in enumerate(pairs):
        if not isinstance(name, str) or not name.strip():
            raise ArgumentError("has no name", where=f"strategies[{place}]")
        if name in found:
            raise ArgumentError(f"{name!r} stands twice", where="strategies")
        found[name] = each
    if not 1 <= len(found) <= _MOST:
        raise ArgumentError(f"has {len(found)} strategies, not 1 to {_MOST}", where="strategies")
    return tuple(found.items())


def _strategy(given: object, key: object) -> Strategy:
    if isinstance(given, Strategy):
        return given
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            "is neither a Strategy nor a mapping",
            where=f"strategies[{key!r}]",
            value=type(given).__name__,
        )
    fields = {str(name): value for name, value in given.items()}
    if not fields.keys() <= Strategy.model_fields.keys():
        fields = {"parameters": fields}
    return _named(f"strategies[{key!r}]", Strategy, fields)


def put_on(model: CohortModel, name: str, strategy: Strategy) -> CohortModel:
    """Return the model as the strategy changes it, checked like any other."""
    for parameter in strategy.parameters:
        if parameter not in model.needs:
            raise ArgumentError(
                unknown("parameter of the model", parameter, list(model.needs)),
                where=f"strategies[{name!r}].parameters",
            )
    update: dict[str, Any] = {"parameters": {**model.parameters, **strategy.parameters}}
    if strategy.start is not None:
        update["start"] = strategy.start
    for field in _MERGED:
        update[field] = {**getattr(model, field), **getattr(strategy, field)}
    for field in _BY_CATEGORY:
        ours, theirs = getattr(model, field), getattr(strategy, field)
        update[field] = {
            each: {**ours.get(each, {}), **theirs.get(each, {})} for each in {**ours, **theirs}
        }
    if not any(getattr(strategy, field) for field in Strategy.model_fields if field != "name"):
        return model
    fields = {field: getattr(model, field) for field in CohortModel.model_fields}
    return _named(f"strategies[{name!r}]", CohortModel, fields | update)


def _named(where: str, kind: type[Kind], fields: Mapping[str, Any]) -> Kind:
    try:
        return kind(**fields)
    except DocumentError as error:
        raise ArgumentError(str(error), where=where) from None
