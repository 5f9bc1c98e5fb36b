"""Services of office-based treatment: categories, cautions, editions of one's own, refusals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.figures import Prices, Study
from opsafe.costbenefit.office_care import office_care
from opsafe.errors import ArgumentError, ArgumentTypeError

WAYS = ("physician_led", "nurse_led", "shared", "solo")
PAYERS = ("medicare", "medicaid", "private")
each_way = pytest.mark.parametrize("way", WAYS)
each_payer = pytest.mark.parametrize("payer", PAYERS)


@each_way
@each_payer
def test_categories_and_services_add_up_to_the_whole(way: str, payer: str) -> None:
    found = office_care(way, payer)
    assert set(found.by_category) == {"visits", "counselling", "labs"}
    assert sum(found.by_category.values()) == pytest.approx(found.usd_per_patient_year, rel=1e-12)
    assert float(found.services["usd_per_year"].sum()) == pytest.approx(
        found.usd_per_patient_year, rel=1e-12
    )
    months = sum(found.usd_per_treated_member_month(name) for name in found.by_category)
    assert 12 * months == pytest.approx(found.usd_per_patient_year, rel=1e-12)
    assert [each.id for each in found.editions] == [
        "obot-2019-visits",
        "obot-2019-practice",
        "obot-2019-payments",
    ]
    assert found.dollar_year == "not stated"
    assert found.cautions[0] == "Drug cost is not included."


def test_no_shows_come_off_every_service() -> None:
    practice = resolve("obot-2019-practice", Study, "practice")
    rows = tuple(
        row.model_copy(update={"value": Decimal(0)}) if row.name == "no_show.solo" else row
        for row in practice.rows
    )
    everybody = practice.model_copy(update={"id": "house", "kind": "local", "rows": rows})
    full = office_care("solo", "medicaid", practice=everybody).usd_per_patient_year
    kept = office_care("solo", "medicaid").usd_per_patient_year
    assert kept == pytest.approx(float(Fraction("0.8")) * full, rel=1e-12)


def test_a_service_without_a_payment_is_not_free() -> None:
    payments = resolve("obot-2019-payments", Prices, "payments")
    fewer = payments.model_copy(
        update={"rows": tuple(row for row in payments.rows if row.code != "80305")}
    )
    with pytest.raises(ArgumentError, match="no payment by medicaid for 80305"):
        office_care("solo", "medicaid", payments=fewer)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (("alone", "medicaid"), ArgumentError, "approach: 'alone' is not known.*solo"),
        (("solo", "medicade"), ArgumentError, "payer: 'medicade' is not known.*medicaid"),
        ((None, "medicaid"), ArgumentTypeError, "approach"),
        (("solo", 5), ArgumentTypeError, "payer"),
    ],
)
def test_unknown_ways_and_payers_are_named(
    arguments: tuple[Any, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        office_care(*arguments)


def test_an_unknown_category_is_named() -> None:
    with pytest.raises(ArgumentError, match="category"):
        office_care("solo", "medicaid").usd_per_treated_member_month("drug")
