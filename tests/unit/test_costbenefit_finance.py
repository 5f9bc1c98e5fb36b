"""Finance and money: edges, what has no answer, and units."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pint
import pytest

from opsafe import costbenefit as cb
from opsafe.costbenefit import money
from opsafe.errors import ArgumentError, ArgumentTypeError, DimensionError, DocumentError
from opsafe.provenance import Document


@pytest.mark.parametrize(
    "flows, first",
    [
        ([0, 0], 0),
        ([1, 2], 0),
        ([-1, 1], 1),
        ([-1, 2, -2], None),
        ([-1, 2, -2, 1], 3),
        ([0, -1, 1], 2),
        ([-0.3, 0.1, 0.1, 0.1], 3),
        ([-1e12, 1e12 - 1], None),
    ],
)
def test_payback_holds_to_the_end(flows: list[float], first: int | None) -> None:
    assert cb.payback(flows) == first


@pytest.mark.parametrize("flows", [[], 3, [[1, 2]], ["x"], [math.nan], None])
def test_flows_are_a_row_of_numbers(flows: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match="net_flows"):
        cb.payback(flows)


def test_lengths_that_differ_are_told() -> None:
    with pytest.raises(ArgumentError, match="lengths differ: flows has 2, years has 3"):
        cb.net_present_value([1, 2], 0.03, [0, 1, 2])
    with pytest.raises(ArgumentError, match="years: must rise"):
        cb.linear_payback([-1, 2], [1, 1])


def test_what_has_no_answer_is_none() -> None:
    assert cb.return_on_investment(5, 0) is None
    assert cb.benefit_cost_ratio([1], [0], 0.03, [0]) is None
    assert cb.break_even_members(10, 0, 12) is None
    assert cb.break_even_members(10, -5, 12) is None
    assert cb.break_even_members(0, -5, 12) == 0
    assert cb.per_member_month(10, 0) is None
    assert cb.linear_payback([-1, 0.5], [0, 1]) is None
    assert cb.linear_payback([1, 1], [2, 3]) == 2


def test_monthly_flows_fall_in_the_middle_of_their_month() -> None:
    months = np.arange(1, 37)
    value = cb.net_present_value(np.full(36, 300.0), 0.03, (months - 0.5) / 12)
    slow = sum(300 * 1.03 ** (-(k - 0.5) / 12) for k in range(1, 37))
    assert value == pytest.approx(slow, rel=1e-13)


def test_a_loss_ratio_needs_a_premium() -> None:
    with pytest.raises(ArgumentError, match="leave no premium"):
        cb.medical_loss_ratio(incurred_claims_usd=1, premium_usd=10, taxes_and_fees_usd=10)
    adjusted = cb.medical_loss_ratio(
        incurred_claims_usd=80, premium_usd=100, credibility_adjustment=0.02
    )
    assert adjusted == pytest.approx(0.82)


@pytest.mark.parametrize(
    "text, usd",
    [
        ("12,000 USD/year", 1000),
        ("12000 usd per year", 1000),
        ("USD 12 / year", 1),
        ("$450 per member per month", 450),
        ("$450/month", 450),
        ("450 dollars per patient per month", 450),
        ("$450 PMPM", 450),
        ("12 USD pmpy", 1),
        ("-$24/year", -2),
        ("$1/day", 365.25 / 12),
        ("1e3 USD/month", 1000),
        (450, 450),
        (0.5, 0.5),
    ],
    ids=str,
)
def test_money_per_month(text: object, usd: float) -> None:
    found = money.per_month(text)
    assert found == pytest.approx(usd, rel=1e-15)
    yearly = money.per_year(text)
    assert yearly == (text if not isinstance(text, str) else pytest.approx(12 * usd, rel=1e-15))


@pytest.mark.parametrize(
    "text, message",
    [
        ("100 USD", "is not USD per month"),
        ("115 USD/week", "is per week"),
        ("100 EUR/year", "is not an amount of US dollars"),
        ("5 mg", "is not an amount of US dollars"),
        ("100", "is not an amount of US dollars"),
        ("100 per month", "is not an amount of US dollars"),
        ("12,00 USD/year", "is not an amount of US dollars"),
        ("5 USD/year/month", "is not an amount of US dollars"),
        ("5 USD/fortnight", "is not an amount of US dollars"),
        ("1e999 USD/year", "is not an amount of US dollars"),
        ("", "is not an amount of US dollars"),
        ("$" * 200, "is not an amount of US dollars"),
    ],
)
def test_money_that_is_refused(text: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        money.per_month(text)


def test_an_amount_once_has_no_period() -> None:
    assert money.amount("$9,212.50") == 9212.5
    assert money.amount("70 USD per patient") == 70
    with pytest.raises(DimensionError, match="is not an amount that falls once"):
        money.amount("5 USD/year")


def test_quantities_of_any_registry() -> None:
    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    registry.define("USD = [currency]")
    registry.define("member = [whom]")
    assert money.per_month(registry.Quantity(12_000, "USD/year")) == 1000
    assert money.per_month(registry.Quantity(Decimal("1.5"), "USD/month/member")) == 1.5
    with pytest.raises(ArgumentError, match="is not an amount of US dollars"):
        money.per_month(registry.Quantity(3, "mg"))
    with pytest.raises(ArgumentError, match="is not an amount of US dollars"):
        money.per_month(registry.Quantity(np.array([1.0, 2.0]), "USD/month"))
    with pytest.raises(DimensionError, match="is not USD per month"):
        money.per_month(registry.Quantity(3, "USD"))

    class Odd:
        magnitude, units = 3, object()

    with pytest.raises(ArgumentError, match="a Odd"):
        money.per_month(Odd())


def test_fields_convert_or_name_what_is_wrong() -> None:
    class Prices(Document):
        visits_usd_per_member_month: money.UsdPerMonth
        registry_usd_per_year: money.UsdPerYear = 0.0
        training_usd: money.UsdOnce = 0.0

    given = '{"visits_usd_per_member_month": "1,200 USD/year", "training_usd": "$80"}'
    found = Prices.from_json(given)
    assert (found.visits_usd_per_member_month, found.training_usd) == (100, 80)
    with pytest.raises(DocumentError, match="training_usd: '5 USD/year' is not an amount that"):
        Prices(visits_usd_per_member_month=1.0, training_usd="5 USD/year")  # type: ignore[arg-type]
    with pytest.raises(
        DocumentError, match="visits_usd_per_member_month: should be a valid number"
    ):
        Prices(visits_usd_per_member_month=[1])  # type: ignore[arg-type]


def test_a_ratio_over_next_to_nothing_is_none() -> None:
    assert cb.benefit_cost_ratio([1e15], [1e-300], 0.03, [0]) is None
