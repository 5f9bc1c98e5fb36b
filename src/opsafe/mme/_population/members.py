"""One row a member: what was measured, as published numbers; MME leaves here as count / 1e6."""

from __future__ import annotations

from typing import Final

import numpy as np

from opsafe.columns import AnyArray, Column, Columns, Nullable, Text
from opsafe.mme._kernel import ByGroup
from opsafe.mme._population.claims import PHARMACY, PRESCRIBER
from opsafe.mme._population.codes import INDEX, REASONS, to_dates
from opsafe.mme._population.measure import Measured
from opsafe.mme._population.solve import Solved
from opsafe.mme._population.spans import clip
from opsafe.mme._rounding import day_counts, mean_counts, tiered
from opsafe.mme.reasons import NEVER_LOWER_BOUND
from opsafe.quantity import BoolArray, FloatArray, IntArray

__all__ = ["members_table"]

_DEFINITIONS: Final = (
    *("total_mme", "mme_per_supply_day", "mme_per_covered_day", "mme_per_window_day"),
    "mme_maximum_day",
)
_WIDE: Final = "days_supply"
"""Fill-days of one member may pass 2**31; its days and rows, which the others count, do not."""
_UNKNOWN_DAYS = [reason for reason in REASONS if reason.field == "days_supply"]


def _mme(counts: IntArray, valid: BoolArray) -> FloatArray:
    return np.where(valid, counts / 1e6, np.nan)


def _definitions(
    found: Measured, window_days: IntArray, bounded: BoolArray, used: BoolArray, name: str
) -> dict[str, Column]:
    """D1 to D4 of one measure; ``name`` is appended to each column."""
    supplied, covered = found.fill_days > 0, found.covered_days > 0
    observed = bounded & (window_days > 0)
    columns = (
        _mme(day_counts(found.total), used),
        _mme(mean_counts(found.total, found.fill_days), used & supplied),
        _mme(mean_counts(found.total, found.covered_days), used & covered),
        _mme(mean_counts(found.total, window_days), used & observed),
        _mme(found.maximum, used),
    )
    return {f"{one}{name}": column for one, column in zip(_DEFINITIONS, columns, strict=True)}


def members_table(solved: Solved) -> Columns:
    """One row for every member of a slab."""
    found, rows, looked, options = solved.main, solved.rows, solved.looked, solved.book.options
    spans = looked.spans
    main = _main_fills(solved)
    on_looked = spans.days > 0
    used = np.zeros(rows.members, bool)
    used[solved.member[main]] = True
    used &= on_looked
    episode = found.last_day - found.first_day + 1
    on_days = found.covered_days > 0
    four = _definitions(found, spans.days, spans.bounded, used, "")
    table: dict[str, Column] = {
        "fills": found.fills,
        "total_mme": four.pop("total_mme"),
        "dispensed_mme": _mme(day_counts(_dispensed(solved, main)), used),
        "days_supply": found.fill_days,
        "covered_days": found.covered_days,
        "window_days": Nullable(spans.days, spans.bounded),
        **four,
        "peak_day": to_dates(found.peak_day),
        "first_day": to_dates(found.first_day),
        "last_day": to_dates(found.last_day),
        "episode_days": Nullable(np.where(on_days, episode, 0), on_days),
        "mme_per_episode_day": _mme(mean_counts(found.total, episode), used & on_days),
    }
    for kind, thresholds, measured in (
        ("at_least", options.at_least, found.at_least),
        ("more_than", options.more_than, found.more_than),
    ):
        for text, (days, longest) in zip(thresholds, measured, strict=True):
            table[f"days_{kind}_{text}"] = Nullable(days, used)
            table[f"longest_run_{kind}_{text}"] = Nullable(longest, used)
    table |= {
        "overlap_days_same_product": found.overlap_days,
        "mme_maximum_day_from_overlap": _mme(found.maximum - found.maximum_elsewhere, used),
        "tier_reading_days": found.tier_reading_days,
        "benzodiazepine_overlap_days": found.benzodiazepine_days,
        **_distinct_people(solved),
        "mme_is_lower_bound": _lower_bound(solved),
        "rows_set_aside": rows.per_member((rows.reason >= 0) & ~rows.is_not_opioid),
        "line_of_business": _lines_of_business(solved),
        "excluded": looked.excluded,
    }
    table |= _with_buprenorphine(solved, on_looked)
    return Columns({name: one if name == _WIDE else _narrow(one) for name, one in table.items()})


def _narrow(column: Column) -> Column:
    """Counts in half the bytes: new memory for every member is dear."""
    if isinstance(column, Nullable):
        return Nullable(column.values.astype(np.int32, copy=False), column.valid)
    if isinstance(column, Text) or column.dtype != np.int64:
        return column
    return column.astype(np.int32)


def _main_fills(solved: Solved) -> slice | IntArray:
    """Fills in the main columns: all but buprenorphine, which stands beside."""
    if solved.beside is None:
        return slice(None)
    return np.flatnonzero(~solved.book.drugs.buprenorphine[solved.rates.line])


def _with_buprenorphine(solved: Solved, on_looked: BoolArray) -> dict[str, Column]:
    """The same definitions with buprenorphine: null unless it was included."""
    name = "_with_buprenorphine"
    found, spans, size = solved.beside, solved.looked.spans, len(on_looked)
    if found is None:
        nothing = Nullable(_constant(np.int32(0), size), _constant(False, size))
        unknown = _constant(np.nan, size)
        counts = {f"fills{name}": nothing, f"covered_days{name}": nothing}
        return {**counts, **{f"{one}{name}": unknown for one in _DEFINITIONS}}
    used = (solved.rows.per_member(solved.rates.at) > 0) & on_looked
    known = np.ones(size, bool)
    return {
        f"fills{name}": Nullable(found.fills, known),
        f"covered_days{name}": Nullable(found.covered_days, known),
        **_definitions(found, spans.days, spans.bounded, used, name),
    }


def _constant(value: float | np.int32, size: int) -> AnyArray:
    """A column of one value that takes no memory."""
    return np.broadcast_to(np.array(value), size)


def _dispensed(solved: Solved, main: slice | IntArray) -> IntArray:
    """Whole MME of the fills dated on looked-at days; a tiered fill by its own daily dose."""
    rows, found, tiers = solved.rows, solved.rates, solved.book.factors.tiers
    amount, days = found.amount[main], found.days[main]
    if found.tiered is not None and tiers is not None:
        dosed = np.flatnonzero(found.tiered[main])
        amount = amount.copy()
        amount[dosed] = tiered(amount[dosed], tiers.up_to, tiers.thousandths)
    whole, member = amount * days, solved.member[main]
    which = solved.looked.dated_in(member, found.day[main])
    if which is not None:
        whole, member = whole.take(which), member.take(which)
    return ByGroup(member, rows.members).sum(whole)


def _distinct_people(solved: Solved) -> dict[str, Column]:
    """Distinct prescribers and pharmacies of opioid fills dated on looked-at days."""
    rows = solved.rows
    at = np.flatnonzero(solved.dispensed(*_UNKNOWN_DAYS) & rows.opioid)
    member = rows.member.take(at)
    which = solved.looked.dated_in(member, rows.day.take(at))
    if which is not None:
        at, member = at.take(which), member.take(which)
    table: dict[str, Column] = {}
    missing: dict[str, Column] = {}
    for singular, plural, key, mark in (
        ("prescriber", "prescribers", rows.claims.prescriber, PRESCRIBER),
        ("pharmacy", "pharmacies", rows.claims.pharmacy, PHARMACY),
    ):
        known = _constant(key is not None, rows.members)
        distinct = absent = _constant(np.int32(0), rows.members)
        if key is not None:
            mine, person = member, key.take(at)
            identified = rows.identified(mark)
            if not identified.all():
                named = identified.take(at)
                absent = np.bincount(member[~named], minlength=rows.members)
                some = np.flatnonzero(named)
                mine, person = member.take(some), person.take(some)
            distinct = _distinct(mine, person, rows.members)
        table[plural] = Nullable(distinct, known)
        missing[f"{singular}_missing"] = Nullable(absent, known)
    return table | missing


def _distinct(member: IntArray, person: IntArray, members: int) -> IntArray:
    """Count distinct persons by member, for members in order."""
    if not len(member):
        return np.zeros(members, np.int64)
    # Most fills repeat the person of the fill before.
    fresh = np.flatnonzero((member[1:] != member[:-1]) | (person[1:] != person[:-1])) + 1
    fresh = np.append(0, fresh)
    member, person = member.take(fresh), person.take(fresh)
    low = int(person.min())
    bits = (int(person.max()) - low).bit_length()
    if members.bit_length() + bits < 64:
        pairs = (member << bits) | (person - low)
        pairs.sort(kind="stable")
        first = np.append(0, np.flatnonzero(pairs[1:] != pairs[:-1]) + 1)
        return np.bincount(pairs.take(first) >> bits, minlength=members)
    order = np.lexsort((person, member))
    member, person = member[order], person[order]
    first = np.append(True, (member[1:] != member[:-1]) | (person[1:] != person[:-1]))
    return np.bincount(member[first], minlength=members)


def _lower_bound(solved: Solved) -> BoolArray:
    """Whether exposure is missing from the total; an unknown drug may be an opioid."""
    rows, drugs = solved.rows, solved.book.drugs
    harmless = np.zeros(len(REASONS) + 1, bool)
    harmless[[INDEX[reason] for reason in NEVER_LOWER_BOUND]] = True
    at = np.flatnonzero(rows.reason >= 0)
    matters = (drugs.opioid | (drugs.unknown >= 0))[rows.line[at]]
    lacking = at[matters & ~harmless[rows.reason[at]]]
    if solved.beside is not None:
        # Buprenorphine is not in the total, whether it is set aside or stands beside.
        beside = solved.rates.at[drugs.buprenorphine[solved.rates.line]]
        lacking = np.concatenate([lacking, beside])
    return rows.per_member(lacking) > 0


def _lines_of_business(solved: Solved) -> Text:
    """The line of business of the looked-at days; "multiple" where there are several."""
    enrolment = solved.looked.enrolment
    if enrolment is None:
        return Text(_constant(-1, solved.rows.members), ())
    lines = np.full(solved.rows.members, -1, np.int64)
    which, _, _ = clip(enrolment.member, enrolment.start, enrolment.stop, solved.looked.spans)
    member, label = enrolment.member[which], enrolment.label[which]
    several = len(enrolment.labels)
    for one in range(several):
        mine = np.unique(member[label == one])
        lines[mine] = np.where(lines[mine] < 0, one, several)
    return Text(lines, (*enrolment.labels, "multiple"))
