"""Access by area: by hand, in every form of input, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, OpsafeError
from opsafe.workforce.access import access
from opsafe.workforce.reach import Reach, reach_standard
from opsafe.workforce.site import site

FRAMES = ["columns", "pandas", "polars"]
MEMBERS = [100, 300]
SUPPLY = [4, 1]
# From area to site. Turned round, the first area would be 15 minutes from the second site.
MINUTES = [[10, 70], [15, 50]]


def test_two_areas_by_hand_with_a_matrix_that_is_not_symmetric() -> None:
    found = access(MEMBERS, SUPPLY, MINUTES)
    # Site 0 sees 100 + 300 members at weight 1: 4 / 400. Site 1 sees 300 at 0.22: 1 / 66.
    assert found.by_site["weighted_members"].tolist() == pytest.approx([400, 66])
    assert found.by_site["supply_ratio"].tolist() == pytest.approx([1 / 100, 1 / 66])
    # Area 1: 1 / 100 + 0.22 / 66 = 4 / 300.
    assert found.by_area["access_ratio"].tolist() == pytest.approx([1 / 100, 4 / 300])
    # 100 / 100 + 300 x 4 / 300 = 5: the supply of both sites.
    assert found.supply_reaching == 5
    turned = access(MEMBERS, SUPPLY, np.transpose(MINUTES))
    # Site 0 sees 100 at weight 1; at 70 minutes it does not see area 1. Site 1 sees 100 at 1 and
    # 300 at 0.22.
    assert turned.by_site["weighted_members"].tolist() == pytest.approx([100, 166])


def test_the_plain_method_has_one_band() -> None:
    found = access(MEMBERS, SUPPLY, MINUTES, bands=((60, 1),))
    assert found.by_area["access_ratio"].tolist() == pytest.approx([4 / 400, 4 / 400 + 1 / 300])


def test_a_cost_at_the_edge_of_a_band_is_inside() -> None:
    found = access([1], [1, 1, 1], [[20, 40, 60.001]])
    assert found.by_site["weighted_members"].tolist() == [1, 0.68, 0]


def test_members_within_a_limit() -> None:
    found = access(MEMBERS, SUPPLY, MINUTES, limit=Reach(minutes=10))
    assert (found.members, found.members_within, found.share_within) == (400, 100, 0.25)
    assert found.by_area["is_within"].tolist() == [True, False]
    assert access(MEMBERS, SUPPLY, MINUTES).limit == Reach(minutes=60)


def test_both_limits_and_either_of_them() -> None:
    miles = [[20, 1], [9, 30]]
    one = access(MEMBERS, SUPPLY, MINUTES, travel_miles=miles, limit=Reach(minutes=12, miles=9))
    both = access(
        MEMBERS,
        SUPPLY,
        MINUTES,
        travel_miles=miles,
        limit=Reach(minutes=15, miles=9, logic="both"),
    )
    assert one.by_area["is_within"].tolist() == [True, True]
    assert both.by_area["is_within"].tolist() == [False, True]


def test_a_published_standard_is_a_limit() -> None:
    standard = reach_standard("Medi-Cal managed care", "primary care")
    found = access(MEMBERS, SUPPLY, MINUTES, limit=standard)
    assert found.limit == standard.reach
    assert [used.id for used in found.editions] == [standard.id]
    assert found.share_within == 1
    assert found.cautions and "10 miles was not evaluated" in found.cautions[0]


def test_a_site_without_supply_brings_nobody_within() -> None:
    found = access(MEMBERS, [0, 1], MINUTES, limit=Reach(minutes=50))
    assert found.by_area["is_within"].tolist() == [False, True]


def test_without_members_there_is_no_share() -> None:
    found = access([0, 0], SUPPLY, MINUTES)
    assert found.share_within is None
    assert found.by_area["access_ratio"].tolist() == [0, 0]
    assert (found.supply, found.supply_reaching) == (5, 0)


def test_an_area_without_members_has_the_access_that_a_member_there_would_have() -> None:
    found = access([0, 300], SUPPLY, MINUTES)
    assert found.by_area["access_ratio"].tolist() == pytest.approx([4 / 300, 4 / 300 + 1 / 300])


def test_supply_that_nobody_reaches_is_left_out() -> None:
    found = access(MEMBERS, [4, 1, 7], [[10, 70, 99], [15, 50, 99]])
    assert (found.supply, found.supply_reaching) == (12, 5)
    assert found.by_site["supply_ratio"][2] == 0


def test_what_is_missing_is_unreachable_only_where_that_is_said() -> None:
    holes = [[10, np.nan], [15, 50]]
    found = access(MEMBERS, SUPPLY, holes, missing="unreachable")
    assert found.by_area["access_ratio"].tolist() == pytest.approx([1 / 100, 4 / 300])
    with pytest.raises(ArgumentError, match=r"1 of 4 pairs, first at row 0, column 1") as refused:
        access(MEMBERS, SUPPLY, holes)
    assert refused.value.where == "travel_minutes"
    assert "unreachable" in str(refused.value.advice)


PAIRS: dict[str, Any] = {
    "area": ["b", "a", "b", "a"],
    "site": ["y", "x", "x", "y"],
    "minutes": [50, 10, 15, 70],
}


@pytest.mark.parametrize(
    "demand",
    [
        {"a": 100, "b": 300},
        {"area": ["a", "b"], "members": [100, 300]},
        [{"area": "a", "members": 100.0}, {"area": "b", "members": 300}],
        pd.DataFrame({"area": ["a", "b"], "members": [100, 300]}),
        pl.DataFrame({"area": ["a", "b"], "members": [Decimal(100), Decimal(300)]}),
    ],
    ids=["mapping", "columns", "records", "pandas", "polars"],
)
@pytest.mark.parametrize(
    "make", [dict, pd.DataFrame, pl.DataFrame], ids=["dict", "pandas", "polars"]
)
def test_named_places_and_a_table_of_pairs(demand: Any, make: Any) -> None:
    found = access(demand, {"x": 4, "y": 1}, make(PAIRS))
    assert found.by_area["area"].tolist() == ["a", "b"]
    assert found.by_site["site"].tolist() == ["x", "y"]
    assert found.by_area["access_ratio"].tolist() == pytest.approx([1 / 100, 4 / 300])


def test_a_pair_that_is_not_in_the_table_is_missing() -> None:
    fewer = {name: values[:3] for name, values in PAIRS.items()}
    demand, supply = {"a": 100, "b": 300}, {"x": 4, "y": 1}
    found = access(demand, supply, fewer, missing="unreachable")
    assert found.by_area["access_ratio"].tolist() == pytest.approx([1 / 100, 4 / 300])
    with pytest.raises(ArgumentError, match="1 of 4 pairs"):
        access(demand, supply, fewer)


def test_miles_alone_are_the_unit_of_the_bands() -> None:
    found = access(MEMBERS, SUPPLY, None, travel_miles=MINUTES, bands=((60, 1),))
    assert found.unit == "miles" and found.limit == Reach(miles=60)
    pairs = {"area": PAIRS["area"], "site": PAIRS["site"], "miles": PAIRS["minutes"]}
    table = access({"a": 100, "b": 300}, {"x": 4, "y": 1}, pairs, bands=((60, 1),))
    assert table.by_area["access_ratio"].tolist() == found.by_area["access_ratio"].tolist()


def refused(error: type[OpsafeError], where: str, **changes: Any) -> None:
    asked: dict[str, Any] = {"demand": MEMBERS, "supply": SUPPLY, "travel_minutes": MINUTES}
    with pytest.raises(error) as raised:
        access(**(asked | changes))
    assert raised.value.where == where
    assert "nan" not in str(raised.value).lower() or "missing" in str(raised.value)


@pytest.mark.parametrize(
    "where, value",
    [
        ("demand", [100, -1]),
        ("demand", [100, np.nan]),
        ("demand", [100, None]),
        ("demand", [100, np.inf]),
        ("demand", [100, 1e13]),
        ("demand", [100, 10**400]),
        ("demand", []),
        ("demand", [[100, 300]]),
        ("demand", 100),
        ("demand", {}),
        ("supply", [4, -1]),
        ("supply", [[4, 1]]),
        ("travel_minutes", [[10, -70], [15, 50]]),
        ("travel_minutes", [[10, np.inf], [15, 50]]),
        ("travel_minutes", [[10, 2e6], [15, 50]]),
        ("travel_minutes", [[10, 70]]),
        ("travel_minutes", [[10], [15]]),
        ("travel_minutes", [10, 15]),
        ("travel_minutes", [[], []]),
        ("travel_minutes", None),
        ("travel_miles", [[1, 2, 3], [1, 2, 3]]),
        ("travel_miles", [[1, np.nan], [1, 2]]),
        ("missing", "drop"),
        ("missing", None),
    ],
)
def test_a_wrong_number_or_shape_names_the_field(where: str, value: Any) -> None:
    refused(ArgumentError, where, **{where: value})


@pytest.mark.parametrize(
    "where, value",
    [
        ("demand", "100"),
        ("demand", ["100", "300"]),
        ("demand", [True, False]),
        ("demand", [100, 3j]),
        ("demand", [100, "300", None]),
        ("demand", object()),
        ("demand", {1, 2}),
        ("demand", [[100], [300, 1]]),
        ("demand", {"a": 100, "b": "many"}),
        ("demand", {("a",): 100, "b": 300}),
        ("demand", {None: 100, "b": 300}),
        ("travel_minutes", [[10, 70], [15]]),
        ("travel_minutes", np.array(["2026-01-01", "2026-01-02"], "datetime64[D]")),
        ("travel_minutes", [["10", "70"], ["15", "50"]]),
        ("limit", 30),
        ("limit", "30 minutes"),
        ("bands", None),
        ("bands", ()),
        ("bands", "20"),
        ("bands", 30),
    ],
)
def test_a_wrong_type_names_the_field(where: str, value: Any) -> None:
    refused(ArgumentTypeError, where, **{where: value})


@pytest.mark.parametrize(
    "bands, error, where",
    [
        (((20, 1), (20, 0.5)), ArgumentError, "bands[1][0]"),
        (((20, 1), (10, 0.5)), ArgumentError, "bands[1][0]"),
        (((-1, 1),), ArgumentError, "bands[0][0]"),
        (((20, 1.5),), ArgumentError, "bands[0][1]"),
        (((20, 0),), ArgumentError, "bands[0][1]"),
        (((20, np.inf),), ArgumentError, "bands[0][1]"),
        (((20, None),), ArgumentTypeError, "bands[0][1]"),
        (((20, True),), ArgumentTypeError, "bands[0][1]"),
        (((20,),), ArgumentTypeError, "bands[0]"),
        ((20, 1), ArgumentTypeError, "bands[0]"),
    ],
)
def test_wrong_bands_name_the_place(bands: Any, error: type[OpsafeError], where: str) -> None:
    refused(error, where, bands=bands)


NAMED: dict[str, Any] = {"demand": {"a": 100, "b": 300}, "supply": {"x": 4, "y": 1}}


@pytest.mark.parametrize(
    "changes, error, where",
    [
        ({"area": ["b", "a", "c", "a"]}, ArgumentError, "travel_minutes['area']"),
        ({"site": ["y", "x", "z", "y"]}, ArgumentError, "travel_minutes['site']"),
        ({"site": ["y", "x", None, "y"]}, ArgumentTypeError, "travel_minutes['site']"),
        ({"area": [1.5, 2.5, 3.5, 4.5]}, ArgumentTypeError, "travel_minutes['area']"),
        ({"site": ["x", "x", "x", "x"]}, ArgumentError, "travel_minutes"),
        ({"minutes": [50, 10, 15, -70]}, ArgumentError, "travel_minutes['minutes']"),
        ({"minutes": [50, 10, 15, None]}, ArgumentError, "travel_minutes['minutes']"),
        ({"minutes": [50, 10, 15.5, np.inf]}, ArgumentError, "travel_minutes['minutes']"),
        ({"minutes": ["50", "10", "15", "70"]}, ColumnError, "travel_minutes['minutes']"),
        ({"minutes": [True, True, False, True]}, ColumnError, "travel_minutes['minutes']"),
        ({"miles": [1, 2, 3, "four"]}, ColumnError, "travel_minutes['miles']"),
    ],
)
def test_a_wrong_table_of_pairs_names_the_column(
    changes: dict[str, Any], error: type[OpsafeError], where: str
) -> None:
    refused(error, where, **NAMED, travel_minutes={**PAIRS, **changes})


def test_a_table_without_any_pair_is_refused() -> None:
    empty: dict[str, Any] = {"area": [], "site": [], "minutes": []}
    with pytest.raises(ArgumentError, match="holds no pair"):
        site({"a": 1}, empty, new_heads=1, panel=40, plan_share=0.5, limit=Reach(minutes=30))
    refused(ArgumentError, "travel_minutes['minutes']", **NAMED, travel_minutes=empty)


def test_a_column_of_which_all_is_missing_is_missing() -> None:
    nothing = pd.DataFrame({"area": [0, 1], "members": pd.array([None, None], "Int64")})
    refused(ArgumentError, "demand['members']", demand=nothing)


@pytest.mark.parametrize("dropped", ["area", "site"])
def test_a_table_of_pairs_without_a_column_is_refused(dropped: str) -> None:
    pairs = {name: values for name, values in PAIRS.items() if name != dropped}
    with pytest.raises(ColumnError, match=dropped):
        access(**NAMED, travel_minutes=pairs)
    with pytest.raises(ColumnError, match="minutes"):
        access(**NAMED, travel_minutes={"area": ["a"], "site": ["x"]})


def test_travel_comes_as_two_matrices_or_as_one_table() -> None:
    refused(ArgumentError, "travel_miles", **NAMED, travel_minutes=PAIRS, travel_miles=MINUTES)
    refused(ArgumentError, "travel_miles", **NAMED, travel_minutes=None, travel_miles=PAIRS)
    refused(ArgumentError, "travel_miles", limit=Reach(miles=10))


def test_a_place_named_twice_is_refused() -> None:
    twice = {"area": ["a", "a"], "members": [1, 2]}
    refused(ArgumentError, "demand['area']", demand=twice)


def test_a_missing_amount_in_a_table_names_its_column() -> None:
    demand = pd.DataFrame({"area": [1, 2], "members": pd.array([100, None], "Int64")})
    refused(ArgumentError, "demand['members']", demand=demand)


def test_masked_and_object_arrays_are_read() -> None:
    masked = np.ma.masked_array(MINUTES, mask=[[False, True], [False, False]])
    found = access([Decimal(100), 300], np.array([4, None], object)[:1], masked[:, :1])
    assert found.by_area["access_ratio"].tolist() == pytest.approx([1 / 100, 1 / 100])
    holed = access(MEMBERS, SUPPLY, masked, missing="unreachable")
    assert holed.by_area["access_ratio"].tolist() == pytest.approx([1 / 100, 4 / 300])
