"""The population in one page: who is counted, at which threshold, and what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from opsafe import mme
from opsafe.errors import ArgumentError
from opsafe.mme.summary import DefinitionSummary, Summary

START, END = date(2026, 1, 1), date(2026, 3, 1)  # 60 days: a fill covers half of them


def fill(member: str, mme_per_day: float, **changes: Any) -> dict[str, Any]:
    """Morphine 1 mg, so that the number of tablets a day is the MME a day, for 30 days."""
    usual = {
        "member_id": member,
        "fill_date": START,
        "ingredient": "morphine",
        "route": "oral",
        "strength": 1.0,
        "unit": "mg",
        "quantity": 30.0 * mme_per_day,
        "days_supply": 30,
    }
    return usual | changes


def fills(counts: dict[float, int]) -> list[dict[str, Any]]:
    """So many members at so many MME a day."""
    return [fill(f"{dose}:{i}", dose) for dose, count in counts.items() for i in range(count)]


def summary(
    rows: Sequence[dict[str, Any]], *, by: str | None = None, suppress: bool = True, **more: Any
) -> Summary:
    asked: dict[str, Any] = {"edition": "cdc-2022", "start": START, "end": END} | more
    return mme.exposure(list(rows), **asked).summary(by=by, suppress=suppress)


def definition(name: str, found: Summary, group: str = "all") -> DefinitionSummary:
    (chosen,) = [each for each in found.groups if each.group == group]
    (one,) = [each for each in chosen.definitions if each.definition == name]
    return one


def cells(found: Summary, name: str, group: str = "all") -> dict[str, str]:
    """What is printed in one row of the table."""
    head, *body = found.rows()
    (row,) = [row for row in body if row[0] == group and row[1].startswith(name)]
    return dict(zip(head, row, strict=True))


# ------------------------------------------------------------------ definitions and thresholds


def test_each_definition_has_its_own_mean_median_and_shares() -> None:
    """Two fills of 60 that overlap by 10 days, in a window of 60 days; others have one of 100."""
    twice = [fill("a", 60), fill("a", 60, fill_date=START + timedelta(20))]
    found = summary([*twice, *fills({100: 2})], suppress=False)
    assert [one.mean for one in found.groups[0].definitions] == [
        pytest.approx((60 + 100 + 100) / 3),
        pytest.approx((72 + 100 + 100) / 3),
        pytest.approx((60 + 50 + 50) / 3),
        pytest.approx((120 + 100 + 100) / 3),
    ]
    assert [one.median for one in found.groups[0].definitions] == [100, 100, 50, 100]
    shares = [one.share("at_least_90") for one in found.groups[0].definitions]
    assert shares == [2 / 3, 2 / 3, 0, 1]


def test_each_definition_names_its_column_of_members() -> None:
    columns = [one.column for one in summary([fill("a", 60)]).groups[0].definitions]
    assert columns == [
        "mme_per_supply_day",
        "mme_per_covered_day",
        "mme_per_window_day",
        "mme_maximum_day",
    ]


@pytest.mark.parametrize("name", ["D1", "D2", "D4"])
@pytest.mark.parametrize("threshold", [50, 90])
def test_exactly_at_a_threshold_is_at_least_and_not_more_than(name: str, threshold: int) -> None:
    just_below, just_above = threshold - 0.0001, threshold + 0.0001
    rows = fills({just_below: 1, threshold: 2, just_above: 4})
    found = definition(name, summary(rows, at_least=(threshold,), more_than=(threshold,)))
    assert found.at_thresholds == {f"at_least_{threshold}": 6, f"more_than_{threshold}": 4}


def test_sevenths_meet_a_threshold_that_they_sum_to() -> None:
    rows = [fill("a", 0, quantity=90.0, days_supply=7) for _ in range(7)]
    assert definition("D4", summary(rows)).at_thresholds["at_least_90"] == 1


def test_a_threshold_of_decimals_is_met_on_the_grid() -> None:
    found = definition("D1", summary(fills({22.5: 1, 22.4: 1}), at_least=(22.5,)))
    assert found.share("at_least_22.5") == 0.5


def test_a_share_is_of_the_members_that_have_a_value() -> None:
    nothing_known = fill("b", 0, ingredient="dihydrocodeine", quantity=30.0)
    found = summary([fill("a", 100), nothing_known])
    assert found.groups[0].members == 2
    assert found.groups[0].with_opioid_fills == 1
    assert definition("D1", found).members == 1
    assert definition("D1", found).share("at_least_90") == 1


def test_without_a_window_the_third_definition_has_no_members() -> None:
    found = summary([fill("a", 100)], start=None)
    assert definition("D3", found).members == 0
    assert definition("D3", found).share("at_least_90") is None
    assert cells(found, "D3")["at least 90"] == "-"


def test_lower_bounds_stand_beside_every_definition() -> None:
    partly_known = fill("a", 0, ingredient="dihydrocodeine", quantity=30.0)
    found = summary([fill("a", 100), partly_known, fill("b", 100)], suppress=False)
    assert found.groups[0].lower_bound_members == 1
    assert {one.lower_bound_members for one in found.groups[0].definitions} == {1}
    assert cells(found, "D4")["lower bound"] == "1"


# -------------------------------------------------------------------------------- suppression


@pytest.mark.parametrize(
    "count, shown", [(0, "0"), (1, "under 11"), (10, "under 11"), (11, "11"), (1234, "1,234")]
)
def test_counts_from_1_to_10_are_hidden(count: int, shown: str) -> None:
    assert summary([fill("a", 100)]).shown(count) == shown


def test_nothing_is_hidden_where_that_is_asked_for() -> None:
    found = summary(fills({100: 3}), suppress=False)
    assert found.shown(3) == "3"
    row = cells(found, "D4")
    assert (row["members"], row["mean"], row["at least 90"]) == ("3", "100.0", "100.0% (3)")


@pytest.mark.parametrize(
    "below, above, shown",
    [
        (20, 20, "50.0% (20)"),
        (11, 11, "50.0% (11)"),
        (20, 10, "hidden"),
        (10, 20, "hidden"),  # 10 others: told by the complement
        (20, 0, "0.0% (0)"),
        (0, 20, "100.0% (20)"),
    ],
)
def test_a_share_is_hidden_where_it_or_its_complement_is_small(
    below: int, above: int, shown: str
) -> None:
    found = summary(fills({60: below, 100: above}))
    assert cells(found, "D4")["at least 90"] == shown


def test_the_mean_of_a_few_is_hidden_too() -> None:
    row = cells(summary(fills({100: 10})), "D4")
    assert (row["members"], row["mean"], row["median"]) == ("under 11", "-", "-")
    row = cells(summary(fills({100: 11})), "D4")
    assert (row["members"], row["mean"], row["median"]) == ("11", "100.0", "100.0")


@pytest.mark.parametrize("count, shown", [(10, "under 11"), (11, "11")])
def test_rows_set_aside_and_flagged_are_counted_by_code(count: int, shown: str) -> None:
    odd = [fill(f"odd:{i}", 0, days_supply=0) for i in range(count)]
    long = [fill(f"long:{i}", 1, days_supply=400) for i in range(count)]
    notes = summary([*fills({100: 20}), *odd, *long]).notes()
    assert f"set aside, DAYS_SUPPLY_NOT_POSITIVE: {shown}" in notes
    assert f"flagged, LONG_DAYS_SUPPLY: {shown}" in notes


# ------------------------------------------------------------------------------------- groups


def grouped(**more: Any) -> Summary:
    lines = {"medicaid": fills({100: 12}), "commercial": fills({60: 15})}
    enrolment = [
        {
            "member_id": row["member_id"],
            "first_day": START,
            "last_day": END,
            "line_of_business": line,
        }
        for line, rows in lines.items()
        for row in rows
    ]
    rows = [row for own in lines.values() for row in own]
    return summary(rows, enrolment=enrolment, **more)


def test_groups_stand_in_order_after_all() -> None:
    found = grouped(by="line_of_business")
    assert [group.group for group in found.groups] == ["all", "commercial", "medicaid"]
    assert [group.members for group in found.groups] == [27, 15, 12]


def test_each_group_has_its_own_numbers() -> None:
    found = grouped(by="line_of_business")
    assert cells(found, "D4", "medicaid")["at least 90"] == "100.0% (12)"
    assert cells(found, "D4", "commercial")["at least 90"] == "0.0% (0)"
    assert cells(found, "D4", "commercial")["median"] == "60.0"


def test_without_a_group_there_is_only_all() -> None:
    assert [group.group for group in grouped().groups] == ["all"]


def test_a_group_that_is_no_column_is_refused() -> None:
    with pytest.raises(ArgumentError, match="by: is no column of members") as caught:
        grouped(by="plan")
    assert "line_of_business" in caught.value.allowed


# --------------------------------------------------------------------------------- as a page


def test_an_empty_population_has_a_summary() -> None:
    found = summary([])
    assert found.groups[0].members == 0
    assert [one.mean for one in found.groups[0].definitions] == [None] * 4
    row = cells(found, "D4")
    assert (row["members"], row["mean"], row["at least 90"]) == ("0", "-", "-")
    assert "0 in = 0 used + 0 netted + 0 not opioid + 0 set aside" in str(found)


def test_as_text_the_columns_line_up_and_the_cautions_follow() -> None:
    table, notes = str(summary(fills({60: 20, 100: 20}), more_than=(90,))).split("\n\n")
    head, *body = table.splitlines()
    assert len(body) == 4
    for name in ("members", "lower bound", "mean", "median", "at least 50", "more than 90"):
        assert all(line[head.index(name) - 2 : head.index(name)] == "  " for line in body)
    assert "all: 40 members, 40 with opioid fills that count, 0 whose MME is a lower" in notes
    assert "rows: 40 in = 40 used + 0 netted + 0 not opioid + 0 set aside" in notes
    assert "not grounds to deny, taper or stop" in notes


def test_as_html_it_has_the_same_cells() -> None:
    found = summary(fills({60: 20, 100: 20}))
    page = found._repr_html_()
    for row in found.rows():
        assert all(f">{cell}</t" in page for cell in row)
    assert page.count("<tr>") == 5
    assert "not grounds to deny, taper or stop" in page


def test_a_name_from_the_data_cannot_write_html() -> None:
    line = {"first_day": START, "last_day": END, "line_of_business": "<b>x</b>"}
    found = summary([fill("a", 60)], enrolment=[{"member_id": "a"} | line], by="line_of_business")
    assert "<td>&lt;b&gt;x&lt;/b&gt;</td>" in found._repr_html_()
    assert "<b>" not in found._repr_html_()
