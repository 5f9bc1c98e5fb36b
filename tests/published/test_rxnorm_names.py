"""Names of opioid products give the ingredient, strength and unit that their publisher states."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from opsafe.mme.drugs import DrugTable, parse_name

UNITS: Final = {
    "MG": "mg",
    "MG/ML": "mg/mL",
    "MG/HR": "mg/h",
    "MG/ACTUAT": "mg/actuation",
}
# The answers that a name does not give, one by one: RxCUI and amount, what we say, and why.
OURS: Final = {
    ("724614", "0.19"): ("2.44", "mg", "two salts of one opioid in one tablet add up"),
    ("724614", "2.25"): ("2.44", "mg", "two salts of one opioid in one tablet add up"),
    ("886634", "1"): ("10", "mg/mL", "the name states mg per mL; 1 mg per spray is from its label"),
}


class Product(NamedTuple):
    """A product as it was published."""

    rxcui: str
    ingredient: str
    amount: str
    unit: str
    name: str


def products() -> list[Product]:
    """Read the published products, without the lines that say where they are from."""
    text = Path(__file__).with_name("rxnorm_names.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [Product(**row) for row in csv.DictReader(lines)]


PRODUCTS: Final = products()


@pytest.mark.parametrize("product", PRODUCTS, ids=[f"{one.rxcui}-{one.amount}" for one in PRODUCTS])
def test_a_name_gives_what_its_publisher_states(product: Product) -> None:
    read = parse_name(product.name)
    amount, unit, _ = OURS.get(
        (product.rxcui, product.amount), (product.amount, UNITS[product.unit], "")
    )
    assert read.reason is None
    assert [(one.ingredient, one.amount, one.unit) for one in read.opioids] == [
        (product.ingredient, Decimal(amount), unit)
    ]


def test_nothing_of_these_names_is_unknown() -> None:
    parsed = [parse_name(product.name) for product in PRODUCTS]
    assert {
        part.ingredient for read in parsed for part in read.components if not part.kind
    } == set()
    assert [read.name for read in parsed if read.route is None or read.form is None] == []


def test_there_are_648_answers_and_each_exception_is_one_of_them() -> None:
    assert len(PRODUCTS) == 648
    assert OURS.keys() <= {(product.rxcui, product.amount) for product in PRODUCTS}


def test_the_names_make_a_table_without_problems() -> None:
    table = DrugTable.from_names({product.rxcui: product.name for product in PRODUCTS})
    assert len(table) == len({product.rxcui for product in PRODUCTS})
    assert len(table.problems) == 0
    assert len(table.products) == len(table)
