"""A slow, exact twin of ``mme.exposure``: plain records, whole numbers, one day at a time.

It exists to disagree. It was written from the rules and not from the fast code, uses no array and
no running sum, keeps a dictionary of days for every member and adds up what lies on each day.
``tests/laws`` sets the two against each other on generated populations; every column must agree
exactly. `plain_days` is a second answer, plainer still: true fractions with no grid at all, which
checks the grid itself. (One file because the twin is one idea, read from top to bottom.)

Where the rules leave room, these readings were taken:

1.  Covered days, the denominator of D3, first and last day and every day count see the days of
    window ∩ enrolment − exclusions only.
2.  ``fills`` and ``days_supply`` count the used fills and fill-days that reach into those days.
3.  With no used row every MME and threshold column is null. With used rows of which none reaches
    into the window the total and D4 are 0, D1, D2 and the mean per episode day are null, and D3 is
    0 where a window is given.
4.  ``dispensed_mme`` adds rate × days of the used fills dated on one of those days, a tiered fill
    at the tier of its own daily dose, and is rounded once.
5.  A row is a reversal when its quantity or days are negative or its status says so; its quantity
    and days count as negative whatever their sign. In a group of one member and fill_id with a
    payment and a reversal the sums decide: net quantity or days of 0 or less and all rows are
    REVERSED, else one payment survives (the one that equals the net if there is one, else the
    first by date, quantity, days) with the net, and the others are netted. In a group of payments
    alone all but the first in that order are DUPLICATE_FILL_ID. A reversal without an id, or with
    an id that no payment has and a negative number, cancels one payment of the same member, date,
    drug (its form may be left out), |quantity|, |days| and pharmacy; left over it is
    REVERSAL_UNMATCHED. A row that only its status calls reversed, with an id that no payment has,
    is REVERSED by itself; without amounts it takes back all that has its id. Of rows with one id,
    one that can count is first.
6.  REVERSED, REVERSAL_UNMATCHED, REJECTED, DUPLICATE_FILL_ID and MEMBER_EXCLUDED never make a lower
    bound. Every other reason does, on an opioid or on a drug that nobody knows: unknown is not no.
    Buprenorphine does too where it stands beside, for the total is without it all the same.
7.  An opioid fill counts for benzodiazepine overlap when its date and days can be read, factor or
    not, but for medication for opioid use disorder, parenteral rows and rows that never were paid.
8.  The peak day is the first day whose published value (1e-6) is the maximum.
9.  A day of overlap of one product has two or more used fills of one ingredient, route, form and
    strength on their (shifted) days; ``mme_maximum_day_from_overlap`` is D4 less the largest
    published value among the other days.
10. Under ``shift_same_product`` a fill starts on the day after all earlier dated fills of its
    product have ended, at most ``max_shift_days`` after its own date; fills of one date start
    together.
11. A tier is chosen by the member's summed mg of the day rounded half up to 1e-6 mg, as published
    values are; mg × factor is rounded half to even to 1e-9 MME.
12. A status that is missing beside others is STATUS_UNKNOWN; without the column all were paid.
13. With ``exclude="members"`` a member is left out who has an excluded day that would be observed;
    every row that can be read then is MEMBER_EXCLUDED, and nobody is counted for the member.
14. ``start`` and ``end``, the windows by member and the enrolment cut each other; a member that a
    given table of windows or enrolment does not name has no observed day.
15. A row of another drug is counted as ``not_opioid`` whatever became of it; reversed or rejected
    it makes no overlap.
16. Prescribers and pharmacies are counted on every opioid fill that was paid, with or without MME.
    A quantity of 0 is no fill, and of a row of unknown status nobody knows whether it is one.
17. Rows of one member, date and ``source_row`` are one product with two opioids: both count for
    MME, the fill once, and on each day one fill-day.
18. A member of whom no day at all is looked at has no zero but null, as with no used row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from opsafe import mme

Record: TypeAlias = Mapping[str, Any]
Spans: TypeAlias = Mapping[Hashable, Sequence[tuple[date, date]]]
T = TypeVar("T")
Product: TypeAlias = tuple[str, str, str | None, Fraction, str]

OPIOIDS = frozenset((
    "alfentanil", "benzhydrocodone", "buprenorphine", "butorphanol", "codeine", "dihydrocodeine",
    "fentanyl", "hydrocodone", "hydromorphone", "levomethadyl", "levorphanol", "meperidine",
    "methadone", "morphine", "nalbuphine", "oliceridine", "opium", "oxycodone", "oxymorphone",
    "pentazocine", "propoxyphene", "remifentanil", "sufentanil", "tapentadol", "tramadol",
))  # fmt: skip
BENZODIAZEPINES = frozenset((
    "alprazolam", "chlordiazepoxide", "clobazam", "clonazepam", "clorazepate", "diazepam",
    "estazolam", "flurazepam", "lorazepam", "midazolam", "oxazepam", "quazepam", "temazepam",
    "triazolam",
))  # fmt: skip
OTHERS = frozenset(("ibuprofen", "lisinopril", "metformin"))

NEVER_PAID = frozenset(
    ("REVERSED", "REVERSAL_UNMATCHED", "REJECTED", "DUPLICATE_FILL_ID", "netted")
)
NOT_SET_ASIDE = frozenset(("used", "netted", "not_opioid"))
NO_LOWER_BOUND = NEVER_PAID | {"used", "not_opioid", "MEMBER_EXCLUDED"}


# ------------------------------------------------------------------------------------- factors


@dataclass(frozen=True)
class Linear:
    """Strength in ``unit`` × units a day × ``value``."""

    unit: str
    value: Fraction


@dataclass(frozen=True)
class Patch:
    """Rate in mcg/h × ``per_patch`` × patches ÷ days; 2.4 a day and 7.2 a patch are one fact."""

    per_patch: Fraction
    wear_days: int


@dataclass(frozen=True)
class Tiered:
    """The factor of the first tier whose upper end is not below the summed mg, on the whole."""

    tiers: tuple[tuple[Fraction | None, Fraction], ...]
    integers_printed: bool

    def value(self, milligrams: Fraction) -> Fraction:
        return next(v for upper, v in self.tiers if upper is None or milligrams <= upper)

    def is_our_reading(self, milligrams: Fraction) -> bool:
        """Say whether the printed whole numbers 1–20, 21–40, 41–60, 61–80 leave this dose out."""
        if not self.integers_printed or milligrams == 0:
            return False
        between = any(
            upper is not None and upper < milligrams < upper + 1 for upper, _ in self.tiers
        )
        return milligrams < 1 or milligrams > 80 or between


Factor: TypeAlias = Linear | Patch | Tiered


@dataclass(frozen=True)
class Book:
    """The factors of one edition, by ingredient, route and form (None: any form).

    ``listed`` holds the drugs that the table names without a factor.
    """

    factors: Mapping[tuple[str, str, str | None], Factor]
    listed: frozenset[str] = frozenset()
    cough_and_cold_excluded: bool = False

    def ingredients(self) -> frozenset[str]:
        return self.listed | {ingredient for ingredient, _, _ in self.factors}

    def lookup(self, ingredient: str, route: str, form: str | None) -> Factor | None:
        exact = self.factors.get((ingredient, route, form))
        return exact or self.factors.get((ingredient, route, None))

    def then(self, second: Book) -> Book:
        """Chain two editions: the second answers for drugs that the first does not list at all."""
        ours = self.ingredients()
        added = {key: f for key, f in second.factors.items() if key[0] not in ours}
        return Book({**added, **self.factors}, self.listed, self.cough_and_cold_excluded)


def _oral(**values: str) -> dict[tuple[str, str, str | None], Factor]:
    return {(name, "oral", None): Linear("mg", Fraction(v)) for name, v in values.items()}


def _tiers(*, integers_printed: bool) -> Tiered:
    ends = (Fraction(20), Fraction(40), Fraction(60), None)
    values = tuple(map(Fraction, (4, 8, 10, 12)))
    return Tiered(tuple(zip(ends, values, strict=True)), integers_printed)


_FENTANYL_BY_FORM: dict[tuple[str, str, str | None], Factor] = {
    ("fentanyl", "transmucosal", "lozenge"): Linear("mcg", Fraction("0.13")),
    ("fentanyl", "buccal", "tablet"): Linear("mcg", Fraction("0.13")),
    ("fentanyl", "sublingual", "tablet"): Linear("mcg", Fraction("0.13")),
    ("fentanyl", "buccal", "film"): Linear("mcg", Fraction("0.18")),
    ("fentanyl", "sublingual", "oral spray"): Linear("mcg", Fraction("0.18")),
    ("fentanyl", "nasal", "nasal spray"): Linear("mcg", Fraction("0.16")),
}
_FENTANYL_PATCH: dict[tuple[str, str, str | None], Factor] = {
    ("fentanyl", "transdermal", None): Patch(Fraction("7.2"), 3)
}
_FILE = _oral(
    codeine="0.15", dihydrocodeine="0.25", hydrocodone="1", hydromorphone="4", levorphanol="11",
    meperidine="0.1", morphine="1", oxycodone="1.5", oxymorphone="3", pentazocine="0.37",
    tapentadol="0.4",
)  # fmt: skip

BOOKS: Mapping[str, Book] = {
    "cdc-2016": Book(
        _oral(
            codeine="0.15", hydrocodone="1", hydromorphone="4", morphine="1", oxycodone="1.5",
            oxymorphone="3", tapentadol="0.4",
        )
        | _FENTANYL_PATCH
        | {("methadone", "oral", None): _tiers(integers_printed=True)}
    ),
    "cdc-2022": Book(
        _oral(
            codeine="0.15", hydrocodone="1", hydromorphone="5", methadone="4.7", morphine="1",
            oxycodone="1.5", oxymorphone="3", tapentadol="0.4", tramadol="0.2",
        )
        | _FENTANYL_PATCH,
        listed=frozenset(("buprenorphine",)),
    ),
    "cdc-file-2018": Book(
        _FILE | _oral(methadone="3", tramadol="0.1") | _FENTANYL_BY_FORM | _FENTANYL_PATCH,
        listed=frozenset(("buprenorphine",)),
        cough_and_cold_excluded=True,
    ),
    "cms-2018-02-oms": Book(
        _FILE
        | _oral(tramadol="0.1")
        | _FENTANYL_BY_FORM
        | _FENTANYL_PATCH
        | {("methadone", "oral", None): _tiers(integers_printed=False)},
        listed=frozenset(("buprenorphine",)),
    ),
    "nih-heal-2024": Book(
        _FILE
        | _oral(hydromorphone="5", methadone="4.7", tapentadol="0.3", tramadol="0.2")
        | _FENTANYL_BY_FORM
        | _FENTANYL_PATCH
        | {
            ("buprenorphine", "sublingual", "tablet"): Linear("mg", Fraction("38.8")),
            ("buprenorphine", "sublingual", "film"): Linear("mg", Fraction("38.8")),
            ("buprenorphine", "buccal", "film"): Linear("mcg", Fraction("0.039")),
            ("buprenorphine", "transdermal", None): Patch(Fraction("15.4"), 7),
        }
    ),
}  # fmt: skip
"""Part of what the editions print, typed again by hand: a second pair of eyes on the files."""


def book(edition: str | Sequence[str]) -> Book:
    """Return the book of an edition id or of a chain of ids."""
    if isinstance(edition, str):
        return BOOKS[edition]
    first, *rest = edition
    chained = BOOKS[first]
    for following in rest:
        chained = chained.then(BOOKS[following])
    return chained


def book_of(edition: mme.ConversionEdition) -> Book:
    """Read a book from an edition itself, for those that nobody typed again."""
    factors: dict[tuple[str, str, str | None], Factor] = {}
    listed = set()
    for row in edition.factors:
        if row.kind == "none":
            listed.add(row.ingredient)
            continue
        ours: Factor
        if row.kind == "linear":
            ours = Linear(row.unit, Fraction(row.value))
        elif row.kind == "patch":
            ours = Patch(row.per_patch, row.wear_days)
        else:
            steps = tuple(
                (None if tier.up_to is None else Fraction(tier.up_to), Fraction(tier.value))
                for tier in row.tiers
            )
            ours = Tiered(steps, row.printed_bounds == "integers")
        forms: tuple[str | None, ...] = row.forms or (None,)
        factors |= {(row.ingredient, route, form): ours for route in row.routes for form in forms}
    return Book(factors, frozenset(listed), edition.cough_and_cold == "excluded")


# ------------------------------------------------------------------------------------- one row


@dataclass
class Row:
    """One record, read: amounts exact, days as ordinals, quantity in counts of 1e-3."""

    position: int
    member: Hashable
    day: int | None
    ingredient: str | None
    route: str | None
    form: str | None
    strength: Fraction | None
    unit: str
    quantity: int | None
    days: int | None
    fill_id: str | None
    reversal: bool
    record: Record
    problems: Mapping[str, str]
    fate: str = ""
    paid: bool = True
    start: int = 0
    factor: Factor | None = None
    rate: int = 0  # counts of 1e-9 MME a day, of 1e-9 mg where the factor is tiered

    @property
    def product(self) -> Product:
        drug = known(self.ingredient), known(self.route), self.form
        return *drug, known(self.strength), self.unit

    @property
    def dispensing(self) -> tuple[str, Hashable]:
        """What was handed over: rows of one ``source_row`` are the opioids of one product."""
        source = self.record.get("source_row")
        return ("row", self.position) if source is None else ("source", (source, self.day))

    @property
    def span(self) -> range:
        return range(self.start, self.start + known(self.days))


class UnreadableError(Exception):
    """A value that cannot be used; its argument is the end of the reason."""


def known(value: T | None) -> T:
    """Insist that a value is there: judged rows have what they need."""
    assert value is not None
    return value


def on_grid(value: object, decimals: int) -> int:
    """Count a number in units of 10^-decimals: a float as the nearest count, others exactly."""
    scale = 10**decimals
    if value is None or value != value:
        raise UnreadableError("MISSING")
    if isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            raise UnreadableError("INFINITE")
        count: int = round(value * scale)
        if abs(value * scale - count) > 1e-6:
            raise UnreadableError("OFF_GRID")
        return count
    if not isinstance(value, int | Decimal | Fraction):
        raise UnreadableError("UNREADABLE")
    exact = Fraction(value) * scale
    if exact.denominator != 1:
        raise UnreadableError("OFF_GRID")
    return int(exact)


_STRENGTH = re.compile(r"([0-9.]+) *(mg|mcg|g)(?:/([0-9.]+)? *(mL|h|actuation))?")


def read_strength(record: Record) -> tuple[Fraction, str]:
    """Return the strength of one unit of product and its unit: "10 mg/5 mL" is 2 and "mg/mL"."""
    value, unit = record.get("strength"), record.get("unit")
    if isinstance(value, str):
        found = _STRENGTH.fullmatch(value.strip())
        if not found:
            raise UnreadableError("UNREADABLE")
        amount, name, volume, per = found.groups()
        exact = Fraction(Decimal(amount)) / Fraction(Decimal(volume or "1"))
        return exact, f"{name}/{per}" if per else name
    count = on_grid(value, 6)
    if unit is None:
        raise UnreadableError("UNIT_MISSING")
    return Fraction(count, 10**6), str(unit)


def read_days(record: Record) -> int:
    """Return whole days of supply."""
    count = on_grid(record["days_supply"], 3)
    if count % 1000:
        raise UnreadableError("NOT_WHOLE")
    return count // 1000


def read(position: int, record: Record) -> Row:
    """Read one record; what cannot be read stays None with its reason and is judged later."""
    problems: dict[str, str] = {}

    def attempt(name: str, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except UnreadableError as error:
            reason = str(error)
            problems[name] = reason if reason.startswith("UNIT") else f"{name.upper()}_{reason}"
            return None

    strength, unit = attempt("strength", lambda: read_strength(record)) or (None, "")
    quantity = attempt("quantity", lambda: on_grid(record["quantity"], 3))
    days = attempt("days_supply", lambda: read_days(record))
    filled: date | None = record["fill_date"]
    status = str(record.get("status", "paid")).strip().casefold()
    negative = (quantity or 0) < 0 or (days or 0) < 0
    row = Row(
        position=position,
        member=record["member_id"],
        day=None if filled is None else filled.toordinal(),
        ingredient=record.get("ingredient"),
        route=record.get("route"),
        form=record.get("form"),
        strength=strength,
        unit=unit,
        quantity=quantity,
        days=days,
        fill_id=record.get("fill_id"),
        reversal=negative or status == "reversed",
        record=record,
        problems=problems,
    )
    if status in ("rejected", "denied"):
        row.fate = "REJECTED"
    elif status not in ("paid", "reversed"):
        row.fate = "STATUS_UNKNOWN"
    return row


# -------------------------------------------------------------------------------- reversals


def net(rows: Sequence[Row]) -> None:
    """Give reversed, netted and duplicate rows their fate; a survivor carries the net amounts."""
    _take_back_whole_groups([row for row in rows if not row.fate and row.fill_id is not None])
    readable = [row for row in rows if not row.fate and None not in (row.quantity, row.days)]
    groups: dict[tuple[Hashable, ...], list[Row]] = defaultdict(list)
    for row in readable:
        if row.fill_id is not None:
            groups[row.member, row.fill_id, row.ingredient].append(row)
    alone = [row for row in readable if row.reversal and row.fill_id is None]
    for group in groups.values():
        payments = sorted((row for row in group if not row.reversal), key=_canonical)
        if not payments:
            alone += [row for row in group if _is_negative(row)]
            for row in group:
                if not _is_negative(row):
                    row.fate = "REVERSED"
        elif len(payments) == len(group):
            for row in payments[1:]:
                row.fate = "DUPLICATE_FILL_ID"
        else:
            _net_group(group, payments)
    _cancel(alone, [row for row in readable if not row.reversal and not row.fate])


def _take_back_whole_groups(rows: Sequence[Row]) -> None:
    """A row that says reversed and states no amount takes back all that has its fill id."""
    for row in rows:
        unstated = row.quantity in (None, 0) or row.days in (None, 0)
        if not row.fate and unstated and str(row.record.get("status")).casefold() == "reversed":
            row.fate = "REVERSED"
            for other in rows:
                same = (other.member, other.fill_id) == (row.member, row.fill_id)
                if same and not other.fate and None not in (other.quantity, other.days):
                    other.fate = "REVERSED"


def _canonical(row: Row) -> tuple[Any, ...]:
    unsound = row.day is None or known(row.quantity) <= 0 or known(row.days) <= 0
    return (unsound, row.day or 0, row.quantity, row.days)


def _is_negative(row: Row) -> bool:
    return known(row.quantity) < 0 or known(row.days) < 0


def _net_group(group: Sequence[Row], payments: Sequence[Row]) -> None:
    def total(amounts: Iterable[tuple[int | None, bool]]) -> int:
        return sum(-abs(a or 0) if reversal else (a or 0) for a, reversal in amounts)

    quantity = total((row.quantity, row.reversal) for row in group)
    days = total((row.days, row.reversal) for row in group)
    if quantity <= 0 or days <= 0:
        for row in group:
            row.fate = "REVERSED"
        return
    equal = [row for row in payments if (row.quantity, row.days) == (quantity, days)]
    survivor = (equal or list(payments))[0]
    for row in group:
        row.fate = "netted"
    survivor.fate, survivor.quantity, survivor.days = "", quantity, days


def _cancel(reversals: Sequence[Row], payments: Sequence[Row]) -> None:
    def key(row: Row) -> tuple[Any, ...]:
        drug = (row.ingredient, row.route, row.strength, row.unit)
        amounts = abs(known(row.quantity)), abs(known(row.days))
        return row.member, row.day, *drug, *amounts, row.record.get("pharmacy_id")

    waiting: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in payments:
        waiting[key(row)].append(row)
    for row in reversals:
        partners = waiting[key(row)]
        row.fate = "REVERSED" if partners else "REVERSAL_UNMATCHED"
        if partners:
            partners.pop().fate = "REVERSED"


# -------------------------------------------------------------------------------- set aside


def is_moud(row: Row) -> bool:
    """Medication for opioid use disorder, by its flag or by what the product is."""
    if row.record.get("moud"):
        return True
    if row.ingredient == "buprenorphine":
        strip = row.route == "oral" and row.form == "film"
        return row.route == "sublingual" or strip or row.form in ("implant", "injection")
    tablet = row.unit == "mg" and row.form == "tablet" and row.strength == 40
    return row.ingredient == "methadone" and tablet


def judge(row: Row, rules: Book, arguments: Arguments) -> str:
    """Return the fate of a row that netting left alone; a used one gets its factor and rate."""
    if row.ingredient is None:
        return "INGREDIENT_MISSING"
    if row.ingredient in BENZODIAZEPINES or row.ingredient in arguments.not_opioid:
        return "not_opioid"
    if row.ingredient not in OPIOIDS:
        return "UNKNOWN_INGREDIENT"
    left_out = _unusable(row) or _left_out(row, rules, arguments)
    if left_out:
        return left_out
    row.factor = rules.lookup(row.ingredient, known(row.route), row.form)
    if row.factor is None:
        by_form = any(key[:2] == (row.ingredient, row.route) for key in rules.factors)
        return "FORM_REQUIRED" if by_form and row.form is None else "NO_FACTOR"
    wanted = {"mL": "ML"}.get(row.unit.partition("/")[2], "EA")
    if row.record.get("quantity_unit") not in (None, wanted):
        return "QUANTITY_UNIT_MISMATCH"
    if isinstance(row.factor, Patch) and arguments.patch_days == "edition":
        row.days = known(row.quantity) * row.factor.wear_days // 1000
    amounts = known(row.quantity), known(row.days)
    row.rate = round(_true_rate(row.factor, known(row.strength), row.unit, *amounts) * 10**9)
    return "used"


def _unusable(row: Row) -> str:
    """Name what is missing or impossible in the row."""
    if row.day is None:
        return "DATE_MISSING"
    if row.route is None:
        return "ROUTE_MISSING"
    if row.problems:
        return next(iter(row.problems.values()))
    if known(row.strength) <= 0:
        return "STRENGTH_NOT_POSITIVE"
    if known(row.quantity) <= 0:
        return "QUANTITY_NOT_POSITIVE"
    if known(row.days) < 1:
        return "DAYS_SUPPLY_NOT_POSITIVE"
    return ""


def _left_out(row: Row, rules: Book, arguments: Arguments) -> str:
    """Name the rule that leaves a readable row out."""
    if is_left_out(row.member, arguments):
        return "MEMBER_EXCLUDED"
    if row.route == "parenteral":
        return "PARENTERAL"
    if row.ingredient == "buprenorphine" and arguments.buprenorphine == "exclude":
        return "BUPRENORPHINE_EXCLUDED"
    methadone = row.ingredient == "methadone" and is_moud(row)
    if methadone and arguments.moud_products == "set_aside":
        return "MOUD_PRODUCT"
    if row.record.get("cough_cold") and rules.cough_and_cold_excluded:
        return "COUGH_COLD"
    return ""


def _true_rate(factor: Factor, strength: Fraction, unit: str, quantity: int, days: int) -> Fraction:
    """MME a day as a fraction, mg a day where the factor is tiered."""
    units_per_day = Fraction(quantity, 1000 * days)
    if isinstance(factor, Patch):
        return strength * _scale(unit, "mcg") * factor.per_patch * units_per_day
    if isinstance(factor, Tiered):
        return strength * _scale(unit, "mg") * units_per_day
    return strength * _scale(unit, factor.unit) * factor.value * units_per_day


def _scale(unit: str, wanted: str) -> Fraction:
    milligrams = {"mg": Fraction(1), "mcg": Fraction(1, 1000), "g": Fraction(1000)}
    return milligrams[unit.partition("/")[0]] / milligrams[wanted]


# ---------------------------------------------------------------------------------- overlap


def place(used: Sequence[Row], overlap: str, max_shift_days: int) -> None:
    """Set the first day of every used fill by the overlap rule, over the whole history."""
    for row in used:
        row.start = known(row.day)
    if overlap == "sum":
        return
    products: dict[tuple[Hashable, Product], list[Row]] = defaultdict(list)
    for row in used:
        products[row.member, row.product].append(row)
    for fills in products.values():
        free = min(row.start for row in fills)
        for day in sorted({row.start for row in fills}):
            together = [row for row in fills if row.day == day]
            start = max(day, min(free, day + max_shift_days))
            for row in together:
                row.start = start
            free = max(free, *(row.span.stop for row in together))


# ------------------------------------------------------------------------------------- days


@dataclass
class Day:
    """What lies on one day of one member."""

    fills: list[Row] = field(default_factory=list)

    @property
    def milligrams(self) -> dict[str, int]:
        """Summed 1e-9 mg of each tiered drug."""
        sums: Counter[str] = Counter()
        for row in self.fills:
            if isinstance(row.factor, Tiered):
                sums[str(row.ingredient)] += row.rate
        return dict(sums)

    @property
    def by_ingredient(self) -> dict[str, int]:
        """Counts of 1e-9 MME by drug, tiers on the summed dose."""
        sums: Counter[str] = Counter()
        for row in self.fills:
            if not isinstance(row.factor, Tiered):
                sums[str(row.ingredient)] += row.rate
        for ingredient, amount in self.milligrams.items():
            factor = next(
                r.factor
                for r in self.fills
                if r.ingredient == ingredient and isinstance(r.factor, Tiered)
            )
            sums[ingredient] += round(amount * factor.value(_published_mg(amount)))
        return dict(sums)

    @property
    def raw(self) -> int:
        return sum(self.by_ingredient.values())

    @property
    def count(self) -> int:
        """The published value: counts of 1e-6, half up."""
        return (self.raw + 500) // 1000

    @property
    def same_product(self) -> bool:
        return any(number > 1 for number in Counter(row.product for row in self.fills).values())

    @property
    def is_tier_reading(self) -> bool:
        return any(
            row.factor.is_our_reading(_published_mg(self.milligrams[str(row.ingredient)]))
            for row in self.fills
            if isinstance(row.factor, Tiered)
        )


def _published_mg(amount: int) -> Fraction:
    return Fraction((amount + 500) // 1000, 10**6)


def spread(fills: Iterable[Row], observed: Observed) -> dict[int, Day]:
    """Return the observed days that have at least one of the fills."""
    days: dict[int, Day] = defaultdict(Day)
    for row in fills:
        for day in row.span:
            if day in observed:
                days[day].fills.append(row)
    return dict(days)


@dataclass(frozen=True)
class Observed:
    """Window ∩ enrolment − exclusions of one member, as ordinals."""

    start: int | None
    end: int | None
    within: Sequence[Sequence[tuple[int, int]]]
    without: Sequence[tuple[int, int]]

    def __contains__(self, day: int | None) -> bool:
        if day is None:
            return False
        inside = (self.start is None or self.start <= day) and (self.end is None or day <= self.end)
        covered = all(any(a <= day <= b for a, b in spans) for spans in self.within)
        return inside and covered and not any(a <= day <= b for a, b in self.without)

    def days(self) -> int | None:
        """Return the days of the window that are observed; None unless both ends are given."""
        if self.start is None or self.end is None:
            return None
        return sum(day in self for day in range(self.start, self.end + 1))

    def is_empty(self) -> bool:
        """Say whether nobody looks at any day of the member."""
        layers = list(self.within)
        if self.start is not None and self.end is not None:
            layers.append([(self.start, self.end)])
        # A day must lie in every layer, so the days of any one of them are all there is to try.
        spans = layers[0] if layers else None
        return spans is not None and not any(
            day in self for a, b in spans for day in range(a, b + 1)
        )


def longest_run(days: Iterable[int]) -> int:
    """Return the length of the longest row of consecutive days."""
    chosen = set(days)
    longest = 0
    for day in chosen:
        if day - 1 not in chosen:
            last = day
            while last + 1 in chosen:
                last += 1
            longest = max(longest, last - day + 1)
    return longest


# ---------------------------------------------------------------------------------- answers


@dataclass(frozen=True)
class Answer:
    """What the twin says: members as columns of plain values, a fate for every row, the days."""

    members: dict[Hashable, dict[str, Any]]
    fates: list[str]
    days: dict[Hashable, dict[date, tuple[float, int]]]
    contributions: dict[tuple[Hashable, str], tuple[float, float]]
    not_opioid: Counter[str]


@dataclass(frozen=True)
class Arguments:
    """The arguments of `mme.exposure` that the twin knows; tables are keyed by member.

    ``not_opioid`` names the other drugs of the records, for the twin has no list of all drugs.
    """

    start: date | None = None
    end: date | None = None
    at_least: tuple[int, ...] = (50, 90)
    more_than: tuple[int, ...] = ()
    overlap: str = "sum"
    max_shift_days: int = 30
    patch_days: str = "fill"
    buprenorphine: str = "exclude"
    moud_products: str = "set_aside"
    windows: Mapping[Hashable, tuple[date, date]] | None = None
    enrolment: Spans | None = None
    exclusions: Spans | None = None
    exclude: str = "days"
    not_opioid: tuple[str, ...] = tuple(sorted(OTHERS))


def exposure(records: Sequence[Record], rules: Book, arguments: Arguments) -> Answer:
    """Answer as `mme.exposure` should, member by member and day by day."""
    rows = [read(position, record) for position, record in enumerate(records)]
    net(rows)
    for row in rows:
        row.paid = row.fate not in NEVER_PAID | {"STATUS_UNKNOWN"} and row.quantity != 0
        row.fate = row.fate or judge(row, rules, arguments)
        if row.ingredient in BENZODIAZEPINES or row.ingredient in arguments.not_opioid:
            row.fate = "not_opioid"
    place([row for row in rows if row.fate == "used"], arguments.overlap, arguments.max_shift_days)

    answer = Answer({}, [row.fate for row in rows], {}, {}, Counter())
    for row in rows:
        if row.fate == "not_opioid":
            answer.not_opioid[str(row.ingredient)] += 1
    by_member: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        by_member[row.member].append(row)
    for member, own in by_member.items():
        _summarise(answer, member, own, arguments)
    return answer


def observed_days(member: Hashable, arguments: Arguments) -> Observed:
    """Return the days of a member that count."""

    def ordinals(spans: Sequence[tuple[date, date]]) -> list[tuple[int, int]]:
        return [(first.toordinal(), last.toordinal()) for first, last in spans]

    within = []
    start = arguments.start.toordinal() if arguments.start else None
    end = arguments.end.toordinal() if arguments.end else None
    if arguments.windows is not None:
        own = [arguments.windows[member]] if member in arguments.windows else []
        within.append(ordinals(own))
        for first, last in within[0]:
            start = first if start is None else start
            end = last if end is None else end
    if arguments.enrolment is not None:
        within.append(ordinals(arguments.enrolment.get(member, ())))
    excluded = arguments.exclusions if arguments.exclude == "days" else None
    return Observed(start, end, within, ordinals((excluded or {}).get(member, ())))


def is_left_out(member: Hashable, arguments: Arguments) -> bool:
    """Say whether an exclusion with a day that would be observed leaves the whole member out."""
    if arguments.exclude != "members" or arguments.exclusions is None:
        return False
    observed = observed_days(member, arguments)
    return any(
        day in observed
        for first, last in arguments.exclusions.get(member, ())
        for day in range(first.toordinal(), last.toordinal() + 1)
    )


def _summarise(answer: Answer, member: Hashable, own: Sequence[Row], arguments: Arguments) -> None:
    observed = observed_days(member, arguments)
    counted = [] if is_left_out(member, arguments) else own
    used = [row for row in own if row.fate == "used" and not observed.is_empty()]
    main = [row for row in used if row.ingredient != "buprenorphine"]
    days = spread(main, observed)
    columns = _definitions(main, days, observed, "")
    columns |= _definitions(used, spread(used, observed), observed, "_with_buprenorphine")
    if arguments.buprenorphine == "exclude":
        for name in [name for name in columns if name.endswith("_with_buprenorphine")]:
            columns[name] = None
    for name in ("days_supply_with_buprenorphine", "window_days_with_buprenorphine"):
        columns.pop(name)
    columns |= _timeline(main, days) | _thresholds(main, days, arguments)
    columns |= {
        "dispensed_mme": _dispensed(main, observed) if main else None,
        "benzodiazepine_overlap_days": _benzodiazepine_overlap(counted, observed),
        "mme_is_lower_bound": any(_is_lacking(row) for row in own),
        "rows_set_aside": sum(row.fate not in NOT_SET_ASIDE for row in own),
    }
    columns |= _people(counted, observed)
    answer.members[member] = columns
    answer.days[member] = {
        date.fromordinal(day): (value.count / 1e6, len(value.fills)) for day, value in days.items()
    }
    peak = columns["peak_day"]
    totals: Counter[str] = Counter()
    for value in days.values():
        totals.update(value.by_ingredient)
    at_peak = days[peak.toordinal()].by_ingredient if peak else {}
    for ingredient in {str(row.ingredient) for value in days.values() for row in value.fills}:
        answer.contributions[member, ingredient] = (
            _half_up(at_peak.get(ingredient, 0), 1),
            _half_up(totals[ingredient], 1),
        )


def _is_lacking(row: Row) -> bool:
    """Say whether the total lacks the row's exposure, as far as anybody can tell."""
    beside = row.fate == "used" and row.ingredient == "buprenorphine"
    return beside or row.fate not in NO_LOWER_BOUND


def _half_up(total: int, days: int) -> float:
    """Publish a mean: counts of 1e-6, half up, as the float that a reader compares."""
    return ((2 * total + 1000 * days) // (2000 * days)) / 1e6


def _definitions(
    fills: Sequence[Row], days: Mapping[int, Day], observed: Observed, suffix: str
) -> dict[str, Any]:
    """Total, denominators and the four definitions."""
    raw = {day: value.raw for day, value in days.items()}
    total = sum(raw.values())
    fill_days = sum(len({row.dispensing for row in value.fills}) for value in days.values())
    window = observed.days()
    values: dict[str, Any] = {
        "fills": len({row.dispensing for value in days.values() for row in value.fills}),
        "total_mme": _half_up(total, 1),
        "days_supply": fill_days,
        "covered_days": len(days),
        "window_days": window,
        "mme_per_supply_day": _half_up(total, fill_days) if fill_days else None,
        "mme_per_covered_day": _half_up(total, len(days)) if days else None,
        "mme_per_window_day": _half_up(total, window) if window else None,
        "mme_maximum_day": max((value.count for value in days.values()), default=0) / 1e6,
    }
    if not fills:
        values |= {name: None for name in values if "mme" in name}
    return {name + suffix: value for name, value in values.items()}


def _timeline(fills: Sequence[Row], days: Mapping[int, Day]) -> dict[str, Any]:
    first, last = min(days, default=None), max(days, default=None)
    episode = last - first + 1 if first is not None and last is not None else 0
    total = sum(value.raw for value in days.values())
    highest = max((value.count for value in days.values()), default=0)
    elsewhere = max((v.count for v in days.values() if not v.same_product), default=0)
    peak = min((day for day, value in days.items() if value.count == highest), default=None)
    return {
        "peak_day": date.fromordinal(peak) if peak else None,
        "first_day": date.fromordinal(first) if first else None,
        "last_day": date.fromordinal(last) if last else None,
        "episode_days": episode or None,
        "mme_per_episode_day": _half_up(total, episode) if episode else None,
        "overlap_days_same_product": sum(value.same_product for value in days.values()),
        "mme_maximum_day_from_overlap": (highest - elsewhere) / 1e6 if fills else None,
        "tier_reading_days": sum(value.is_tier_reading for value in days.values()),
    }


def _thresholds(
    fills: Sequence[Row], days: Mapping[int, Day], arguments: Arguments
) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for sign, thresholds in (("at_least", arguments.at_least), ("more_than", arguments.more_than)):
        for threshold in thresholds:
            limit = threshold * 10**6 + (sign == "more_than")
            high = [day for day, value in days.items() if value.count >= limit]
            columns[f"days_{sign}_{threshold}"] = len(high) if fills else None
            columns[f"longest_run_{sign}_{threshold}"] = longest_run(high) if fills else None
    return columns


def _dispensed(fills: Sequence[Row], observed: Observed) -> float:
    total = 0
    for row in fills:
        if row.day in observed:
            total += Day([row]).raw * known(row.days)
    return _half_up(total, 1)


def _benzodiazepine_overlap(own: Sequence[Row], observed: Observed) -> int:
    def days(rows: Iterable[Row]) -> set[int]:
        found: set[int] = set()
        for row in rows:
            if row.day is None or row.days is None or row.days < 1:
                continue
            start = row.start if row.fate == "used" else row.day
            found |= {day for day in range(start, start + row.days) if day in observed}
        return found

    paid = [row for row in own if row.paid]
    benzodiazepines = [r for r in paid if r.ingredient in BENZODIAZEPINES and r.route == "oral"]
    opioids = [
        row
        for row in paid
        if row.ingredient in OPIOIDS and row.route != "parenteral" and not is_moud(row)
    ]
    return len(days(benzodiazepines) & days(opioids))


def _people(own: Sequence[Row], observed: Observed) -> dict[str, Any]:
    """Count prescribers and pharmacies of the fills dated on an observed day."""
    dated = [row for row in own if row.ingredient in OPIOIDS and row.paid and row.day in observed]
    columns: dict[str, Any] = {}
    for plural, singular in (("prescribers", "prescriber"), ("pharmacies", "pharmacy")):
        ids = [row.record.get(f"{singular}_id") for row in dated]
        columns[plural] = len(set(ids) - {None})
        columns[f"{singular}_missing"] = ids.count(None)
    return columns


# ------------------------------------------------------------------------- without any grid


def plain_days(
    records: Sequence[Record], rules: Book, arguments: Arguments
) -> dict[Hashable, dict[date, tuple[Fraction, int]]]:
    """Return MME and active fills of each covered day in true fractions: no grid, no rounding.

    For records that need no netting; rows that `exposure` would set aside are left out.
    """
    fates = exposure(records, rules, arguments).fates
    linear: dict[tuple[Hashable, date], Fraction] = defaultdict(Fraction)
    tiered: dict[tuple[Hashable, date], Fraction] = defaultdict(Fraction)
    active: Counter[tuple[Hashable, date]] = Counter()
    tiers: Tiered | None = None
    for record, fate in zip(records, fates, strict=True):
        if fate != "used" or record["ingredient"] == "buprenorphine":
            continue
        strength, unit = read_strength(record)
        factor = rules.lookup(record["ingredient"], record["route"], record.get("form"))
        assert factor is not None
        quantity, days = on_grid(record["quantity"], 3), int(record["days_supply"])
        rate = _true_rate(factor, strength, unit, quantity, days)
        observed = observed_days(record["member_id"], arguments)
        for offset in range(days):
            day = record["fill_date"] + timedelta(offset)
            if day.toordinal() not in observed:
                continue
            key = record["member_id"], day
            active[key] += 1
            if isinstance(factor, Tiered):
                tiered[key] += rate
                tiers = factor
            else:
                linear[key] += rate
    found: dict[Hashable, dict[date, tuple[Fraction, int]]] = defaultdict(dict)
    for (member, day), fills in active.items():
        milligrams = tiered[member, day]
        stepped = milligrams * tiers.value(milligrams) if tiers is not None else Fraction(0)
        found[member][day] = linear[member, day] + stepped, fills
    return dict(found)
