"""One Hypothesis strategy for each public model of opsafe, nowhere else.

Claims are small and realistic, because that is where the mistakes are: a few members, sixty days,
the same drug filled early, methadone on the edges of its tiers, sums of sevenths that are exactly
50 or 90, patches, liquids, reversals, duplicates and rows that cannot count. Every amount is a
whole number divided by a power of ten, as the contract of exactness asks. A `Case` holds one
question twice: as the arguments of `mme.exposure` and as the arguments of its twin.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

from opsafe import oud
from opsafe import ranking as rk
from opsafe import workforce as wf
from opsafe.uncertainty import Uniform
from tests import twin

if TYPE_CHECKING:
    from opsafe import mme

Record: TypeAlias = dict[str, Any]
Draw: TypeAlias = st.DrawFn
Edition: TypeAlias = "str | tuple[str, ...] | mme.ConversionEdition"

FIRST_DAY = date(2026, 1, 1)
DAYS = 60

COLUMNS = (
    "member_id", "fill_date", "ingredient", "route", "form", "strength", "unit", "quantity",
    "quantity_unit", "days_supply", "fill_id", "status", "prescriber_id", "pharmacy_id",
    "cough_cold", "moud", "source_row",
)  # fmt: skip

# ingredient, route, form, unit, strengths
LINEAR = (
    ("morphine", "oral", "tablet", "mg", (15, 30, 60)),
    ("oxycodone", "oral", None, "mg", (5, 10, 15, 20, 30)),
    ("hydrocodone", "oral", "tablet", "mg", (5, 7.5, 10)),
    ("hydromorphone", "oral", "tablet", "mg", (2, 4, 8)),
    ("codeine", "oral", "tablet", "mg", (15, 30, 60)),
    ("tapentadol", "oral", "tablet", "mg", (50, 75, 100)),
    ("tramadol", "oral", None, "mg", (50, 100)),
)
LIQUIDS = (
    ("morphine", "oral", "liquid", "mg/mL", (2, 4, 20)),
    ("oxycodone", "oral", "liquid", "mg/mL", (1, 20)),
    ("hydrocodone", "oral", "liquid", "mg/mL", (0.5,)),
)
WITHOUT_FACTOR_SOMEWHERE = (
    ("dihydrocodeine", "oral", "tablet", "mg", (16,)),
    ("levorphanol", "oral", "tablet", "mg", (2, 3)),
    ("fentanyl", "buccal", "tablet", "mcg", (100, 200)),
    ("fentanyl", "buccal", None, "mcg", (100, 200)),
    ("fentanyl", "nasal", "nasal spray", "mcg/actuation", (100, 400)),
)
BUPRENORPHINE = (
    ("buprenorphine", "sublingual", "tablet", "mg", (2, 8)),
    ("buprenorphine", "buccal", "film", "mcg", (75, 150)),
    ("buprenorphine", "transdermal", "patch", "mcg/h", (5, 10, 20)),
)
OTHER_DRUGS = (
    ("alprazolam", "oral", "tablet", "mg", (0.25, 0.5, 1)),
    ("diazepam", "oral", "tablet", "mg", (2, 5)),
    ("midazolam", "parenteral", "injection", "mg/mL", (1,)),
    ("lisinopril", "oral", "tablet", "mg", (10, 20)),
    ("ibuprofen", "oral", "tablet", "mg", (200, 600)),
)
DRUG = st.sampled_from
SUPPLIES = (1, 3, 5, 7, 10, 14, 15, 28, 30)


# ------------------------------------------------------------------------------------- cases


@dataclass(frozen=True)
class Case:
    """One question to `mme.exposure` and to its twin."""

    records: Sequence[Record]
    edition: Edition
    book: twin.Book
    arguments: twin.Arguments

    def keywords(self) -> dict[str, Any]:
        """Return the arguments of `mme.exposure` but for the fills."""
        asked = self.arguments
        plain = {
            name: getattr(asked, name)
            for name in (
                "start", "end", "at_least", "more_than", "overlap", "max_shift_days",
                "patch_days", "buprenorphine", "moud_products", "exclude",
            )
        }  # fmt: skip
        return plain | {
            "edition": self.edition,
            "windows": None if asked.windows is None else windows_table(asked.windows),
            "enrolment": None if asked.enrolment is None else enrolment_table(asked.enrolment),
            "exclusions": None if asked.exclusions is None else exclusions_table(asked.exclusions),
        }

    def answer(self) -> twin.Answer:
        """Ask the twin."""
        return twin.exposure(self.records, self.book, self.arguments)

    def with_records(self, records: Sequence[Record]) -> Case:
        """Return the same question about other records."""
        return replace(self, records=list(records))

    def with_arguments(self, **changes: Any) -> Case:
        """Return another question about the same records."""
        return replace(self, arguments=replace(self.arguments, **changes))


def windows_table(windows: Mapping[Hashable, tuple[date, date]]) -> list[Record]:
    """Write windows by member as records."""
    return [{"member_id": m, "first_day": a, "last_day": b} for m, (a, b) in windows.items()]


def enrolment_table(spans: twin.Spans) -> list[Record]:
    """Write enrolment spans as records, all of one line of business."""
    return [
        {"member_id": member, "first_day": a, "last_day": b, "line_of_business": "medicaid"}
        for member, own in spans.items()
        for a, b in own
    ]


def exclusions_table(spans: twin.Spans) -> list[Record]:
    """Write exclusions as records, all for one reason."""
    return [
        {"member_id": member, "reason": "hospice", "first_day": a, "last_day": b}
        for member, own in spans.items()
        for a, b in own
    ]


# ------------------------------------------------------------------------------------- fills


def record(member: Hashable, drug: tuple[Any, ...], day: int, **amounts: Any) -> Record:
    """Write one fill with every column; ``drug`` is ingredient, route, form, unit, strength."""
    ingredient, route, form, unit, strength = drug
    empty = dict.fromkeys(COLUMNS)
    found = {
        "member_id": member,
        "fill_date": FIRST_DAY + timedelta(day),
        "ingredient": ingredient,
        "route": route,
        "form": form,
        "strength": float(strength),
        "unit": unit,
        "status": "paid",
        # One prescriber for each drug: rows that cannot be told apart have one too.
        "prescriber_id": f"prescriber of {ingredient}",
        "pharmacy_id": "the pharmacy",
    }
    return {**empty, **found, **amounts}


def _choose(draw: Draw, drugs: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    *product, strengths = draw(DRUG(drugs))
    return *product, float(draw(st.sampled_from(strengths)))


def _days(draw: Draw, latest: int = DAYS - 1) -> int:
    return draw(st.integers(0, latest))


@st.composite
def fill(draw: Draw, member: Hashable, drugs: Sequence[tuple[Any, ...]] = LINEAR) -> Record:
    """Draw one ordinary fill: whole units a day, or a partial fill."""
    supply = draw(st.sampled_from(SUPPLIES))
    whole = st.sampled_from((0.5, 1, 2, 3, 4, 6)).map(lambda units: units * supply)
    quantity = draw(st.one_of(whole, st.integers(1, 120)))
    drug = _choose(draw, drugs)
    changes: Record = {}
    if draw(st.booleans()):
        changes["prescriber_id"] = draw(st.sampled_from((None, "second prescriber")))
        changes["pharmacy_id"] = draw(st.sampled_from((None, "other pharmacy")))
    return record(
        member, drug, _days(draw), quantity=float(quantity), days_supply=supply, **changes
    )


@st.composite
def exactly_on_a_threshold(draw: Draw, member: Hashable) -> list[Record]:
    """Draw n fills of 50/n or 90/n, such as seven fills of 50/7, which sum to it exactly."""
    threshold = draw(st.sampled_from((50, 90)))
    parts = draw(st.sampled_from((1, 2, 3, 6, 7, 9)))
    times = draw(st.integers(1, 3))
    drug = ("morphine", "oral", "tablet", "mg", 10.0)
    first = _days(draw)
    return [
        record(
            member,
            drug,
            first + draw(st.integers(0, 1)),
            quantity=float(threshold * times // 10),
            days_supply=parts * times,
        )
        for _ in range(parts)
    ]


@st.composite
def methadone_at_a_tier_edge(draw: Draw, member: Hashable) -> list[Record]:
    """Draw fills that sum to exactly 20, 40 or 60 mg a day, or to a hair more or less."""
    edge = draw(st.sampled_from((20, 40, 60, 80)))
    parts = draw(st.sampled_from((1, 2, 3, 7)))
    times = draw(st.integers(1, 3))
    drug = ("methadone", "oral", "tablet", "mg", draw(st.sampled_from((5.0, 10.0))))
    units = edge * times / drug[-1]
    first = _days(draw)
    fills = [
        record(member, drug, first, quantity=units, days_supply=parts * times) for _ in range(parts)
    ]
    fills[0]["quantity"] += draw(st.sampled_from((0, 0.001, -0.001, 0.5)))
    fills[-1]["fill_date"] += timedelta(draw(st.integers(0, 2)))
    return fills


@st.composite
def on_a_rounding_tie(draw: Draw, member: Hashable) -> list[Record]:
    """Draw tiny doses whose rate, day or mean lies half way between two counts.

    No pharmacy dispenses them, but only they tell one way of rounding from another.
    """
    supply = draw(st.sampled_from((1, 2, 4, 8)))
    first = _days(draw)
    kind = draw(st.sampled_from(("tier", "rate", "any")))
    if kind == "tier":
        # Half way between 20 mg and the next count above it, and so on.
        edge = draw(st.sampled_from((20, 40, 60)))
        methadone = ("methadone", "oral", "liquid", "mg", (2_000_000 * edge + 1) / 10**6)
        return [record(member, methadone, first, quantity=0.5 * supply, days_supply=supply)]
    if kind == "rate":
        # One rate of 499.5 is 500 and reaches the next count; four of 124.5 are 496 and do not.
        twice, copies = draw(st.sampled_from(((998, 1), (999, 1), (2999, 1), (249, 4), (1249, 4))))
        drug = ("morphine", "oral", "tablet", "mg", twice / 10**6)
        return [record(member, drug, first, quantity=0.001, days_supply=2) for _ in range(copies)]
    quantity = draw(st.sampled_from((0.001, 0.125, 0.5, 1.0, 1.5)))
    ingredient = draw(st.sampled_from(("morphine", "oxycodone", "codeine")))
    drug = (ingredient, "oral", "tablet", "mg", (2 * draw(st.integers(0, 999)) + 1) / 10**6)
    return [record(member, drug, first, quantity=quantity, days_supply=supply)]


@st.composite
def early_refill(draw: Draw, member: Hashable) -> list[Record]:
    """Draw refills of one product, some days before the supply before them ends."""
    drug = _choose(draw, LINEAR)
    supply = draw(st.sampled_from((7, 15, 30)))
    quantity = float(supply * draw(st.sampled_from((2, 3, 4))))
    first = _days(draw, 20)
    fills = []
    for _ in range(draw(st.integers(2, 3))):
        fills.append(record(member, drug, first, quantity=quantity, days_supply=supply))
        first += max(0, supply - draw(st.integers(-1, supply)))
    return fills


@st.composite
def patches(draw: Draw, member: Hashable) -> list[Record]:
    """Draw fentanyl patches whose days supply may or may not fit their wear time."""
    strength = draw(st.sampled_from((12, 12.5, 25, 50, 75, 100)))
    drug = ("fentanyl", "transdermal", draw(st.sampled_from((None, "patch"))), "mcg/h", strength)
    quantity = draw(st.sampled_from((1, 2, 5, 10)))
    supply = draw(st.sampled_from((3 * quantity, 30, 15, 14)))
    return [record(member, drug, _days(draw), quantity=float(quantity), days_supply=supply)]


@st.composite
def liquid(draw: Draw, member: Hashable) -> list[Record]:
    """Draw a liquid by its strength per mL, with the quantity in mL or, wrongly, in pieces."""
    drawn = draw(fill(member, LIQUIDS))
    return [{**drawn, "quantity_unit": draw(st.sampled_from((None, "ML", "ML", "EA")))}]


@st.composite
def reversal(draw: Draw, member: Hashable) -> list[Record]:
    """Draw a fill with reversals, of all of it or of a part, by id or without one."""
    original = draw(fill(member, LINEAR + OTHER_DRUGS[:1]))
    quantity, supply = original["quantity"], original["days_supply"]
    undone = {**original, "quantity": -quantity, "days_supply": -supply}
    kind = draw(
        st.sampled_from(
            (
                "by id",
                "by status",
                "refilled",
                "in part",
                "no id",
                "no partner",
                "alone",
                "other id",
            )
        )
    )
    if kind == "no id":
        return [original, {**undone, "days_supply": draw(st.sampled_from((supply, -supply)))}]
    if kind == "no partner":
        return [{**undone, "pharmacy_id": "nobody's pharmacy"}]
    original["fill_id"] = undone["fill_id"] = f"claim {draw(st.integers(1, 999_999))}"
    if kind == "alone":
        return [{**original, "status": "reversed"}]
    if kind == "other id":
        return [original, {**undone, "fill_id": f"{original['fill_id']} reversed"}]
    if kind == "by status":
        return [original, {**original, "status": draw(st.sampled_from(("reversed", "Reversed ")))}]
    if kind == "refilled":
        again = {**original, "fill_date": original["fill_date"] + timedelta(1), "quantity": 7.0}
        return [original, undone, {**again, "days_supply": 7}]
    if kind == "in part":
        half = {"quantity": -quantity / 2, "days_supply": -(supply // 2) or -1}
        return [original, {**undone, **half}]
    return [original, undone]


@st.composite
def duplicates(draw: Draw, member: Hashable) -> list[Record]:
    """Draw one claim paid twice under one id, or two claims that only look alike."""
    original = draw(fill(member))
    same_id = draw(st.booleans())
    if same_id:
        original["fill_id"] = f"claim {draw(st.integers(1, 999_999))}"
    later = timedelta(draw(st.integers(0, 1)))
    return [original, {**original, "fill_date": original["fill_date"] + later}]


BROKEN: tuple[Record, ...] = (
    {"fill_date": None},
    {"days_supply": 0},
    {"days_supply": None},
    {"quantity": 0.0},
    {"quantity": None},
    {"strength": None},
    {"strength": 0.0},
    {"unit": None},
    {"ingredient": None},
    {"ingredient": "zebrafentanyl"},
    {"route": None},
    {"quantity_unit": "ML"},
    {"status": "rejected"},
    {"status": "denied"},
    {"status": "under review"},
    {"route": "parenteral", "form": "injection"},
    {"cough_cold": True},
    {"moud": True},
)


@st.composite
def broken(draw: Draw, member: Hashable) -> list[Record]:
    """Draw a row with one thing wrong, or one thing that leaves it out."""
    drawn = draw(fill(member, (("codeine", "oral", "tablet", "mg", (15, 30)),)))
    return [{**drawn, **draw(st.sampled_from(BROKEN))}]


@st.composite
def opioid_use_disorder(draw: Draw, member: Hashable) -> list[Record]:
    """Draw buprenorphine, or the methadone tablet that is only for treatment."""
    if draw(st.booleans()):
        tablet = ("methadone", "oral", "tablet", "mg", 40.0)
        return [record(member, tablet, _days(draw), quantity=14.0, days_supply=14)]
    drawn = draw(fill(member, BUPRENORPHINE))
    if drawn["route"] == "transdermal":
        drawn |= {"quantity": 4.0, "days_supply": draw(st.sampled_from((28, 14)))}
    return [drawn]


@st.composite
def two_opioids_in_one_product(draw: Draw, member: Hashable) -> list[Record]:
    """Draw a product of two opioids, which comes as two rows of one source row."""
    first = draw(fill(member, LINEAR[:2]))
    other = {"ingredient": "codeine", "strength": draw(st.sampled_from((15.0, 30.0)))}
    source = {"source_row": draw(st.integers(1, 999_999))}
    return [{**first, **source}, {**first, **other, **source}]


def _one(drugs: Sequence[tuple[Any, ...]]) -> Callable[[Hashable], st.SearchStrategy[list[Record]]]:
    return lambda member: fill(member, drugs).map(lambda drawn: [drawn])


SCENES: tuple[Callable[[Hashable], st.SearchStrategy[list[Record]]], ...] = (
    _one(LINEAR),
    exactly_on_a_threshold,
    on_a_rounding_tie,
    methadone_at_a_tier_edge,
    early_refill,
    patches,
    liquid,
    reversal,
    duplicates,
    broken,
    opioid_use_disorder,
    two_opioids_in_one_product,
    _one(WITHOUT_FACTOR_SOMEWHERE),
    _one(OTHER_DRUGS),
)
USABLE = (
    _one(LINEAR),
    exactly_on_a_threshold,
    on_a_rounding_tie,
    methadone_at_a_tier_edge,
    early_refill,
    patches,
)

MEMBERS = st.sampled_from((("m1", "m2", "m3"), (101, 7, 20), ("007", "7", "70")))


@st.composite
def fills(
    draw: Draw,
    scenes: Sequence[Callable[[Hashable], st.SearchStrategy[list[Record]]]] = SCENES,
    at_most: int = 4,
) -> list[Record]:
    """Draw the fills of one to three members, in any order."""
    members = draw(MEMBERS)[: draw(st.integers(1, 3))]
    drawn: list[Record] = []
    for member in members:
        for scene in draw(st.lists(st.sampled_from(scenes), min_size=1, max_size=at_most)):
            drawn += draw(scene(member))
    return draw(st.permutations(drawn))


# ------------------------------------------------------------------------------- populations


def population(seed: int, members: int) -> list[Record]:
    """Make the same claims of many members over a year each time, in no order.

    Hypothesis finds the small odd case; this finds what only many members and long histories
    show: one member's days running into the next, sums over hundreds of fills.
    """
    rng = random.Random(seed)
    drugs = (
        *LINEAR, *LIQUIDS, *WITHOUT_FACTOR_SOMEWHERE, *BUPRENORPHINE[:2], *OTHER_DRUGS,
        ("methadone", "oral", "tablet", "mg", (5, 10)),
        ("fentanyl", "transdermal", "patch", "mcg/h", (12, 25, 50, 100)),
    )  # fmt: skip
    records = []
    for number in range(members):
        favourites = rng.sample(drugs, 3)
        for claim in range(rng.choice((1, 2, 3, 8, 15, 40))):
            *product, strengths = rng.choice(favourites)
            supply = rng.choice((*SUPPLIES, 60, 90))
            patches = product[1] == "transdermal"
            quantity = float(supply // 3 + 1) if patches else supply * rng.choice((0.5, 1, 2, 4))
            drawn = record(
                f"member {number:05}",
                (*product, rng.choice(strengths)),
                rng.randrange(365),
                quantity=quantity if rng.random() < 0.9 else float(rng.randrange(1, 200)),
                days_supply=supply,
                fill_id=f"claim {number}-{claim}",
                prescriber_id=rng.choice(("a", "b", "c", None)),
                pharmacy_id=rng.choice(("x", "y", None)),
            )
            if rng.random() < 0.03:
                drawn |= rng.choice(BROKEN)
            records.append(drawn)
            if rng.random() < 0.03:
                records.append({**drawn, "status": "reversed"})
            if rng.random() < 0.02:
                records.append(dict(drawn))
    rng.shuffle(records)
    return records


# ------------------------------------------------------------------------------ other tables


def _members(records: Sequence[Record]) -> list[Hashable]:
    return sorted({row["member_id"] for row in records}, key=str)


@st.composite
def spans(draw: Draw, longest: int = DAYS) -> tuple[date, date]:
    """Draw a first and a last day near the fills."""
    first = draw(st.integers(-5, DAYS + 10))
    last = first + draw(st.integers(0, longest))
    return FIRST_DAY + timedelta(first), FIRST_DAY + timedelta(last)


@st.composite
def windows(
    draw: Draw, members: Sequence[Hashable], *, every: bool = True
) -> dict[Hashable, tuple[date, date]]:
    """Draw one window a member."""
    chosen = members if every else draw(st.lists(st.sampled_from(members), unique=True))
    return {member: draw(spans()) for member in chosen}


@st.composite
def span_tables(
    draw: Draw, members: Sequence[Hashable], longest: int = DAYS
) -> dict[Hashable, list[tuple[date, date]]]:
    """Draw spans (enrolment, exclusions) that may overlap, for some of the members."""
    chosen = draw(st.lists(st.sampled_from(members), unique=True, min_size=1))
    return {member: draw(st.lists(spans(longest), min_size=1, max_size=3)) for member in chosen}


def enrolment(members: Sequence[Hashable]) -> st.SearchStrategy[dict[Hashable, Any]]:
    """Draw enrolment spans for some of the members."""
    return span_tables(members)


def exclusions(members: Sequence[Hashable]) -> st.SearchStrategy[dict[Hashable, Any]]:
    """Draw exclusion spans for some of the members."""
    return span_tables(members, longest=20)


@st.composite
def arguments(draw: Draw, members: Sequence[Hashable], *, tables: bool = True) -> twin.Arguments:
    """Draw the arguments that both `mme.exposure` and the twin take."""
    start, end = draw(spans())
    given_start, given_end = draw(st.sampled_from(((True, True),) * 4 + ((False, False),)))
    maybe = st.sampled_from((False, False, True)) if tables else st.just(value=False)
    return twin.Arguments(
        start=start if given_start else None,
        end=end if given_end else None,
        more_than=draw(st.sampled_from(((), (90,), (50, 90)))),
        overlap=draw(st.sampled_from(("sum", "shift_same_product"))),
        max_shift_days=draw(st.sampled_from((30, 30, 3, 0))),
        patch_days=draw(st.sampled_from(("fill", "fill", "edition"))),
        buprenorphine=draw(st.sampled_from(("exclude", "include"))),
        moud_products=draw(st.sampled_from(("set_aside", "set_aside", "include"))),
        windows=draw(windows(members)) if draw(maybe) else None,
        enrolment=draw(enrolment(members)) if draw(maybe) else None,
        exclusions=draw(exclusions(members)) if draw(maybe) else None,
        exclude=draw(st.sampled_from(("days", "members"))),
    )


# ----------------------------------------------------------------------------------- editions

CHAINS: tuple[tuple[str, ...], ...] = (("cdc-2022", "cdc-file-2018"), ("cdc-2016", "nih-heal-2024"))


@st.composite
def local_editions(draw: Draw) -> tuple[mme.ConversionEdition, twin.Book]:
    """Draw a plan's own edition, and the book that the twin reads it from."""
    from opsafe import mme
    from opsafe.mme.factors import LinearFactor, PatchFactor, Tier, TieredFactor
    from opsafe.provenance import Source

    thousandths = st.integers(1, 20_000).map(lambda count: Decimal(count) / 1000)
    values = {name: draw(thousandths) for name in ("codeine", "morphine", "oxycodone")}
    per_patch = Decimal(3 * draw(st.integers(1, 5_000))) / 1000
    by_patch = draw(st.booleans())
    edges = sorted(draw(st.sets(st.integers(1, 100), min_size=1, max_size=3)))
    lower = [Decimal(0), *map(Decimal, edges)]
    upper: list[Decimal | None] = [*map(Decimal, edges), None]
    # Rising, as methadone's are: else a fill more could lower a day.
    steps = sorted(draw(thousandths) for _ in lower)
    factors: list[Any] = [
        LinearFactor(ingredient=name, routes=("oral",), unit="mg", value=value)
        for name, value in values.items()
    ]
    factors.append(
        PatchFactor(
            ingredient="fentanyl",
            value=per_patch if by_patch else per_patch / 3,
            basis="per_patch" if by_patch else "per_day",
            wear_days=3,
        )
    )
    factors.append(
        TieredFactor(
            ingredient="methadone",
            routes=("oral",),
            unit="mg",
            printed_bounds="gap-free",
            tiers=tuple(
                Tier(above=a, up_to=b, value=v, printed=f">{a}-{b}" if b else f">{a}")
                for a, b, v in zip(lower, upper, steps, strict=True)
            ),
        )
    )
    edition = mme.ConversionEdition(
        id="local-plan",
        title="Table of a plan",
        kind="local",
        effective_from=date(2024, 1, 1),
        source=Source(
            title="Formulary", publisher="A plan", published=date(2024, 1, 1), locator="page 1",
            address="https://example.org/formulary", retrieved=date(2024, 2, 1), read="primary",
        ),
        intended_use=("programme reporting",),
        for_one_patient=False,
        cough_and_cold="silent",
        parenteral_listed=False,
        factors=tuple(factors),
    )  # fmt: skip
    book = twin.Book(
        {
            **{(n, "oral", None): twin.Linear("mg", Fraction(v)) for n, v in values.items()},
            ("fentanyl", "transdermal", None): twin.Patch(Fraction(per_patch), 3),
            ("methadone", "oral", None): twin.Tiered(
                tuple(
                    (None if b is None else Fraction(b), Fraction(v))
                    for b, v in zip(upper, steps, strict=True)
                ),
                integers_printed=False,
            ),
        }
    )
    return edition, book


@st.composite
def editions(draw: Draw, *, local: bool = True) -> tuple[Edition, twin.Book]:
    """Draw an edition by id, a chain, or a local one, each with its book for the twin."""
    from opsafe import mme

    kind = draw(st.sampled_from(("typed", "typed", "chain", "any", "local" if local else "typed")))
    if kind == "local":
        return draw(local_editions())
    if kind == "any":
        # Tables that the twin takes from the edition itself.
        edition = draw(st.sampled_from(mme.editions()))
        return edition.id, twin.book_of(edition)
    ids: str | tuple[str, ...] = draw(st.sampled_from(tuple(twin.BOOKS)))
    if kind == "chain":
        ids = draw(st.sampled_from(CHAINS))
    return ids, twin.book(ids)


@st.composite
def cases(
    draw: Draw,
    scenes: Sequence[Callable[[Hashable], st.SearchStrategy[list[Record]]]] = SCENES,
    *,
    tables: bool = True,
    local: bool = True,
) -> Case:
    """Draw claims, an edition and arguments."""
    records = draw(fills(scenes))
    edition, book = draw(editions(local=local))
    return Case(records, edition, book, draw(arguments(_members(records), tables=tables)))


# -------------------------------------------------------------------------------------- doses

DOSES = tuple(
    (ingredient, strength)
    for ingredient, _, _, _, strengths in LINEAR
    for strength in strengths
    if ingredient != "tramadol"
)


RHYTHMS = ("int", "Fraction", "Decimal", "hours", "quantity")


@st.composite
def dose_arguments(draw: Draw, rhythms: Sequence[str] = RHYTHMS) -> dict[str, Any]:
    """Draw the arguments of one `mme.Dose`: exact units a day, or a quantity and its days."""
    ingredient, strength = draw(st.sampled_from((*DOSES, ("methadone", 5), ("methadone", 10))))
    chosen: dict[str, Any] = {"ingredient": ingredient, "strength": f"{strength} mg"}
    rhythm = draw(st.sampled_from(rhythms))
    if rhythm == "hours":
        return chosen | {"every_hours": draw(st.sampled_from((4, 6, 8, 12, 24)))}
    if rhythm == "quantity":
        amounts = {"quantity": draw(st.integers(1, 240)), "days_supply": draw(st.integers(1, 90))}
        return chosen | amounts
    tenths = Fraction(draw(st.integers(1, 120)), 10)
    if rhythm == "Decimal":
        return chosen | {"per_day": Decimal(tenths.numerator) / tenths.denominator}
    if rhythm == "Fraction":
        return chosen | {"per_day": Fraction(draw(st.integers(1, 30)), draw(st.integers(1, 14)))}
    return chosen | {"per_day": draw(st.integers(1, 12))}


def units_per_day(arguments: Mapping[str, Any]) -> Fraction:
    """Return what `dose_arguments` drew as units a day."""
    if "every_hours" in arguments:
        return Fraction(24) / Fraction(arguments["every_hours"])
    if "quantity" in arguments:
        return Fraction(arguments["quantity"]) / Fraction(arguments["days_supply"])
    return Fraction(arguments["per_day"])


def doses() -> st.SearchStrategy[mme.Dose]:
    """Draw a dose of one opioid."""
    from opsafe import mme

    return dose_arguments().map(lambda arguments: mme.Dose(**arguments))


# ------------------------------------------------------------------- assessments of criteria

CRITERIA = tuple(f"A{number}" for number in range(1, 12))


def tristates() -> st.SearchStrategy[bool | None]:
    """Yes, no, or unknown."""
    return st.sampled_from((True, False, None))


@st.composite
def assessments(draw: Draw) -> dict[str, Any]:
    """Draw the arguments of one `oud.score`: any answers, some absent, some unknown."""
    names = draw(st.lists(st.sampled_from(CRITERIA), unique=True))
    return {
        "answers": {name: draw(tristates()) for name in names},
        "edition": draw(st.sampled_from(("dsm-5", "dsm-5-tr"))),
        "solely_supervised": draw(tristates()),
        "impairment_or_distress": draw(tristates()),
    }


@st.composite
def dated_answers(draw: Draw, as_of: date) -> dict[str, Any]:
    """Draw answers with the last day on which each was true, around the boundaries of months."""
    ago = st.one_of(st.integers(0, 500), st.sampled_from((0, 89, 90, 91, 92, 364, 365, 366, 367)))
    dates = ago.map(lambda days: as_of - timedelta(days=days))
    drawn: dict[str, Any] = {
        name: draw(st.one_of(dates, tristates()))
        for name in draw(st.lists(st.sampled_from(CRITERIA), unique=True))
    }
    for name in ("A10", "A11"):
        if isinstance(drawn.get(name), date) and draw(st.booleans()):
            outside = drawn[name] - timedelta(days=draw(st.integers(0, 200)))
            drawn[name] = oud.Answer(True, drawn[name], outside)
    return drawn


AREAS = ("north", "south")
"""Areas of every scenario drawn."""


@st.composite
def scenarios(draw: Draw) -> wf.Scenario:
    """Draw a scenario of two areas with few heads, short of them or not, and an uncertain need."""
    heads = st.integers(0, 5)
    leaving = st.sampled_from([0.0, 0.1, 0.5, 1.0])
    demand = tuple(
        wf.Demand(
            members=draw(st.integers(0, 50_000)),
            ages="12+",
            oud_base="survey",
            prevalence=Uniform(low=0.005, high=0.02),
            undercount=1.0,
            seeking=0.4,
            on_treatment=draw(st.floats(0, 50)),
            waiting=draw(st.floats(0, 20)),
            reneging_per_month=draw(st.floats(0, 1)),
            area=area,
        )
        for area in AREAS
    )
    supply = tuple(
        wf.Supply(
            area=area, open=draw(heads), open_to_plan=draw(heads), hires_per_month=draw(heads)
        )
        for area in AREAS
    )
    return wf.Scenario(
        demand=demand,
        supply=supply,
        capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=draw(st.floats(0.01, 1))),
        leaving_first_year=draw(leaving),
        leaving_later=draw(leaving),
    )


@st.composite
def criteria(draw: Draw, most: int = 4) -> rk.Criteria:
    """Criteria of either direction on anchors with up to two decimals, some of them in groups."""
    made = []
    for at in range(draw(st.integers(1, most))):
        worst, best = draw(st.lists(st.integers(-500, 500), min_size=2, max_size=2, unique=True))
        made.append(
            rk.Criterion(
                name=f"criterion {at}",
                worst=worst / 100,
                best=best / 100,
                group=draw(st.sampled_from([None, "group a", "group b"])),
            )
        )
    return rk.Criteria(id="drawn", title="Drawn criteria", criteria=tuple(made))


@st.composite
def rating_tables(draw: Draw, on: rk.Criteria, most: int = 6) -> list[Record]:
    """Long tables of ratings, some missing; one initiative and one rater at least."""
    raters = [f"rater {at}" for at in range(draw(st.integers(1, 5)))]
    return [
        {
            "initiative": f"initiative {at}",
            "rater": rater,
            "criterion": each.name,
            "score": draw(
                st.none()
                | st.integers(0, 8).map(
                    lambda step, each=each: round(  # type: ignore[misc]
                        each.low + (each.high - each.low) * step / 8, 6
                    )
                )
            ),
        }
        for at in range(draw(st.integers(1, most)))
        for rater in raters
        for each in on.criteria
    ]


@st.composite
def top_weights(draw: Draw, on: rk.Criteria) -> dict[str, int]:
    """Whole weights of ungrouped criteria and of groups, in sum above 0."""
    names = list(dict.fromkeys(each.group or each.name for each in on.criteria))
    given = {name: draw(st.integers(0, 20)) for name in names}
    if not any(given.values()):
        given[names[0]] = 1
    return given


@st.composite
def stakeholder_assessments(draw: Draw) -> list[Record]:
    """Rows of a readiness assessment from -2 to 2: some missing, some groups split over steps."""
    levels = st.sampled_from(["department", "board", "pharmacy", "executive"])
    themes = st.sampled_from(["naloxone", "tapering"])
    steps = st.sampled_from([-2, -1, -0.5, 0, 1, 1.5, 2])
    rows: list[Record] = []
    for at in range(draw(st.integers(1, 14))):
        who = {
            "level": draw(levels),
            "theme": draw(themes),
            "stakeholder": f"stakeholder {at}",
            "influence": draw(st.sampled_from([1, 3, 9])),
        }
        desired = draw(st.none() | steps)
        if draw(st.booleans()):
            first = draw(st.integers(0, 100))
            rows += [
                {**who, "current": draw(steps), "desired": desired, "share": share}
                for share in (first, 100 - first)
            ]
        else:
            current = draw(st.none() | steps)
            rows.append({**who, "current": current, "desired": desired, "share": None})
    return rows


@st.composite
def work(draw: Draw, initiative: str, teams: Sequence[str]) -> rk.Work:
    """Draw one team's work on an initiative."""
    return rk.Work(
        initiative,
        team=draw(st.sampled_from(list(teams))),
        quarters=draw(st.integers(1, 3)),
        fte=draw(st.sampled_from([1.0, 0.5, 0.75, 1.5, 2.0, 0.25, 0.0])),
        starts_after=draw(st.sampled_from([0, 0, 0, 1])),
        owner=draw(st.sampled_from([None, "Ada", "Ben"])),
        chapter=draw(st.sampled_from([None, *rk.CHAPTERS])),
    )


@st.composite
def weight_sets(draw: Draw) -> tuple[rk.WeightSet, list[str]]:
    """A set of weights that some weights agree with: those of its own centre."""
    names = list("abcde")[: draw(st.integers(1, 5))]
    parts = draw(st.lists(st.integers(1, 9), min_size=len(names), max_size=len(names)))
    centre = dict(zip(names, parts, strict=True))
    total = sum(parts)
    order = sorted(names, key=lambda name: -centre[name])[: draw(st.integers(0, len(names)))]
    near = draw(st.booleans())
    known = rk.WeightSet(
        order=order,
        at_least={name: centre[name] / total / 2 for name in draw(st.sets(st.sampled_from(names)))},
        at_most={
            name: min(1.0, 1.3 * centre[name] / total)
            for name in draw(st.sets(st.sampled_from(names)))
        },
        around=centre if near else {},
        half_width=0.1 if near else None,
    )
    return known, names
