"""A cohort model: states, how people move between them, and what states and moves cost.

It is longer than most files because one document and its docstring are the whole language.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Final, Self

from annotated_types import Ge, Le
from pydantic import Field, ValidationInfo, field_validator, model_validator

from opsafe._joint import Dirichlet, Joint
from opsafe.costbenefit._cohort_fields import (
    Amounts,
    AmountsAtCycles,
    Cycles,
    Dwell,
    Parameter,
    ParameterName,
    States,
    Text,
    Values,
    WeibullDwell,
    as_tuple,
)
from opsafe.costbenefit._cohort_items import Item, check_items, check_no_age, check_states
from opsafe.costbenefit._cohort_names import needs_of_parameters, unknown
from opsafe.costbenefit._periods import years_of
from opsafe.costbenefit.conventions import Conventions
from opsafe.provenance import Document, Words

__all__ = ["CohortModel", "Strategy", "WeibullDwell"]

HORIZON_YEARS: Final = 5
"""Years of a model that names no number of cycles: as far as budget impact looks ahead at most."""


class Strategy(Document):
    """What one strategy does otherwise than the model.

    Parameters
    ----------
    name : str, optional
        Its name, when strategies are given as a list.
    parameters : dict of str to float, str, tuple or Distribution, optional
        Values in place of the model's, which must have a parameter of each name. A distribution
        here is drawn from a stream of the strategy's own.
    start : dict of str to float or str, optional
        Another starting mix.
    transitions : dict, optional
        Whole rows in place of the model's.
    dwell : dict, optional
        Other stays, by state.
    costs, transition_costs, events : dict, optional
        Values that are added to the model's, or put in their place, one by one.
    one_time_costs : dict, optional
        Likewise, by category and cycle.
    utilities, transition_effects, new_cases : dict, optional
        Likewise, by state or move.

    Raises
    ------
    DocumentError
        If a field is unknown or wrong.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> cb.Strategy(name="Outreach", parameters={"p_start": "0.05 * reach"}).parameters
    {'p_start': '0.05 * reach'}
    """

    name: Text | None = None
    parameters: dict[ParameterName, Parameter] = Field(default_factory=dict)
    start: Values | None = None
    transitions: dict[Text, Values] = Field(default_factory=dict)
    dwell: dict[Text, Dwell] = Field(default_factory=dict)
    costs: Amounts = Field(default_factory=dict)
    transition_costs: dict[Text, Values] = Field(default_factory=dict)
    one_time_costs: AmountsAtCycles = Field(default_factory=dict)
    utilities: Values = Field(default_factory=dict)
    transition_effects: Values = Field(default_factory=dict)
    events: dict[Text, Values] = Field(default_factory=dict)
    new_cases: Values = Field(default_factory=dict)


class CohortModel(Document):
    """A cohort that moves between states, cycle after cycle.

    Wherever a number stands, an expression over the parameters may stand: numbers, names,
    ``+ - * / **``, parentheses, comparisons (1 where true, else 0), ``exp``, ``log``, ``sqrt``,
    ``floor``, ``min``, ``max``, ``where(condition, then, else)`` and ``table[index]``. Beside the
    parameters it may use ``cycle`` (0 in the first), ``year`` (whole years since the start, 0 in
    the first), ``age`` (``start_age`` and the years since the start) and, in a state that has a
    dwell, ``time_in_state`` (cycles spent there so far, 0 in the first) and ``dwell_ends`` (the
    probability that its curve ends the stay in this cycle).

    Parameters
    ----------
    states : tuple of str
        Names of the states, no two alike.
    cycle : str, optional
        Length of a cycle: ``"week"``, ``"month"``, ``"year"`` or a number of them, such as
        ``"2 weeks"``.
    cycles : int, optional
        How many; without it as many as five years have, which the result says.
    start : dict of str to float or str, optional
        Share of the cohort that begins in each state; together 1. Without it all begin in the
        first state.
    people : float, optional
        People at the start, 1 unless said: totals are of the whole cohort.
    start_age : float, optional
        Age at the start in years, for expressions that use ``age``.
    parameters : dict of str to float, Distribution, str or tuple, optional
        Named numbers, distributions, expressions over other parameters (in any order, without
        circles, also over ``cycle``), and tables that expressions look up from 0 on.
    joint : tuple of Dirichlet or Correlated, optional
        Shares of a whole (each name is a parameter), and parameters that move together.
    transitions : dict of str to dict of str to float or str
        For each state the probability per cycle to be in each other one after it. One state of a
        row may be ``"rest"``: 1 minus the others. A state without a row is never left.
    dwell : dict of str to int, Retention or WeibullDwell, optional
        States in which time is told: for so many cycles, or with a curve of how long people stay.
        A way back into the state begins a new stay.
    costs : dict of str to dict of str to float or str, optional
        By category and state, in USD per person and cycle, or as ``costs_per`` says. One mapping
        by state is the category ``"costs"``.
    costs_per : str, optional
        ``"cycle"``, or a length of time such as ``"month"`` or ``"year"``.
    transition_costs : dict of str to dict of str to float or str, optional
        By category and move, such as ``"off>on"``: USD for each move.
    one_time_costs : dict of str to dict of int to float or str, optional
        By category and cycle: USD of the whole cohort at the beginning of that cycle.
    may_be_negative : tuple of str, optional
        Categories of cost in which savings or revenue may stand.
    utilities : dict of str to float or str, optional
        Quality of life by state, per year: 1 at most; a state that is not named has 0.
    transition_effects : dict of str to float or str, optional
        By move, in quality-adjusted years, such as -0.01.
    events : dict of str to dict of str to float or str, optional
        Counted and never discounted: by event, how many a person has in a state per cycle, or on
        a move.
    new_cases : dict of str to float or str, optional
        People who enter each state during every cycle.
    conventions : Conventions, optional
        Discount rates, how they are applied, and the within-cycle rule. Its cycle is the model's.
    sources : dict of str to str, optional
        Where parameters come from; the result repeats it.

    Raises
    ------
    DocumentError
        If a name is not known, an expression is none, a row of numbers does not sum to one, or a
        field is out of range.

    Notes
    -----
    Point k of the trace lies at the beginning of cycle k. In cycle k everyone moves once, with
    ``cycle`` = k, and those who enter during it stand in the trace from point k + 1 on. A cost of
    cycle k is paid for the time in it, of which the within-cycle rule makes points of the trace.
    An amount at one time, or on a move, takes no within-cycle weight; one on a move is discounted
    at the end of its cycle, or in its middle under ``life_table``.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> model = cb.CohortModel(
    ...     states=["off", "on", "dead"],
    ...     cycle="month",
    ...     cycles=12,
    ...     parameters={"p_start": 0.05, "p_die": "1 - exp(-0.02 / 12)"},
    ...     transitions={
    ...         "off": {"on": "p_start", "dead": "p_die", "off": "rest"},
    ...         "on": {"off": 0.1, "dead": "p_die / 2", "on": "rest"},
    ...     },
    ...     costs={"drug": {"on": 240}, "acute care": {"off": 900, "on": 500}},
    ...     utilities={"off": 0.574, "on": 0.766},
    ... )
    >>> model.absorbing
    ('dead',)
    >>> cb.CohortModel.from_json(model.to_json()) == model
    True
    """

    states: States
    cycle: str = "month"
    cycles: Cycles | None = None
    start: Values | None = None
    people: Annotated[float, Ge(1e-9), Le(1e12)] = 1.0
    start_age: Annotated[float, Ge(0), Le(150)] | None = None
    parameters: dict[ParameterName, Parameter] = Field(default_factory=dict)
    joint: tuple[Joint, ...] = ()
    transitions: dict[Text, Values]
    dwell: dict[Text, Dwell] = Field(default_factory=dict)
    costs: Amounts = Field(default_factory=dict)
    costs_per: str = "cycle"
    transition_costs: dict[Text, Values] = Field(default_factory=dict)
    one_time_costs: AmountsAtCycles = Field(default_factory=dict)
    may_be_negative: tuple[Text, ...] = ()
    utilities: Values = Field(default_factory=dict)
    transition_effects: Values = Field(default_factory=dict)
    events: dict[Text, Values] = Field(default_factory=dict)
    new_cases: Values = Field(default_factory=dict)
    conventions: Conventions = Field(default_factory=Conventions)
    sources: dict[Text, Words] = Field(default_factory=dict)

    @field_validator("joint", "may_be_negative", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return as_tuple(value)

    @field_validator("costs_per")
    @classmethod
    def _a_length(cls, text: str) -> str:
        if text != "cycle":
            years_of(text, "")
        return text

    @field_validator("conventions")
    @classmethod
    def _one_cycle(cls, ours: Conventions, info: ValidationInfo) -> Conventions:
        cycle = info.data.get("cycle", ours.cycle)
        if "cycle" not in ours.model_fields_set:
            return ours.model_copy(update={"cycle": cycle})
        if ours.cycle != cycle:
            raise ValueError(f"has cycle {ours.cycle!r}, and the model {cycle!r}: name it once")
        return ours

    @model_validator(mode="after")
    def _is_a_model(self) -> Self:
        check_states(self.states, self.transitions, self.dwell)
        check_items(self.items(), self.states, self.dwell, self.needs, self.tables)
        if self.start_age is None:
            check_no_age(self.items(), self.needs, self.tables)
        for category in self.may_be_negative:
            if category not in self.categories:
                raise ValueError(
                    f"may_be_negative: {unknown('category of cost', category, self.categories)}"
                )
        return self

    @cached_property
    def tables(self) -> frozenset[str]:
        """Parameters that are tables."""
        return frozenset(name for name, v in self.parameters.items() if isinstance(v, tuple))

    @cached_property
    def needs(self) -> dict[str, frozenset[str]]:
        """The variables that each parameter rests on, itself or through others."""
        shares = {
            name: 0.0
            for group in self.joint
            if isinstance(group, Dirichlet)
            for name in group.names
        }
        return needs_of_parameters({**shares, **self.parameters}, self.tables)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Categories of cost, in order of their first appearance."""
        return tuple({**self.costs, **self.transition_costs, **self.one_time_costs})

    def items(self) -> Iterator[Item]:
        """Walk over all numbers and expressions, with the place where each stands."""
        for state, value in (self.start or {}).items():
            yield Item("start", f"start.{state}", value, state)
        for state, row in self.transitions.items():
            for target, value in row.items():
                yield Item("transition", f"transitions.{state}.{target}", value, state, target)
        for name in ("costs", "transition_costs", "events"):
            for category, values in getattr(self, name).items():
                for key, value in values.items():
                    yield Item.of(name, f"{name}.{category}.{key}", value, key, category)
        for category, moments in self.one_time_costs.items():
            for cycle, value in moments.items():
                where = f"one_time_costs.{category}.{cycle}"
                yield Item("one-time cost", where, value, category=category, cycle=cycle)
        for name in ("utilities", "transition_effects", "new_cases"):
            for key, value in getattr(self, name).items():
                yield Item.of(name, f"{name}.{key}", value, key)

    @property
    def absorbing(self) -> tuple[str, ...]:
        """States that are never left, in order."""
        return tuple(state for state in self.states if state not in self.transitions)

    @property
    def horizon(self) -> int:
        """Cycles of a run."""
        if self.cycles is not None:
            return self.cycles
        return max(1, round(HORIZON_YEARS * self.conventions.periods_per_year))
