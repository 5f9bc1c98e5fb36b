"""Write docs/reference/reason-codes.md from the code: `python docs/_make_reason_codes.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from opsafe import oud
from opsafe.mme.reasons import NEVER_LOWER_BOUND, Flag, Reason

PAGE: Final = Path(__file__).parent / "reference" / "reason-codes.md"

HEAD: Final = """# Reason codes and flags

This page is made from the code by `docs/_make_reason_codes.py`; a test holds it up to date.

Every row of fills has exactly one fate: used, {term}`netted`, {term}`not opioid`, or
{term}`set aside` with one of the reasons below. The codes are those of `opsafe.mme.Reason` and
`opsafe.mme.Flag`.

## Reasons

A row with a reason does not count. It is returned in `set_aside` with its position, the code, the
field, what was seen there and what to do. A row that could have several reasons has the first in
the order of work, see {doc}`../explanation/mme-method`.

*Lower bound* says whether such a row makes the numbers of its member a {term}`lower bound`. It does
so only where the drug is an opioid, or a drug that is not known and may be one. *Filled* says
whether the fill stands although its MME is not known. Then an opioid fill still counts for days
with a benzodiazepine (medication for opioid use disorder and parenteral opioids apart), and for
prescribers and pharmacies.

"""

FLAGS: Final = """
## Flags

A row with a flag counts, unchanged. Somebody should look at it. A row may have several.

"""

FLAGS_TAIL: Final = """
`flags.beside` holds a number beside the one that was used: for `PATCH_DAYS_MISMATCH` the MME a day
of one patch at a time. For other flags it is null. `PACK_OF_TWO` is told where a drug is read from
its name, see {doc}`drugs`.
"""

OUD: Final = """
## Assessments of opioid use disorder

A row of `oud.score_many` is counted or set aside with one of these (`opsafe.oud.Reason`):

"""

OUD_CODES: Final = """
A count or a history that tells no ICD-10-CM code, or more than one, says why
(`opsafe.oud.CodeReason`):

"""

REASON_MEANINGS: Final[Mapping[Reason, str]] = {
    Reason.MEMBER_MISSING: "The row names no member.",
    Reason.MEMBER_EXCLUDED: 'An exclusion leaves the member out (`exclude="members"`).',
    Reason.INGREDIENT_MISSING: "The row names no drug.",
    Reason.UNKNOWN_INGREDIENT: "No list holds this name. It may be an opioid.",
    Reason.DATE_MISSING: "The row has no fill date.",
    Reason.DATE_UNREADABLE: "The fill date is not a date.",
    Reason.DATE_OUT_OF_RANGE: "The date, or the days supply, lies beyond the calendar.",
    Reason.STATUS_UNKNOWN: "The status is missing beside others, or none that is known.",
    Reason.REJECTED: "The claim was rejected or denied.",
    Reason.REVERSED: "The fill was taken back; fill and reversal both have this code.",
    Reason.REVERSAL_UNMATCHED: "A reversal for which there is no fill.",
    Reason.DUPLICATE_FILL_ID: "The same fill identifier was paid already.",
    Reason.DAYS_SUPPLY_MISSING: "The row has no days supply.",
    Reason.DAYS_SUPPLY_UNREADABLE: "The days supply is not a finite number.",
    Reason.DAYS_SUPPLY_NOT_WHOLE: "The days supply has a fraction of a day.",
    Reason.DAYS_SUPPLY_NOT_POSITIVE: "The days supply is 0 or less, and no reversal.",
    Reason.QUANTITY_MISSING: "The row has no quantity.",
    Reason.QUANTITY_UNREADABLE: "The quantity is not a number.",
    Reason.QUANTITY_INFINITE: "The quantity is infinite.",
    Reason.QUANTITY_OFF_GRID: "The quantity has more than 3 decimals.",
    Reason.QUANTITY_NOT_POSITIVE: "The quantity is 0.",
    Reason.QUANTITY_UNIT_UNKNOWN: "The unit of the quantity is none that is known.",
    Reason.QUANTITY_UNIT_MISMATCH: "The quantity counts something else than the strength is per.",
    Reason.ROUTE_MISSING: "The row has no route.",
    Reason.UNKNOWN_ROUTE: "No list holds this route.",
    Reason.UNKNOWN_FORM: "No list holds this dose form.",
    Reason.PARENTERAL: "An injection, or an iontophoretic system.",
    Reason.BUPRENORPHINE_EXCLUDED: "Buprenorphine, which is left out unless it is asked for.",
    Reason.MOUD_PRODUCT: "Methadone for opioid use disorder: a 40 mg tablet, or marked so.",
    Reason.COUGH_COLD: "A cough and cold product, and the edition leaves these out.",
    Reason.OPIUM_LIQUID: "Opium tincture or paregoric.",
    Reason.FORM_REQUIRED: "The edition has a factor for each form, and the form is not given.",
    Reason.WEAR_TIME_MISMATCH: "A patch worn for another time than the factor is for.",
    Reason.NO_FACTOR: "The edition has no factor for this drug, route and form. That is not zero.",
    Reason.STRENGTH_MISSING: "The row has no strength.",
    Reason.STRENGTH_UNREADABLE: "The strength is not a number with a unit.",
    Reason.STRENGTH_INFINITE: "The strength is infinite.",
    Reason.STRENGTH_OFF_GRID: "The strength has more than 6 decimals.",
    Reason.STRENGTH_NOT_POSITIVE: "The strength is 0 or less.",
    Reason.UNIT_MISSING: "The strength has no unit.",
    Reason.UNKNOWN_UNIT: "The unit of the strength is none that is known.",
    Reason.UNIT_MISMATCH: "A rate per hour without a patch, a patch without a rate, or two units.",
    Reason.TOO_LARGE_TO_SUM: "A fill, or a member's sums, beyond what 64 bits hold exactly.",
}

FLAG_MEANINGS: Final[Mapping[Flag, str]] = {
    Flag.PATCH_DAYS_MISMATCH: "The patches worn at once are no whole number within 0.02.",
    Flag.IMPLAUSIBLE_MME: "Over 100,000 MME a day in one fill.",
    Flag.LONG_DAYS_SUPPLY: "Over 366 days of supply in one fill.",
    Flag.POSSIBLY_BOTTLES: "A spray of which 2 or fewer were dispensed.",
    Flag.POSSIBLY_MOUD_PRODUCT: "Methadone 40 mg whose form is not known to be a tablet.",
    Flag.STRENGTH_IS_BASE: "An oxycodone capsule in a strength that is stated as base.",
    Flag.NOMINAL_STRENGTH: "A fentanyl patch of 12 mcg/h.",
    Flag.PACK_OF_TWO: "Sprays that come in packs of two.",
    Flag.COUGH_COLD_INCLUDED: "A cough and cold product that counts.",
    Flag.SHIFT_CAPPED: "A refill that was shifted as far as allowed, and still overlaps.",
}


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table; the first one is its head."""
    head, *body = rows
    rule = ["---"] * len(head)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, rule, *body))


def advice(code: Reason | Flag | oud.Reason) -> str:
    """Return the advice as a sentence, with arguments and columns in the type face of code."""
    marked = re.sub(r'\b\w+="\w+"|\b[a-z]+_[a-z_]+=?', lambda found: f"`{found[0]}`", code.advice)
    return f"*{marked}.*"


def lower_bound(reason: Reason) -> str:
    """Say whether a row with this reason makes a lower bound."""
    if reason is Reason.MEMBER_MISSING:
        return "no member"
    return "no" if reason in NEVER_LOWER_BOUND else "yes"


def page() -> str:
    """Return the whole page."""
    reasons = [
        ("Code and field", "What it means, and what to do", "Lower bound", "Filled"),
        *(
            (
                f"`{reason}`<br>`{reason.field}`",
                f"{REASON_MEANINGS[reason]}<br>{advice(reason)}",
                lower_bound(reason),
                "yes" if reason.fill_stands else "no",
            )
            for reason in Reason
        ),
    ]
    flags = [
        ("Code and field", "What it means, and what to do"),
        *((f"`{one}`<br>`{one.field}`", f"{FLAG_MEANINGS[one]}<br>{advice(one)}") for one in Flag),
    ]
    of_rows = [("Code", "What to do"), *((f"`{one}`", advice(one)) for one in oud.Reason)]
    of_codes = [("Code", "Why"), *((f"`{one}`", f"{one.advice}.") for one in oud.CodeReason)]
    tail = OUD + table(of_rows) + OUD_CODES + table(of_codes)
    return HEAD + table(reasons) + FLAGS + table(flags) + FLAGS_TAIL + tail


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
