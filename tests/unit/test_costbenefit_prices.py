"""Dollars of another year: ratios, years as sources state them, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.costbenefit.editions import editions, resolve
from opsafe.costbenefit.figures import PriceIndex
from opsafe.costbenefit.prices import inflate, price_index, price_ratio
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError

INDEXES = [each.id for each in editions() if isinstance(each, PriceIndex)]
MEDICAL, EVERY = "cpi-u-medical-care", "cpi-u-all-items"
an_index = st.sampled_from(INDEXES)
a_year = st.integers(2005, 2025)
each_index = pytest.mark.parametrize("name", INDEXES)


@given(index=an_index, first=a_year, middle=a_year, last=a_year)
def test_ratios_chain_exactly(index: str, first: int, middle: int, last: int) -> None:
    whole = price_ratio(first, last, index=index)
    steps = price_ratio(first, middle, index=index) * price_ratio(middle, last, index=index)
    assert whole == steps
    assert price_ratio(last, first, index=index) == 1 / whole
    assert price_ratio(first, first, index=index) == 1


@given(index=an_index, first=a_year, last=a_year, usd=st.floats(-1e12, 1e12))
def test_an_amount_is_multiplied_by_the_exact_ratio(
    index: str, first: int, last: int, usd: float
) -> None:
    found = inflate(usd, first, last, index=index)
    assert found.amount == usd * float(price_ratio(first, last, index=index))
    assert (found.from_year, found.to_year, found.index.id) == (first, last, index)


def test_amounts_keep_their_shape() -> None:
    usd = np.array([[100, 200], [300, 400]])
    found = inflate(usd, 2010, 2025)
    assert isinstance(found.amount, np.ndarray)
    assert found.amount.shape == (2, 2)
    assert found.amount.tolist() == (usd * found.ratio).tolist()
    assert isinstance(inflate(np.float64(5), 2010, 2025).amount, float)
    assert isinstance(inflate(5, 2010, 2025).amount, float)
    assert isinstance(inflate(Decimal(5), 2010, 2025).amount, float)


def test_a_range_of_years_means_its_last() -> None:
    assert inflate(1, "2003-2007", 2025).from_year == 2007
    assert inflate(1, "2012", "2025").ratio == inflate(1, 2012, 2025).ratio


def test_medical_care_against_all_items_is_the_choice_that_matters() -> None:
    medical, every = (price_ratio(2017, 2024, index=name) for name in (MEDICAL, EVERY))
    assert medical == Fraction("563.841") / Fraction("475.322")
    assert round(float(every / medical - 1), 3) == 0.079
    (caution,) = inflate(1, 2017, 2024).cautions
    assert caution.endswith("cpi-u-all-items rises by 28.0 %: 7.9 % apart.")
    (turned,) = inflate(1, 2024, 2017, index="cpi-u-all-items").cautions
    assert "cpi-u-all-items falls by 21.9 %, cpi-u-medical-care falls by 15.7 %" in turned
    assert "7.9 % apart" in turned


@each_index
def test_the_missing_month_is_told_where_it_counts(name: str) -> None:
    assert not any("2025-10" in each for each in inflate(1, 2010, 2024, index=name).cautions)
    for first, last in ((2010, 2025), (2025, 2010), (2025, 2025)):
        cautions = inflate(1, first, last, index=name).cautions
        assert sum("2025-10" in each for each in cautions) == 1


@each_index
def test_the_table_of_an_index_is_the_edition(name: str) -> None:
    table, edition = price_index(name), resolve(name, PriceIndex, "index")
    pairs = zip(table["year"].tolist(), table["value"].tolist(), strict=True)
    assert tuple(pairs) == tuple((year, float(value)) for year, value in edition.values)
    assert table["months_missing"].tolist() == [""] * 20 + ["2025-10"]


def test_an_index_of_one_s_own_needs_no_registry() -> None:
    shipped = resolve("cpi-u-medical-care", PriceIndex, "index")
    own = shipped.model_copy(
        update={
            "id": "house",
            "kind": "local",
            "values": ((2030, Decimal(100)), (2031, Decimal(105))),
        }
    )
    found = inflate(200, 2030, 2031, index=own)
    # There is nothing to hold it against: no other index has these years.
    assert (found.amount, found.cautions) == (210.0, ())


@pytest.mark.parametrize(
    "amount, first, last, index, error, message",
    [
        ("5", 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        (None, 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        (True, 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        ([1, "a"], 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        ([[1], [2, 3]], 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        (1 + 2j, 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        ([1.0, float("nan")], 2010, 2020, None, ArgumentError, "amount: .*out of range"),
        (float("inf"), 2010, 2020, None, ArgumentError, "amount: .*out of range"),
        (1e16, 2010, 2020, None, ArgumentError, "amount: .*out of range"),
        ([10**400], 2010, 2020, None, ArgumentTypeError, "amount: is not a number"),
        (5, 2004, 2020, None, ArgumentError, "from_year: cpi-u-medical-care has no value for 2004"),
        (5, 2010, 2026, None, ArgumentError, "to_year: .* Allowed: 2005 to 2025. No year is extra"),
        (5, "not stated", 2020, None, ArgumentError, "does not state the year .* Give the year"),
        (5, "lately", 2020, None, ArgumentError, "from_year: is not a dollar year"),
        (5, 2010.5, 2020, None, ArgumentTypeError, "from_year: is not a whole number"),
        (5, True, 2020, None, ArgumentTypeError, "from_year: is not a whole number"),
        (5, None, 2020, None, ArgumentTypeError, "from_year: is not a whole number"),
        (5, 2010, 10**30, None, ArgumentError, "to_year: lies outside"),
        (5, 2010, 2020, "cpi", EditionNotFoundError, "index: no edition is called 'cpi'"),
        (5, 2010, 2020, "lynch-2014", EditionNotFoundError, "index: no edition is called"),
        (5, 2010, 2020, 7, ArgumentTypeError, "index"),
    ],
)  # fmt: skip
def test_what_cannot_be_inflated_is_refused_by_name(
    amount: Any, first: Any, last: Any, index: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        inflate(amount, first, last, index=MEDICAL if index is None else index)


def test_a_range_of_years_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ArgumentError, match="from_year"):
        inflate(1.0, "2010-2008", 2020)
    assert inflate(1.0, "2008-2010", 2020).from_year == 2010
