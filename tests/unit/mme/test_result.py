"""The answer of `mme.exposure`: what it shows, what it records, and whom it never names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import opsafe
from opsafe import mme
from opsafe.errors import DocumentError
from tests import tables

START, END = date(2026, 1, 1), date(2026, 3, 31)
MEMBER = "member-4711"


def fill(**changes: Any) -> dict[str, Any]:
    """Oxycodone 10 mg four a day for 30 days: 60 MME a day."""
    usual = {
        "member_id": MEMBER,
        "fill_date": START,
        "ingredient": "oxycodone",
        "route": "oral",
        "form": "tablet",
        "strength": 10.0,
        "unit": "mg",
        "quantity": 120.0,
        "days_supply": 30,
    }
    return usual | changes


def ask(*fills: dict[str, Any], **arguments: Any) -> mme.Exposure:
    asked: dict[str, Any] = {"edition": "cdc-2022", "start": START, "end": END} | arguments
    return mme.exposure(list(fills) or [fill()], **asked)


def everything() -> mme.Exposure:
    """A row of every fate: used, netted, another drug, set aside; and one that is flagged."""
    return ask(
        fill(fill_id="a"),
        fill(fill_id="a", quantity=-60.0, days_supply=-15),
        fill(ingredient="lisinopril"),
        fill(ingredient="dihydrocodeine"),
        fill(quantity=300_000.0),
        segments=True,
        contributions=True,
    )


# -------------------------------------------------------------------------------- what it shows


def test_the_repr_counts_members_and_rows_and_names_the_edition() -> None:
    assert repr(everything()) == "Exposure(1 members, 2 of 5 rows used, 1 set aside, cdc-2022)"


@pytest.mark.parametrize(
    "words",
    [
        "cdc-2022",
        "https://doi.org/10.15585/mmwr.rr7103a1",
        "start: 2026-01-01, end: 2026-03-31, overlap: sum",
        "covered day: a day of the window with at least one fill that counts",
        "D1 mme_per_supply_day",
        "D4 mme_maximum_day",
        "For clinical review; not grounds to deny, taper or stop",
        "No clinical exclusions were applied",
        "Claims miss fills paid in cash or by other payers",
        "<table>",
    ],
)
def test_a_notebook_says_edition_window_definitions_and_cautions(words: str) -> None:
    assert words in ask()._repr_html_()


def test_a_notebook_says_that_no_window_was_given() -> None:
    assert "start: not given, end: not given" in ask(start=None, end=None)._repr_html_()


def test_a_notebook_names_every_edition_of_a_chain() -> None:
    page = ask(edition=("cdc-2022", "cdc-file-2018"))._repr_html_()
    assert "edition cdc-2022" in page and "edition cdc-file-2018" in page


def test_no_member_is_named_in_what_is_shown_or_recorded() -> None:
    found = everything()
    shown = repr(found), found._repr_html_(), str(found.summary()), found.provenance.to_json()
    assert not any(MEMBER in text for text in shown)


@pytest.mark.parametrize("table", ["set_aside", "flags", "not_opioid"])
def test_no_member_is_named_in_the_tables_of_rows(table: str) -> None:
    missing = fill(member_id=None)
    rows = tables.rows_of(getattr(ask(fill(days_supply=0), missing, fill(days_supply=400)), table))
    assert MEMBER not in str(rows)


# ----------------------------------------------------------------------------------- provenance


def test_every_row_has_one_fate() -> None:
    rows = everything().provenance.rows
    fates = rows.used, rows.netted, rows.not_opioid, rows.set_aside
    assert (rows.rows_in, *fates) == (5, 2, 1, 1, 1)
    assert rows.rows_in == sum(fates)


def test_the_record_comes_back_from_json_as_it_was() -> None:
    record = everything().provenance
    assert mme.Provenance.from_json(record.to_json()) == record


def test_a_record_of_another_schema_is_refused() -> None:
    text = ask().provenance.to_json().replace('"schema_version": 1', '"schema_version": 2')
    with pytest.raises(DocumentError, match="schema_version"):
        mme.Provenance.from_json(text)


def test_the_record_is_the_same_for_the_same_question() -> None:
    assert everything().provenance == everything().provenance


def test_the_record_names_the_factors_that_rows_rest_on() -> None:
    found = ask(fill(), fill(), fill(ingredient="morphine"), fill(ingredient="dihydrocodeine"))
    used = [(one.ingredient, one.factor, one.edition, one.rows) for one in found.provenance.factors]
    assert used == [
        ("morphine", "1 per mg", "cdc-2022", 1),
        ("oxycodone", "1.5 per mg", "cdc-2022", 2),
    ]


def test_the_record_says_which_edition_of_a_chain_gave_a_factor() -> None:
    chain = ("cdc-2022", "cdc-file-2018")
    record = ask(fill(), fill(ingredient="dihydrocodeine"), edition=chain).provenance
    found = {one.ingredient: one.edition for one in record.factors}
    assert found == {"dihydrocodeine": "cdc-file-2018", "oxycodone": "cdc-2022"}


def test_the_record_pins_the_values_of_the_editions() -> None:
    (used,) = ask().provenance.editions
    edition = mme.edition("cdc-2022")
    assert (used.id, used.values_hash) == (edition.id, edition.values_hash())
    assert used.citation == edition.citation()


def test_the_record_counts_reasons_and_flags_by_code() -> None:
    record = everything().provenance
    assert record.set_aside_by_reason == {"NO_FACTOR": 1}
    assert record.flags_by_code == {"IMPLAUSIBLE_MME": 1}
    assert (record.members, record.lower_bound_members) == (1, 1)


def test_the_record_holds_the_arguments_and_the_version() -> None:
    record = ask(at_least=(22.5,), more_than=(90,), overlap="shift_same_product").provenance
    assert record.opsafe_version == opsafe.__version__
    given = {name: record.arguments[name] for name in ("at_least", "more_than", "overlap")}
    assert given == {"at_least": "22.5", "more_than": "90", "overlap": "shift_same_product"}


def test_cautions_are_told_only_where_they_hold() -> None:
    lower_bound, no_window = "MME is a lower bound", "D3 is null"
    plain = " ".join(ask().provenance.cautions)
    assert lower_bound not in plain and no_window not in plain
    careful = " ".join(ask(fill(ingredient="dihydrocodeine"), end=None).provenance.cautions)
    assert lower_bound in careful and no_window in careful


def test_fills_that_equal_one_another_are_tallied() -> None:
    provenance = ask(fill(), fill(), fill()).provenance
    assert provenance.identical_fills == 2
    assert any("equal an earlier one" in caution for caution in provenance.cautions)


# ---------------------------------------------------------------------- segments, contributions


def test_segments_and_contributions_are_made_only_on_request() -> None:
    found = ask()
    assert found.segments is None
    assert found.contributions is None


def test_segments_are_runs_of_constant_exposure() -> None:
    later = fill(fill_date=START + timedelta(20))
    found = ask(fill(), later, segments=True)
    seen = [
        (row["first_day"], row["last_day"], row["mme_per_day"], row["active_fills"])
        for row in tables.rows_of(found.segments)
    ]
    day = [START + timedelta(days) for days in (0, 19, 20, 29, 30, 49)]
    assert seen == [
        (day[0], day[1], 60, 1),
        (day[2], day[3], 120, 2),
        (day[4], day[5], 60, 1),
    ]


def test_fills_that_follow_one_another_are_one_segment() -> None:
    found = ask(fill(), fill(fill_date=START + timedelta(30)), segments=True)
    (row,) = tables.rows_of(found.segments)
    assert (row["member_id"], row["last_day"]) == (MEMBER, START + timedelta(59))


def test_the_same_mme_from_another_number_of_fills_is_another_segment() -> None:
    halves = [fill(quantity=60.0)] * 2
    found = ask(*halves, fill(fill_date=START + timedelta(30)), segments=True)
    seen = [(row["mme_per_day"], row["active_fills"]) for row in tables.rows_of(found.segments)]
    assert seen == [(60, 2), (60, 1)]


def test_segments_end_with_the_window() -> None:
    (row,) = tables.rows_of(ask(segments=True, end=START + timedelta(9)).segments)
    assert row["last_day"] == START + timedelta(9)


def test_contributions_are_of_the_peak_day_and_of_the_total() -> None:
    morphine = fill(ingredient="morphine", days_supply=60)  # 20 a day
    found = ask(fill(), morphine, contributions=True)
    rows = {row["ingredient"]: row for row in tables.rows_of(found.contributions)}
    assert [row["mme_on_peak_day"] for row in rows.values()] == [20, 60]
    assert [row["total_mme"] for row in rows.values()] == [1200, 1800]
    assert [row["share_of_total"] for row in rows.values()] == [0.4, 0.6]
    assert list(rows) == ["morphine", "oxycodone"]


def test_contributions_leave_buprenorphine_out() -> None:
    row = fill(ingredient="buprenorphine", route="sublingual", form=None, strength=8.0)
    asked: dict[str, Any] = {"edition": "nih-heal-2024", "buprenorphine": "include"}
    (only,) = tables.rows_of(ask(fill(), row, contributions=True, **asked).contributions)
    assert (only["ingredient"], only["share_of_total"]) == ("oxycodone", 1)


@pytest.mark.parametrize("shape", tables.SHAPES)
def test_every_table_is_of_the_kind_that_came_in(shape: str) -> None:
    rows = tables.SHAPES[shape]([fill(), fill(ingredient="lisinopril"), fill(days_supply=0)])
    found = mme.exposure(rows, edition="cdc-2022", segments=True, contributions=True)
    names = ["members", "set_aside", "flags", "not_opioid", "excluded", "segments", "contributions"]
    assert {type(getattr(found, name)) for name in names} == {tables.KINDS[shape]}


def test_progress_is_told_from_the_first_step_to_the_last() -> None:
    steps: list[tuple[int, int]] = []
    ask(progress=lambda done, steps_in_all: steps.append((done, steps_in_all)))
    assert steps == [(done + 1, len(steps)) for done in range(len(steps))] != []
