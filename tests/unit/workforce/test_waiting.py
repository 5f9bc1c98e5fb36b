"""Waiting for a first visit: closed forms by hand, standards and their units, and every refusal."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    DocumentError,
    EditionNotFoundError,
    OpsafeError,
)
from opsafe.workforce.editions import editions
from opsafe.workforce.staffing import staff_for
from opsafe.workforce.wait_standard import (
    CONVERSION,
    OwnWaitStandard,
    WaitStandard,
    business_days,
)
from opsafe.workforce.waiting import read_standard, waiting

OWN: Final = OwnWaitStandard(number=3, unit="business_days", share=0.9)
# One prescriber, two first visits a day, one request: P(W > t) = 0.5 e^-t by hand.
ONE: Final[dict[str, Any]] = {
    "first_visits_requested_per_business_day": 1,
    "prescribers": 1,
    "first_visits_per_prescriber_per_business_day": 2,
    "standard": OWN,
}
STAFF: Final[dict[str, Any]] = {name: each for name, each in ONE.items() if name != "prescribers"}


def test_one_prescriber_by_hand() -> None:
    found = waiting(**ONE)
    assert found.formula == "erlang_c" and not found.is_unstable
    assert found.utilisation == 0.5 and found.share_leaving == 0
    assert found.share_that_waits == pytest.approx(0.5, rel=1e-13)
    assert found.mean_wait_business_days == pytest.approx(0.5, rel=1e-13)
    assert found.share_seen_within_standard == pytest.approx(1 - 0.5 * math.exp(-3), rel=1e-13)
    assert found.share_offered_within_standard == found.share_seen_within_standard
    # 72 hours are three days of the calendar, and 5/7 of those are business days.
    assert found.share_seen_within_72_hours == pytest.approx(1 - 0.5 * math.exp(-15 / 7), rel=1e-13)
    # The mean of 1 - 0.5 e^-u over the rest u of the day.
    assert found.share_seen_same_day == pytest.approx(0.5 + 0.5 * math.exp(-1), rel=1e-13)
    assert found.meets_standard is True
    assert found.standard is OWN and found.standard_business_days == 3


def test_with_reneging_by_hand() -> None:
    # All rates 1: those present are Poisson(1), so 1 - 1/e wait and 1/e leave.
    found = waiting(
        first_visits_requested_per_business_day=1.0,
        prescribers=1.0,
        first_visits_per_prescriber_per_business_day=1.0,
        reneging_per_business_day=1.0,
        standard=OWN,
    )
    u = math.exp(-3)
    assert found.formula == "erlang_a" and not found.is_unstable
    assert found.share_that_waits == pytest.approx(1 - math.exp(-1), rel=1e-12)
    assert found.share_leaving == pytest.approx(math.exp(-1), rel=1e-12)
    assert found.mean_wait_business_days == pytest.approx(math.exp(-1), rel=1e-12)
    assert found.utilisation == pytest.approx(1 - math.exp(-1), rel=1e-12)
    assert found.share_offered_within_standard == pytest.approx(math.exp(-u), rel=1e-12)
    assert found.share_seen_within_standard == pytest.approx(
        (1 + u) * math.exp(-u) - math.exp(-1), rel=1e-12
    )
    # 95 % are offered a visit in time, but who has left is not seen.
    assert found.meets_standard is False


@pytest.mark.parametrize("requests", [2, 2.5, 1e5])
def test_overload_is_an_infinite_wait_and_no_error(requests: float) -> None:
    found = waiting(**{**ONE, "first_visits_requested_per_business_day": requests})
    assert found.is_unstable and found.mean_wait_business_days == math.inf
    assert found.utilisation == found.share_that_waits == 1
    assert found.share_leaving == 0 and found.meets_standard is False
    for share in (
        found.share_seen_within_standard,
        found.share_offered_within_standard,
        found.share_seen_same_day,
        found.share_seen_within_72_hours,
    ):
        assert share == 0


def test_the_same_overload_with_reneging_has_an_end() -> None:
    found = waiting(
        **{**ONE, "first_visits_requested_per_business_day": 4}, reneging_per_business_day=0.01
    )
    assert not found.is_unstable and found.utilisation == pytest.approx(1, rel=1e-9)
    # Half of four requests a day can be seen, so half leave, after 0.5 / 0.01 days.
    assert found.share_leaving == pytest.approx(0.5, rel=1e-9)
    assert found.mean_wait_business_days == pytest.approx(50, rel=1e-9)


def test_no_prescriber_and_no_request_have_answers() -> None:
    nobody = waiting(**{**ONE, "prescribers": 0})
    assert nobody.is_unstable and nobody.meets_standard is False
    leaving = waiting(**{**ONE, "prescribers": 0}, reneging_per_business_day=0.5)
    assert leaving.share_leaving == 1 and leaving.mean_wait_business_days == 2
    calm = waiting(**{**ONE, "first_visits_requested_per_business_day": 0})
    assert calm.share_seen_within_standard == 1 and calm.utilisation == 0 and calm.meets_standard


def test_the_result_names_the_planning_value_and_the_missing_clinical_target() -> None:
    notes = waiting(**ONE).notes
    assert CONVERSION in notes and "Planning value" in notes[0]
    assert "no clinical target for opioid use disorder" in notes[1]


@pytest.mark.parametrize("number, unit, days", [
    (10, "business_days", 10), (7, "calendar_days", 5), (10, "calendar_days", 50 / 7),
    (72, "hours", 15 / 7), (168, "hours", 5),
])  # fmt: skip
def test_every_unit_becomes_business_days(number: int, unit: Any, days: float) -> None:
    assert business_days(number, unit) == pytest.approx(days, rel=1e-15)
    standard = OwnWaitStandard(number=number, unit=unit, share=0.5)
    assert waiting(**{**ONE, "standard": standard}).standard_business_days == pytest.approx(days)


# By hand, 1 - 0.5 e^(-15/7) = 0.941 are seen within 72 hours, and more within ten days.
@pytest.mark.parametrize("edition_id, number, unit, share, meets", [
    ("wait-medicaid-2024", 10, "business_days", Decimal("0.90"), True),
    ("wait-maryland-2018", 10, "calendar_days", Decimal("0.95"), True),
    ("wait-maryland-urgent-2018", 72, "hours", Decimal("0.95"), False),
    ("wait-california-urgent", 48, "hours", None, None),
])  # fmt: skip
def test_the_published_standards(
    edition_id: str, number: int, unit: str, share: Decimal | None, meets: bool | None
) -> None:
    found = waiting(**{**ONE, "standard": edition_id})
    edition = found.standard
    assert isinstance(edition, WaitStandard) and edition.id == edition_id
    assert (edition.number, edition.unit, edition.share) == (number, unit, share)
    assert edition.source.address in edition.citation()
    assert found.meets_standard is meets
    assert waiting(**{**ONE, "standard": edition}) == found


def test_every_wait_edition_is_tested_above() -> None:
    waits = {each.id for each in editions() if isinstance(each, WaitStandard)}
    assert waits == {
        "wait-medicaid-2024",
        "wait-maryland-2018",
        "wait-maryland-urgent-2018",
        "wait-california-urgent",
    }


def test_a_standard_of_your_own_loads_from_a_file(tmp_path: Path) -> None:
    known = read_standard("wait-medicaid-2024")
    assert isinstance(known, WaitStandard)
    text = f"""
    id = "contract-2026"
    title = "Contract of 2026"
    kind = "local"
    effective_from = 2026-01-01
    number = 5
    unit = "calendar_days"
    share = 0.8
    service = "first visit"
    programme = "our plan"
    source.title = "Contract"
    source.publisher = "Our plan"
    source.published = 2025-12-01
    source.locator = "Annex 2"
    source.address = "{known.source.address}"
    source.retrieved = 2026-01-02
    source.read = "primary"
    """
    path = tmp_path / "contract.toml"
    path.write_text(text, encoding="utf-8")
    found = waiting(**{**ONE, "standard": WaitStandard.from_toml(path)})
    assert found.standard_business_days == pytest.approx(25 / 7)


# --------------------------------------------------------------------------- staffing


def test_the_least_staff_meets_the_standard_and_a_millionth_less_does_not() -> None:
    found = staff_for(**STAFF)
    assert found.binding == "standard" and found.positions == found.prescribers
    assert found.waiting.meets_standard and found.waiting.share_seen_within_standard < 0.9001
    less = waiting(**{**ONE, "prescribers": found.prescribers - 1e-6})
    assert less.meets_standard is False
    assert found.prescribers_whole == found.positions_whole == 1
    assert found.waiting_whole == waiting(**ONE)


def test_a_bound_on_utilisation_can_ask_for_more() -> None:
    # Half busy at most: exactly one prescriber for one request and two visits a day.
    found = staff_for(**STAFF, max_utilisation=0.5)
    assert found.binding == "utilisation" and found.prescribers == pytest.approx(1, abs=2e-6)
    assert found.waiting.utilisation <= 0.5 and found.max_utilisation == 0.5


@pytest.mark.parametrize("shrinkage, positions", [(0, 14), (0.3, 20), (0.5, 28), (0.99, 1_400)])
def test_shrinkage_divides_without_rounding_up_twice(shrinkage: float, positions: int) -> None:
    found = staff_for(
        first_visits_requested_per_business_day=10,
        first_visits_per_prescriber_per_business_day=1,
        standard=OwnWaitStandard(number=0.11, unit="business_days", share=0.8),
        shrinkage=shrinkage,
    )
    assert found.prescribers_whole == 14 and found.positions_whole == positions
    assert found.positions == pytest.approx(found.prescribers / (1 - shrinkage), rel=1e-12)
    assert found.shrinkage == shrinkage


def test_reneging_needs_fewer_than_patience() -> None:
    assert staff_for(**STAFF, reneging_per_business_day=0.05).prescribers < (
        staff_for(**STAFF).prescribers
    )


def test_people_who_leave_at_once_do_not_make_staff_superfluous() -> None:
    # With the greatest reneging nobody waits: 90 % seen means Erlang B of 10 % at a load of one
    # half, which lies between B(0.5, 1) = 1/3 and B(0.5, 2) = 1/13.
    found = staff_for(**STAFF, reneging_per_business_day=1e4)
    assert 1 < found.prescribers < 2


def test_no_requests_need_nobody() -> None:
    found = staff_for(**{**STAFF, "first_visits_requested_per_business_day": 0})
    assert found.prescribers == found.positions == found.positions_whole == 0
    assert found.binding == "none" and found.waiting.meets_standard


def test_published_standards_staff_too() -> None:
    medicaid = staff_for(**{**STAFF, "standard": "wait-medicaid-2024"})
    maryland = staff_for(**{**STAFF, "standard": "wait-maryland-2018"})
    urgent = staff_for(**{**STAFF, "standard": "wait-maryland-urgent-2018"})
    assert 0.5 < medicaid.prescribers < maryland.prescribers < urgent.prescribers


def test_a_standard_without_a_share_cannot_be_staffed_for() -> None:
    with pytest.raises(ArgumentError) as refused:
        staff_for(**{**STAFF, "standard": "wait-california-urgent"})
    assert refused.value.where == "standard" and "share" in refused.value.what
    assert refused.value.advice is not None and "OwnWaitStandard" in refused.value.advice


# --------------------------------------------------------------------------- refusals

NUMBERS: Final = {
    "first_visits_requested_per_business_day": "0, or 1e-06 to 100,000",
    "first_visits_per_prescriber_per_business_day": "0.01 to 10,000",
    "reneging_per_business_day": "0, or 1e-09 to 10,000",
    "prescribers": "0, or 1e-06 to 1,000,000,000",
    "shrinkage": "0 to 0.99",
    "max_utilisation": "0.01 to 1",
}
OUTSIDE: Final[list[Any]] = [-1, -1e-12, 1e-30, 1e300, math.inf, -math.inf, 10**400]
NO_NUMBERS: Final[list[Any]] = [None, "3", True, [1], np.array([1.0]), 1j, {}]


def call(name: str, value: object) -> None:
    if name in ONE or name == "reneging_per_business_day":
        waiting(**{**ONE, name: value})
    else:
        staff_for(**{**STAFF, name: value})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", OUTSIDE, ids=lambda value: str(value)[:8])
def test_numbers_out_of_range_are_refused(name: str, value: Any) -> None:
    if name == "shrinkage" and value == 1e-30:
        return  # nothing is away, in effect
    with pytest.raises(ArgumentError) as refused:
        call(name, value)
    error = refused.value
    assert error.where == name and error.what == f"lies outside {NUMBERS[name]}"
    assert error.value == value
    assert "per business day" in (error.advice or "") or not name.endswith("per_business_day")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        call(name, value)
    error = refused.value
    assert error.where == name and error.what == "is not a number"
    assert error.value == type(value).__name__


@pytest.mark.parametrize("name", NUMBERS)
def test_not_a_number_has_the_type_and_no_value(name: str) -> None:
    with pytest.raises(ArgumentError, match=rf"{name}: is not a number \(NaN\)"):
        call(name, math.nan)


@pytest.mark.parametrize(
    "value",
    [np.float64(1.5), np.float32(1.5), np.int64(1), Decimal("1.5"), 1],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_number_is_read(value: Any) -> None:
    found = waiting(**{**ONE, "prescribers": value})
    assert found == waiting(**{**ONE, "prescribers": float(value)})
    assert type(found.share_seen_within_standard) is type(found.utilisation) is float
    assert staff_for(**{**STAFF, "shrinkage": np.float32(0.5)}).shrinkage == 0.5


def test_an_unknown_standard_is_answered_with_the_nearest() -> None:
    with pytest.raises(EditionNotFoundError) as refused:
        waiting(**{**ONE, "standard": "wait-medicaid-2023"})
    assert refused.value.where == "standard" and "wait-medicaid-2024" in refused.value.allowed


@pytest.mark.parametrize("value", [None, 10, (10, "business_days", 0.9), OwnWaitStandard])
def test_what_is_no_standard_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        waiting(**{**ONE, "standard": value})
    assert refused.value.where == "standard" and len(refused.value.allowed) == 3
    assert refused.value.value == type(value).__name__
    assert refused.value.advice is not None and "share=0.9" in refused.value.advice


@pytest.mark.parametrize("field, value", [
    ("number", 0), ("number", -1), ("number", math.inf), ("number", "10"), ("number", 10_001),
    ("unit", "days"), ("unit", None), ("share", 0), ("share", 1), ("share", 90), ("share", None),
])  # fmt: skip
def test_an_own_standard_names_its_wrong_field(field: str, value: Any) -> None:
    good: dict[str, Any] = {"number": 10, "unit": "hours", "share": 0.9}
    with pytest.raises(DocumentError) as refused:
        OwnWaitStandard(**{**good, field: value})
    assert [problem.field for problem in refused.value.problems] == [field]


def test_own_standards_survive_json() -> None:
    assert OwnWaitStandard.from_json(OWN.to_json()) == OWN


@pytest.mark.parametrize("name", list(ONE))
def test_every_refusal_is_an_error_of_opsafe(name: str) -> None:
    for value in (*NO_NUMBERS, -1, "", object()):
        with pytest.raises(OpsafeError):
            waiting(**{**ONE, name: value})
