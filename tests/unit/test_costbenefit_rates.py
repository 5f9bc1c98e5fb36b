"""Conversions and conventions: words, edges and messages."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError


@pytest.mark.parametrize(
    "given, wanted, message",
    [
        ("rate per fortnight", "rate per year", "'fortnight' is not a length of time"),
        ("rate", "rate per year", "'rate' does not say what the number is"),
        ("rate per year", "odds per year", "'odds per year' does not say what the number is"),
        ("rate per 0 years", "rate per year", "'0 years' is not a length of time"),
        ("rate per year", "rate per " + "9" * 70 + " years", "is not a length of time"),
    ],
)
def test_words_that_are_not_known(given: str, wanted: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        cb.convert(0.1, given, wanted)


@pytest.mark.parametrize("value", [1.2, -0.1, math.nan, math.inf])
def test_a_probability_lies_from_0_to_1(value: float) -> None:
    with pytest.raises(ArgumentError, match="is out of range") as caught:
        cb.convert(value, "probability per year", "rate per month")
    assert caught.value.where == "value"


def test_a_wrong_number_in_an_array_is_named_by_its_place() -> None:
    with pytest.raises(ArgumentError, match=r"value: 1\.5 is out of range, at place 2"):
        cb.convert([0.1, 0.2, 1.5], "probability per year", "probability per month")


@pytest.mark.parametrize(
    "value",
    ["0.1", True, None, [0.1, "x"], [None], {}, [[0.1], [0.1, 0.2]], [True, False], 10**400, 1j],
    ids=repr,
)
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentTypeError):
        cb.convert(value, "probability per year", "probability per month")


def test_what_is_certain_has_no_rate_but_stays_certain() -> None:
    assert cb.convert(1.0, "probability per year", "probability per day") == 1.0
    assert cb.convert(0.0, "share left after year", "probability per day") == 1.0
    with pytest.raises(ArgumentError, match="what is certain has no rate"):
        cb.convert(1.0, "probability per year", "rate per year")
    with pytest.raises(ArgumentError, match="has no median"):
        cb.convert(0.0, "rate per year", "median in days")


def test_arrays_keep_their_shape_and_scalars_are_floats() -> None:
    found = cb.convert(np.full((2, 3), 0.1), "rate per year", "probability per month")
    assert isinstance(found, np.ndarray) and found.shape == (2, 3)
    assert isinstance(cb.convert(Decimal("0.1"), "rate per year", "rate per month"), float)  # type: ignore[call-overload]
    assert cb.convert(0.25, "rate per year", "rate per year") == 0.25


def test_weeks_of_a_year_are_those_that_are_said() -> None:
    assert cb.convert(52.0, "rate per year", "rate per week", weeks_per_year=52) == 1.0
    assert cb.convert(365.25, "rate per year", "rate per week") == pytest.approx(7, rel=1e-15)
    assert cb.convert(365.25 / 12, "rate per month", "rate per day") == pytest.approx(1, rel=1e-15)
    with pytest.raises(ArgumentError, match="weeks_per_year"):
        cb.convert(1.0, "rate per year", "rate per week", weeks_per_year=12)


def test_a_risk_ratio_above_one_says_so() -> None:
    with pytest.raises(ArgumentError, match=r"of 2 makes a probability of 0\.7 more than 1"):
        cb.apply_ratio([0.4, 0.7], 2, "risk_ratio")
    with pytest.raises(ArgumentError, match="does not go with probabilities of shape"):
        cb.apply_ratio([0.4, 0.7], [1, 1, 1], "odds_ratio")
    with pytest.raises(ArgumentError, match="Did you mean 'odds_ratio'"):
        cb.apply_ratio(0.4, 2, "odds_ratios")  # type: ignore[call-overload]


def test_ratios_of_what_is_certain() -> None:
    assert cb.apply_ratio(1.0, 0.0, "hazard_ratio") == 0.0
    assert cb.apply_ratio(1.0, 0.5, "hazard_ratio") == 1.0
    assert cb.apply_ratio(1.0, 0.0, "odds_ratio") == 1.0
    assert cb.apply_ratio(0.0, 9.0, "odds_ratio") == 0.0


@pytest.mark.parametrize(
    "rule, weights",
    [
        ("half_cycle", [0.5, 1, 1, 0.5]),
        ("life_table", [0.5, 1, 1, 0.5]),
        ("simpson", [0.375, 1.125, 1.125, 0.375]),
        ("start", [1, 1, 1, 0]),
        ("end", [0, 1, 1, 1]),
    ],
)
def test_weights_of_three_intervals(rule: Any, weights: list[float]) -> None:
    assert cb.within_cycle_weights(3, rule).tolist() == weights


def test_simpson_of_one_interval_is_the_trapezoid() -> None:
    assert cb.within_cycle_weights(1, "simpson").tolist() == [0.5, 0.5]


@pytest.mark.parametrize("intervals", [0, -1, 1.5, True, None])
def test_intervals_are_counted(intervals: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match="intervals"):
        cb.within_cycle_weights(intervals, "simpson")


def test_a_rate_in_percent_is_refused_with_advice() -> None:
    with pytest.raises(ArgumentError, match=r"0\.03 for 3 % a year"):
        cb.discount_factors(3, 1)
    with pytest.raises(ArgumentError, match="'annual' is not known"):
        cb.discount_factors(0.03, 1, "annual")  # type: ignore[arg-type]


def test_conventions_survive_json_and_tell_themselves() -> None:
    ours = cb.Conventions(
        cycle="week",
        weeks_per_year=52,
        discount_rate_costs=0.03,
        discount_rate_effects=0.015,
        discounting="nominal",
        within_cycle="simpson",
    )
    assert cb.Conventions.from_json(ours.to_json()) == ours
    assert ours.periods_per_year == 52
    assert ours.describe() == (
        "cycles of a week (52 weeks a year); within a cycle: simpson; costs discounted at 3 % a"
        " year (nominal), effects discounted at 1.5 % a year (nominal)"
    )
    plain = cb.discounted_weights(4, "simpson", 0.015, "nominal", 52)
    assert ours.effect_weights(4).tolist() == plain.tolist()
    assert cb.Conventions().cost_weights(2).tolist() == [0.5, 1.0, 0.5]
    assert cb.Conventions(cycle="3 months").periods_per_year == 4


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("cycle", "fortnight", "cycle: 'fortnight' is not a length of time"),
        ("cycle", "500 years", "cycle: must be a day to 100 years"),
        ("discounting", "annual", "discounting: must be 'effective', 'nominal' or 'continuous'"),
        ("within_cycle", "darth", "within_cycle: must be"),
        ("discount_rate_costs", 3.0, "discount_rate_costs: should be less than or equal to 1"),
        ("rate", 0.03, "rate: is not a field"),
    ],
)
def test_conventions_name_what_is_wrong(field: str, value: Any, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        cb.Conventions(**{field: value})
