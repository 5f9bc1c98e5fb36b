"""Members and prescribers by area, from tables of every kind, and what is refused of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from opsafe import workforce as wf
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentTypeError, ColumnError, DocumentError, OpsafeError
from opsafe.uncertainty import Uniform
from opsafe.workforce.frames import demands_from, supply_from

Make: TypeAlias = Callable[[dict[str, list[Any]]], Any]

MEMBERS: dict[str, list[Any]] = {
    "area": ["north", "south", "south"],
    "line_of_business": ["medicaid", "medicaid", "commercial"],
    "members": [40_000, 60_000, 20_000],
    "ages": ["18+"] * 3,
    "oud_base": ["claims"] * 3,
    "prevalence": [0.01, 0.02, None],
    "identified_members": [None, None, 150],
    "undercount": [1.0, 1.0, 1.0],
    "seeking": [0.4, 0.5, 0.6],
    "on_treatment": [100.0, None, 30.0],
    "note": ["not read", "", "x"],
}
PRESCRIBERS: dict[str, list[Any]] = {
    "area": ["north", "south", "south"],
    "medication": ["buprenorphine", "buprenorphine", "methadone"],
    "open_to_plan": [12, 7, 0],
    "hires_per_month": [2, 0, 0],
    "places": [None, None, 80.5],
}


def records(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def nullable(values: list[Any]) -> Nullable:
    valid = np.array([value is not None for value in values])
    return Nullable(np.array([value or 0 for value in values]), valid)


def as_columns(table: dict[str, list[Any]]) -> Columns:
    found: dict[str, Any] = {}
    for name, values in table.items():
        if isinstance(values[0], str):
            words = tuple(dict.fromkeys(values))
            found[name] = Text(np.array([words.index(value) for value in values]), words)
        else:
            found[name] = nullable(values)
    return Columns(found)


KINDS: dict[str, Make] = {
    "mapping": dict,
    "records": records,
    "Columns": as_columns,
    "pandas": pd.DataFrame,
    "pandas with its own nulls": lambda table: pd.DataFrame(table).convert_dtypes(),
    "polars": pl.DataFrame,
    "lazy polars": pl.LazyFrame,
    "pyarrow": pa.table,
}


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_every_kind_of_table_gives_the_same_demand(
    kind: Make,
) -> None:
    common: dict[str, Any] = {"ages": "18+", "oud_base": "claims", "undercount": 1.0}
    assert demands_from(kind(MEMBERS)) == (
        wf.Demand(
            area="north",
            line_of_business="medicaid",
            members=40_000,
            prevalence=0.01,
            seeking=0.4,
            on_treatment=100,
            **common,
        ),
        wf.Demand(
            area="south",
            line_of_business="medicaid",
            members=60_000,
            prevalence=0.02,
            seeking=0.5,
            **common,
        ),
        wf.Demand(
            area="south",
            line_of_business="commercial",
            members=20_000,
            identified_members=150,
            seeking=0.6,
            on_treatment=30,
            **common,
        ),
    )


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_every_kind_of_table_gives_the_same_supply(
    kind: Make,
) -> None:
    assert supply_from(kind(PRESCRIBERS)) == (
        wf.Supply(area="north", open_to_plan=12, hires_per_month=2),
        wf.Supply(area="south", open_to_plan=7),
        wf.Supply(area="south", medication="methadone", places=80.5),
    )


@pytest.mark.parametrize("kind", ["mapping", "records", "pandas", "polars", "pyarrow"])
def test_hires_may_be_lists_by_month(kind: str) -> None:
    table: dict[str, list[Any]] = {"area": ["north", "south"], "hires_per_month": [[1, 2], [3, 0]]}
    found = supply_from(KINDS[kind](table))
    assert [each.hires(3) for each in found] == [(1, 2, 0), (3, 0, 0)]


def test_a_cell_may_hold_a_distribution_an_edition_or_a_curve() -> None:
    curve = wf.Retention(gap_days=30, scale_months=10, shape=1)
    rows = [
        {**row, "identified_members": None, "prevalence": each, "retention": kept}
        for row, each, kept in zip(
            records(MEMBERS),
            [0.01, "modrn-2018", {"kind": "uniform", "low": 0.0, "high": 0.1}],
            [None, "medicaid-2013-15", curve],
            strict=True,
        )
    ]
    found = demands_from(rows)
    uncertain = Uniform(low=0, high=0.1)
    assert [each.prevalence for each in found] == [0.01, "modrn-2018", uncertain]
    assert [each.retention for each in found] == [None, "medicaid-2013-15", curve]
    assert demands_from(pd.DataFrame(rows)) == found


def test_a_column_of_the_callers_own_name_is_mapped() -> None:
    table = {**MEMBERS, "county": MEMBERS["area"]}
    del table["area"]
    assert demands_from(table, columns={"area": "county"}) == demands_from(MEMBERS)
    with pytest.raises(ColumnError, match="'kreis'") as refused:
        demands_from(table, columns={"area": "kreis"})
    assert refused.value.where == "table"


def test_decimals_and_whole_floats_are_numbers() -> None:
    table = {**MEMBERS, "members": [40_000.0, Decimal(60_000), 20_000]}
    assert [each.members for each in demands_from(table)] == [40_000, 60_000, 20_000]
    assert [each.members for each in demands_from(pl.DataFrame(MEMBERS))] == [
        40_000,
        60_000,
        20_000,
    ]


def test_every_wrong_cell_is_named_with_its_row_and_field() -> None:
    table = {
        **MEMBERS,
        "members": [-5, 60_000, 20_000.5],
        "prevalence": [1.5, "0.02", None],
        "oud_base": ["claims", "guess", "claims"],
        "area": ["north", 6071, "south"],
    }
    with pytest.raises(DocumentError) as refused:
        demands_from(table)
    found = {each.field: each.message for each in refused.value.problems}
    assert list(found) == [
        "row 0: members",
        "row 0: prevalence",
        "row 1: prevalence",
        "row 1: area",
        "row 1: oud_base",
        "row 2: members",
    ]
    assert found["row 0: prevalence"] == "should be less than or equal to 1, not 1.5"
    assert "leading zeros" in found["row 1: area"]
    assert found["row 1: prevalence"] == "is the text '0.02': make the column one of numbers"
    assert refused.value.document == "table of Demand"
    assert "row 2: members: should be a valid integer" in str(refused.value)


@pytest.mark.parametrize("text", ["12", "0.5", "1,000", "5 %", " 7 ", "1e3", "nan"])
def test_numbers_as_text_are_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(DocumentError, match=r"row 0: open: is the text .* column one of numbers"):
        supply_from([{"area": "north", "open": text}])


@pytest.mark.parametrize(
    "row, message",
    [
        ({"open": True}, "row 0: open: should be a valid integer, not True"),
        ({"open": float("inf")}, "row 0: open: should be a valid integer, not inf"),
        ({"open": date(2026, 1, 1)}, "row 0: open: should be a valid integer"),
        ({"hires_per_month": [1, -1]}, r"row 0: hires_per_month\[1\]: should be greater"),
        ({"open": np.array([[1], [2]])}, "row 0: open: should be a valid integer"),
        ({"open": b"3"}, "row 0: open: should be a valid integer"),
        ({"hires_per_month": [[1]]}, r"row 0: hires_per_month\[0\]"),
        ({"places": 10.0, "open": 3}, "row 0: places: stand instead of heads and hires"),
        ({"area": ""}, "row 0: area: string should have at least 1 character"),
    ],
)
def test_a_cell_that_no_field_takes_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message) as refused:
        supply_from([row])
    assert len(refused.value.problems) == 1


def test_an_entry_that_numpy_masks_is_missing() -> None:
    masked = np.ma.masked_array([3, 4], mask=[False, True])
    expected = (3, 0)
    assert (
        tuple(each.open for each in supply_from({"area": ["a", "b"], "open": masked})) == expected
    )
    records_of_numpy = [{"area": "a", "open": np.int64(3)}, {"area": "b", "open": np.ma.masked}]
    assert tuple(each.open for each in supply_from(records_of_numpy)) == expected


def test_flags_are_not_taken_for_numbers() -> None:
    flags = Nullable(np.array([True, False]), np.array([True, False]))
    with pytest.raises(DocumentError, match="row 0: open: should be a valid integer, not True"):
        supply_from(Columns({"open": flags}))


def test_two_rows_of_one_stream_are_named() -> None:
    rows = records(MEMBERS)
    with pytest.raises(DocumentError) as refused:
        demands_from([*rows, rows[1]])
    (problem,) = refused.value.problems
    assert problem.field == "row 3: area, line_of_business, medication"
    assert problem.message == "the same as in row 1"
    with pytest.raises(DocumentError, match="row 1: area, medication: the same as in row 0"):
        supply_from([{"open": 1}, {"open": 2}])


def test_a_missing_cell_of_a_required_field_is_named() -> None:
    with pytest.raises(DocumentError, match="row 2: seeking: is missing"):
        demands_from({**MEMBERS, "seeking": [0.4, 0.5, None]})


@pytest.mark.parametrize(
    "table, error, message",
    [
        ({"area": ["north"]}, ColumnError, "'members', 'ages', 'oud_base', 'undercount'"),
        ({**MEMBERS, "ages": ["18+"]}, ColumnError, "differ in length"),
        (7, ArgumentTypeError, "is not a table"),
        (["north"], ArgumentTypeError, "record 0 is not a mapping"),
    ],
)
def test_what_is_no_table_of_demand_is_refused(
    table: Any, error: type[OpsafeError], message: str
) -> None:
    with pytest.raises(error, match=message):
        demands_from(table)


def test_a_table_of_supply_needs_one_column_of_ours() -> None:
    with pytest.raises(ColumnError, match="holds no column of ours"):
        supply_from({"heads": [5]})


def test_no_rows_are_no_documents() -> None:
    assert demands_from([]) == () == supply_from(pd.DataFrame({"area": []}))


def test_a_scenario_of_frames_runs_and_gives_frames_back() -> None:
    scenario = wf.Scenario(
        demand=demands_from(pl.DataFrame(MEMBERS)),
        supply=supply_from(pl.DataFrame(PRESCRIBERS).head(2)),
        capacity=wf.PanelCapacity(panel="thomas-2017-100", plan_share=1.0),
        leaving_first_year=0.2,
        leaving_later=0.1,
    )
    plan = wf.project(scenario, start="2026-01", months=3)
    assert plan.by_area.to_polars().shape == (6, len(plan.by_area.keys()))
    assert list(plan.by_area.to_pandas()["area"]) == ["north"] * 3 + ["south"] * 3


@pytest.mark.parametrize("kind", [dict, pd.DataFrame])
def test_a_scenario_survives_as_records(kind: Any) -> None:
    example = Path(__file__).parents[3] / "examples" / "workforce-scenario.json"
    scenario = wf.Scenario.from_json(example.read_text(encoding="utf-8"))
    demand = [each.model_dump() for each in scenario.demand]
    supply = [each.model_dump() for each in scenario.supply]
    if kind is not dict:
        demand, supply = kind(demand), kind(supply)
    assert demands_from(demand) == scenario.demand
    assert supply_from(supply) == scenario.supply


@pytest.mark.parametrize("table", [{}, []], ids=["mapping", "records"])
def test_a_table_of_nothing_has_no_documents(table: Any) -> None:
    assert demands_from(table) == ()
    assert supply_from(table) == ()
