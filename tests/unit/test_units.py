from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.errors import ArgumentError, ArgumentTypeError, StrengthError
from opsafe.units import UNITS, Strength, parse_strength, parse_unit

MG_IN = {"mg": Fraction(1), "mcg": Fraction(1, 1000), "g": Fraction(1000)}
MASSES = {
    "mg": ("mg", "MG", "mgs", "milligram", "Milligrams"),
    "mcg": ("mcg", "MCG", "mcgs", "ug", "\u00b5g", "\u03bcg", "microgram", "micrograms"),
    "g": ("g", "gm", "GM", "gram", "grams"),
}
DENOMINATORS = {
    "mL": ("mL", "ml", "ML", "mls", "milliliter", "milliliters", "millilitre", "cc"),
    "h": ("h", "hr", "HR", "hrs", "hour", "hours"),
    "actuation": ("actuation", "ACTUAT", "actuations", "spray", "sprays", "act"),
    "": ("tablet", "tab", "capsule", "cap", "film", "lozenge", "suppository", "unit", "each", "ea"),
}
SPELLINGS = [
    *((text, mass) for mass, texts in MASSES.items() for text in texts),
    *(
        (f"{text}/{per_text}", f"{mass}/{per}" if per else mass)
        for mass, texts in MASSES.items()
        for text in texts
        for per, per_texts in DENOMINATORS.items()
        for per_text in per_texts
        if not per or f"{mass}/{per}" in UNITS
    ),
]


@cache
def registry() -> Any:
    """Make a registry of fractions that also knows morphine equivalents and actuations."""
    made: Any = pint.UnitRegistry(non_int_type=Fraction)
    made.define("MME = [morphine_equivalent]")
    made.define("actuation = [actuation]")
    return made


@cache
def plain_registry() -> Any:
    return pint.UnitRegistry()


def mg_of(strength: Strength) -> Fraction:
    """Return the mg in one tablet, mL, hour or actuation."""
    return Fraction(strength.amount) * MG_IN[strength.unit.partition("/")[0]] / strength.volume


def test_every_spelling_of_a_unit_is_one_of_the_canonical_units() -> None:
    assert {text: parse_unit(text) for text, _ in SPELLINGS} == {
        text: (unit, Decimal(1)) for text, unit in SPELLINGS
    }
    assert {unit for _, unit in SPELLINGS} == set(UNITS)


@pytest.mark.parametrize(
    "text", ["mg/5 mL", " MG / 5 ML ", "mg per 5 mL", "mg/5mL", "mg/5.0 ml", "mg/5 cc"]
)
def test_a_unit_may_be_per_several_ml(text: str) -> None:
    assert parse_unit(text) == ("mg/mL", Decimal(5))


@pytest.mark.parametrize(
    "text",
    [
        "", "mL", "/mL", "mg/", "kg", "meq", "mg-ml", "mg/mL/h", "g/h", "g/actuation", "mg/day",
        "mg/5 h", "mg/3 tablet", "mg/0 mL", "mg/-5 mL", "mg/1,00 mL", "mg/1e30 mL", "mg/kg", "%",
        "megagauss", "mg//mL",
    ],
)  # fmt: skip
def test_other_units_are_not_known(text: str) -> None:
    assert parse_unit(text) is None


@pytest.mark.parametrize(
    "text, amount, unit, volume",
    [
        ("10 mg", "10", "mg", 1),
        ("10 MG", "10", "mg", 1),
        ("10mg", "10", "mg", 1),
        (" +10\tmg\n", "10", "mg", 1),
        (".5 mg", "0.5", "mg", 1),
        ("1,000 mg", "1000", "mg", 1),
        ("1e3 mg", "1000", "mg", 1),
        ("25 mcg/h", "25", "mcg/h", 1),
        ("0.1 MG/ACTUAT", "0.1", "mg/actuation", 1),
        ("10 mg/mL", "10", "mg/mL", 1),
        ("10 mg/15 mL", "10", "mg/mL", 15),
        ("10 mg per tablet", "10", "mg", 1),
        ("5 mg/1,000 mL", "5", "mg/mL", 1000),
        ("0.0000000000000000001 g", "1e-19", "g", 1),
    ],
)
def test_texts_of_strengths(text: str, amount: str, unit: str, volume: int) -> None:
    assert parse_strength(text) == Strength(Decimal(amount), unit, volume)


@pytest.mark.parametrize(
    "text, scaled",
    [
        ("10 mg/0.5 mL", Strength(Decimal(100), "mg/mL", 5)),
        ("5 mg/2.50 mL", Strength(Decimal(500), "mg/mL", 250)),
        ("0.2 mcg/1.0 mL", Strength(Decimal(2), "mcg/mL", 10)),
        ("5 mg/1e1 mL", Strength(Decimal(5), "mg/mL", 10)),
    ],
)
def test_a_broken_volume_is_scaled_to_whole_ml(text: str, scaled: Strength) -> None:
    assert parse_strength(text) == scaled
    assert isinstance(parse_strength(text).volume, int)


@pytest.mark.parametrize(
    "text",
    [
        "", "10", "mg", "ten mg", "0 mg", "-10 mg", "inf mg", "nan mg", "10,00 mg", "1_0 mg",
        "1.2.3 mg", "1e400 mg", "1e-20 mg", "\u0663 mg", "10 kg", "10 mg/0 mL", "10 mg 5 mg",
        "5-325 mg", "1/2 mg", "1 g/h",
    ],
)  # fmt: skip
def test_a_text_that_is_no_strength_is_told_the_units(text: str) -> None:
    with pytest.raises(StrengthError, match="not a positive number with a known unit") as raised:
        parse_strength(text)
    error = raised.value
    assert isinstance(error, ArgumentError)
    assert (error.where, error.value, error.allowed) == ("strength", text, UNITS)
    assert repr(text) in str(error)


@pytest.mark.parametrize("bare", [10, 2.5, Decimal(10), None, ["10 mg"], b"10 mg"])
def test_a_bare_number_is_refused_because_it_lacks_its_unit(bare: object) -> None:
    with pytest.raises(ArgumentTypeError, match=f"{type(bare).__name__} has none") as raised:
        parse_strength(bare)
    assert '"25 mcg/h"' in str(raised.value)


amounts = st.decimals("0.001", "100000", places=3)
masses = st.sampled_from(["mg", "mcg", "g"])


@given(amounts, st.sampled_from(UNITS), st.integers(1, 1000))
def test_a_strength_and_its_text_are_one(amount: Decimal, unit: str, volume: int) -> None:
    strength = Strength(amount, unit, volume if unit.endswith("/mL") else 1)
    assert parse_strength(str(strength)) == strength


@pytest.mark.parametrize(
    "text", ["10 mg", "0.1 mg/actuation", "10 mg/15 mL", "12.5 mcg/h", "2 g/mL", "1000 mg"]
)
def test_a_strength_is_written_as_people_write_it(text: str) -> None:
    assert str(parse_strength(text)) == text


@given(amounts, masses, st.integers(1, 1000), st.integers(0, 2))
def test_pint_agrees_on_the_mg_in_a_ml(
    amount: Decimal, mass: str, volume: int, places: int
) -> None:
    per = Decimal(volume).scaleb(-places)
    quantity = registry().Quantity
    expected = quantity(Fraction(amount), mass) / quantity(Fraction(per), "milliliter")
    ours = parse_strength(f"{amount} {mass}/{per} mL")
    assert mg_of(ours) == expected.to("milligram / milliliter").magnitude
    assert type(expected.to("milligram / milliliter").magnitude) is Fraction


@given(amounts, st.sampled_from([unit for unit in UNITS if not unit.endswith("/mL")]))
def test_pint_agrees_on_the_mg_in_a_unit(amount: Decimal, unit: str) -> None:
    mass, _, per = unit.partition("/")
    expected = registry().Quantity(Fraction(amount), unit)
    target = f"milligram / {per}" if per else "milligram"
    ours = parse_strength(f"{amount} {unit}")
    assert mg_of(ours) == expected.to(target).magnitude
    assert ours.unit.startswith(mass)


@pytest.mark.parametrize("non_int_type", [float, Decimal])
def test_quantities_of_any_registry_are_read(non_int_type: Any) -> None:
    made: Any = pint.UnitRegistry(non_int_type=non_int_type)
    for number, theirs, ours in [
        ("10", "mg", "10 mg"),
        ("0.1", "milligram", "0.1 mg"),
        ("25", "mcg/hour", "25 mcg/h"),
        ("2", "mg/mL", "2 mg/mL"),
        ("0.0000001", "g", "0.0000001 g"),
    ]:
        assert parse_strength(made.Quantity(non_int_type(number), theirs)) == parse_strength(ours)


def test_quantities_of_two_registries_are_the_same_strength() -> None:
    one = plain_registry()
    other: Any = pint.UnitRegistry()
    other.formatter.default_format = "~P"
    assert parse_strength(one.Quantity(10, "mg")) == parse_strength(other.Quantity(10, "mg"))


def test_an_actuation_that_a_registry_defines_is_ours() -> None:
    quantity = registry().Quantity(8, "mg / actuation")
    assert parse_strength(quantity) == Strength(Decimal(8), "mg/actuation")


@pytest.mark.parametrize(
    "number, unit", [(5, "kg"), (5, "mg/day"), (1, "dimensionless"), (-1, "mg"), (1, "mg**2")]
)
def test_a_quantity_of_another_unit_is_refused(number: int, unit: str) -> None:
    with pytest.raises(StrengthError, match="known unit"):
        parse_strength(plain_registry().Quantity(number, unit))


def test_a_quantity_of_many_numbers_is_no_strength() -> None:
    with pytest.raises(StrengthError, match="positive number"):
        parse_strength(plain_registry().Quantity([1.0, 2.0], "mg"))


def test_our_units_have_four_dimensions_and_never_share_one() -> None:
    dimension = {unit: registry().Unit(unit).dimensionality for unit in UNITS}
    for one in UNITS:
        for other in UNITS:
            same_per = one.partition("/")[2] == other.partition("/")[2]
            assert (dimension[one] == dimension[other]) is same_per


def test_mg_times_units_a_day_times_the_factor_is_mme_a_day() -> None:
    unit = registry().Unit
    mme_a_day = unit("MME / day").dimensionality
    assert (unit("mg") * unit("1 / day") * unit("MME / mg")).dimensionality == mme_a_day
    per_ml = unit("mg / mL") * unit("mL / day") * unit("MME / mg")
    assert per_ml.dimensionality == mme_a_day
    # A patch is priced by its rate: the table gives MME a day for each mcg/h.
    per_patch = unit("mcg / hour") * unit("MME / day / (mcg / hour)")
    assert per_patch.dimensionality == mme_a_day


def test_a_patch_rate_in_the_formula_of_a_tablet_is_not_mme_a_day() -> None:
    unit = registry().Unit
    wrong = unit("mcg / hour") * unit("1 / day") * unit("MME / mg")
    assert wrong.dimensionality != unit("MME / day").dimensionality
    with pytest.raises(pint.DimensionalityError):
        registry().Quantity(25, "mcg / hour").to("mg")
