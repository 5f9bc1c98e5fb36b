"""Bad tables for the door of `mme.exposure`, each made from one seed.

A seed makes a small valid population, spoils it in one to three ways (a cell, a column, the shape
of the table, an argument) and hands it over as pandas, polars, pyarrow, a mapping or records. The
answer must be an `OpsafeError` or a result whose counts add up. Member ids hold a mark, so that a
message that names one is found out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from opsafe import mme
from opsafe.errors import OpsafeError
from tests import tables

Record: TypeAlias = dict[str, Any]

MARK = "qzx7"
NUMBER_MARK = 770_077_000_000
FIRST_DAY = date(2026, 1, 1)
SHAPES = ("pandas", "polars", "pyarrow", "mapping", "records")
NUMBERS = ("strength", "quantity", "days_supply")
DRUGS = (
    ("oxycodone", "oral", "tablet", 10.0, "mg"),
    ("methadone", "oral", "tablet", 5.0, "mg"),
    ("morphine", "oral", "liquid", 2.0, "mg/mL"),
    ("fentanyl", "transdermal", "patch", 25.0, "mcg/h"),
    ("fentanyl", "buccal", "tablet", 100.0, "mcg"),
    ("buprenorphine", "sublingual", "film", 8.0, "mg"),
    ("alprazolam", "oral", "tablet", 0.5, "mg"),
    ("lisinopril", "oral", "tablet", 10.0, "mg"),
)


# What other libraries raise when they cannot hold a value; not under test here. (The panics of
# polars are no Exception.)
REFUSALS = (Exception, pl.exceptions.PanicException)


class Opaque:
    """An object that nobody knows what to do with."""


POISON: tuple[Any, ...] = (
    None, math.nan, math.inf, -math.inf, 0, -1, 0.0, -0.0, 1e308, -1e308, 5e-324, 2**53 + 1, 2**63,
    -(2**63), 10**30, 0.1234567, 1.5, True, False, "", " ", "text", "12.5", "1e400", "-7", "NaN",
    "inf", "nul\0l", "é" * 50, "2026-01-05", "20260105", "2026-13-45", "10 mg/5 mL", "10 mg/0 mL",
    "mg", b"bytes", [1, 2], (1,), {"a": 1}, {3}, 3 + 4j, Decimal("NaN"), Decimal("sNaN"),
    Decimal("Infinity"), Decimal("1E+50"), Decimal("1E-50"), Decimal("0.5"), Fraction(1, 3),
    date(1, 1, 1), date(9999, 12, 31), date(2026, 1, 5), time(1), timedelta(3),
    datetime(2026, 1, 5, 12), datetime(2026, 1, 5, tzinfo=UTC), 20260105,  # noqa: DTZ001
    np.float32(0.1), np.int8(3), np.bool_(True), np.datetime64("NaT"), np.datetime64("2026-01-05"),
    np.timedelta64(3, "D"), np.array([1, 2]), pd.NA, pd.NaT, pd.Timestamp("2026-01-05"), Opaque,
    Opaque(),
)  # fmt: skip


def _whole_columns(rng: random.Random, rows: int) -> list[Any]:
    """Return columns of one odd type each, of the right length."""
    days = [FIRST_DAY + timedelta(rng.randrange(30)) for _ in range(rows)]
    stamps = [datetime(day.year, day.month, day.day, 13, tzinfo=UTC) for day in days]
    whole = [rng.randrange(1, 60) for _ in range(rows)]
    odd: list[list[Any]] = [
        [rng.random() < 0.5 for _ in range(rows)],
        stamps,
        days,
        [day.toordinal() for day in days],
        [str(number) for number in whole],
        [f"{number},5" for number in whole],
        [str(number).encode() for number in whole],
        [[number] for number in whole],
        [{"value": number} for number in whole],
        [Decimal(number) / 10 for number in whole],
        [Decimal(number).scaleb(-12) for number in whole],
        [number + 2**60 for number in whole],
        [2**63 + number for number in whole],
        [float(2**53 + 2 * number) for number in whole],
        [-number for number in whole],
        [0] * rows,
        [None] * rows,
        [math.nan] * rows,
        [math.inf] * rows,
        [number * 1e300 for number in whole],
        [number / 7 for number in whole],
        [timedelta(number) for number in whole],
        [""] * rows,
        [whole[0], *map(str, whole[1:])] if rows else [],
    ]
    arrays: list[Any] = [
        np.array(whole, np.float32) / np.float32(10),
        np.array(whole, np.uint64) + np.uint64(2**63),
        np.array(whole, np.int8),
        np.array(whole, np.complex128),
        np.array(whole, np.float16),
        np.array(days, "datetime64[ns]"),
        np.array(whole, "timedelta64[D]"),
        np.array([str(number) for number in whole]),
        np.array([str(number) for number in whole], "S4"),
        np.zeros((rows, 2)),
        np.array(whole, object),
        np.ma.masked_array(np.array(whole, float), np.array(whole) % 2 == 0),
    ]
    return [*odd, *arrays]


@dataclass
class Attempt:
    """What one seed makes: a table and arguments, and how they were spoiled."""

    seed: int
    shape: str
    columns: dict[Any, Any]
    arguments: dict[str, Any]
    done: list[str] = field(default_factory=list)
    table: Any = None

    @property
    def rows(self) -> int:
        return len(self.columns.get("member_id", ()))


def valid_records(rng: random.Random) -> list[Record]:
    """Make a population without anything wrong in it."""
    numbered = rng.random() < 0.3
    records = []
    for _ in range(rng.choice((1, 2, 5, 12))):
        number = rng.randrange(4)
        ingredient, route, form, strength, unit = rng.choice(DRUGS)
        records.append(
            {
                "member_id": NUMBER_MARK + number if numbered else f"{MARK}{number}",
                "fill_date": FIRST_DAY + timedelta(rng.randrange(60)),
                "ingredient": ingredient,
                "route": route,
                "form": form,
                "strength": strength,
                "unit": unit,
                "quantity": float(rng.choice((10, 30, 60, 120))),
                "days_supply": rng.choice((1, 7, 30)),
                "fill_id": f"claim {rng.randrange(20)}",
                "status": rng.choice(("paid", "paid", "paid", "reversed", "rejected", None)),
                "prescriber_id": rng.choice(("p1", "p2", None)),
                "pharmacy_id": rng.choice(("f1", None)),
                "quantity_unit": None,
                "cough_cold": rng.choice((True, False)),
                "moud": rng.choice((None, False)),
            }
        )
    return records


# ---------------------------------------------------------------------- ways to spoil it


def spoil_cells(rng: random.Random, attempt: Attempt) -> None:
    """Put something odd into one or a few cells of a column."""
    name = rng.choice(list(attempt.columns))
    values = list(attempt.columns[name])
    for _ in range(rng.choice((1, 1, 2, len(values)))):
        if values:
            values[rng.randrange(len(values))] = rng.choice(POISON)
    attempt.columns[name] = values
    attempt.done.append(f"cells of {name}")


def spoil_numbers(rng: random.Random, attempt: Attempt) -> None:
    """Put odd but numeric values into amounts, which then are read."""
    name = rng.choice(NUMBERS)
    if name not in attempt.columns:
        return
    odd = (0.0, -1.0, 1e6, 1e9, 1e12, 1e15, 1e18, 0.001, 1e-7, math.nan, math.inf, 36_500.0)
    attempt.columns[name] = [
        rng.choice(odd) if rng.random() < 0.5 else value for value in attempt.columns[name]
    ]
    attempt.done.append(f"numbers of {name}")


def spoil_column(rng: random.Random, attempt: Attempt) -> None:
    """Give a column another type altogether."""
    name = rng.choice(list(attempt.columns))
    kind = rng.randrange(36)
    attempt.columns[name] = _whole_columns(rng, len(attempt.columns[name]))[kind]
    attempt.done.append(f"column {name} of kind {kind}")


def drop_column(rng: random.Random, attempt: Attempt) -> None:
    """Leave a column out."""
    name = rng.choice(list(attempt.columns))
    del attempt.columns[name]
    attempt.done.append(f"without {name}")


def rename_column(rng: random.Random, attempt: Attempt) -> None:
    """Call a column something else, even something that is no text."""
    name = rng.choice(list(attempt.columns))
    new = rng.choice(("", "MEMBER_ID", " quantity", 7, None, ("a", "b"), 2.5))
    attempt.columns[new] = attempt.columns.pop(name)
    attempt.done.append(f"{name} renamed {new!r}")


def shorten_column(rng: random.Random, attempt: Attempt) -> None:
    """Let one column be shorter than the others."""
    name = rng.choice(list(attempt.columns))
    attempt.columns[name] = list(attempt.columns[name])[:-1]
    attempt.shape = "mapping"
    attempt.done.append(f"{name} too short")


def empty(rng: random.Random, attempt: Attempt) -> None:
    """Take all rows away, or all columns."""
    attempt.columns = {name: [] for name in attempt.columns} if rng.random() < 0.7 else {}
    attempt.done.append("empty")


def spoil_argument(rng: random.Random, attempt: Attempt) -> None:
    """Give an argument that is wrong, or odd."""
    odd: dict[str, tuple[Any, ...]] = {
        "edition": ("cdc-1066", None, 5, (), ("cdc-2022", "cdc-2022"), "cdc-2016", "nih-heal-2024"),
        "start": ("2026-01-01", "soon", 20260101, datetime(2026, 1, 1), date(2027, 1, 1)),  # noqa: DTZ001
        "end": ("2026-01-31", math.nan, date(1, 1, 1), date(9999, 12, 31)),
        "at_least": ((), 50, (math.nan,), (-1,), ("50",), (Decimal("0.5"),), (10**30,), None),
        "more_than": ((90,), [90.5], (True,), object()),
        "overlap": ("shift_same_product", "SUM", None, 5),
        "max_shift_days": (0, -1, 2.5, 10**9, "3", True),
        "patch_days": ("edition", "label", None),
        "buprenorphine": ("include", True, None),
        "moud_products": ("include", "", None),
        "exclude": ("members", "rows", None),
        "not_opioid": (("text",), "text", (5,), None, ("oxycodone",)),
        "columns": ({}, {"member_id": "absent"}, {"wrong": "member_id"}, [1], {"form": "route"}),
    }
    name = rng.choice(list(odd))
    attempt.arguments[name] = rng.choice(odd[name])
    attempt.done.append(f"{name}={attempt.arguments[name]!r}")


def add_table(rng: random.Random, attempt: Attempt) -> None:
    """Add a table of windows, enrolment or exclusions, well made or spoiled."""
    name = rng.choice(("windows", "enrolment", "exclusions"))
    members = list(attempt.columns.get("member_id", ()))[:3]
    table: Any = [
        {
            "member_id": member,
            "first_day": FIRST_DAY,
            "last_day": FIRST_DAY + timedelta(30),
            "reason": "hospice",
            "line_of_business": "medicaid",
        }
        for member in members
    ]
    if table and rng.random() < 0.7:
        row = rng.choice(table)
        row[rng.choice(list(row))] = rng.choice(POISON)
    if rng.random() < 0.1:
        table = rng.choice(([], {}, 5, "text", [5], {"member_id": []}, [{"member_id": None}]))
    attempt.arguments[name] = table
    attempt.done.append(f"table of {name}")


def no_table(rng: random.Random, attempt: Attempt) -> None:
    """Hand over something that is no table at all."""
    attempt.table = rng.choice(
        (None, 5, "fills.csv", b"x", object(), Opaque, [1, 2], [None], iter(()), {"a": 1}, {1: [2]},
         {"member_id": "text"}, np.zeros(3), np.zeros((2, 2)), pd.Series([1]), pl.Series([1]),
         pa.array([1]), (i for i in range(3)), [{1: 2}], {"member_id": 5}, lambda: None)
    )  # fmt: skip
    attempt.done.append(f"no table: {type(attempt.table).__name__}")


def twice(rng: random.Random, attempt: Attempt) -> None:
    """Give a frame that has one name twice."""
    if not attempt.columns:
        return
    name = rng.choice(list(attempt.columns))
    try:
        if rng.random() < 0.5:
            frame = _pandas(attempt.columns)
            attempt.table = pd.concat([frame, frame[[name]]], axis=1)
        else:
            arrow = pa.table({str(name): _listed(each) for name, each in attempt.columns.items()})
            attempt.table = arrow.append_column(str(name), arrow[str(name)])
        attempt.done.append(f"{name} twice")
    except REFUSALS:
        attempt.done.append("pyarrow refused it")


SPOILERS: tuple[tuple[Callable[[random.Random, Attempt], None], int], ...] = (
    (spoil_cells, 40),
    (spoil_numbers, 12),
    (spoil_column, 30),
    (drop_column, 5),
    (rename_column, 3),
    (shorten_column, 2),
    (empty, 2),
    (spoil_argument, 15),
    (add_table, 12),
    (no_table, 2),
    (twice, 3),
)


def make(seed: int) -> Attempt:
    """Make the attempt of a seed."""
    rng = random.Random(seed)
    records = valid_records(rng)
    arguments: dict[str, Any] = {"edition": rng.choice(("cdc-2022", "cdc-2016", "cdc-file-2018"))}
    if rng.random() < 0.5:
        arguments |= {"start": FIRST_DAY, "end": FIRST_DAY + timedelta(89)}
    arguments |= {"segments": rng.random() < 0.3, "contributions": rng.random() < 0.3}
    attempt = Attempt(seed, rng.choice(SHAPES), tables.columns_of(records), arguments)
    ways, weights = zip(*SPOILERS, strict=True)
    for spoil in rng.choices(ways, weights, k=rng.choice((1, 1, 2, 3))):
        if attempt.table is None and attempt.columns:
            spoil(rng, attempt)
    if attempt.table is None:
        attempt.table = _build(attempt)
        if rng.random() < 0.3:
            retype(rng, attempt)
    return attempt


PANDAS_TYPES = (
    "category", "Int64", "Int8", "Float64", "float32", "string", "object", "boolean", "UInt64",
    "datetime64[s]", "datetime64[ns, UTC]", "timedelta64[s]", "complex128", "str",
    pd.ArrowDtype(pa.string()), pd.ArrowDtype(pa.decimal128(20, 3)), pd.ArrowDtype(pa.date32()),
)  # fmt: skip
POLARS_TYPES = (
    pl.Categorical, pl.Float32, pl.UInt64, pl.Int128, pl.Decimal(20, 3), pl.Datetime("us", "UTC"),
    pl.Datetime("ns"), pl.List(pl.Float64), pl.Binary, pl.Null, pl.Object, pl.Time, pl.Duration,
    pl.Boolean, pl.String, pl.Struct({"a": pl.String}), pl.Enum(["oral", "mg", "paid"]),
)  # fmt: skip
ARROW_TYPES = (
    pa.decimal128(20, 3), pa.float16(), pa.float32(), pa.large_string(), pa.string_view(),
    pa.date64(), pa.timestamp("us"), pa.timestamp("ns", "UTC"), pa.null(), pa.binary(), pa.bool_(),
    pa.uint64(), pa.time64("us"), pa.list_(pa.float64()), pa.dictionary(pa.int8(), pa.string()),
)  # fmt: skip


def retype(rng: random.Random, attempt: Attempt) -> None:
    """Give a column of a finished frame another type of its own library, where it can."""
    table = attempt.table
    if attempt.shape not in ("pandas", "polars", "pyarrow") or not attempt.columns:
        return
    name = str(rng.choice(list(attempt.columns)))
    wanted: Any = rng.choice(
        {"pandas": PANDAS_TYPES, "polars": POLARS_TYPES, "pyarrow": ARROW_TYPES}[attempt.shape]
    )
    try:
        if attempt.shape == "pandas":
            attempt.table = table.assign(**{name: table[name].astype(wanted)})
        elif attempt.shape == "polars":
            attempt.table = table.with_columns(pl.col(name).cast(wanted, strict=False))
        else:
            place = table.schema.get_field_index(name)
            attempt.table = table.set_column(place, name, table[name].cast(wanted))
        attempt.done.append(f"{name} as {wanted}")
    except REFUSALS:
        attempt.done.append(f"{name} not as {wanted}")


def _build(attempt: Attempt) -> Any:
    """Build the table in its shape; where the library refuses the values, as a mapping."""
    columns = attempt.columns
    try:
        if attempt.shape == "pandas":
            return _pandas(columns)
        if attempt.shape == "polars" and not any(map(_panics_polars, columns.values())):
            return pl.DataFrame({name: _listed(values) for name, values in columns.items()})
        if attempt.shape == "pyarrow":
            return pa.table({str(name): _listed(values) for name, values in columns.items()})
        if attempt.shape == "records":
            names = list(columns)
            parts = [_listed(values) for values in columns.values()]
            return [dict(zip(names, row, strict=True)) for row in zip(*parts, strict=True)]
    except REFUSALS:
        attempt.done.append(f"{attempt.shape} refused it")
    attempt.shape = "mapping"
    return columns


def _panics_polars(values: Any) -> bool:
    """Polars panics, with a long trace, where it is given a decimal that is no number or tiny."""
    decimals = [value for value in _listed(values) if isinstance(value, Decimal)]
    return any(not value.is_finite() or 0 < abs(value) < Decimal("1E-30") for value in decimals)


def _listed(values: Any) -> list[Any]:
    return list(values.tolist() if isinstance(values, np.ndarray) else values)


def _pandas(columns: Mapping[Any, Any]) -> pd.DataFrame:
    flat = {
        name: list(values) if getattr(values, "ndim", 1) > 1 else values
        for name, values in columns.items()
    }
    return pd.DataFrame({name: pd.Series(values) for name, values in flat.items()})


# -------------------------------------------------------------------------------- judging


def judge(attempt: Attempt) -> str | None:
    """Return what is wrong with the answer, or None."""
    try:
        result = mme.exposure(attempt.table, **attempt.arguments)
    except OpsafeError as error:
        told = f"{error} {error!r} {error.__cause__}"
        return f"a message names a member: {told}" if names_a_member(told) else None
    except REFUSALS as error:
        return f"{type(error).__name__}: {error}"
    return _judge_result(attempt, result)


def _judge_result(attempt: Attempt, result: mme.Exposure) -> str | None:
    rows = result.provenance.rows
    if rows.rows_in != rows.used + rows.netted + rows.not_opioid + len(result.set_aside):
        return f"counts do not add up: {rows!r}, {len(result.set_aside)} set aside"
    if rows.rows_in != (given := _length(attempt.table)):
        return f"{given} rows came in, {rows.rows_in} were counted"
    positions = [row["row"] for row in tables.rows_of(result.set_aside)]
    if len(set(positions)) != len(positions):
        return "a row was set aside twice"
    for shown in (repr(result), result._repr_html_(), result.provenance.to_json()):
        if names_a_member(shown):
            return "a member stands in what is shown of a result"
    return _missing_members(attempt, result)


def _missing_members(attempt: Attempt, result: mme.Exposure) -> str | None:
    renamed = attempt.arguments.get("columns") or {}
    given = _values(attempt.table, renamed.get("member_id", "member_id"))
    expected = {_canonical(value) for value in given} - {None}
    found = [_canonical(row["member_id"]) for row in tables.rows_of(result.members)]
    if len(found) != len(set(found)) or set(found) != expected:
        return f"{len(expected)} members came in, {len(found)} went out"
    return None


def names_a_member(text: str) -> bool:
    """Say whether a text holds the mark that is in every member id."""
    return MARK in text or str(NUMBER_MARK)[:6] in text


def _length(table: Any) -> int:
    if isinstance(table, Mapping):
        return len(next(iter(table.values()), ()))
    return len(table)


def _values(table: Any, name: str) -> Sequence[Any]:
    if isinstance(table, list):
        return [record.get(name) for record in table]
    if not _length(table):
        return []
    values = table[name]
    plain = values.to_pylist() if hasattr(values, "to_pylist") else values
    return list(plain.tolist() if hasattr(plain, "tolist") else plain)


def _canonical(value: Any) -> Any:
    """Fold what is one member: 7, 7.0 and Decimal 7; what is missing is None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return None
    if isinstance(value, float | Decimal) and Decimal(value).is_nan():
        return None
    return int(value)
