"""What every peer computes, written out by hand: nothing here comes from the library.

Fills of 2025 under the CMS table of February 2018 with methadone by tiers. A fill covers its days
of supply from its date, cut to the year. It counts when member, date, ingredient, strength,
quantity and days are there and positive. A benzodiazepine overlaps on days that an opioid fill
covers, also when that fill's strength or quantity is missing; people are counted on opioid fills,
also when the days are missing or zero. Rows of negative quantity or days are reversals.

Exactness, as an analyst would get it who knows what floats do: each rate is rounded to a whole
number of 1e-9 MME, sums of whole numbers do not depend on their order, and days meet thresholds
and tiers as whole numbers of 1e-6. Where an engine sums 64-bit integers in 128 bits, whole numbers
in floats serve as well: they are exact up to 2^53, nine million MME a day.
"""

from __future__ import annotations

from typing import Final

from claims.schema import FIRST_DAY

__all__ = [
    "BENZODIAZEPINES",
    "COLUMNS",
    "FACTORS",
    "FIRST",
    "GRID",
    "STOP",
    "TIERED",
    "TIERS",
    "TOP_FACTOR",
]

FIRST: Final = FIRST_DAY
STOP: Final = FIRST_DAY + 365
"""The window, in days since 1970: the first day, and the day after the last."""
GRID: Final = 10**9
"""Counts in an MME, or in a mg of methadone."""

FACTORS: Final = {
    "butorphanol": 7.0,
    "codeine": 0.15,
    "dihydrocodeine": 0.25,
    "fentanyl": 7.2,  # a patch of three days, for each mcg/h
    "hydrocodone": 1.0,
    "hydromorphone": 4.0,
    "levorphanol": 11.0,
    "meperidine": 0.1,
    "methadone": 0.0,  # by tiers
    "morphine": 1.0,
    "oxycodone": 1.5,
    "oxymorphone": 3.0,
    "pentazocine": 0.37,
    "tapentadol": 0.4,
    "tramadol": 0.1,
}
TIERED: Final = "methadone"
TIERS: Final = ((20, 4), (40, 8), (60, 10))
"""Up to so many mg a day, the factor on the whole dose."""
TOP_FACTOR: Final = 12
BENZODIAZEPINES: Final = ("alprazolam", "clonazepam", "lorazepam")

COLUMNS: Final = (
    "member_id",
    "total_mme",
    "covered_days",
    "mme_per_covered_day",
    "mme_maximum_day",
    "days_at_least_50",
    "days_at_least_90",
    "benzodiazepine_overlap_days",
    "prescribers",
    "pharmacies",
)
"""The table that every peer returns: members with a covered day, in any order."""
