"""Observed claims: small cases counted by hand, odd rows, wrong arguments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe.columns import Columns
from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    ColumnError,
    DocumentError,
    OpsafeError,
)
from opsafe.provenance import Document
from opsafe.workforce._kaplan_meier import kaplan_meier
from opsafe.workforce.observe import observe
from opsafe.workforce.observed import FillReason, Observed, ObservedProvenance
from tests.tables import SHAPES, rows_of

YEAR: Final[dict[str, Any]] = {"start": "2024-01-01", "end": "2024-12-31"}


def fill(
    day: str, days_supply: Any = 30, member: Any = 1, prescriber: Any = "P1"
) -> dict[str, Any]:
    """One row."""
    return {
        "member_id": member,
        "prescriber_id": prescriber,
        "fill_date": day,
        "days_supply": days_supply,
    }


def begun(found: Observed) -> tuple[int, int, int, int]:
    """Episodes by how they began: starts, returns, resumed, prevalent."""
    told = found.episodes
    return told.starts, told.returns, told.resumed, told.prevalent


def in_month(found: Observed, name: str) -> dict[int, Any]:
    """A column by number of the month."""
    months = found.by_month["month"].tolist()
    return {
        month.month: value
        for month, value in zip(months, found.by_month[name].tolist(), strict=True)
    }


def stopped_after(found: Observed) -> list[int]:
    """Days until each known stop of a start."""
    table = found.retention
    ended = (table["stream"] == "all") & (table["stopped"] > 0)
    return [
        day
        for day, many in zip(table["days"][ended].tolist(), table["stopped"][ended], strict=True)
        for _ in range(many)
    ]


# ------------------------------------------------------------------------------------ episodes


@pytest.mark.parametrize(
    "second, episodes",
    # 30 days from 1 March cover up to 30 March; 31 March to 29 April are 30 days without supply.
    [("2024-04-30", 1), ("2024-05-01", 2)],
)
def test_a_gap_of_just_the_allowed_days_does_not_end_an_episode(second: str, episodes: int) -> None:
    found = observe([fill("2024-03-01"), fill(second)], gap_days=30, **YEAR)
    assert found.episodes.episodes == episodes
    assert begun(found) == (1, episodes - 1, 0, 0)


@pytest.mark.parametrize(
    "end, stopped",
    # Supply ends on 30 March. With the 31st as first day, the 31st day without supply is 30 April.
    [("2024-04-30", 1), ("2024-04-29", 0)],
)
def test_a_stop_is_known_when_more_days_than_the_gap_were_seen(end: str, stopped: int) -> None:
    found = observe([fill("2024-03-01")], start="2024-01-01", end=end)
    assert found.episodes.stopped == stopped
    assert found.episodes.censored == 1 - stopped


@pytest.mark.parametrize(
    "carry_forward_days, stops_after",
    # A refill 10 days early: 60 days of supply, of which 10, 5 or none wait.
    [(30, 60), (5, 55), (0, 50)],
)
def test_an_early_refill_waits_for_what_is_at_hand(
    carry_forward_days: int, stops_after: int
) -> None:
    rows = [fill("2024-03-01"), fill("2024-03-21")]
    found = observe(rows, carry_forward_days=carry_forward_days, **YEAR)
    assert stopped_after(found) == [stops_after]


def test_a_short_fill_never_shortens_the_supply_at_hand() -> None:
    # 90 days from 1 March; 7 more on 2 March with at most 30 carried would end after 38 days.
    assert stopped_after(observe([fill("2024-03-01", 90), fill("2024-03-02", 7)], **YEAR)) == [90]


def test_fills_of_one_day_are_one_and_the_longest_counts() -> None:
    rows = [fill("2024-03-01", 14), fill("2024-03-01", 30), fill("2024-03-01", 30)]
    found = observe(rows, **YEAR)
    assert stopped_after(found) == [30]
    assert (found.counts.used, found.counts.same_day) == (3, 2)


def test_between_equal_fills_of_one_day_a_known_prescriber_comes_first() -> None:
    rows = [fill("2024-03-01", prescriber=each) for each in (None, "P9", "P2")]
    panels = observe(rows, **YEAR).panels
    starts = dict(zip(panels["prescriber_id"].tolist(), panels["starts"].tolist(), strict=True))
    assert starts == {"P2": 1, "P9": 0}


@pytest.mark.parametrize("areas", [("north", "south"), ("south", "north")])
def test_between_equal_fills_of_one_prescriber_the_order_of_rows_does_not_decide(
    areas: tuple[str, str],
) -> None:
    rows = [{**fill("2024-03-01"), "area": area} for area in areas]
    assert set(observe(rows, **YEAR).by_group["area"].tolist()) == {"north"}


@pytest.mark.parametrize(
    "first, expected",
    # With a window from 1 January and 30 days of washout the 31st is the first day of a start.
    [("2024-01-30", (0, 0, 0, 1)), ("2024-01-31", (1, 0, 0, 0))],
)
def test_before_the_washout_is_seen_an_episode_is_prevalent(
    first: str, expected: tuple[int, int, int, int]
) -> None:
    found = observe([fill(first)], **YEAR)
    assert begun(found) == expected
    assert (len(found.retention) > 0) == (expected[0] == 1)


@pytest.mark.parametrize(
    "again, expected",
    # Supply ends on 30 March: a washout of 60 days is 31 March to 29 May.
    [
        ("2024-04-30", (1, 0, 0, 0)),
        ("2024-05-01", (1, 0, 1, 0)),
        ("2024-05-29", (1, 0, 1, 0)),
        ("2024-05-30", (1, 1, 0, 0)),
    ],
)
def test_a_pause_above_the_gap_and_below_the_washout_is_no_start(
    again: str, expected: tuple[int, int, int, int]
) -> None:
    rows = [fill("2024-03-01"), fill(again)]
    assert begun(observe(rows, gap_days=30, washout_days=60, **YEAR)) == expected


def test_each_medication_is_a_stream_and_case_and_spaces_do_not_tell_them_apart() -> None:
    names = ("Buprenorphine", " buprenorphine ", "METHADONE")
    rows = [{**fill("2024-03-01"), "medication": name} for name in names]
    found = observe(rows, **YEAR)
    assert found.medications == ("buprenorphine", "methadone")
    assert found.episodes.episodes == 2
    assert found.counts.same_day == 1
    assert observe([fill("2024-03-01")] * 3, **YEAR).medications == (None,)


def test_a_simulated_cohort_comes_back_at_its_true_shares() -> None:
    # Each 30-day fill is the last one with probability 0.2, so the share after k fills is 0.8^k.
    # Starts go on to the window's end: who stops too late to be seen must not count as staying.
    draw = np.random.default_rng(5)
    many = 20_000
    fills = draw.geometric(0.2, many)
    first = draw.integers(60, 365, many)
    member = np.repeat(np.arange(many), fills)
    place = np.arange(len(member)) - np.repeat(np.cumsum(fills) - fills, fills)
    day = np.repeat(first, fills) + 30 * place
    seen = day < 366
    found = observe(
        {
            "member_id": member[seen],
            "prescriber_id": member[seen] % 50,
            "fill_date": np.datetime64("2024-01-01") + day[seen],
            "days_supply": np.full(int(seen.sum()), 30),
        },
        **YEAR,
    )
    told = found.retention_points((1, 2, 3, 6))
    for (months, share), error in zip(told.points, told.standard_errors, strict=True):
        assert abs(share - 0.8 ** int(months)) < 4 * error


# ----------------------------------------------------------------------- months, panels, points


def test_active_and_open_prescribers_by_month() -> None:
    rows = [
        fill("2024-02-10", member=1, prescriber="P1"),
        fill("2024-03-11", member=1, prescriber="P1"),
        fill("2024-04-10", member=1, prescriber="P1"),
        fill("2024-05-10", member=1, prescriber="P1"),
        fill("2024-05-15", member=2, prescriber="P2"),
    ]
    found = observe(rows, **YEAR)
    active, is_open = in_month(found, "prescribers_active"), in_month(found, "prescribers_open")
    assert [active[month] for month in range(1, 8)] == [0, 1, 1, 1, 2, 0, 0]
    # P1 took somebody new in February, which three months remember; P2 in May.
    assert [is_open[month] for month in range(1, 8)] == [0, 1, 1, 1, 1, 0, 0]
    longer = in_month(observe(rows, open_months=4, **YEAR), "prescribers_open")
    assert longer[5] == 2


def test_members_on_treatment_and_those_in_a_gap() -> None:
    # Covered 10 February to 10 March, and again from 5 April to 4 May: March ends in a gap.
    found = observe([fill("2024-02-10"), fill("2024-04-05")], **YEAR)
    on_treatment = in_month(found, "members_on_treatment")
    in_episode = in_month(found, "members_in_episode")
    assert [on_treatment[month] for month in range(1, 6)] == [0, 1, 0, 1, 0]
    assert [in_episode[month] for month in range(1, 6)] == [0, 1, 1, 1, 0]
    assert in_month(found, "stops")[5] == 1


@pytest.mark.parametrize(
    "gap_days, starts, opened, stops",
    [
        # Starts are seen from 31 January on, stops up to 1 December: 30 days more end the window.
        (30, [1], [1, 2, 3], [12]),
        # Starts are seen from 1 February on, stops up to 30 November.
        (31, [1], [1, 2, 3], [12]),
        (32, [1, 2], [1, 2, 3, 4], [11, 12]),
        (0, [], [1, 2], []),
    ],
)
def test_what_a_month_cannot_show_is_said(
    gap_days: int, starts: list[int], opened: list[int], stops: list[int]
) -> None:
    found = observe([fill("2024-03-01")], gap_days=gap_days, **YEAR)

    def open_ends(name: str) -> list[int]:
        return [month for month, known in in_month(found, name).items() if not known]

    assert open_ends("starts_are_complete") == starts
    assert open_ends("open_is_complete") == opened
    assert open_ends("stops_are_complete") == stops


def test_months_that_the_window_holds_in_part_are_named_and_left_out() -> None:
    found = observe([fill("2024-03-01")], start="2024-01-15", end="2024-04-29")
    assert found.provenance.months_left_out == ("2024-01", "2024-04")
    assert list(in_month(found, "starts")) == [2, 3]
    whole = observe([fill("2024-03-01")], **YEAR)
    assert whole.provenance.months_left_out == ()


def test_a_window_without_a_whole_month_still_has_episodes() -> None:
    found = observe([fill("2024-03-05", 5)], gap_days=1, start="2024-03-02", end="2024-03-30")
    assert len(found.by_month) == 0 and found.panel_distributions == ()
    assert found.provenance.months_left_out == ("2024-03",)
    assert stopped_after(found) == [5]
    assert found.panels["members_last_month"].tolist() == [0]
    assert found.panels["mean_members"].tolist() == [0.0]


def test_a_panel_holds_those_whom_a_prescribers_supply_covers() -> None:
    # P2 refills ten days early: until 30 March the supply of P1 is used.
    rows = [fill("2024-03-01"), fill("2024-03-21", prescriber="P2"), fill("2024-03-05", member=2)]
    found = rows_of(observe(rows, **YEAR).panels)
    told = {row["prescriber_id"]: row for row in found}
    assert told["P1"]["months_with_members"] == 2  # March, and member 2 up to 3 April
    assert told["P1"]["mean_members"] == 1.5
    assert told["P2"]["months_with_members"] == 2  # from 31 March to 29 April
    assert (told["P1"]["starts"], told["P2"]["starts"]) == (2, 0)
    again = rows_of(observe([*rows, fill("2024-08-01", prescriber="P2")], **YEAR).panels)
    assert [(row["starts"], row["returns"]) for row in again] == [(2, 0), (0, 1)]
    assert told["P1"]["fills"] == 2 and told["P1"]["months_active"] == 1


def test_the_distribution_of_panels_in_the_last_month() -> None:
    sizes = (1, 3, 4, 30, 31, 75, 76)
    rows = [
        fill("2024-12-01", member=100 * place + number, prescriber=place)
        for place, size in enumerate(sizes)
        for number in range(size)
    ]
    (told,) = observe(rows, **YEAR).panel_distributions
    assert (told.prescribers, told.month) == (7, date(2024, 12, 1))
    assert told.mean == pytest.approx(220 / 7)
    assert told.standard_deviation == pytest.approx(np.std(sizes, ddof=1))
    assert told.standard_error == pytest.approx(np.std(sizes, ddof=1) / 7**0.5)
    bands = (
        told.share_up_to_3,
        told.share_4_to_30,
        told.share_31_to_75,
        told.share_above_75,
    )
    assert bands == pytest.approx((2 / 7, 2 / 7, 2 / 7, 1 / 7))
    assert dict(told.quantiles)[0.5] == 30
    (alone,) = observe([fill("2024-12-01")], **YEAR).panel_distributions
    assert alone.standard_deviation is None and alone.standard_error is None


def test_groups_of_members_by_line_and_area() -> None:
    rows = [
        {**fill("2024-03-10", member=1), "line_of_business": "Medicaid", "area": 4101},
        {**fill("2024-03-10", member=2), "line_of_business": "Medicaid", "area": None},
    ]
    found = rows_of(observe(rows, **YEAR).by_group)
    march = [row for row in found if row["month"] == date(2024, 3, 1)]
    assert {row["area"] for row in march} == {"4101", None}
    assert all(row["starts"] == row["members_on_treatment"] == 1 for row in march)
    plain = observe([fill("2024-03-10")], **YEAR).by_group
    assert plain.keys() == observe(rows, **YEAR).by_group.keys()
    assert plain["area"].tolist() == [None, None]


def test_numbers_of_areas_are_no_floats_whatever_a_library_made_of_them() -> None:
    frame = pd.DataFrame([{**fill("2024-03-10", member=m), "area": m or None} for m in (0, 4101)])
    assert frame["area"].dtype == float
    assert set(observe(frame, **YEAR).by_group["area"].tolist()) == {"4101", None}


# Four starts on 1 March: stops after 30, 30 and 60 days, and one that goes on.
COHORT: Final = [
    *(fill("2024-03-01", member=member) for member in (1, 2, 3, 4)),
    *(fill("2024-03-31", member=member) for member in (3, 4)),
    fill("2024-04-30", 366, member=4),
]


def test_retention_points_carry_the_gap_rule() -> None:
    told = observe(COHORT, **YEAR).retention_points((0.5, 1, 3, 6, 12))
    # The view ends on 2 December, 276 days after 1 March, which is 9.07 months.
    assert told.points == ((0.5, 1.0), (1.0, 0.5), (3.0, 0.25), (6.0, 0.25))
    assert told.months_left_out == (12.0,)
    assert (told.gap_days, told.starts, told.stream, told.medication) == (30, 4, "all", None)
    # Greenwood by hand: at 30 days 2 of 4 stop, so 0.5 sqrt(2 / (4 * 2)) = 0.25.
    assert told.standard_errors[1] == pytest.approx(0.25)


def test_what_was_observed_stands_in_place_of_defaults() -> None:
    found = observe(COHORT, **YEAR)
    points = found.retention_points((1, 3))
    curve = points.curve()
    assert (curve.gap_days, curve.points) == (30, points.points)
    with pytest.raises(DocumentError, match="fall"):
        found.retention_points((1, 3, 6)).curve()
    with pytest.raises(DocumentError):
        found.retention_points((0.5, 1)).curve()
    (panels,) = observe(
        [fill("2024-12-01", member=m, prescriber=m // 3) for m in range(4)], **YEAR
    ).panel_distributions
    # Panels of 3 and 1: mean 2, standard deviation the root of 2.
    own = panels.panel()
    assert (own.mean_patients, own.respondents) == (2, 2)
    assert own.sd_patients == pytest.approx(2**0.5)
    (alone,) = observe([fill("2024-12-01")], **YEAR).panel_distributions
    assert (alone.panel().sd_patients, alone.panel().respondents) == (None, None)


def test_the_interval_is_that_of_the_log_of_the_log() -> None:
    curve = kaplan_meier(np.array([10, 10, 20, 30]), np.array([True, True, False, False]))
    # e = sqrt(1/4) / ln 2 = 0.7213; 0.5^exp(1.96 e) = 0.0578 and 0.5^exp(-1.96 e) = 0.8449.
    assert curve.lower[0] == pytest.approx(0.0578, abs=5e-5)
    assert curve.upper[0] == pytest.approx(0.8449, abs=5e-5)
    unchanged = kaplan_meier(np.array([5]), np.array([False]))
    assert (unchanged.lower[0], unchanged.upper[0], unchanged.standard_error[0]) == (1, 1, 0)
    alone = kaplan_meier(np.array([5]), np.array([True]))
    assert (alone.lower[0], alone.share[0], alone.upper[0]) == (0, 0, 1)


def test_first_starts_and_returns_have_curves_of_their_own() -> None:
    rows = [fill("2024-03-01"), fill("2024-07-01", 60)]
    found = observe(rows, **YEAR)
    table = rows_of(found.retention)
    ends = {(row["stream"], row["days"]) for row in table}
    assert ends == {("all", 30), ("all", 60), ("first", 30), ("return", 60)}


def test_a_stop_on_the_very_day_has_happened() -> None:
    # Sixteen months are 487 days: 366 days and then 121, to the day.
    rows = [
        row
        for member in (1, 2)
        for row in (fill("2022-03-01", 366, member), fill("2023-03-02", 121, member))
    ]
    rows[-1]["days_supply"] = 150
    found = observe(rows, start="2022-01-01", end="2023-12-31")
    assert found.retention_points((15.9, 16)).points == ((15.9, 1.0), (16.0, 0.5))
    alone = observe(rows[:2], start="2022-01-01", end="2023-12-31")
    assert alone.retention_points((16,)).points == ((16.0, 0.0),)


def test_returns_are_among_the_starts_of_a_month() -> None:
    found = observe([fill("2024-03-01"), fill("2024-06-03")], start="2024-01-01", end="2024-06-30")
    assert found.starts_per_month() == 2 / 5


def test_starts_a_month_count_months_after_the_washout() -> None:
    found = observe(COHORT, start="2024-01-01", end="2024-06-30")
    # Four starts in March over February to June.
    assert found.starts_per_month() == 0.8


# ------------------------------------------------------------------------------------ odd rows

ODD: Final = [
    (fill("2024-03-01", member=None), FillReason.MEMBER_MISSING, None),
    (fill("2024-03-01", member=" "), FillReason.MEMBER_MISSING, None),
    (fill(""), FillReason.DATE_MISSING, ""),
    (fill("2024-02-30"), FillReason.DATE_UNREADABLE, "2024-02-30"),
    (fill("1899-12-31"), FillReason.DATE_OUT_OF_RANGE, "1899-12-31"),
    (fill("2024-03-01", None), FillReason.DAYS_SUPPLY_MISSING, None),
    (fill("2024-03-01", "month"), FillReason.DAYS_SUPPLY_UNREADABLE, "month"),
    (fill("2024-03-01", "inf"), FillReason.DAYS_SUPPLY_UNREADABLE, "inf"),
    (fill("2024-03-01", "7.5"), FillReason.DAYS_SUPPLY_NOT_WHOLE, "7.5"),
    (fill("2024-03-01", "367"), FillReason.DAYS_SUPPLY_TOO_LONG, "367"),
    (fill("2024-03-01", "1e30"), FillReason.DAYS_SUPPLY_TOO_LONG, "1e30"),
    (fill("2024-03-01", "0"), FillReason.DAYS_SUPPLY_NOT_POSITIVE, "0"),
    (fill("2024-03-01", "-30"), FillReason.DAYS_SUPPLY_NOT_POSITIVE, "-30"),
    (fill("2023-12-31"), FillReason.BEFORE_START, "2023-12-31"),
    (fill("2025-01-01"), FillReason.AFTER_END, "2025-01-01"),
    ({**fill("2024-03-01"), "medication": None}, FillReason.MEDICATION_MISSING, None),
]


def test_every_odd_row_comes_back_with_its_reason() -> None:
    good = {**fill("2024-03-01", "30", member="A"), "medication": "b"}
    rows = [good, *({"medication": "b", **row} for row, _, _ in ODD)]
    rows = [
        {**row, "member_id": "B" if row["member_id"] == 1 else row["member_id"]} for row in rows
    ]
    found = observe(rows, **YEAR)
    aside = rows_of(found.set_aside)
    assert [row["row"] for row in aside] == list(range(1, len(rows)))
    assert [row["code"] for row in aside] == [reason.value for _, reason, _ in ODD]
    assert [row["seen"] for row in aside] == [seen for _, _, seen in ODD]
    assert [row["advice"] for row in aside] == [reason.advice for _, reason, _ in ODD]
    assert [row["field"] for row in aside] == [reason.field for _, reason, _ in ODD]
    assert set(FillReason) == {reason for _, reason, _ in ODD}
    assert found.counts.used == 1
    assert found.provenance.set_aside_by_reason["MEMBER_MISSING"] == 2


def test_a_fill_without_prescriber_counts_for_members_alone() -> None:
    found = observe([fill("2024-03-01", prescriber=None), fill("2024-04-01")], **YEAR)
    assert found.counts.without_prescriber == 1
    assert in_month(found, "members_on_treatment")[3] == 0
    assert in_month(found, "prescribers_active")[3] == 0
    assert in_month(found, "starts")[3] == 1
    assert found.panels["starts"].tolist() == [0]


@pytest.mark.parametrize(
    "ids, kind",
    [
        ([7, 8], int),
        (["P7", "P8"], str),
        ([10**20, 10**20 + 1], int),
        ([Decimal(7), Decimal(8)], int),
    ],
)
def test_identifiers_come_back_as_they_were(ids: list[Any], kind: type) -> None:
    rows = [fill("2024-03-01", member=each, prescriber=each) for each in reversed(ids)]
    back = observe(rows, **YEAR).panels["prescriber_id"].tolist()
    assert back == ids and all(type(each) is kind for each in back)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_every_kind_of_table_gives_the_same(shape: str) -> None:
    rows = [{**row, "fill_date": date.fromisoformat(row["fill_date"])} for row in COHORT]
    found = observe(SHAPES[shape](rows), **YEAR)
    plain = observe(COHORT, **YEAR)
    for name in ("by_month", "by_group", "panels", "retention"):
        assert getattr(found, name) == getattr(plain, name)


def test_tables_turn_into_frames() -> None:
    found = observe(COHORT, **YEAR)
    for table in (found.by_month, found.by_group, found.panels, found.retention, found.set_aside):
        assert isinstance(table, Columns)
        assert len(table.to_pandas()) == len(table.to_polars()) == len(table)
        assert table.to_arrow().num_rows == len(table)


def test_names_of_columns_can_be_mapped() -> None:
    theirs = pl.DataFrame({"BENE": [1], "NPI": [2], "SRVC_DT": [date(2024, 3, 1)], "DAYS": [30]})
    names = ("BENE", "NPI", "SRVC_DT", "DAYS")
    ours = ("member_id", "prescriber_id", "fill_date", "days_supply")
    found = observe(theirs, columns=dict(zip(ours, names, strict=True)), **YEAR)
    assert begun(found) == (1, 0, 0, 0)


# ------------------------------------------------------------------ what is said about the answer


def test_without_a_window_the_fills_tell_it_and_a_caution_says_so() -> None:
    rows = [fill("2024-03-01"), fill("2024-05-05"), fill("2024-09-09", 0)]
    told = observe(rows).provenance
    assert (told.start, told.end) == (date(2024, 3, 1), date(2024, 5, 5))
    assert told.arguments["start"] == told.arguments["end"] == "from the fills"
    assert any("told from the fills" in caution for caution in told.cautions)
    given = observe(rows, **YEAR).provenance
    assert not any("told from the fills" in caution for caution in given.cautions)
    assert isinstance(given, Document)
    assert ObservedProvenance.from_json(given.to_json()) == given


def test_planning_values_are_named_while_they_are_ours() -> None:
    assert observe(COHORT, **YEAR).provenance.planning_values == (
        "washout_days=30 (as gap_days)",
        "carry_forward_days=30",
        "open_months=3",
    )
    own = observe(COHORT, washout_days=90, carry_forward_days=0, open_months=6, **YEAR)
    assert own.provenance.planning_values == ()


def test_no_identifier_stands_in_what_is_printed() -> None:
    rows = [
        fill("2024-03-01", member="SECRETMEMBER", prescriber="SECRETPRESCRIBER"),
        fill("never", member="SECRETMEMBER", prescriber="SECRETPRESCRIBER"),
    ]
    found = observe(rows, **YEAR)
    printed = f"{found!r} {found.provenance!r} {found.by_month!r} {found.panels!r}"
    printed += str(rows_of(found.set_aside))
    assert "SECRET" not in printed
    assert repr(found).startswith("Observed(1 of 2 fills, 2024-01-01 to 2024-12-31")


def test_no_fill_at_all_gives_empty_tables() -> None:
    found = observe([], **YEAR)
    assert found.counts.rows_in == 0
    assert len(found.by_month) == 12 and in_month(found, "starts")[6] == 0
    assert len(found.panels) == len(found.retention) == len(found.by_group) == 0
    assert found.starts_per_month() == 0
    with pytest.raises(ArgumentError, match="nobody was followed"):
        found.retention_points()


# ----------------------------------------------------------------------------- wrong arguments

BAD: Final[list[tuple[dict[str, Any], type[OpsafeError], str]]] = [
    ({"gap_days": -1}, ArgumentError, "gap_days"),
    ({"gap_days": 10**5000}, ArgumentError, "gap_days"),
    ({"gap_days": float("nan")}, ArgumentTypeError, "gap_days"),
    ({"gap_days": True}, ArgumentTypeError, "gap_days"),
    ({"gap_days": "30"}, ArgumentTypeError, "gap_days"),
    ({"washout_days": 29}, ArgumentError, "washout_days"),
    ({"washout_days": 29.5}, ArgumentTypeError, "washout_days"),
    ({"carry_forward_days": -1}, ArgumentError, "carry_forward_days"),
    ({"carry_forward_days": 367}, ArgumentError, "carry_forward_days"),
    ({"open_months": 0}, ArgumentError, "open_months"),
    ({"start": "2024-12-32"}, ArgumentError, "start"),
    ({"start": "1899-12-31"}, ArgumentError, "start"),
    ({"start": 20240101}, ArgumentTypeError, "start"),
    ({"end": datetime(2024, 12, 31)}, ArgumentTypeError, "end"),  # noqa: DTZ001
    ({"end": "2023-12-31"}, ArgumentError, "end"),
    ({"end": "2200-01-01"}, ArgumentError, "end"),
    ({"start": "2024-06-01", "end": None}, ArgumentError, "start"),
    ({"start": None, "end": "2024-02-01"}, ArgumentError, "end"),
    ({"columns": 3}, ArgumentTypeError, "columns"),
    ({"columns": {"member": "member_id"}}, ColumnError, "columns"),
    ({"columns": {"member_id": "bene_id"}}, ColumnError, "fills"),
]


@pytest.mark.parametrize("wrong, kind, where", BAD)
def test_a_wrong_argument_is_named(
    wrong: dict[str, Any], kind: type[OpsafeError], where: str
) -> None:
    asked: dict[str, Any] = {**YEAR, **wrong}
    with pytest.raises(kind) as told:
        observe(COHORT, **asked)
    assert told.value.where == where
    assert told.value.what


@pytest.mark.parametrize(
    "fills, kind, where",
    [
        (None, ArgumentTypeError, "fills"),
        ("fills.csv", ArgumentTypeError, "fills"),
        ([3], ArgumentTypeError, "fills"),
        ([{"member_id": 1}], ColumnError, "fills"),
        ([fill("2024-03-01", member=1.5)], ColumnError, "fills['member_id']"),
        ([fill("2024-03-01", member=True)], ColumnError, "fills['member_id']"),
        ([fill("2024-03-01", prescriber=date(2024, 1, 1))], ColumnError, "fills['prescriber_id']"),
        ([fill("2024-03-01", True)], ColumnError, "fills['days_supply']"),
        ([{**fill(""), "fill_date": 19700}], ColumnError, "fills['fill_date']"),
        (
            [{**fill("2024-03-01"), "medication": f"drug {n}"} for n in range(1001)],
            ColumnError,
            "fills['medication']",
        ),
    ],
)
def test_a_table_that_cannot_be_read_is_named(
    fills: Any, kind: type[OpsafeError], where: str
) -> None:
    with pytest.raises(kind) as told:
        observe(fills, **YEAR)
    assert told.value.where == where


def test_without_window_and_without_a_good_row_there_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="no window can be told") as told:
        observe([fill("never")], start="2024-01-01")
    assert told.value.where == "fills"
    assert told.value.advice is not None and "Give start= and end=" in told.value.advice


def test_a_washout_below_the_gap_says_why() -> None:
    with pytest.raises(ArgumentError) as told:
        observe(COHORT, washout_days=10, **YEAR)
    assert told.value.what == "lies outside 30 to 3660"
    assert told.value.advice == "It cannot be shorter than the gap"


@pytest.mark.parametrize(
    "wrong, kind, where",
    [
        ({"months": ()}, ArgumentError, "months"),
        ({"months": (0,)}, ArgumentError, "months"),
        ({"months": (float("nan"),)}, ArgumentError, "months"),
        ({"months": (10**400,)}, ArgumentError, "months"),
        ({"months": (3, 1)}, ArgumentError, "months"),
        ({"months": (1, 1)}, ArgumentError, "months"),
        ({"months": "13"}, ArgumentTypeError, "months"),
        ({"months": 3}, ArgumentTypeError, "months"),
        ({"months": ("1",)}, ArgumentTypeError, "months"),
        ({"months": (12, 24)}, ArgumentError, "months"),
        ({"stream": "second"}, ArgumentError, "stream"),
        ({"stream": None}, ArgumentError, "stream"),
        ({"medication": "methadone"}, ArgumentError, "medication"),
        ({"medication": 3}, ArgumentTypeError, "medication"),
    ],
)
def test_wrong_questions_for_points_are_named(
    wrong: dict[str, Any], kind: type[OpsafeError], where: str
) -> None:
    found = observe(COHORT, **YEAR)
    with pytest.raises(kind) as told:
        found.retention_points(**wrong)
    assert told.value.where == where


def test_of_several_medications_one_must_be_named() -> None:
    rows = [{**row, "medication": name} for row in COHORT for name in ("b", "m")]
    found = observe(rows, **YEAR)
    for ask in (found.retention_points, found.starts_per_month):
        with pytest.raises(ArgumentError, match="there are several") as told:
            ask()
        assert told.value.allowed == ("b", "m")
    assert found.retention_points((1,), medication=" B ").points == ((1.0, 0.5),)
    assert found.starts_per_month(medication="m") == pytest.approx(4 / 11)


def test_without_a_month_after_the_washout_there_are_no_starts_a_month() -> None:
    found = observe(COHORT, start="2024-03-01", end="2024-03-31")
    with pytest.raises(ArgumentError, match="no whole month") as told:
        found.starts_per_month()
    assert told.value.where == "fills"
