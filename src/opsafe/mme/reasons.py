"""Why a row does not count, and what to look at although it counts.

A :class:`Reason` sets a row aside; a :class:`Flag` leaves it in. Both are closed lists with a
sentence of what to do, and the docs page of reason codes is made from them.
"""

from __future__ import annotations

from typing import Final

from opsafe._codes import AdvisedCode

__all__ = ["NEVER_LOWER_BOUND", "Flag", "Reason"]


class Reason(AdvisedCode):
    """Why a row or a dose has no MME; ``advice`` says what to do."""

    @property
    def field(self) -> str:
        """The column that a person would look at."""
        return _FIELDS.get(self.value) or next(
            column for prefix, column in _FIELDS_BY_PREFIX if self.value.startswith(prefix)
        )

    @property
    def fill_stands(self) -> bool:
        """Whether the drug was dispensed all the same, only its MME is not known."""
        return self.value not in _NO_FILL

    MEMBER_MISSING = "MEMBER_MISSING", "Give the row a member id; without one it has no owner"
    MEMBER_EXCLUDED = "MEMBER_EXCLUDED", "The exclusions leave this member out, as asked"
    INGREDIENT_MISSING = "INGREDIENT_MISSING", "Give the ingredient, or a code with a DrugTable"
    UNKNOWN_INGREDIENT = (
        "UNKNOWN_INGREDIENT",
        "Use the RxNorm ingredient name; name a drug that is no opioid in not_opioid=",
    )
    DATE_MISSING = "DATE_MISSING", "Give the fill date"
    DATE_UNREADABLE = "DATE_UNREADABLE", "Write the fill date as YYYY-MM-DD or YYYYMMDD"
    DATE_OUT_OF_RANGE = (
        "DATE_OUT_OF_RANGE",
        "Correct the date (1900 to 2199) or the days supply (to end before the year 9999)",
    )
    STATUS_UNKNOWN = "STATUS_UNKNOWN", "Map the claim status to paid, reversed or rejected"
    REJECTED = "REJECTED", "Nothing: a rejected claim was not dispensed"
    REVERSED = "REVERSED", "Nothing: the fill and its reversal cancel each other"
    REVERSAL_UNMATCHED = (
        "REVERSAL_UNMATCHED",
        "Look for the fill that this reverses: it may lie before the data begin",
    )
    DUPLICATE_FILL_ID = "DUPLICATE_FILL_ID", "Keep one row a fill id, or correct the ids"
    DAYS_SUPPLY_MISSING = "DAYS_SUPPLY_MISSING", "Give the days supply"
    DAYS_SUPPLY_UNREADABLE = "DAYS_SUPPLY_UNREADABLE", "Write the days supply as a number"
    DAYS_SUPPLY_NOT_WHOLE = "DAYS_SUPPLY_NOT_WHOLE", "Give whole days"
    DAYS_SUPPLY_NOT_POSITIVE = "DAYS_SUPPLY_NOT_POSITIVE", "Give at least 1 day"
    QUANTITY_MISSING = "QUANTITY_MISSING", "Give the quantity dispensed"
    QUANTITY_UNREADABLE = "QUANTITY_UNREADABLE", "Write the quantity as a number"
    QUANTITY_INFINITE = "QUANTITY_INFINITE", "Give the quantity as a finite number"
    QUANTITY_OFF_GRID = "QUANTITY_OFF_GRID", "Give the quantity with at most 3 decimals"
    QUANTITY_NOT_POSITIVE = "QUANTITY_NOT_POSITIVE", "Give a quantity above 0"
    QUANTITY_UNIT_UNKNOWN = "QUANTITY_UNIT_UNKNOWN", "Use EA, ML or GM"
    QUANTITY_UNIT_MISMATCH = (
        "QUANTITY_UNIT_MISMATCH",
        "A strength per mL needs the quantity in mL, a tablet, patch or spray in pieces",
    )
    ROUTE_MISSING = "ROUTE_MISSING", "Give the route: the factor depends on it"
    UNKNOWN_ROUTE = "UNKNOWN_ROUTE", "Use a route of the glossary, for example oral"
    UNKNOWN_FORM = "UNKNOWN_FORM", "Use a form of the glossary, or leave it empty"
    PARENTERAL = "PARENTERAL", "Nothing: injected opioids have no place in these tables"
    BUPRENORPHINE_EXCLUDED = (
        "BUPRENORPHINE_EXCLUDED",
        'Nothing, or buprenorphine="include" for columns beside the others',
    )
    MOUD_PRODUCT = (
        "MOUD_PRODUCT",
        'Nothing, or moud_products="include" to count methadone 40 mg tablets',
    )
    COUGH_COLD = "COUGH_COLD", "Nothing: this edition leaves cough and cold products out"
    OPIUM_LIQUID = (
        "OPIUM_LIQUID",
        "State the strength as morphine: names give 100 mg/mL of opium, tables mean 10 of morphine",
    )
    FORM_REQUIRED = "FORM_REQUIRED", "Give the form: fentanyl has a factor for each"
    WEAR_TIME_MISMATCH = (
        "WEAR_TIME_MISMATCH",
        "This patch is worn for another time than the edition's factor assumes",
    )
    NO_FACTOR = "NO_FACTOR", "Choose an edition, or a chain of editions, that lists this drug"
    STRENGTH_MISSING = "STRENGTH_MISSING", "Give the strength"
    STRENGTH_UNREADABLE = "STRENGTH_UNREADABLE", "Write the strength as a number with its unit"
    STRENGTH_INFINITE = "STRENGTH_INFINITE", "Give the strength as a finite number"
    STRENGTH_OFF_GRID = "STRENGTH_OFF_GRID", "Give the strength with at most 6 decimals"
    STRENGTH_NOT_POSITIVE = "STRENGTH_NOT_POSITIVE", "Give a strength above 0"
    UNIT_MISSING = "UNIT_MISSING", "Give the unit of the strength: mg, mg/mL, mcg, mcg/h"
    UNKNOWN_UNIT = "UNKNOWN_UNIT", "Use mg, mcg, mg/mL, mcg/h or mg/actuation"
    UNIT_MISMATCH = (
        "UNIT_MISMATCH",
        "A patch has its strength per hour, everything else per piece, mL or actuation",
    )
    TOO_LARGE_TO_SUM = "TOO_LARGE_TO_SUM", "Correct the strength, the quantity or the days"


NEVER_LOWER_BOUND: Final = frozenset(
    {
        Reason.REVERSED,
        Reason.REVERSAL_UNMATCHED,
        Reason.REJECTED,
        Reason.DUPLICATE_FILL_ID,
        Reason.MEMBER_EXCLUDED,
    }
)
"""Rows set aside for these reasons were never exposure that the total lacks."""


_FIELDS: Final = {
    "DATE_MISSING": "fill_date",
    "DATE_UNREADABLE": "fill_date",
    "DATE_OUT_OF_RANGE": "fill_date",
    "STATUS_UNKNOWN": "status",
    "REJECTED": "status",
    "DUPLICATE_FILL_ID": "fill_id",
    "PARENTERAL": "route",
    "FORM_REQUIRED": "form",
    "WEAR_TIME_MISMATCH": "form",
    "COUGH_COLD": "cough_cold",
    "UNIT_MISSING": "unit",
    "UNIT_MISMATCH": "unit",
    "TOO_LARGE_TO_SUM": "strength",
}
_FIELDS_BY_PREFIX: Final = (
    ("MEMBER", "member_id"),
    ("DAYS_SUPPLY", "days_supply"),
    ("QUANTITY_UNIT", "quantity_unit"),
    ("QUANTITY", "quantity"),
    ("REVERS", "quantity"),
    ("ROUTE", "route"),
    ("STRENGTH", "strength"),
    ("UNKNOWN_INGREDIENT", "ingredient"),
    ("UNKNOWN_ROUTE", "route"),
    ("UNKNOWN_FORM", "form"),
    ("UNKNOWN_UNIT", "unit"),
    ("", "ingredient"),
)
_NO_FILL: Final = frozenset(
    {
        "MEMBER_MISSING",
        "MEMBER_EXCLUDED",
        "INGREDIENT_MISSING",
        "UNKNOWN_INGREDIENT",
        "DATE_MISSING",
        "DATE_UNREADABLE",
        "DATE_OUT_OF_RANGE",
        "STATUS_UNKNOWN",
        "REJECTED",
        "REVERSED",
        "REVERSAL_UNMATCHED",
        "DUPLICATE_FILL_ID",
        "DAYS_SUPPLY_MISSING",
        "DAYS_SUPPLY_UNREADABLE",
        "DAYS_SUPPLY_NOT_WHOLE",
        "DAYS_SUPPLY_NOT_POSITIVE",
        "QUANTITY_NOT_POSITIVE",
    }
)


class Flag(AdvisedCode):
    """What a person should look at in a row that counts; ``advice`` says how."""

    @property
    def field(self) -> str:
        """The column that a person would look at."""
        return _FLAG_FIELDS.get(self.value, "strength")

    PATCH_DAYS_MISMATCH = (
        "PATCH_DAYS_MISMATCH",
        'Check quantity and days; one patch stands beside; patch_days="edition" trusts the patches',
    )
    IMPLAUSIBLE_MME = "IMPLAUSIBLE_MME", "Check strength, quantity and days: over 100,000 MME a day"
    LONG_DAYS_SUPPLY = "LONG_DAYS_SUPPLY", "Check the days supply: over 366 days"
    POSSIBLY_BOTTLES = (
        "POSSIBLY_BOTTLES",
        "A spray with a quantity of 2 or less: bottles may have been counted, not sprays or mL",
    )
    POSSIBLY_MOUD_PRODUCT = (
        "POSSIBLY_MOUD_PRODUCT",
        "Methadone 40 mg without a form: as a tablet it is for opioid use disorder",
    )
    STRENGTH_IS_BASE = (
        "STRENGTH_IS_BASE",
        "9, 13.5, 18, 27, 36 mg of oxycodone base are 10, 15, 20, 30, 40 mg of the salt",
    )
    NOMINAL_STRENGTH = "NOMINAL_STRENGTH", "Fentanyl 12 mcg/h is nominally 12.5 mcg/h"
    PACK_OF_TWO = "PACK_OF_TWO", "A pack of two sprays: check whether the quantity counts packs"
    COUGH_COLD_INCLUDED = (
        "COUGH_COLD_INCLUDED",
        "A cough and cold product: this edition says nothing of it, so it counts",
    )
    SHIFT_CAPPED = (
        "SHIFT_CAPPED",
        "An early refill would have to start later than max_shift_days allows: some overlap stays",
    )


_FLAG_FIELDS: Final = {
    "PATCH_DAYS_MISMATCH": "days_supply",
    "LONG_DAYS_SUPPLY": "days_supply",
    "POSSIBLY_BOTTLES": "quantity",
    "PACK_OF_TWO": "form",
    "COUGH_COLD_INCLUDED": "ingredient",
    "SHIFT_CAPPED": "fill_date",
}
