"""A table of drugs joins codes to contents: every fill stays, nothing is picked silently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, OpsafeError
from opsafe.mme.drugs import DrugTable
from tests.tables import KINDS, SHAPES, rows_of

NAMES = {
    "oxy": "Acetaminophen 325 MG / Oxycodone Hydrochloride 10 MG Oral Tablet [Percocet]",
    "patch": "72 HR Fentanyl 0.025 MG/HR Transdermal System",
    "two": "Codeine Phosphate 10 MG / Morphine Sulfate 5 MG Oral Tablet",
    "cough": "Codeine Phosphate 2 MG/ML / Guaifenesin 20 MG/ML Oral Solution",
    "bup": "Buprenorphine 8 MG / Naloxone 2 MG Oral Strip [Suboxone]",
    "benzo": "Amitriptyline 12.5 MG / Chlordiazepoxide 5 MG Oral Tablet",
    "other": "lisinopril 10 MG Oral Tablet",
    "brand": "Camila 28 Day Pack",
}
FILLS: list[Mapping[str, Any]] = [
    {"member_id": "a", "drug": "oxy", "quantity": 60.0},
    {"member_id": "b", "drug": "two", "quantity": 30.0},
    {"member_id": "b", "drug": None, "quantity": 1.0},
    {"member_id": "c", "drug": "nothing", "quantity": 2.0},
    {"member_id": "c", "drug": "patch", "quantity": 10.0},
]
CDC_NAMES = (
    "NDC NDC_Numeric PRODNME GENNME Master_Form Class Drug LongShortActing DEAClassCode"
    " Strength_Per_Unit UOM MME_Conversion_Factor"
).split()


def contents(table: DrugTable) -> dict[str, dict[str, Any]]:
    """Return what a table of one content a code holds."""
    return {row.pop("code"): row for row in rows_of(table.products.to_polars())}


def cdc_row(code: str, **given: object) -> dict[str, object]:
    """Write a made-up row of the layout of the CDC file, with a factor that must not be read."""
    row: dict[str, object] = dict.fromkeys(CDC_NAMES)
    plain = {"NDC": code, "NDC_Numeric": int(code), "Class": "Opioid", "DEAClassCode": "2"}
    return row | plain | {"UOM": "MG", "MME_Conversion_Factor": 99.0} | given


# ------------------------------------------------------------------------------------- a join


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_join_gives_back_the_kind_it_got_with_every_fill_in_order(shape: str) -> None:
    joined = DrugTable.from_names(NAMES).join(SHAPES[shape](FILLS), code="drug")
    assert isinstance(joined, KINDS[shape])
    rows = rows_of(joined)
    assert [row["source_row"] for row in rows] == [0, 1, 1, 2, 3, 4]
    assert [row["member_id"] for row in rows] == ["a", "b", "b", "b", "c", "c"]
    assert [row["ingredient"] for row in rows] == [
        *("oxycodone", "codeine", "morphine", None, None, "fentanyl"),
    ]
    assert [row["strength"] for row in rows] == [10.0, 10.0, 5.0, None, None, 0.025]
    assert [row["unit"] for row in rows] == ["mg", "mg", "mg", None, None, "mg/h"]
    assert rows[5] | {"drug": "patch"} == {
        "member_id": "c",
        "drug": "patch",
        "quantity": 10.0,
        "ingredient": "fentanyl",
        "strength": 0.025,
        "unit": "mg/h",
        "route": "transdermal",
        "form": "patch",
        "wear_hours": 72,
        "cough_cold": False,
        "moud": False,
        "source_row": 4,
    }


def test_a_join_adds_the_same_columns_whatever_the_fills() -> None:
    table = DrugTable.from_names(NAMES)
    added = (
        *("ingredient", "strength", "unit", "route", "form", "wear_hours", "cough_cold", "moud"),
        "source_row",
    )
    assert table.join({"drug": []}, code="drug").keys() == ("drug", *added)
    assert table.join(pl.DataFrame({"drug": ["x"]}), code="drug").columns == ["drug", *added]


def test_columns_of_each_kind_are_carried_through_a_join() -> None:
    fills = Columns(
        {
            "drug": Text(np.array([0, 1, -1]), ("two", "oxy")),
            "paid": Nullable(np.array([1, 2, 3]), np.array([True, False, True])),
            "day": np.array(["2026-01-01", "2026-01-02", "NaT"], "datetime64[D]"),
        }
    )
    joined = DrugTable.from_names(NAMES).join(fills, code="drug")
    assert joined["paid"].tolist()[:2] == [1, 1]
    assert np.isnan(joined["paid"][2])
    assert str(joined["day"].dtype) == "datetime64[D]"
    assert joined["drug"].tolist() == ["two", "two", "oxy", None]
    plain = DrugTable.from_names(NAMES).join({"drug": fills.column("drug")}, code="drug")
    assert plain["ingredient"].tolist() == joined["ingredient"].tolist()


def test_a_column_that_the_join_would_add_is_not_overwritten() -> None:
    with pytest.raises(ColumnError, match="'route'") as caught:
        DrugTable.from_names(NAMES).join([{"drug": "oxy", "route": "oral"}], code="drug")
    assert "Drop or rename" in str(caught.value)


def test_a_missing_column_of_codes_is_named() -> None:
    table = DrugTable.from_names(NAMES)
    for read in (table.join, table.unmatched):
        with pytest.raises(ColumnError, match="there is no column 'ndc'"):
            read([{"drug": "oxy"}])
    for value in (5, None, "drug"):
        with pytest.raises(ArgumentTypeError):
            table.join(value)


def test_what_the_table_does_not_answer_is_counted_with_the_reason() -> None:
    table = DrugTable.from_frame({"ndc": ["0002-3227-30"], "ingredient": ["codeine"]})
    fills = {"ndc": ["0002322730", "x", "x", None, "00002322730", "11111111111"]}
    missed = rows_of(table.unmatched(fills))
    assert missed == [
        {
            "code": "x",
            "rows": 2,
            "in_table": None,
            "reason": "holds something other than digits and dashes",
        },
        {"code": None, "rows": 1, "reason": "missing", "in_table": None},
        {
            "code": "0002322730",
            "rows": 1,
            "in_table": "00002322730",
            "reason": "10 digits without dashes stand for 3 codes",
        },
        {"code": "11111111111", "rows": 1, "reason": "not in this table", "in_table": None},
    ]
    assert len(table.unmatched({"ndc": ["00002322730"]})) == 0


# ---------------------------------------------------------------------------------------- codes


@pytest.mark.parametrize(
    "code", ["0002-3227-30", "00002322730", "000002322730", "NDC 00002-3227-30"]
)
@pytest.mark.parametrize("own", ["0002-3227-30", "00002-3227-30", "00002322730", "000002322730"])
def test_drug_codes_meet_in_every_layout(code: str, own: str) -> None:
    table = DrugTable.from_frame({"ndc": [own], "ingredient": ["codeine"]})
    assert table.join({"ndc": [code]})["ingredient"].tolist() == ["codeine"]
    assert table.products["code"].tolist() == ["00002322730"]


def test_codes_of_twelve_digits_that_have_no_eleven_meet_too() -> None:
    table = DrugTable.from_frame({"ndc": ["123456-7890-12"], "ingredient": ["codeine"]})
    assert table.join({"ndc": ["123456789012"]})["ingredient"].tolist() == ["codeine"]
    assert table.products["code"].tolist() == ["123456789012"]


@pytest.mark.parametrize(
    "fills",
    [
        {"rxcui": [1049221, 5]},
        {"rxcui": ["1049221", " 5 "]},
        {"rxcui": np.array([1049221.0, 5.0])},
        {"rxcui": [1049221, "5"]},
        pd.DataFrame({"rxcui": pd.array([1049221, 5], "Int64")}),
        pl.DataFrame({"rxcui": [1049221, 5]}),
    ],
    ids=["int", "text", "float", "mixed", "pandas", "polars"],
)
def test_concept_identifiers_meet_as_numbers_and_as_text(fills: object) -> None:
    for names in ({1049221: NAMES["oxy"], "5": NAMES["other"]}, {"1049221": NAMES["oxy"], 5: "x"}):
        joined = rows_of(DrugTable.from_names(names).join(fills, code="rxcui"))
        assert joined[0]["ingredient"] == "oxycodone"
        assert joined[1]["ingredient"] in ("lisinopril", "x")


def test_a_drug_code_that_became_a_number_is_not_joined() -> None:
    table = DrugTable.from_frame({"ndc": ["00002322730"], "ingredient": ["codeine"]})
    for fills in ({"ndc": [2322730]}, pd.DataFrame({"ndc": [2322730.0, np.nan]})):
        assert set(rows_of(table.join(fills))[0].values()) >= {None}
        reasons = [row["reason"] for row in rows_of(table.unmatched(fills))]
        assert "a number, not text: leading zeros are lost" in reasons
    with pytest.raises(ColumnError, match="leading zeros"):
        DrugTable.from_frame({"ndc": [2322730], "ingredient": ["codeine"]})


def test_numbers_that_are_no_codes_stay_unanswered() -> None:
    fills = {"drug": np.array([np.inf, -np.inf, 0.5, 1e300])}
    table = DrugTable.from_names(NAMES)
    assert table.join(fills, code="drug")["ingredient"].tolist() == [None] * 4
    assert table.unmatched(fills, code="drug")["rows"].tolist() == [1] * 4


def test_huge_numbers_in_a_table_are_not_read() -> None:
    frame = {
        "ndc": ["00000000001", "00000000002"],
        "ingredient": ["codeine", "codeine"],
        "strength": ["1e400", 5],
        "unit": ["mg/1e9999 mL", "mg/1e9 mL"],
        "wear_hours": ["1e99999999", 10**30],
    }
    read = rows_of(DrugTable.from_frame(frame).products)
    assert [row["wear_hours"] for row in read] == [None, None]
    assert [row["unit"] for row in read] == ["mg/1e9999 mL", "mg/1e9 mL"]


def test_dates_are_no_codes() -> None:
    fills = {"drug": np.array(["2026-01-01"], "datetime64[D]")}
    with pytest.raises(ColumnError, match="codes are text or whole numbers"):
        DrugTable.from_names(NAMES).join(fills, code="drug")


def test_one_code_with_two_contents_is_refused_and_listed() -> None:
    frame = {"ndc": ["0002-3227-30", "00002322730"], "ingredient": ["codeine", "morphine"]}
    with pytest.raises(ArgumentError, match="different contents: 00002322730"):
        DrugTable.from_frame(frame)
    frame["ingredient"] = ["codeine", "Codeine Phosphate"]  # the same content twice is no conflict
    assert len(DrugTable.from_frame(frame)) == 1


def test_many_conflicts_are_listed_in_part() -> None:
    codes = [f"{number:011d}" for number in range(9)]
    frame = {"ndc": codes * 2, "ingredient": ["codeine"] * 9 + ["morphine"] * 9}
    with pytest.raises(ArgumentError, match="and 4 more") as caught:
        DrugTable.from_frame(frame)
    assert caught.value.value == tuple(codes)


def test_an_unknown_kind_of_code_is_refused() -> None:
    with pytest.raises(ArgumentError, match="ndc, text"):
        DrugTable.from_frame({"ndc": ["x"], "ingredient": ["y"]}, code_kind="gtin")  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------- from names


def test_names_become_contents() -> None:
    found = contents(DrugTable.from_names({code: NAMES[code] for code in NAMES if code != "two"}))
    assert found["oxy"]["ingredient"] == "oxycodone"
    assert found["cough"]["cough_cold"] is True
    assert found["bup"] | {"strength": 8.0} == {
        "ingredient": "buprenorphine",
        "strength": 8.0,
        "unit": "mg",
        "route": "sublingual",
        "form": "film",
        "wear_hours": None,
        "cough_cold": False,
        "moud": True,
    }
    assert found["benzo"]["ingredient"] == "chlordiazepoxide"
    assert found["other"]["ingredient"] == "lisinopril"


def test_a_name_that_cannot_be_read_stays_under_its_name() -> None:
    table = DrugTable.from_names(NAMES)
    assert rows_of(table.problems) == [
        {"code": "brand", "field": "name", "seen": "Camila 28 Day Pack", "problem": "no strength"}
    ]
    joined = rows_of(table.join([{"drug": "brand"}], code="drug"))[0]
    assert (joined["ingredient"], joined["strength"]) == ("camila 28 day pack", None)


def test_an_unknown_ingredient_does_not_pass_by_its_partner() -> None:
    table = DrugTable.from_names({"x": "Aspirin 325 MG / Zebrafentanyl 1 MG Oral Tablet"})
    assert table.products["ingredient"].tolist() == ["zebrafentanyl"]


def test_names_come_from_a_table_with_repeated_rows() -> None:
    frame = pd.DataFrame({"CODE": ["1", "1", "2"], "DESCRIPTION": [NAMES["oxy"]] * 2 + [None]})
    table = DrugTable.from_names(frame, code="CODE", name="DESCRIPTION")
    assert len(table) == 2
    assert rows_of(table.problems)[0]["problem"] == "the name is not text"
    cased = {"CODE": ["1", "1"], "DESCRIPTION": [NAMES["oxy"], NAMES["oxy"].upper()]}
    assert len(DrugTable.from_names(cased, code="CODE", name="DESCRIPTION")) == 1


def test_names_may_stand_under_drug_codes() -> None:
    table = DrugTable.from_names({"0002-3227-30": NAMES["oxy"]}, code_kind="ndc")
    assert table.join({"ndc": ["00002322730"]})["ingredient"].tolist() == ["oxycodone"]


# ---------------------------------------------------------------------------- from a plan's frame


def test_a_frame_is_read_in_the_words_of_the_plan() -> None:
    frame = {
        "PRODUCT": ["p1", "p2", "p3", "p4", "p5", "p6"],
        "GENERIC": [
            *("OXYCODONE HCL/ACETAMINOPHEN", "Fentanyl", "codeine and guaifenesin"),
            *("methadone hcl", "Lisinopril", "codeine/morphine"),
        ],
        "STRENGTH": ["5", "25 mcg/hr", "10 mg/5 mL", 40, None, 5],
        "UNIT": ["MG", None, None, "mg", None, "mg"],
        "ROUTE": ["PO", "TD", "oral", "oral", "by magic", "oral"],
        "FORM": ["Tab", "Patch, 72 hr", "Syrup", "Tablet, soluble", "Wand", "tablet"],
    }
    names = ("ingredient", "strength", "unit", "route", "form")
    columns = dict(zip(names, ("GENERIC", "STRENGTH", "UNIT", "ROUTE", "FORM"), strict=True))
    table = DrugTable.from_frame(frame, code="PRODUCT", columns=columns, code_kind="text")
    read = contents(table)
    assert [read["p1"][name] for name in names] == ["oxycodone", 5.0, "mg", "oral", "tablet"]
    assert read["p1"]["cough_cold"] is False
    assert [read["p2"][name] for name in (*names, "wear_hours")] == [
        *("fentanyl", 25.0, "mcg/h", "transdermal", "patch", 72),
    ]
    assert [read["p3"][name] for name in names] == ["codeine", 10.0, "mg/5 mL", "oral", "liquid"]
    assert read["p3"]["cough_cold"] is True
    assert (read["p4"]["moud"], read["p4"]["cough_cold"]) == (True, None)
    assert [read["p5"][name] for name in names] == ["lisinopril", None, None, "by magic", "Wand"]
    assert read["p6"]["ingredient"] == "codeine / morphine"  # whose strength is it?
    assert len(table.problems) == 0


def test_what_cannot_be_read_is_a_problem_and_stays() -> None:
    frame = {"ndc": ["00000000001", "bad"], "ingredient": ["codeine", "codeine"]}
    table = DrugTable.from_frame({**frame, "strength": ["a lot", "5 mg"]})
    assert rows_of(table.problems) == [
        {
            "code": "00000000001",
            "field": "strength",
            "seen": "a lot",
            "problem": "not a number with a known unit",
        },
        {
            "code": "bad",
            "field": "code",
            "seen": "bad",
            "problem": "holds something other than digits and dashes",
        },
    ]
    assert len(table) == 1
    assert repr(table) == "DrugTable(1 codes by ndc, 2 problems)"


def test_what_the_plan_says_of_a_product_stands() -> None:
    frame = {
        "ndc": ["00000000001", "00000000002"],
        "ingredient": ["methadone", "codeine"],
        "strength": np.array([40, 30], np.float32),
        "unit": ["mg", "furlong"],
        "form": ["tablet", None],
        "moud": [False, None],
        "cough_cold": [None, True],
        "wear_hours": [None, 72.0],
    }
    read = contents(DrugTable.from_frame(frame))
    assert (read["00000000001"]["moud"], read["00000000001"]["strength"]) == (False, 40.0)
    assert (read["00000000002"]["cough_cold"], read["00000000002"]["wear_hours"]) == (True, 72)
    assert read["00000000002"]["unit"] == "furlong"  # the exposure will say that it is unknown


def test_a_strength_of_few_bits_is_read_as_written() -> None:
    strength = np.array([0.1], np.float32)
    frame = {"ndc": ["00000000001"], "ingredient": ["fentanyl"], "strength": strength}
    assert DrugTable.from_frame(frame).products["strength"].tolist() == [0.1]


def test_flags_that_are_no_flags_are_refused() -> None:
    frame = {"ndc": ["00000000001"], "ingredient": ["codeine"], "cough_cold": ["Y"]}
    with pytest.raises(ColumnError, match="true and false"):
        DrugTable.from_frame(frame)


def test_a_table_of_nothing_answers_nothing() -> None:
    table = DrugTable.from_frame({"ndc": [], "ingredient": []})
    assert (len(table), len(table.products), len(table.problems)) == (0, 0, 0)
    assert table.join({"ndc": ["00000000001"]})["ingredient"].tolist() == [None]


# ---------------------------------------------------------------------------- the CDC layout


@pytest.mark.parametrize(
    "given_row, expected",
    [
        (
            {"Drug": "Oxycodone", "Master_Form": "Tablet", "Strength_Per_Unit": 5},
            ("oxycodone", 5.0, "mg", "oral", "tablet"),
        ),
        (
            {"Drug": "Tapentadol LA", "Master_Form": "Tablet, Extended Release",
             "Strength_Per_Unit": 100},
            ("tapentadol", 100.0, "mg", "oral", "tablet"),
        ),
        (
            {"Drug": "Fentanyl", "Master_Form": "Patch, Extended Release", "UOM": "MCG/HR",
             "Strength_Per_Unit": 25},
            ("fentanyl", 25.0, "mcg/h", "transdermal", "patch"),
        ),
        (
            {"Drug": "Fentanyl", "Master_Form": "Tablet", "UOM": "MCG", "Strength_Per_Unit": 200},
            ("fentanyl", 200.0, "mcg", "buccal", "tablet"),
        ),
        (
            {"Drug": "Fentanyl", "Master_Form": "Lozenge", "UOM": "MCG", "Strength_Per_Unit": 200},
            ("fentanyl", 200.0, "mcg", "transmucosal", "lozenge"),
        ),
        (
            {"Drug": "Fentanyl", "Master_Form": "Spray", "PRODNME": "SUBSYS", "UOM": "MCG",
             "Strength_Per_Unit": 100},
            ("fentanyl", 100.0, "mcg", "sublingual", "oral spray"),
        ),
        (
            {"Drug": "Fentanyl", "Master_Form": "Spray", "PRODNME": "?", "UOM": "MCG",
             "Strength_Per_Unit": 100},
            ("fentanyl", 100.0, "mcg", None, "Spray"),
        ),
        (
            {"Drug": "Butorphanol", "Master_Form": "Spray", "UOM": "MG/ML",
             "Strength_Per_Unit": 10},
            ("butorphanol", 10.0, "mg/mL", "nasal", "nasal spray"),
        ),
        (
            {"Drug": "Hydrocodone", "Master_Form": "Solution", "UOM": "MG/15ML",
             "Strength_Per_Unit": 10},
            ("hydrocodone", 10.0, "mg/15 mL", "oral", "liquid"),
        ),
        (
            {"Drug": "Morphine", "Master_Form": "Suppository", "Strength_Per_Unit": 10},
            ("morphine", 10.0, "mg", "rectal", "suppository"),
        ),
        (
            {"Drug": "Buprenorphine", "Master_Form": "Film", "UOM": "MCG",
             "Strength_Per_Unit": 150},
            ("buprenorphine", 150.0, "mcg", "buccal", "film"),
        ),
        (
            {"Drug": "Alprazolam", "Class": "Benzos", "Master_Form": "Tablet",
             "Strength_Per_Unit": 1},
            ("alprazolam", 1.0, "mg", "oral", "tablet"),
        ),
    ],
)  # fmt: skip
def test_a_row_of_the_cdc_file_gives_its_content(
    given_row: dict[str, object], expected: tuple[object, ...]
) -> None:
    table = DrugTable.from_cdc_file([cdc_row("00000000001", **given_row)])
    read = contents(table)["00000000001"]
    assert tuple(read[name] for name in ("ingredient", "strength", "unit", "route", "form")) == (
        expected
    )
    assert len(table.problems) == 0


def test_buprenorphine_of_the_cdc_file_is_told_apart_by_unit_and_partner() -> None:
    film = {"Drug": "Buprenorphine", "Master_Form": "Film"}
    rows = [
        cdc_row(
            "00000000001", **film, Strength_Per_Unit=8, GENNME="Buprenorphine HCl/Naloxone HCl"
        ),
        cdc_row("00000000002", **film, Strength_Per_Unit=150, UOM="MCG", GENNME="Buprenorphine"),
    ]
    read = contents(DrugTable.from_cdc_file(rows))
    assert [read[code]["route"] for code in sorted(read)] == ["sublingual", "buccal"]
    assert [read[code]["moud"] for code in sorted(read)] == [True, False]


def test_a_class_that_is_not_opioid_settles_it_for_unknown_names() -> None:
    stimulant = {"Drug": "Zebramphetamine", "Class": "Stimulants", "Master_Form": "Tablet"}
    table = DrugTable.from_cdc_file([cdc_row("00000000001", **stimulant, Strength_Per_Unit=5)])
    assert table.not_opioid == ("zebramphetamine",)
    assert table.products["moud"].tolist() != [True]


def test_a_code_on_two_sheets_of_the_cdc_file_is_an_opioid() -> None:
    relaxant = cdc_row("00000000001", Class="Muscle Relaxants", Drug="Carisoprodol")
    opioid = cdc_row("00000000001", Drug="Codeine", Strength_Per_Unit=16, Master_Form="Tablet")
    for rows in ([relaxant, opioid], [opioid, relaxant]):
        assert contents(DrugTable.from_cdc_file(rows))["00000000001"]["ingredient"] == "codeine"


def test_the_factors_of_the_cdc_file_are_not_read() -> None:
    row = cdc_row("00000000001", Drug="Codeine", Strength_Per_Unit=16, Master_Form="Tablet")
    with_factor = DrugTable.from_cdc_file([row])
    without = DrugTable.from_cdc_file([{k: v for k, v in row.items() if "Factor" not in k}])
    assert with_factor.products == without.products


def test_names_of_the_cdc_columns_are_found_in_any_case() -> None:
    row = cdc_row("00000000001", Drug="Codeine", Strength_Per_Unit=16, Master_Form="Tablet")
    frame = pd.DataFrame([{name.lower().replace("_", ""): value for name, value in row.items()}])
    assert contents(DrugTable.from_cdc_file(frame))["00000000001"]["strength"] == 16.0
    with pytest.raises(ColumnError, match="'Strength_Per_Unit'"):
        DrugTable.from_cdc_file(frame.drop(columns="strengthperunit"))


def test_a_strength_that_the_cdc_file_lacks_is_a_problem() -> None:
    table = DrugTable.from_cdc_file([cdc_row("00000000001", Drug="Codeine")])
    assert rows_of(table.problems)[0]["field"] == "strength"


# ---------------------------------------------------------------------------------------- laws

CODES = st.one_of(
    st.none(),
    st.sampled_from(sorted(NAMES)),
    st.text(max_size=8),
    st.integers(-5, 10**14),
    st.floats(),
)


@given(st.lists(CODES, max_size=12))
def test_no_fill_is_lost_whatever_its_code(codes: list[object]) -> None:
    table = DrugTable.from_names(NAMES)
    fills = [{"drug": code, "position": place} for place, code in enumerate(codes)]
    if not fills:
        return
    try:
        joined = rows_of(table.join(fills, code="drug"))
        missed = rows_of(table.unmatched(fills, code="drug"))
    except OpsafeError:
        return
    assert sorted({row["source_row"] for row in joined}) == list(range(len(fills)))
    assert [row["position"] for row in joined] == [row["source_row"] for row in joined]
    unanswered = sum(row["ingredient"] is None for row in joined)
    assert unanswered == sum(row["rows"] for row in missed)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**12),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(("codeine", "5 mg", "mg", "oral", "tablet", "00002322730", "Opioid")),
)


@pytest.mark.parametrize(
    "make",
    [
        DrugTable.from_frame,
        lambda frame: DrugTable.from_names(frame, code="ndc", name="ingredient"),
        lambda frame: DrugTable.from_cdc_file(
            [
                {
                    "NDC": row["ndc"], "Class": row["route"], "Drug": row["ingredient"],
                    "Strength_Per_Unit": row["strength"], "UOM": row["unit"],
                    "Master_Form": row["form"], "GENNME": row["ingredient"],
                }
                for row in frame
            ]
        ),
    ],
    ids=["frame", "names", "cdc"],
)  # fmt: skip
@given(data=st.data())
def test_any_frame_is_read_or_refused_by_an_error_of_ours(
    make: Callable[[list[dict[str, Any]]], DrugTable], data: st.DataObject
) -> None:
    names = ("ndc", "ingredient", "strength", "unit", "route", "form", "wear_hours")
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, VALUES)), max_size=4))
    try:
        table = make(rows)
    except OpsafeError:
        return
    assert len(table.products) >= len(table)


def test_a_frame_of_arrow_or_polars_makes_the_same_table() -> None:
    frame = {"ndc": ["00000000001"], "ingredient": ["codeine"], "strength": [30.0], "unit": ["mg"]}
    tables = [
        DrugTable.from_frame(make(frame)).products
        for make in (dict, pd.DataFrame, pl.DataFrame, pa.table)
    ]
    assert all(table == tables[0] for table in tables)
