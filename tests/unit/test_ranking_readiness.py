"""Readiness of stakeholders: what the table says, what it never says, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe import ranking as rk
from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    ColumnError,
    EditionNotFoundError,
    OpsafeError,
)

NAMES: Final = ("Dr Abara", "Dr Bose", "Ms Cruz", "Mr Dietz")


def rows(*supports: Any, level: str = "board", theme: str = "naloxone") -> list[dict[str, Any]]:
    return [
        {
            "level": level,
            "stakeholder": f"{NAMES[at % 4]} {at}",
            "theme": theme,
            "current": support,
            "desired": 2,
            "influence": 1,
        }
        for at, support in enumerate(supports)
    ]


def only(found: rk.Readiness, column: str) -> Any:
    (value,) = found.table[column].tolist()
    return value


def test_support_is_weighted_by_influence_and_disagreement_is_not() -> None:
    given = rows(1, -1, 0)
    given[0]["influence"] = 9
    found = rk.readiness(given)
    assert only(found, "support") == pytest.approx((9 - 1) / 11)
    assert only(found, "spread") == 1


@pytest.mark.parametrize(
    "supports, flag",
    [
        pytest.param([2, 2], "too few", id="two are too few however they agree"),
        pytest.param([2, 2, 2], None, id="three who agree"),
        pytest.param([1, 1, -1, -1], "too split", id="two camps"),
        pytest.param([1, 1, 1, -1], None, id="one alone is no camp"),
        pytest.param([2, 0, -1], "too split", id="a spread above 1.2"),
        pytest.param([1, 0, -1], None, id="a spread of 1"),
        pytest.param([1, 1, 0, 0, 0, 0, -1, -1], "too split", id="a quarter on each side"),
        pytest.param([1, 1, 0, 0, 0, 0, 0, -1, -1], None, id="less than a quarter"),
        pytest.param([1, 1, None, None], "too few", id="missing answers are no raters"),
    ],
)
def test_agreement_is_checked_before_averaging(
    supports: list[int | None], flag: str | None
) -> None:
    found = rk.readiness(rows(*supports))
    told = [each for each in supports if each is not None]
    assert only(found, "flag") == flag
    assert only(found, "support_mean") == pytest.approx(np.mean(told))
    assert np.isnan(only(found, "support")) == (flag is not None)
    assert np.isnan(only(found, "gap")) == (flag is not None)


def test_a_spread_of_exactly_the_bound_is_not_above_it() -> None:
    found = rk.readiness(rows(1.2, 0, -1.2))
    assert only(found, "spread") == pytest.approx(1.2)
    assert only(found, "flag") is None
    wider = rk.readiness(rows(Decimal("1.2001"), 0, Decimal("-1.2")))
    assert only(wider, "flag") == "too split"


def test_a_group_may_be_split_in_per_cent() -> None:
    given = rows(1, 1)
    group = {"level": "board", "stakeholder": "the ED", "theme": "naloxone", "influence": 1}
    given += [{**group, "current": -1, "share": 30}, {**group, "current": 1, "share": 70}]
    found = rk.readiness(given)
    assert only(found, "count") == 3
    assert only(found, "support_mean") == pytest.approx((1 + 1 + 0.4) / 3)
    assert only(found, "resisting") == pytest.approx(0.3)
    assert any("counts as one stakeholder" in each for each in found.cautions)


def test_levels_come_from_the_top_and_all_cells_are_there() -> None:
    given = rows(1, 1, 1, level="pharmacy") + rows(0, 0, 0, level="board", theme="tapering")
    found = rk.readiness(given)
    assert found.levels == ("board", "pharmacy")
    assert found.themes == ("naloxone", "tapering")
    assert found.matrix("count").tolist() == [[0, 3], [3, 0]]
    assert np.isnan(found.matrix()[0, 0])
    assert any("levels of your own: pharmacy" in each for each in found.cautions)


def test_what_is_below_neutral_is_listed_for_review() -> None:
    found = rk.readiness(rows(-1, 0, 0) + rows(0, 0, 0, level="executive"))
    assert found.not_ready["level"].tolist() == ["board"]
    assert found.not_ready["advice"].tolist() == ["review suggested before the start"]
    assert any("cells below neutral: 1" in each for each in found.cautions)


def test_a_cell_of_one_or_two_comes_with_a_word_on_who_sees_it() -> None:
    assert any("mind who sees" in each for each in rk.readiness(rows(1, 1)).cautions)
    assert not any("mind who sees" in each for each in rk.readiness(rows(1, 1, 1)).cautions)


def test_the_gap_is_over_those_who_told_both() -> None:
    given = rows(1, 0, 1)
    given[0]["desired"] = None
    assert only(rk.readiness(given), "gap") == pytest.approx(1.5)
    assert only(rk.readiness(given), "desired") == 2


def test_planning_values_are_named_as_such() -> None:
    found = rk.readiness(rows(1, 1, 1))
    origin = dict(zip(found.inputs["input"].tolist(), found.inputs["origin"].tolist(), strict=True))
    assert origin["readiness_most_spread"] == "planning value"
    assert origin["readiness_least_raters"] == "planning value"
    assert [each.id for each in found.editions] == ["2026-01"]


def test_planning_values_of_ones_own() -> None:
    own = rk.defaults().model_copy(
        update={"readiness_least_raters": rk.PlanningValue(value=Decimal(5), reason="ours")}
    )
    assert only(rk.readiness(rows(1, 1, 1), defaults=own), "flag") == "too few"


@pytest.mark.parametrize("kind", ["records", "columns", "pandas", "polars", "arrow"])
def test_every_kind_of_table_gives_the_same(kind: str) -> None:
    given = rows(1, None, 1, 0)
    columns = {name: [row[name] for row in given] for name in given[0]}
    table = {
        "records": given,
        "columns": columns,
        "pandas": pd.DataFrame(given),
        "polars": pl.DataFrame(given),
        "arrow": pl.DataFrame(given).to_arrow(),
    }[kind]
    assert rk.readiness(table).table == rk.readiness(given).table


def test_short_floats_mean_what_they_print() -> None:
    given: dict[str, Any] = {
        "level": ["board"] * 3,
        "theme": ["naloxone"] * 3,
        "current": np.array([1, 0, 0.1], np.float32),
        "influence": np.array([0.1, 0.2, 0.7], np.float32),
    }
    found = rk.readiness(given, influence="shares")
    assert only(found, "support") == 0.17
    frame = pl.DataFrame({name: list(values) for name, values in given.items()}).with_columns(
        pl.col("current", "influence").cast(pl.Float32)
    )
    assert rk.readiness(frame, influence="shares").table == found.table


def test_what_a_library_calls_missing_is_missing() -> None:
    frame = pd.DataFrame(rows(1, 0, 1, 1)).astype({"current": "Int64"})
    frame.loc[1, "current"] = pd.NA
    masked: dict[str, Any] = {
        name: frame[name].tolist() for name in ("level", "theme", "stakeholder")
    }
    masked |= {"influence": [1] * 4, "desired": [2] * 4}
    masked["current"] = np.ma.masked_array([1, 9, 1, 1], [False, True, False, False])
    for table in (frame, masked):
        found = rk.readiness(table)
        assert (only(found, "count"), only(found, "missing"), only(found, "support")) == (3, 1, 1)


def test_no_stakeholder_is_named_anywhere() -> None:
    found = rk.readiness(rows(1, -1, 2, None))
    told = "".join(
        (repr(found), found._repr_html_(), str(found.cautions), found.table._repr_html_(),
         found.inputs._repr_html_(), found.not_ready._repr_html_())
    )  # fmt: skip
    assert not any(name in told for name in NAMES)


def test_a_heat_map_escapes_names_and_says_why_a_cell_is_empty() -> None:
    drawn = rk.readiness(rows(1, 1, 1) + rows(1, theme="<b>tapering</b>"))._repr_html_()
    assert "&lt;b&gt;tapering" in drawn
    assert "<b>tapering" not in drawn
    assert "too few<br>n = 1" in drawn
    assert "1.0<br>n = 3" in drawn


def _changed(**cells: Any) -> list[dict[str, Any]]:
    given = rows(1, 1, 1)
    given[1] |= cells
    return given


@pytest.mark.parametrize(
    "given, error, said",
    [
        pytest.param([], ArgumentError, "no assessment|no column", id="nothing"),
        pytest.param(_changed(current=3), ArgumentError, "row 1: lies outside -2 to 2", id="high"),
        pytest.param(_changed(current=np.inf), ArgumentError, "row 1: lies outside", id="infinite"),
        pytest.param(_changed(current="yes"), ArgumentTypeError, "row 1: is not a num", id="text"),
        pytest.param(_changed(current=True), ArgumentTypeError, "row 1: is not a num", id="flag"),
        pytest.param(_changed(desired=-9), ArgumentError, "'desired'.*row 1", id="desired"),
        pytest.param(_changed(influence=2), ArgumentError, "three grades in row 1", id="influence"),
        pytest.param(
            _changed(influence=None), ArgumentError, "missing in row 1", id="no influence"
        ),
        pytest.param(_changed(level=" "), ArgumentError, "missing in row 1", id="no level"),
        pytest.param(_changed(level=2.5), ArgumentTypeError, "no name in row 1", id="odd level"),
        pytest.param(
            rows(1, 1) + rows(0), ArgumentError, "twice on one theme: rows 0, 2", id="twice"
        ),
        pytest.param(
            [{**each, "share": 40} for each in rows(1) * 2],
            ArgumentError,
            "add up to 80 % and not to 100 %: rows 0, 1",
            id="shares",
        ),
        pytest.param(
            [{**each, "share": 50, "current": None} for each in rows(1) * 2],
            ArgumentError,
            "missing where a share is given",
            id="share of nothing",
        ),
    ],
)
def test_what_cannot_be_used_is_named_by_row(
    given: list[dict[str, Any]], error: type[OpsafeError], said: str
) -> None:
    with pytest.raises((error, ColumnError), match=said) as raised:
        rk.readiness(given)
    assert not any(name in str(raised.value) for name in NAMES)


def test_influence_has_to_be_there_or_not_asked_for() -> None:
    given = [{name: row[name] for name in ("level", "theme", "current")} for row in rows(1, 1, 0)]
    with pytest.raises(ColumnError, match='influence="equal"'):
        rk.readiness(given)
    assert only(rk.readiness(given, influence="equal"), "support") == pytest.approx(2 / 3)
    with pytest.raises(ColumnError, match="no column 'stakeholder'"):
        rk.readiness([{**row, "share": 100} for row in given], influence="equal")
    silent = [{**row, "influence": 0} for row in rows(1, 1, 1)]
    with pytest.raises(ArgumentError, match="adds up to 0 for board, naloxone"):
        rk.readiness(silent, influence="shares")


@pytest.mark.parametrize(
    "arguments, error",
    [
        pytest.param({"scale": "1-5"}, ArgumentError, id="scale"),
        pytest.param({"scale": 5}, ArgumentTypeError, id="no word"),
        pytest.param({"influence": "1/2/3"}, ArgumentError, id="influence"),
        pytest.param({"defaults": "2025-01"}, EditionNotFoundError, id="defaults"),
        pytest.param({"columns": {"support": "x"}}, ColumnError, id="columns"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any], error: type[OpsafeError]) -> None:
    with pytest.raises(error):
        rk.readiness(rows(1), **arguments)
    with pytest.raises(ArgumentError):
        rk.readiness(rows(1)).matrix("flag")  # type: ignore[arg-type]


def ranking() -> Any:
    rated = [
        {"initiative": name, "rater": rater, "impact": 4, "ease": ease}
        for name, ease in (("naloxone", 4), ("data dashboard", 2))
        for rater in ("a", "b", "c")
    ]
    weights = {"impact": 60, "ease": 40}
    return rk.rank(rated, criteria=rk.IMPACT_EASE_1_5, weights=weights, draws=100)


def test_readiness_stands_beside_ease_and_changes_nothing() -> None:
    given = rows(-1, 0, 0) + rows(1, 1, level="executive") + rows(2, 2, 2, theme="parking")
    ranked = ranking()
    found = rk.readiness(given).beside_ease(ranked)
    assert found["initiative"].tolist() == ["naloxone", "data dashboard", "parking"]
    assert found["ease"][:2].tolist() == [4.0, 2.0]
    assert found["readiness"].tolist()[::2] == [0.2, 2.0]
    assert found["count"].tolist() == [5, 0, 3]
    assert found["status"].tolist() == ["both", "not assessed", "not ranked"]
    assert ranked.scores.tolist() == ranking().scores.tolist()


def test_readiness_beside_something_else_is_refused() -> None:
    found = rk.readiness(rows(1, 1, 1))
    with pytest.raises(ArgumentTypeError, match="is no ranking"):
        found.beside_ease([1, 2])  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="'effort' is no criterion"):
        found.beside_ease(ranking(), criterion="effort")
    with pytest.raises(ArgumentError, match="no theme of the assessments is an initiative"):
        rk.readiness(rows(1, theme="parking")).beside_ease(ranking())
