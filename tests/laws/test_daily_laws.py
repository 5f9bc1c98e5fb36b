"""Laws of `mme.daily` and `mme.regimen` against true fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import mme
from tests import strategies, twin

GRID = Fraction(1, 10**6)
IDS = sorted(twin.BOOKS)


def exact(value: float | None) -> Fraction:
    """Read a published value back as the count of 1e-6 that it is."""
    assert value is not None
    count = round(value * 10**6)
    assert count / 10**6 == value
    return Fraction(count, 10**6)


def strength_of(arguments: dict[str, Any]) -> Fraction:
    return Fraction(Decimal(arguments["strength"].removesuffix(" mg")))


def milligrams(arguments: dict[str, Any]) -> Fraction:
    return strength_of(arguments) * strategies.units_per_day(arguments)


def true_mme(doses: list[dict[str, Any]], book: twin.Book) -> Fraction:
    """Sum strength × units a day × factor as fractions; a tier by the summed dose."""
    total = Fraction(0)
    tiered: dict[str, tuple[twin.Tiered, Fraction]] = {}
    for dose in doses:
        factor = book.lookup(dose["ingredient"], "oral", None)
        if isinstance(factor, twin.Tiered):
            before = tiered.get(dose["ingredient"], (factor, Fraction(0)))[1]
            tiered[dose["ingredient"]] = factor, before + milligrams(dose)
        else:
            assert isinstance(factor, twin.Linear)
            total += milligrams(dose) * factor.value
    return total + sum((dose * tier.value(dose) for tier, dose in tiered.values()), Fraction(0))


@pytest.mark.parametrize("edition", IDS)
def test_what_the_twin_typed_by_hand_is_what_the_edition_prints(edition: str) -> None:
    typed, printed = twin.BOOKS[edition], twin.book_of(mme.edition(edition))
    assert typed.factors.items() <= printed.factors.items()
    assert typed.listed == printed.listed
    assert typed.cough_and_cold_excluded == printed.cough_and_cold_excluded


@given(strategies.dose_arguments(), st.sampled_from(IDS))
def test_daily_is_the_fraction_rounded_once(dose: dict[str, Any], edition: str) -> None:
    answer = mme.daily(edition=edition, **dose)
    true = true_mme([dose], twin.BOOKS[edition])
    # The rate is rounded at 1e-9 first, times a tier of at most 12, then published at 1e-6.
    assert abs(exact(answer.mme_per_day) - true) <= GRID / 2 + Fraction(12, 2 * 10**9)


@given(st.lists(strategies.dose_arguments(), min_size=1, max_size=5), st.sampled_from(IDS))
def test_a_regimen_is_the_sum_of_its_drugs(doses: list[dict[str, Any]], edition: str) -> None:
    answer = mme.regimen([mme.Dose(**dose) for dose in doses], edition=edition)
    found = exact(answer.mme_per_day)
    assert abs(found - true_mme(doses, twin.BOOKS[edition])) <= (len(doses) + 1) * GRID
    assert not answer.is_lower_bound


@given(st.lists(strategies.doses(), min_size=2, max_size=5), st.data(), st.sampled_from(IDS))
def test_a_regimen_in_another_order_is_the_same_sum(
    doses: list[mme.Dose], data: st.DataObject, edition: str
) -> None:
    shuffled = data.draw(st.permutations(doses))
    one, two = (mme.regimen(each, edition=edition) for each in (doses, shuffled))
    assert one.mme_per_day == two.mme_per_day
    assert one.is_lower_bound == two.is_lower_bound


@pytest.mark.parametrize("edition", ["cdc-2016", "cms-2018-02-oms", "va-storm-2020-report"])
@given(parts=st.lists(st.integers(1, 100), min_size=2, max_size=5))
def test_methadone_is_tiered_on_the_summed_dose(edition: str, parts: list[int]) -> None:
    doses = [mme.Dose("methadone", "5 mg", per_day=Fraction(part, 7)) for part in parts]
    whole = mme.Dose("methadone", "5 mg", per_day=Fraction(sum(parts), 7))
    together = exact(mme.regimen(doses, edition=edition).mme_per_day)
    alone = exact(mme.regimen([whole], edition=edition).mme_per_day)
    assert abs(together - alone) <= (len(parts) + 1) * GRID


@pytest.mark.parametrize(
    "milligrams, expected",
    [
        ("0.5", 2), ("1", 4), ("20", 80), ("20.5", 164), ("21", 168), ("40", 320),
        ("40.001", 400.01), ("60", 600), ("60.001", 720.012), ("80", 960), ("81", 972),
    ],
)  # fmt: skip
def test_the_tiers_of_2016_have_no_gap(milligrams: str, expected: float) -> None:
    answer = mme.daily("methadone", f"{milligrams} mg", per_day=1, edition="cdc-2016")
    assert answer.mme_per_day == expected


@given(strategies.dose_arguments(), st.integers(2, 50))
def test_scaling_the_strength_scales_linear_mme(dose: dict[str, Any], times: int) -> None:
    scaled = {**dose, "strength": f"{float(strength_of(dose) * times):g} mg"}
    one, many = (
        exact(mme.daily(edition="cdc-2022", **arguments).mme_per_day)
        for arguments in (dose, scaled)
    )
    assert abs(many - times * one) <= (times + 1) * GRID


@given(strategies.dose_arguments(("quantity",)), st.sampled_from(IDS))
def test_quantity_over_days_is_units_per_day(dose: dict[str, Any], edition: str) -> None:
    units = strategies.units_per_day(dose)
    plain = {"ingredient": dose["ingredient"], "strength": dose["strength"], "per_day": units}
    answers = (mme.daily(edition=edition, **arguments) for arguments in (dose, plain))
    one, two = (answer.mme_per_day for answer in answers)
    assert one == two


@given(strategies.dose_arguments(("quantity",)), st.sampled_from(IDS))
def test_one_fill_without_overlap_is_the_same_as_its_regimen(
    dose: dict[str, Any], edition: str
) -> None:
    drug = (dose["ingredient"], "oral", None, "mg", float(strength_of(dose)))
    amounts = {"quantity": dose["quantity"], "days_supply": dose["days_supply"]}
    record = strategies.record("m", drug, 0, **amounts)
    columns = mme.exposure([record], edition=edition).members
    daily = mme.daily(edition=edition, **dose).mme_per_day
    assert columns["mme_maximum_day"].tolist() == [daily]


# The check that the rules print: oxycodone ER 30 mg, 60 in 30 days, and 5 mg, 14 in 7 days, from
# one day on, over 90 days: 2805 MME over 37, 30 and 90 days, and 90 + 15 on the highest day.
@pytest.mark.parametrize(
    "column, printed",
    [
        ("mme_per_supply_day", 75.8),
        ("mme_per_covered_day", 93.5),
        ("mme_per_window_day", 31.2),
        ("mme_maximum_day", 105),
    ],
)
def test_the_published_example_of_the_four_definitions(column: str, printed: float) -> None:
    long = ("oxycodone", "oral", "tablet", "mg", 30)
    short = ("oxycodone", "oral", None, "mg", 5)
    fills = [
        strategies.record("m", long, 0, quantity=60.0, days_supply=30),
        strategies.record("m", short, 0, quantity=14.0, days_supply=7),
    ]
    end = strategies.FIRST_DAY.replace(month=3, day=31)
    result = mme.exposure(fills, edition="cdc-2022", start=strategies.FIRST_DAY, end=end)
    assert result.members["window_days"].tolist() == [90]
    assert round(float(result.members[column][0]), 1) == printed
