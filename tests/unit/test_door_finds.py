"""Ways in which tables once told two members, or a number, as something else."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from opsafe import mme
from opsafe._readings import read_codes
from opsafe.columns import Columns, Nullable
from opsafe.errors import ColumnError, DocumentError, Problem
from opsafe.quantity import GridState, to_grid
from opsafe.units import Strength, parse_strength

FILL = {
    "fill_date": "2025-01-01",
    "ingredient": "oxycodone",
    "route": "oral",
    "strength": "10 mg",
    "days_supply": 10,
}


def test_categories_of_integers_do_not_pass_through_a_float() -> None:
    ids = pd.Categorical([10**16, None, 10**16 + 1])
    fills = pd.DataFrame(
        {"member_id": ids, "quantity": [30] * 3, **{k: [v] * 3 for k, v in FILL.items()}}
    )
    members = mme.exposure(fills, edition="cdc-2022").members
    assert members["member_id"].tolist() == [10**16, 10**16 + 1]


def test_identifiers_in_float32_end_where_float32_ends() -> None:
    with pytest.raises(ColumnError, match="lost digits"):
        read_codes(np.array([2**24, 2**24 + 1], np.float32), "member_id")


def test_masked_values_are_missing() -> None:
    columns: dict[str, object] = {name: [value] * 2 for name, value in FILL.items()}
    columns |= {"member_id": [1, 2], "quantity": np.ma.array([30, 20], mask=[False, True])}
    result = mme.exposure(columns, edition="cdc-2022")
    assert result.set_aside["code"].tolist() == ["QUANTITY_MISSING"]


@pytest.mark.parametrize("number", [16384.1, 99999.9, 1234567.5])
def test_a_large_decimal_is_on_the_grid_that_it_was_written_on(number: float) -> None:
    counts, states = to_grid(np.array([number]), 6)
    assert (counts.tolist(), states.tolist()) == ([round(Decimal(repr(number)) * 10**6)], [0])


def test_a_number_with_more_decimals_than_the_grid_stays_off_it() -> None:
    assert to_grid(np.array([16384.1234567]), 6)[1].tolist() == [GridState.OFF_GRID]


def test_only_a_volume_of_ml_is_a_volume() -> None:
    assert parse_strength("10 mg/1.0 h") == Strength(Decimal(10), "mg/h")


def test_no_part_of_a_table_can_be_written_to() -> None:
    table = Columns({"n": Nullable(np.array([1, 2]), np.array([True, True]))})
    with pytest.raises(ValueError, match="read-only"):
        table["n"][0] = 9


def test_tables_of_other_kinds_are_simply_not_equal() -> None:
    assert Columns({"a": np.array([1.0])}) != Columns({"a": np.array(["x"])})


@pytest.mark.parametrize("unit", ["D", "ns"])
def test_durations_are_no_numbers(unit: str) -> None:
    columns: dict[str, object] = {name: [value] for name, value in FILL.items()}
    columns |= {"member_id": [1], "quantity": [30], "days_supply": np.array([10], f"m8[{unit}]")}
    result = mme.exposure(columns, edition="cdc-2022")
    assert result.set_aside["code"].tolist() == ["DAYS_SUPPLY_UNREADABLE"]


def test_errors_survive_a_copy_with_their_attributes() -> None:
    error = DocumentError([Problem("a", "b")], document="d", file="f")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
        assert (twin.problems, twin.file, str(twin)) == (error.problems, "f", str(error))


@pytest.mark.parametrize("identifier", [10**5000, Decimal("1e5000")], ids=["integer", "decimal"])
def test_an_absurd_identifier_gets_an_error_of_ours(identifier: int | Decimal) -> None:
    columns: dict[str, object] = {name: [value] for name, value in FILL.items()}
    with pytest.raises(ColumnError):
        mme.exposure(columns | {"member_id": [identifier], "quantity": [30]}, edition="cdc-2022")


def test_tiers_are_of_each_drug_and_not_of_all() -> None:
    doses = [mme.Dose("methadone", "15 mg", per_day=1), mme.Dose("methadone", "15 mg", per_day=1)]
    assert mme.regimen(doses, edition="cdc-2016").mme_per_day == 240.0
