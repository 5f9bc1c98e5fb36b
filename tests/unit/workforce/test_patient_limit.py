"""The federal patient limit by date: each step, its edges, a slow twin, each wrong argument."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError, OpsafeError
from opsafe.workforce.editions import resolve
from opsafe.workforce.limit_rules import PRACTITIONERS, LimitRules, LimitStep
from opsafe.workforce.patient_limit import PatientLimit, patient_limit

RULES = resolve("patient-limits-2022", LimitRules, "edition")
QUALIFIED = "qualified_practice"
NURSES_AND_ASSISTANTS = ("nurse_practitioner", "physician_assistant", "np_or_pa")
OTHER_NURSES = ("clinical_nurse_specialist", "nurse_anesthetist", "nurse_midwife")
ENDED = date(2022, 12, 29)


def ask(on: date | str, practitioner: str, **more: Any) -> PatientLimit:
    who: Any = practitioner
    return patient_limit(on, who, **more)


@pytest.mark.parametrize(
    "on, practitioner, more, limit",
    [
        ("2000-10-17", "physician", {}, 30),
        ("2006-12-28", "physician", {"years_since_notice": 6.0}, 30),
        ("2006-12-29", "physician", {"years_since_notice": 1.0}, 100),
        ("2006-12-29", "physician", {"years_since_notice": 0.99}, 30),
        ("2016-07-21", "nurse_practitioner", {}, 0),
        ("2016-07-22", "nurse_practitioner", {}, 30),
        ("2016-07-22", "physician_assistant", {}, 30),
        ("2018-01-01", "physician_assistant", {"years_since_notice": 1.0}, 100),
        ("2016-08-07", "physician", {"years_at_100": 2.0, "certified": True}, 100),
        ("2016-08-08", "physician", {"years_at_100": 1.0, "certified": True}, 275),
        ("2016-08-08", "physician", {"years_at_100": 1.0, "setting": QUALIFIED}, 275),
        ("2016-08-08", "physician", {"years_at_100": 1.0}, 100),
        ("2016-08-08", "physician", {"years_at_100": 0.9, "certified": True}, 30),
        ("2018-10-23", "physician", {"certified": True}, 30),
        ("2018-10-24", "physician", {"certified": True}, 100),
        ("2018-10-24", "physician", {"setting": QUALIFIED}, 100),
        ("2018-10-24", "nurse_practitioner", {"setting": QUALIFIED}, 100),
        ("2018-10-23", "nurse_midwife", {}, 0),
        ("2018-10-24", "nurse_midwife", {}, 30),
        ("2018-10-24", "nurse_anesthetist", {"setting": QUALIFIED}, 100),
        ("2020-10-24", "clinical_nurse_specialist", {"years_since_notice": 1.0}, 100),
        ("2020-10-24", "nurse_midwife", {"years_at_100": 1.0, "setting": QUALIFIED}, 275),
        ("2021-04-27", "physician", {"trained": False}, 0),
        ("2021-04-28", "physician", {"trained": False, "years_since_notice": 9.0}, 30),
        ("2021-04-28", "nurse_practitioner", {"trained": False, "setting": QUALIFIED}, 30),
        ("2022-12-28", "physician", {"years_at_100": 1.0, "certified": True}, 275),
        ("2022-12-28", "any_dea_schedule_iii", {}, 0),
        ("2022-12-29", "any_dea_schedule_iii", {}, None),
        ("2022-12-29", "physician", {"trained": False}, None),
        ("2024-01-01", "nurse_midwife", {}, None),
    ],
)
def test_each_step_holds_from_its_first_day_for_those_it_names(
    on: str, practitioner: str, more: dict[str, Any], limit: int | None
) -> None:
    found = ask(on, practitioner, **more)
    assert found.limit == found.federal_limit == limit
    assert found.waiver_required == (date.fromisoformat(on) < ENDED)
    assert found.set_by == ("no limit" if limit is None else "federal rule")
    assert (found.on, found.practitioner) == (date.fromisoformat(on), practitioner)
    assert found.edition == "patient-limits-2022"
    assert found.source.startswith("http")


def test_board_certification_stood_in_for_a_physician_s_training_only() -> None:
    assert ask("2010-01-01", "physician", trained=False).limit == 0
    assert ask("2010-01-01", "physician", trained=False, certified=True).limit == 30
    nurse = ask("2019-01-01", "nurse_practitioner", trained=False, certified=True)
    assert nurse.limit == 0
    assert nurse.cautions == ("certified counts for physicians only: the law names their boards",)
    assert ask("2019-01-01", "nurse_practitioner", certified=True).limit == 30


def test_the_rule_that_set_the_limit_is_named_with_its_address() -> None:
    found = ask("2016-08-08", "physician", years_at_100=1.0, certified=True)
    assert "81 FR 44712" in found.rule
    assert found.source == "http://federal.elaws.us/citation/81-FR-44736"
    # Of two rules with the same limit the older is named.
    assert "2000" in ask("2022-01-01", "physician").rule
    assert "without training" in ask("2022-01-01", "physician", trained=False).rule


def test_nobody_s_limit_of_zero_comes_without_a_reason() -> None:
    early = ask("2017-01-01", "nurse_midwife")
    assert early.rule == (
        "No waiver was open to nurse_midwife on 2017-01-01; first rule: SUPPORT for Patients and"
        " Communities Act of 2018, 2018-10-24"
    )
    untrained = ask("2017-01-01", "physician", trained=False)
    assert untrained.rule.startswith("No waiver: the conditions of Drug Addiction Treatment Act")
    assert early.waiver_required and untrained.waiver_required


@pytest.mark.parametrize(
    "on, own, limit, set_by",
    [
        ("2016-08-01", 5, 5, "own limit"),
        ("2016-08-01", 30, 30, "federal rule"),
        ("2016-08-01", 200, 30, "federal rule"),
        ("2024-01-01", 200, 200, "own limit"),
        ("2024-01-01", 0, 0, "own limit"),
        ("2024-01-01", None, None, "no limit"),
        ("2024-01-01", np.int64(7), 7, "own limit"),
    ],
)
def test_the_smaller_of_own_and_federal_limit_holds_and_both_are_named(
    on: str, own: int | None, limit: int | None, set_by: str
) -> None:
    found = ask(on, "physician", own_limit=own)
    assert (found.limit, found.set_by, found.own_limit) == (limit, set_by, own)
    assert found.federal_limit == (30 if on < "2022" else None)
    assert ("own limit is" in str(found)) == (own is not None)


def test_the_text_says_that_a_limit_is_no_panel() -> None:
    text = str(ask("2016-08-08", "physician", years_at_100=1.0, certified=True))
    assert text == (
        "physician on 2016-08-08: at most 275 patients at a time (federal rule). 42 CFR part 8,"
        " final rule on 275 patients (81 FR 44712), http://federal.elaws.us/citation/81-FR-44736."
        " Federal law only; a state may set its own rules. A limit is never the expected panel:"
        " take that from a panel edition."
    )
    assert "any number of patients" in str(ask("2024-01-01", "physician"))


def test_years_that_reach_back_before_the_first_waiver_are_cautioned() -> None:
    assert ask("2017-07-22", "nurse_practitioner", years_since_notice=1.0).cautions == ()
    found = ask("2017-06-01", "nurse_practitioner", years_since_notice=1.5)
    assert found.limit == 100
    assert "before 2016-07-22" in found.cautions[0]
    assert ask("2023-06-01", "nurse_practitioner", years_since_notice=20.0).cautions == ()


def test_without_years_since_notice_those_at_100_count() -> None:
    assert ask("2010-01-01", "physician", years_at_100=1.0).limit == 100
    assert ask("2010-01-01", "physician", years_at_100=1.0, years_since_notice=None).limit == 100
    assert ask("2010-01-01", "physician", years_since_notice=float("nan")).limit == 30
    assert ask("2010-01-01", "physician", years_since_notice=np.float32(2)).limit == 100
    assert ask("2010-01-01", "physician", years_since_notice=2).limit == 100


# ---------------------------------------------------------------------------------- the twin


def slow_limit(
    on: date,
    who: str,
    since: float,
    at_100: float,
    certified: bool,
    qualified: bool,
    trained: bool,
) -> int | None:
    """Rule 13 of the workforce rules, written out as a ladder; None is no limit."""
    if on >= ENDED:
        return None
    is_physician = who == "physician"
    if is_physician:
        may = True
    elif who in NURSES_AND_ASSISTANTS:
        may = on >= date(2016, 7, 22)
    elif who in OTHER_NURSES:
        may = on >= date(2018, 10, 24)
    else:
        may = False
    if not may:
        return 0
    certified = certified and is_physician
    if not (trained or certified):
        return 30 if on >= date(2021, 4, 28) else 0
    if on >= date(2016, 8, 8) and at_100 >= 1 and (certified or qualified):
        return 275
    if since >= 1 and (on >= date(2006, 12, 29) or not is_physician):
        return 100
    if on >= date(2018, 10, 24) and (certified or qualified):
        return 100
    return 30


EDGES = [
    day + timedelta(days=shift)
    for day in (
        date(2000, 10, 18), date(2006, 12, 29), date(2016, 7, 22), date(2016, 8, 8),
        date(2018, 10, 24), date(2021, 4, 28), ENDED, date(2023, 10, 1),
    )
    for shift in (-1, 0, 1)
]  # fmt: skip


@pytest.mark.parametrize("who", PRACTITIONERS)
def test_the_edition_says_what_the_ladder_says_on_every_edge(who: str) -> None:
    flags = list(product([False, True], repeat=3))
    years = [(0.0, 0.0), (0.5, 0.5), (1.0, 0.0), (1.0, 1.0), (3.0, 2.0)]
    for day, (since, at_100), (certified, qualified, trained) in product(EDGES, years, flags):
        found = ask(
            day,
            who,
            years_since_notice=since,
            years_at_100=at_100,
            certified=certified,
            setting=QUALIFIED if qualified else None,
            trained=trained,
        )
        assert found.limit == slow_limit(day, who, since, at_100, certified, qualified, trained)


def size(limit: int | None) -> float:
    return float("inf") if limit is None else limit


@given(
    days=st.tuples(*[st.dates(date(2000, 10, 17), date(2030, 1, 1))] * 2),
    who=st.sampled_from(PRACTITIONERS),
    years=st.tuples(*[st.floats(0, 20)] * 2),
    flags=st.tuples(*[st.booleans()] * 3),
)
def test_the_limit_never_falls_with_time_years_or_qualifications(
    days: tuple[date, date],
    who: str,
    years: tuple[float, float],
    flags: tuple[bool, bool, bool],
) -> None:
    certified, qualified, trained = flags
    given_now: dict[str, Any] = {
        "years_since_notice": max(years),
        "years_at_100": min(years),
        "certified": certified,
        "setting": QUALIFIED if qualified else None,
        "trained": trained,
    }
    most: dict[str, Any] = {"years_since_notice": 20.0, "years_at_100": 20.0, "certified": True}
    most |= {"setting": QUALIFIED, "trained": True}
    early, late = (size(ask(day, who, **given_now).limit) for day in sorted(days))
    assert early <= late <= size(ask(max(days), who, **most).limit)


# ------------------------------------------------------------------------- a file of one's own


def local(**change: Any) -> LimitRules:
    return RULES.model_copy(update={"id": "house", "kind": "local", **change})


def test_an_edition_of_one_s_own_goes_wherever_an_id_goes() -> None:
    step = LimitStep(
        first_day=date(2000, 10, 17),
        before=date(2010, 1, 1),
        practitioners=("physician",),
        patients=12,
        rule="House rule",
        address="the house",
    )
    house = local(steps=(step,))
    assert ask("2009-12-31", "physician", edition=house).limit == 12
    ended = ask("2010-01-01", "physician", edition=house)
    assert (ended.limit, ended.edition) == (0, "house")
    unnamed = ask("2009-01-01", "nurse_midwife", edition=house, years_since_notice=5)
    assert (unnamed.limit, unnamed.cautions) == (0, ())


# ----------------------------------------------------------------------------- wrong arguments


@pytest.mark.parametrize(
    "change, kind, where, message",
    [
        ({"on": "2000-10-16"}, ArgumentError, "on", "before the first rule"),
        ({"on": "1999-01-01"}, ArgumentError, "on", "2000-10-17 and later"),
        ({"on": "tomorrow"}, ArgumentError, "on", "YYYY-MM-DD"),
        ({"on": 20160808}, ArgumentTypeError, "on", "not a date"),
        ({"on": None}, ArgumentTypeError, "on", "not a date"),
        ({"practitioner": "dentist"}, ArgumentError, "practitioner", "nurse_midwife"),
        ({"practitioner": None}, ArgumentTypeError, "practitioner", "not text"),
        ({"years_since_notice": -0.1}, ArgumentError, "years_since_notice", "0 to 100"),
        ({"years_since_notice": "1"}, ArgumentTypeError, "years_since_notice", "not a number"),
        ({"years_since_notice": True}, ArgumentTypeError, "years_since_notice", "not a number"),
        ({"years_at_100": float("inf")}, ArgumentError, "years_at_100", "0 to 100"),
        ({"years_at_100": 10**5000}, ArgumentError, "years_at_100", "0 to 100"),
        ({"years_at_100": None}, ArgumentTypeError, "years_at_100", "not a number"),
        (
            {"years_at_100": 2.0, "years_since_notice": 1.0},
            ArgumentError,
            "years_at_100",
            "more than the 1 since the notice",
        ),
        ({"certified": "yes"}, ArgumentTypeError, "certified", "neither true nor false"),
        ({"certified": None}, ArgumentTypeError, "certified", "neither true nor false"),
        ({"trained": 1}, ArgumentTypeError, "trained", "neither true nor false"),
        ({"setting": "office"}, ArgumentError, "setting", "qualified_practice"),
        ({"setting": True}, ArgumentTypeError, "setting", "not text"),
        ({"own_limit": -1}, ArgumentError, "own_limit", "0 to 100,000"),
        ({"own_limit": 10**5000}, ArgumentError, "own_limit", "0 to 100,000"),
        ({"own_limit": 5.0}, ArgumentTypeError, "own_limit", "whole number"),
        ({"own_limit": True}, ArgumentTypeError, "own_limit", "whole number"),
        ({"edition": "patient-limits"}, EditionNotFoundError, "edition", "patient-limits-2022"),
        ({"edition": "thomas-2017-100"}, EditionNotFoundError, "edition", "no edition"),
        ({"edition": 5}, ArgumentTypeError, "edition", "named by its id"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(
    change: dict[str, Any], kind: type[OpsafeError], where: str, message: str
) -> None:
    asked: dict[str, Any] = {"on": "2010-01-01", "practitioner": "physician", **change}
    with pytest.raises(kind) as caught:
        patient_limit(**asked)
    assert caught.value.where == where
    assert message in str(caught.value)
