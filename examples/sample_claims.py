"""Make the pharmacy claims of a made-up health plan: one year, the same file for the same seed.

    python examples/sample_claims.py --members 20000 --seed 7 --out build/demo/claims.csv

The ending of the file decides: .csv or .parquet. One row a claim, in order of date:

member_id       text with leading zeros
fill_date       a day of 2025
ingredient      opioids, benzodiazepines and, in about half of the rows, other drugs
route, form     as a pharmacy states them
strength, unit  of one tablet, patch or mL
quantity        with quantity_unit EA, ML or GM; below zero where a claim was taken back
days_supply     days that the quantity is meant to last
fill_id         text with leading zeros; empty in some claims that were taken back
status          paid, reversed, rejected, and a few words that nobody explains
prescriber_id, pharmacy_id

Nothing here is anybody's claim, and no rate is a finding. Most members have none or one short
course; some are treated for long, refill two to five days early, and take a long-acting beside a
short-acting opioid. Doses are round, so days of exactly 50 and 90 MME are common. Claims are
reversed, sent twice, rejected and mistyped, as claims are. It is one file, and so a long one, to
be copied and run alone.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np

YEAR: Final = date(2025, 1, 1)
DAYS: Final = 365
OTHER_CENTURY: Final = 73_049  # days from 2025 to 2225, two digits mistyped
Item = TypeVar("Item")
Weighted = Sequence[tuple[float, Item]]


class Drug(NamedTuple):
    """A product and how many units of it are taken a day."""

    ingredient: str
    form: str
    strength: str
    per_day: str
    unit: str = "mg"
    route: str = "oral"
    quantity_unit: str = "EA"


@dataclass(frozen=True, slots=True)
class Claim:
    """One row; ``number`` tells the claims of a member apart, None where no id is given."""

    member: int
    number: int | None
    day: int
    drug: Drug
    quantity: Decimal
    days: int | None
    status: str
    prescriber: str
    pharmacy: str


ER: Final = "extended release tablet"
ACUTE: Final[Weighted[Drug]] = (
    (28, Drug("hydrocodone", "tablet", "5", "4")),
    (12, Drug("hydrocodone", "tablet", "5", "6")),
    (8, Drug("hydrocodone", "tablet", "7.5", "4")),
    (7, Drug("hydrocodone", "tablet", "10", "4")),
    (2, Drug("hydrocodone", "tablet", "10", "5")),
    (18, Drug("oxycodone", "tablet", "5", "4")),
    (8, Drug("oxycodone", "tablet", "5", "6")),
    (3, Drug("oxycodone", "tablet", "10", "4")),
    (0.9, Drug("oxycodone", "tablet", "10", "6")),
    (0.3, Drug("morphine", "tablet", "15", "6")),
    (9, Drug("tramadol", "tablet", "50", "4")),
    (2, Drug("tramadol", "tablet", "50", "5")),
    (6, Drug("codeine", "tablet", "30", "6")),
    (2, Drug("hydrocodone", "liquid", "7.5", "60", "mg/15 mL", "oral", "ML")),
    (1, Drug("codeine", "liquid", "10", "40", "mg/5 mL", "oral", "ML")),
    (0.4, Drug("oxycodone", "liquid", "5", "22.5", "mg/5 mL", "oral", "ML")),
    (1.2, Drug("hydromorphone", "tablet", "2", "4")),
    (0.2, Drug("hydromorphone", "tablet", "4", "6")),
    (0.5, Drug("tapentadol", "tablet", "50", "4")),
    (0.3, Drug("meperidine", "tablet", "50", "4")),
    (0.2, Drug("morphine", "injection", "10", "2", "mg/mL", "intravenous", "ML")),
)
SHORT_ACTING: Final[Weighted[Drug]] = (
    (14, Drug("hydrocodone", "tablet", "10", "3")),
    (14, Drug("hydrocodone", "tablet", "10", "4")),
    (6, Drug("hydrocodone", "tablet", "10", "5")),
    (5, Drug("hydrocodone", "tablet", "7.5", "3")),
    (12, Drug("oxycodone", "tablet", "5", "4")),
    (8, Drug("oxycodone", "tablet", "10", "3")),
    (5, Drug("oxycodone", "tablet", "10", "4")),
    (4, Drug("oxycodone", "tablet", "15", "4")),
    (2, Drug("oxycodone", "tablet", "30", "4")),
    (16, Drug("tramadol", "tablet", "50", "4")),
    (5, Drug("tramadol", "tablet", "50", "5")),
    (4, Drug("tramadol", "tablet", "50", "3")),
    (1.5, Drug("hydromorphone", "tablet", "4", "4")),
    (1.5, Drug("tapentadol", "tablet", "75", "3")),
    (1, Drug("morphine", "tablet", "15", "4")),
    (1, Drug("morphine", "liquid", "10", "20", "mg/5 mL", "oral", "ML")),
    (0.6, Drug("levorphanol", "tablet", "2", "3")),
)
LONG_ACTING: Final[Weighted[Drug]] = (
    (14, Drug("morphine", ER, "15", "2")),
    (12, Drug("morphine", ER, "30", "2")),
    (5, Drug("morphine", ER, "30", "3")),
    (4, Drug("morphine", ER, "60", "2")),
    (12, Drug("oxycodone", ER, "10", "2")),
    (9, Drug("oxycodone", ER, "20", "2")),
    (5, Drug("oxycodone", ER, "30", "2")),
    (2, Drug("oxycodone", ER, "80", "3")),
    (7, Drug("methadone", "tablet", "5", "2")),
    (6, Drug("methadone", "tablet", "10", "2")),
    (3, Drug("methadone", "tablet", "10", "3")),
    (3, Drug("tapentadol", ER, "100", "2")),
    (1, Drug("oxymorphone", ER, "10", "2")),
)
PATCHES: Final[Weighted[Drug]] = tuple(
    (weight, Drug("fentanyl", "patch", strength, per_day, "mcg/h", "transdermal"))
    for weight, strength, per_day in (
        *((20, "12", "1/3"), (40, "25", "1/3"), (25, "50", "1/3"), (8, "75", "1/3")),
        *((4, "100", "1/3"), (2, "50", "1/2"), (1, "75", "2/3")),
    )
)
BUPRENORPHINE: Final[Weighted[Drug]] = (
    (8, Drug("buprenorphine", "film", "8", "2", "mg", "sublingual")),
    (3, Drug("buprenorphine", "tablet", "8", "1", "mg", "sublingual")),
    (1, Drug("buprenorphine", "patch", "10", "1/7", "mcg/h", "transdermal")),
)
BENZODIAZEPINES: Final[Weighted[Drug]] = (
    (8, Drug("alprazolam", "tablet", "0.5", "2")),
    (6, Drug("clonazepam", "tablet", "0.5", "2")),
    (5, Drug("lorazepam", "tablet", "1", "1")),
    (3, Drug("diazepam", "tablet", "5", "1")),
    (2, Drug("temazepam", "capsule", "15", "1")),
)
FOR_LONG: Final[Weighted[Drug]] = (
    (9, Drug("atorvastatin", "tablet", "20", "1")),
    (9, Drug("lisinopril", "tablet", "10", "1")),
    (8, Drug("metformin", "tablet", "500", "2")),
    (7, Drug("levothyroxine", "tablet", "75", "1", "mcg")),
    (7, Drug("amlodipine", "tablet", "5", "1")),
    (5, Drug("omeprazole", "capsule", "20", "1")),
    (5, Drug("losartan", "tablet", "50", "1")),
    (5, Drug("sertraline", "tablet", "50", "1")),
    (5, Drug("gabapentin", "capsule", "300", "3")),
    (4, Drug("metoprolol", ER, "50", "1")),
    (4, Drug("escitalopram", "tablet", "10", "1")),
    (3, Drug("trazodone", "tablet", "50", "1")),
    (3, Drug("hydrochlorothiazide", "tablet", "25", "1")),
    (2, Drug("apixaban", "tablet", "5", "2")),
    (2, Drug("duloxetine", "capsule", "60", "1")),
)
FOR_SHORT: Final[Weighted[Drug]] = (
    (9, Drug("amoxicillin", "capsule", "500", "3")),
    (7, Drug("azithromycin", "tablet", "250", "1")),
    (7, Drug("ibuprofen", "tablet", "600", "3")),
    (6, Drug("prednisone", "tablet", "20", "2")),
    (4, Drug("cyclobenzaprine", "tablet", "10", "3")),
    (4, Drug("cephalexin", "capsule", "500", "4")),
    (3, Drug("albuterol", "", "90", "0.4", "mcg/actuation", "inhalation", "GM")),
    (3, Drug("ondansetron", "tablet", "4", "3")),
    (2, Drug("naproxen", "tablet", "500", "2")),
    (1, Drug("naloxone", "nasal spray", "4", "1", "mg/actuation", "nasal")),
)
COURSE_DAYS: Final[Weighted[int]] = (
    *((4, 2), (14, 3), (9, 4), (22, 5), (6, 6), (18, 7), (12, 10), (4, 14), (1, 1), (2, 30)),
)
SUPPLY_DAYS: Final[Weighted[int]] = ((70, 30), (20, 28), (10, 14))
# Days by which a refill is early; below zero it is late.
EARLY_DAYS: Final[Weighted[int]] = (
    *((4, -1), (35, 0), (14, 2), (14, 3), (9, 4), (5, 5), (12, -4), (2, -40)),
)
HISTORIES: Final[Weighted[str]] = (
    *((943, "paid"), (15, "reversed"), (12, "rejected first"), (9, "bad"), (6, "negative")),
    *((6, "twice"), (4, "partly back"), (3, "only back"), (2, "status")),
)


class Dice:
    """Choices from uniform draws alone, so that a release of NumPy does not move the sample."""

    def __init__(self, *seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def chance(self, share: float) -> bool:
        """Return whether something happens that does so in this share of cases."""
        return float(self._generator.random()) < share

    def between(self, first: int, last: int) -> int:
        """Return a whole number, each as likely, both ends included."""
        return first + int(self._generator.random() * (last - first + 1))

    def pick(self, items: Weighted[Item]) -> Item:
        """Return an item by its weight."""
        left = float(self._generator.random()) * sum(weight for weight, _ in items)
        for weight, item in items:
            left -= weight
            if left < 0:
                return item
        return items[-1][1]


class Member:
    """One member's year: what is filled, where, and what goes wrong with the claims."""

    def __init__(self, number: int, seed: int) -> None:
        self.number = number
        self.dice = Dice(seed, number)
        self.claims: list[Claim] = []
        self.prescriber = f"PR{self.dice.between(0, 1499):05d}"
        self.pharmacy = f"PH{self.dice.between(0, 399):04d}"
        self.wanders = self.dice.chance(0.03)

    def year(self) -> list[Claim]:
        """Return the claims of the year."""
        dice = self.dice
        kinds: Weighted[Callable[[], None]] = (
            (68.5, self._no_opioid),
            (23, self._short_course),
            (3.5, self._now_and_then),
            (3.2, self._one_for_long),
            (0.9, self._two_for_long),
            (0.5, self._patches),
            (0.4, self._buprenorphine),
        )
        kind = dice.pick(kinds)
        kind()
        for_long = kind not in (self._no_opioid, self._short_course)
        if dice.chance(0.18 if for_long else 0.03):
            self._steadily(dice.pick(BENZODIAZEPINES), SUPPLY_DAYS, months=dice.between(1, 12))
        self._other_drugs(more=for_long)
        return [row for claim in self.claims for row in self._as_sent(claim)]

    def _no_opioid(self) -> None:
        """Nothing: most members of a plan fill no opioid in a year."""

    def _short_course(self) -> None:
        day = self.dice.between(0, DAYS - 1)
        for _ in range(self.dice.pick(((75, 1), (18, 2), (7, 3)))):
            days = self.dice.pick(COURSE_DAYS)
            self._fill(self.dice.pick(ACUTE), day, days)
            day += days + self.dice.pick(((6, 0), (2, 5), (1, -1), (4, 90)))

    def _now_and_then(self) -> None:
        drug, day = self.dice.pick(SHORT_ACTING), self.dice.between(0, 60)
        for _ in range(self.dice.between(3, 8)):
            days = self.dice.pick(((5, 7), (3, 10), (4, 15), (4, 30)))
            self._fill(drug, day, days)
            day += days + self.dice.between(3, 70)

    def _one_for_long(self) -> None:
        self._steadily(self.dice.pick(SHORT_ACTING), SUPPLY_DAYS)

    def _two_for_long(self) -> None:
        self._steadily(self.dice.pick(LONG_ACTING), SUPPLY_DAYS)
        self._steadily(self.dice.pick(SHORT_ACTING), SUPPLY_DAYS)

    def _patches(self) -> None:
        self._steadily(self.dice.pick(PATCHES), ((1, 30),))
        if self.dice.chance(0.4):
            self._steadily(self.dice.pick(SHORT_ACTING), SUPPLY_DAYS)

    def _buprenorphine(self) -> None:
        self._steadily(self.dice.pick(BUPRENORPHINE), ((1, 28), (1, 14), (1, 7)))

    def _other_drugs(self, *, more: bool) -> None:
        # Everybody in the file fills something.
        if more or not self.claims or self.dice.chance(0.3):
            if self.dice.chance(0.6 if more else 0.07):
                self._steadily(self.dice.pick(FOR_LONG), ((1, 30), (4, 90)))
            for _ in range(self.dice.pick(((8, 1), (2, 2)))):
                days = self.dice.between(3, 10)
                self._fill(self.dice.pick(FOR_SHORT), self.dice.between(0, DAYS - 1), days)

    def _steadily(self, drug: Drug, supply: Weighted[int], *, months: int = 12) -> None:
        """Fill month after month, mostly a little early; now and then late or with a pause."""
        dice = self.dice
        starts_earlier = dice.chance(0.7)
        day = dice.between(0, 27) if starts_earlier else dice.between(28, 330)
        last = DAYS - 1 if dice.chance(0.75) else dice.between(30, DAYS - 1)
        days = dice.pick(supply)
        for _ in range(months * 30 // days + 1):
            if day > last:
                break
            self._fill(drug, day, days)
            day += max(days - dice.pick(EARLY_DAYS), 1)

    def _fill(self, drug: Drug, day: int, days: int) -> None:
        if day >= DAYS:
            return
        dice = self.dice
        taken, _, over = drug.per_day.partition("/")
        quantity = Decimal(taken) * days
        if over:
            # Patches come whole: 10 for 30 days, 4 for 28.
            quantity = Decimal(-(-int(taken) * days // int(over)))
        elif drug.quantity_unit == "ML" and dice.chance(0.1):
            quantity = Decimal("236.5")
        elif dice.chance(0.02):
            # Less than prescribed was in stock, and the days were not corrected.
            quantity = max(quantity - 5, quantity / 2).quantize(Decimal(1))
        elsewhere = 0.45 if self.wanders else 0.06
        prescriber = f"PR{dice.between(0, 1499):05d}" if dice.chance(elsewhere) else self.prescriber
        pharmacy = f"PH{dice.between(0, 399):04d}" if dice.chance(elsewhere) else self.pharmacy
        self.claims.append(
            Claim(
                self.number,
                len(self.claims),
                day,
                drug,
                quantity,
                days,
                "paid",
                "" if dice.chance(0.01) else prescriber,
                pharmacy,
            )
        )

    def _as_sent(self, claim: Claim) -> Iterator[Claim]:
        """Yield what reaches the plan of one fill: mostly one row, sometimes a small history."""
        what = self.dice.pick(HISTORIES)
        back = replace(claim, quantity=-claim.quantity, days=-(claim.days or 0))
        later = 1000 + (claim.number or 0)
        if what == "reversed":
            yield claim
            yield replace(back, status="reversed", day=min(claim.day + 2, DAYS - 1))
            if self.dice.chance(0.7) and claim.day + 3 < DAYS:
                yield replace(claim, number=later, day=claim.day + 3)
        elif what == "negative":
            yield claim
            yield replace(back, number=None)
        elif what == "partly back" and claim.quantity >= 8 and (claim.days or 0) >= 8:
            yield claim
            yield replace(back, quantity=Decimal(-4), days=-2)
        elif what == "only back":
            yield back
        elif what == "rejected first":
            yield replace(claim, number=later, status="rejected")
            yield claim
        elif what == "twice":
            yield from (claim, claim)
        elif what == "status":
            yield replace(claim, status=self.dice.pick(((1, "pended"), (1, ""))))
        else:
            yield self._spoiled(claim) if what == "bad" else claim

    def _spoiled(self, claim: Claim) -> Claim:
        """Return the claim with one of its fields wrong."""
        drug = claim.drug
        cut = len(drug.ingredient) - 3
        return self.dice.pick((
            (4, replace(claim, days=0)),
            (1, replace(claim, days=None)),
            (4, replace(claim, drug=drug._replace(strength=""))),
            (1, replace(claim, drug=drug._replace(route=""))),
            (1, replace(claim, drug=drug._replace(unit="TAB"))),
            # A letter is lost: "oxycodne".
            (4, replace(claim, drug=drug._replace(
                ingredient=drug.ingredient[:cut] + drug.ingredient[cut + 1 :]))),
            (1, replace(claim, quantity=Decimal(0))),
            (1, replace(claim, drug=drug._replace(quantity_unit="GM"))),
            (2, replace(claim, day=claim.day - OTHER_CENTURY)),
            (1, replace(claim, day=claim.day + OTHER_CENTURY)),
        ))  # fmt: skip


HEADER: Final = (
    *("member_id", "fill_date", "ingredient", "route", "form", "strength", "unit", "quantity"),
    *("quantity_unit", "days_supply", "fill_id", "status", "prescriber_id", "pharmacy_id"),
)


def claims(members: int, seed: int) -> list[Claim]:
    """Return every claim in order of date; a member's claims do not depend on how many others."""
    found = [claim for number in range(members) for claim in Member(number, seed).year()]
    # A mistyped date does not move the claim: it was sent when it was sent.
    return sorted(found, key=lambda claim: (claim.day % OTHER_CENTURY, claim.member))


def rows(members: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the file as text."""
    fill_ids: dict[tuple[int, int], str] = {}
    for claim in claims(members, seed):
        fill_id = ""
        if claim.number is not None:
            key = (claim.member, claim.number)
            fill_id = fill_ids.setdefault(key, f"{len(fill_ids) + 1:010d}")
        drug = claim.drug
        yield (
            # A prime modulus, so that no two members meet.
            f"{(claim.member * 7_368_787 + 1_234_567) % 99_999_989:08d}",
            (YEAR + timedelta(days=claim.day)).isoformat(),
            drug.ingredient,
            drug.route,
            drug.form,
            drug.strength,
            drug.unit,
            f"{claim.quantity.normalize():f}",
            drug.quantity_unit,
            "" if claim.days is None else str(claim.days),
            fill_id,
            claim.status,
            claim.prescriber,
            claim.pharmacy,
        )


def write(path: Path, table: Sequence[tuple[str, ...]]) -> None:
    """Write the rows as CSV, or as Parquet with types of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(table)
        return
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    numbers = {"strength": pa.decimal128(12, 3), "quantity": pa.decimal128(12, 3)}
    kinds = numbers | {"fill_date": pa.date32(), "days_supply": pa.int64()}
    text = {name: [row[at] or None for row in table] for at, name in enumerate(HEADER)}
    pq.write_table(
        pa.table(
            {
                name: pa.array(values, pa.string()).cast(kinds.get(name, pa.string()))
                for name, values in text.items()
            }
        ),
        path,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, make the claims and write them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("build/demo/claims.csv"))
    given = parser.parse_args(arguments)
    if given.out.suffix not in (".csv", ".parquet"):
        parser.error(f"--out ends in .csv or .parquet, not {given.out.suffix!r}")
    table = list(rows(given.members, given.seed))
    write(given.out, table)
    print(f"{len(table):,} claims of {given.members:,} made-up members: {given.out}")


if __name__ == "__main__":
    main()
