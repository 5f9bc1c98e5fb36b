"""The benchmark schema: what a file of fills looks like, and which drugs stand in it.

One row a fill, in the order of `SCHEMA`:

==============  ==========================  =====================================================
member_id       int64                       sparse, ascending with the member; null in a bad row
fill_date       date32                      a day of 2025; null in a bad row
ingredient      dictionary<int8, string>    15 opioids and 3 benzodiazepines
route           dictionary<int8, string>    oral, nasal or transdermal
strength        double                      of one tablet or mL, or of one hour of a patch
unit            dictionary<int8, string>    mg, mg/mL or mcg/h
quantity        double                      tablets, mL or patches; null or negative in a bad row
days_supply     int32                       null, zero or negative in a bad row
prescriber_id   int64
pharmacy_id     int64
==============  ==========================  =====================================================

Measurements that name this schema mean these columns and no others.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

__all__ = [
    "BENZODIAZEPINES",
    "DAYS",
    "EDITION",
    "END",
    "FILL",
    "FIRST_DAY",
    "MISSING",
    "PRODUCTS",
    "SCHEMA",
    "START",
    "Product",
    "as_batch",
]

START: Final = "2025-01-01"
END: Final = "2025-12-31"
DAYS: Final = 365
FIRST_DAY: Final = int(np.datetime64(START, "D").astype(int))
"""The first day of the window, as days since 1970."""
EDITION: Final = "cms-2018-02-oms"
"""The edition of the comparison: methadone by tiers, which is where floats go wrong most."""


class Product(NamedTuple):
    """A drug as it is dispensed, and how often it is, in rows of a hundred."""

    ingredient: str
    route: str
    unit: str
    strengths: tuple[float, ...]
    weight: float


BENZODIAZEPINES: Final = ("alprazolam", "clonazepam", "lorazepam")
PRODUCTS: Final = (
    Product("hydrocodone", "oral", "mg", (5, 7.5, 10), 21.4),
    Product("oxycodone", "oral", "mg", (5, 10, 15, 20, 30), 21.4),
    Product("tramadol", "oral", "mg", (50, 100), 14),
    Product("morphine", "oral", "mg", (15, 30, 60, 100), 6),
    Product("codeine", "oral", "mg", (15, 30, 60), 5),
    Product("hydromorphone", "oral", "mg", (2, 4, 8), 3),
    Product("tapentadol", "oral", "mg", (50, 75, 100), 2),
    Product("oxymorphone", "oral", "mg", (5, 10, 20), 1),
    Product("meperidine", "oral", "mg", (50, 100), 0.4),
    Product("pentazocine", "oral", "mg", (50,), 0.3),
    Product("dihydrocodeine", "oral", "mg", (16,), 0.3),
    Product("levorphanol", "oral", "mg", (2, 3), 0.2),
    Product("butorphanol", "nasal", "mg/mL", (10,), 0.1),
    Product("methadone", "oral", "mg", (2.5, 5, 10), 3),
    Product("fentanyl", "transdermal", "mcg/h", (12, 25, 50, 75, 100), 3),
    Product("hydrocodone", "oral", "mg/mL", (0.5,), 0.6),
    Product("oxycodone", "oral", "mg/mL", (1, 20), 0.6),
    Product("morphine", "oral", "mg/mL", (2, 4, 20), 0.5),
    Product("methadone", "oral", "mg/mL", (1, 2, 10), 0.2),
    Product("alprazolam", "oral", "mg", (0.25, 0.5, 1, 2), 7),
    Product("clonazepam", "oral", "mg", (0.5, 1, 2), 5),
    Product("lorazepam", "oral", "mg", (0.5, 1, 2), 4),
)

SCHEMA: Final = pa.schema(
    [
        ("member_id", pa.int64()),
        ("fill_date", pa.date32()),
        ("ingredient", pa.dictionary(pa.int8(), pa.string())),
        ("route", pa.dictionary(pa.int8(), pa.string())),
        ("strength", pa.float64()),
        ("unit", pa.dictionary(pa.int8(), pa.string())),
        ("quantity", pa.float64()),
        ("days_supply", pa.int32()),
        ("prescriber_id", pa.int64()),
        ("pharmacy_id", pa.int64()),
    ]
)

FILL: Final = np.dtype(
    [
        ("member_id", "<i8"),
        ("prescriber_id", "<i8"),
        ("pharmacy_id", "<i8"),
        ("strength", "<f8"),
        ("quantity", "<f8"),
        ("days_supply", "<i4"),
        ("fill_date", "<i4"),
        ("product", "i1"),
        ("missing", "u1"),
    ]
)
"""A fill while it is being made: 50 bytes, a place in `PRODUCTS`, and a bit for each null."""

MISSING: Final = {
    "member_id": 1,
    "fill_date": 2,
    "strength": 4,
    "quantity": 8,
    "days_supply": 16,
}


def as_batch(fills: np.ndarray) -> pa.RecordBatch:
    """Return fills of the type `FILL` as a batch of the benchmark schema."""
    arrays = []
    for field in SCHEMA:
        if pa.types.is_dictionary(field.type):
            words = [getattr(product, field.name) for product in PRODUCTS]
            distinct = list(dict.fromkeys(words))
            code = np.array([distinct.index(word) for word in words], np.int8)[fills["product"]]
            array = pa.DictionaryArray.from_arrays(code, pa.array(distinct))
        else:
            null = (fills["missing"] & MISSING.get(field.name, 0)) > 0
            values = np.ascontiguousarray(fills[field.name])
            plain = pa.int32() if pa.types.is_date32(field.type) else field.type
            array = pa.array(values, plain, mask=null if null.any() else None).cast(field.type)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
