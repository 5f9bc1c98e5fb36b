"""Drug codes of 10, 11 and 12 digits are one text, or say what they could be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.errors import ArgumentTypeError
from opsafe.mme.drugs import normalize_ndc, normalize_ndcs

DIGITS = "0123456789"
ELEVEN = st.text(DIGITS, min_size=11, max_size=11)


# The first three are the examples of the three layouts with the same 10 digits or their like.
@pytest.mark.parametrize(
    "text, code, layout",
    [
        ("0002-3227-30", "00002322730", "4-4-2"),
        ("50580-449-05", "50580044905", "5-3-2"),
        ("68220-0141-2", "68220014102", "5-4-1"),
        ("68220-0141-02", "68220014102", "5-4-2"),
        ("68220014102", "68220014102", "11"),
        ("068220-0141-02", "68220014102", "6-4-2"),
        ("068220014102", "68220014102", "12"),
        (" NDC 0002-3227-30 ", "00002322730", "4-4-2"),
        ("ndc:0002\N{EN DASH}3227\N{NON-BREAKING HYPHEN}30", "00002322730", "4-4-2"),
        ("0000000000", "00000000000", "10"),  # the three candidates coincide
    ],
)
def test_a_code_is_read_in_each_layout(text: str, code: str, layout: str) -> None:
    read = normalize_ndc(text)
    assert (read.text, read.code, read.code_12, read.layout) == (text, code, f"0{code}", layout)
    assert read.candidates == (code,)
    assert read.reason is None


def test_ten_digits_without_dashes_are_never_picked_from() -> None:
    read = normalize_ndc("0002322730")
    assert (read.code, read.code_12) == (None, None)
    assert read.candidates == ("00002322730", "00023022730", "00023227300")
    assert read.reason == "10 digits without dashes stand for 3 codes"


def test_candidates_that_coincide_count_once() -> None:
    assert normalize_ndc("0000012340").candidates == ("00000012340", "00000123400")


def test_a_labeler_of_six_digits_has_no_code_of_eleven() -> None:
    for text in ("123456-7890-12", "123456789012"):
        read = normalize_ndc(text)
        assert (read.code, read.code_12, read.reason) == (None, "123456789012", None)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "missing"),
        ("   ", "missing"),
        ("NDC", "missing"),
        ("0002-3227", "a product without its package: the last segment is missing"),
        ("0002-322-30", "no layout of a drug code: 4-3-2"),
        ("00002-3227-3-0", "no layout of a drug code: 5-4-1-1"),
        ("2322730", "7 digits: a drug code has 10, 11 or 12; were leading zeros lost?"),
        ("0002322730X", "holds something other than digits and dashes"),
        ("٠٠٠٠٢٣٢٢٧٣٠", "holds something other than digits and dashes"),
        ("9" * 50, "too long for a drug code"),
    ],
)
def test_what_is_no_code_says_why(text: str, reason: str) -> None:
    read = normalize_ndc(text)
    assert (read.code, read.code_12, read.candidates, read.reason) == (None, None, (), reason)


@pytest.mark.parametrize("value", [2322730, 2322730.0, None, b"0002-3227-30"])
def test_a_number_is_refused_because_its_zeros_are_lost(value: object) -> None:
    with pytest.raises(ArgumentTypeError, match="leading zeros"):
        normalize_ndc(value)  # type: ignore[arg-type]


@given(ELEVEN)
def test_eleven_digits_come_back_from_every_layout_they_can_be_written_in(code: str) -> None:
    labeler, product, package = code[:5], code[5:9], code[9:]
    written = [
        code,
        f"0{code}",
        f"{labeler}-{product}-{package}",
        f"0{labeler}-{product}-{package}",
    ]
    if labeler.startswith("0"):
        written.append(f"{labeler[1:]}-{product}-{package}")
    if product.startswith("0"):
        written.append(f"{labeler}-{product[1:]}-{package}")
    if package.startswith("0"):
        written.append(f"{labeler}-{product}-{package[1:]}")
    assert {normalize_ndc(text).code for text in written} == {code}
    # Without dashes the same ten digits may be another product, but never leave this one out.
    for text in written:
        if len(digits := text.replace("-", "")) == 10:
            assert code in normalize_ndc(digits).candidates


@given(st.text(DIGITS, min_size=12, max_size=12))
def test_twelve_digits_are_their_own_key(code: str) -> None:
    read = normalize_ndc(code)
    assert read.code_12 == code
    assert normalize_ndc(read.code_12).code == read.code


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    read = normalize_ndc(text)
    assert (read.code_12 is None) == (read.reason is not None)
    assert read.code is None or read.candidates == (read.code,)


CODES = ["0002-3227-30", "0002322730", None, "junk", "0002-3227-30"]


@pytest.mark.parametrize(
    "column",
    [
        CODES,
        tuple(CODES),
        np.array(CODES, object),
        pd.Series(CODES, index=[9] * 5),
        pl.Series(CODES),
        pa.array(CODES),
    ],
    ids=["list", "tuple", "numpy", "pandas", "polars", "pyarrow"],
)
def test_a_column_is_read_row_by_row_and_never_stops(column: object) -> None:
    read = normalize_ndcs(column)
    assert read.keys() == ("code", "code_12", "candidates", "reason")
    assert read["code"].tolist() == ["00002322730", None, None, None, "00002322730"]
    assert read["code_12"].tolist() == ["000002322730", None, None, None, "000002322730"]
    assert read["candidates"].tolist() == [
        "00002322730",
        "00002322730 00023022730 00023227300",
        None,
        None,
        "00002322730",
    ]
    assert read["reason"].tolist()[2] == "missing"
    assert [reason is None for reason in read["reason"]] == [True, False, False, False, True]


def test_numbers_and_other_values_in_a_column_have_reasons() -> None:
    values = [5, 5.0, float("nan"), pd.NA, b"x", ["0002-3227-30"], True, np.int64(4)]
    reasons = normalize_ndcs(values)["reason"].tolist()
    number = "a number, not text: leading zeros are lost"
    assert reasons == [
        *(number, number, "missing", "missing"),
        *("bytes, not text", "list, not text", number, number),
    ]


def test_a_column_of_nothing_is_a_column_of_nothing() -> None:
    assert len(normalize_ndcs([])) == 0


@pytest.mark.parametrize("value", ["0002-3227-30", 5, None])
def test_what_is_no_column_is_refused(value: object) -> None:
    with pytest.raises(ArgumentTypeError, match="column of drug codes"):
        normalize_ndcs(value)
