"""The outreach list by hand, in several forms of input, and what is set aside or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, OpsafeError
from opsafe.workforce.figures import STAGES
from opsafe.workforce.outreach import Outreach, OutreachReason, outreach
from opsafe.workforce.reach import Reach, reach_standard

PEOPLE = {
    "prescriber_id": ["P1", "P2", "P3", "P4", "P5", "P6"],
    "area": ["north", "south", "south", "north", "east", "south"],
    "stage": ["open", "registered", "prescribing", "trained", "ever_prescribed", "open_to_plan"],
    "patients": [20, 0, 45, None, None, 42],
}
GAPS = {"north": 80.0, "south": 120.0, "east": 80.0}


def told(found: Outreach, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(found.suggested[name].tolist() for name in names), strict=True))


def codes(found: Outreach) -> dict[int, str]:
    table = found.set_aside
    return dict(zip(table["row"].tolist(), table["code"].tolist(), strict=True))


def test_the_eligible_and_those_with_room_stand_by_members_in_their_own_area() -> None:
    found = outreach(PEOPLE, GAPS, target_patients=43)
    assert told(found, "prescriber_id", "why", "unmet_members_in_reach", "rank", "tied_with") == [
        ("P2", "eligible and inactive", 120, 1, 1),
        ("P6", "has room for 1", 120, 1, 1),
        ("P1", "has room for 23", 80, 3, 1),
        ("P5", "eligible and inactive", 80, 3, 1),
    ]
    assert (found.rows_in, found.not_suggested, len(found.set_aside)) == (6, 2, 0)
    assert found.suggested.keys() == (
        "prescriber_id",
        "area",
        "stage",
        "why",
        "room_patients",
        "unmet_members_in_reach",
        "rank",
        "tied_with",
    )
    assert found.limit is None and found.cautions == ()


def test_without_a_target_nobody_is_known_to_have_room() -> None:
    found = outreach(PEOPLE, GAPS)
    assert told(found, "prescriber_id") == [("P2",), ("P5",)]
    assert found.not_suggested == 4


def test_a_target_of_their_own_stands_instead_of_the_argument() -> None:
    people = {**PEOPLE, "target_patients": [20.9, None, 60, None, None, None]}
    found = outreach(people, GAPS, target_patients=43.0)
    # P1 has room for 0.9 of a patient, which is for none.
    assert told(found, "prescriber_id", "why") == [
        ("P2", "eligible and inactive"),
        ("P3", "has room for 15"),
        ("P6", "has room for 1"),
        ("P5", "eligible and inactive"),
    ]


def test_without_gaps_all_tie_and_it_is_told() -> None:
    found = outreach(PEOPLE)
    assert told(found, "prescriber_id", "rank", "tied_with") == [("P2", 1, 1), ("P5", 1, 1)]
    assert "unmet_members_in_reach" not in found.suggested
    assert "not known" in found.cautions[0]


def test_travel_is_from_the_area_of_members_to_that_of_prescribers() -> None:
    # Columns: where the prescriber is. North is reached from north and east, south from south.
    minutes = [[0, 90, 90], [90, 0, 90], [20, 90, 90]]
    found = outreach(PEOPLE, GAPS, minutes, Reach(minutes=30))
    assert told(found, "prescriber_id", "unmet_members_in_reach", "rank") == [
        ("P2", 120, 1),
        ("P5", 0, 2),
    ]
    north = outreach(PEOPLE, GAPS, minutes, Reach(minutes=30), target_patients=30)
    assert told(north, "prescriber_id", "unmet_members_in_reach")[0] == ("P1", 160)
    assert north.limit == Reach(minutes=30)


def test_travel_of_pairs_may_go_to_areas_without_members() -> None:
    pairs: dict[str, list[Any]] = {
        "area": ["north", "south", "east"],
        "site": ["hill"] * 3,
        "minutes": [5, 10, 60],
    }
    people = [{"prescriber_id": 7, "area": "hill", "stage": "Registered "}]
    found = outreach(people, GAPS, pairs, reach_standard("Medi-Cal managed care", "primary care"))
    assert told(found, "prescriber_id", "unmet_members_in_reach") == [(7, 200)]
    assert found.cautions and len(found.editions) == 1
    sparse = {name: values[:1] for name, values in pairs.items()}
    near = outreach(people, GAPS, sparse, Reach(minutes=30), missing="unreachable")
    assert told(near, "unmet_members_in_reach") == [(80,)]


def test_areas_without_names_are_counted() -> None:
    people = {"prescriber_id": [1, 2], "area": [1, 0], "stage": ["registered"] * 2}
    found = outreach(people, [5, 9])
    assert told(found, "prescriber_id", "unmet_members_in_reach") == [(1, 9), (2, 5)]
    miles = outreach(people, [5, 9], travel_miles=[[0, 3], [3, 0]], limit=Reach(miles=2))
    assert told(miles, "prescriber_id") == [(1,), (2,)]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_a_frame_comes_back_as_the_callers_kind_with_its_ids(frame: Any) -> None:
    people = frame(
        {
            "npi": [1003000126, 1003000134],
            "area": ["north", "south"],
            "stage": ["registered", "registered"],
        }
    )
    found = outreach(people, GAPS, columns={"prescriber_id": "npi"})
    assert isinstance(found.suggested, frame)
    assert found.suggested["prescriber_id"].to_list() == [1003000134, 1003000126]
    assert found.suggested["area"].to_list() == ["south", "north"]


def test_rows_that_cannot_be_used_come_back_with_their_reason() -> None:
    people = {
        "prescriber_id": [None, "a", "a", "b", "c", "d", "e", "f", "g", "h", "a", "a", "i"],
        "area": ["north", None, "west", *["north"] * 10],
        "stage": ["registered"] * 3
        + ["", "retired", "open", "open", "open", "registered", "recruited"]
        + ["registered"] * 2
        + ["open"],
        "patients": [None] * 5 + ["many", -1, 1, 3, 1, None, None, 2.5],
        "target_patients": [None] * 7 + [-5] + [None] * 5,
    }
    found = outreach(people, GAPS)
    assert codes(found) == {
        0: "PRESCRIBER_MISSING",
        1: "AREA_MISSING",
        2: "AREA_UNKNOWN",
        3: "STAGE_MISSING",
        4: "STAGE_UNKNOWN",
        5: "PATIENTS_UNUSABLE",
        6: "PATIENTS_UNUSABLE",
        7: "TARGET_UNUSABLE",
        8: "STAGE_CONTRADICTED",
        9: "STAGE_CONTRADICTED",
        11: "REPEATED",
        12: "PATIENTS_UNUSABLE",
    }
    seen = dict(
        zip(found.set_aside["code"].tolist(), found.set_aside["seen"].tolist(), strict=True)
    )
    assert seen["STAGE_UNKNOWN"] == "retired" and seen["AREA_UNKNOWN"] == "west"
    assert seen["PRESCRIBER_MISSING"] is None and seen["REPEATED"] is None
    assert told(found, "prescriber_id") == [("a",)]
    assert found.rows_in == len(found.set_aside) + found.not_suggested + len(found.suggested)
    for reason in OutreachReason:
        assert reason.advice and reason.field in people


def test_nothing_in_gives_nothing_out() -> None:
    empty: dict[str, list[Any]] = {name: [] for name in ("prescriber_id", "area", "stage")}
    found = outreach(empty, GAPS)
    assert (len(found.suggested), len(found.set_aside), found.rows_in) == (0, 0, 0)
    assert len(outreach([], GAPS).suggested) == 0


def test_every_stage_is_suggested_not_suggested_or_has_a_reason() -> None:
    people = [
        {"prescriber_id": at, "area": "north", "stage": stage} for at, stage in enumerate(STAGES)
    ]
    found = outreach(people, GAPS, target_patients=10)
    # Without patients nobody's room is known.
    assert told(found, "stage") == [("registered",), ("ever_prescribed",)]
    assert (found.not_suggested, len(found.set_aside)) == (5, 0)


@pytest.mark.parametrize(
    "fields, error, where",
    [
        ({"prescribers": 7}, ArgumentTypeError, "prescribers"),
        ({"prescribers": {"prescriber_id": [1]}}, ColumnError, "prescribers"),
        (
            {"prescribers": {**PEOPLE, "prescriber_id": [1.5] * 6}},
            ColumnError,
            "prescribers['prescriber_id']",
        ),
        ({"prescribers": {**PEOPLE, "area": [0.5] * 6}}, ColumnError, "prescribers['area']"),
        (
            {"prescribers": {**PEOPLE, "patients": [True] * 6}},
            ColumnError,
            "prescribers['patients']",
        ),
        ({"gaps": {"north": -1}}, ArgumentError, "gaps"),
        ({"gaps": {"north": float("nan")}}, ArgumentError, "gaps"),
        ({"gaps": "north"}, ArgumentTypeError, "gaps"),
        ({"gaps": None, "travel_minutes": [[1]]}, ArgumentError, "limit"),
        (
            {"gaps": None, "travel_minutes": [[1]], "limit": Reach(minutes=1)},
            ArgumentError,
            "gaps",
        ),
        ({"limit": Reach(minutes=1)}, ArgumentError, "limit"),
        ({"travel_minutes": np.eye(3)}, ArgumentError, "limit"),
        ({"travel_minutes": np.eye(3), "limit": 30}, ArgumentTypeError, "limit"),
        ({"travel_minutes": np.eye(2), "limit": Reach(minutes=1)}, ArgumentError, "travel_minutes"),
        (
            {"travel_minutes": np.full((3, 3), np.nan), "limit": Reach(minutes=1)},
            ArgumentError,
            "travel_minutes",
        ),
        (
            {"travel_minutes": np.eye(3), "limit": Reach(minutes=1, miles=1, logic="both")},
            ArgumentError,
            "travel_miles",
        ),
        ({"target_patients": -1}, ArgumentError, "target_patients"),
        ({"target_patients": "30"}, ArgumentTypeError, "target_patients"),
        ({"missing": "zero"}, ArgumentError, "missing"),
        ({"columns": {"npi": "prescriber_id"}}, ColumnError, "columns"),
        ({"columns": {"area": "county"}}, ColumnError, "prescribers"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(
    fields: dict[str, Any], error: type[OpsafeError], where: str
) -> None:
    asked: dict[str, Any] = {"prescribers": PEOPLE, "gaps": GAPS, **fields}
    with pytest.raises(error) as refused:
        outreach(asked.pop("prescribers"), **asked)
    assert refused.value.where == where
