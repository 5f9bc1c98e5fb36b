"""One row a member: what was measured, as published numbers; MME leaves here as count / 1e6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from opsafe._readings import Codes
from opsafe.columns import Column, Columns, Nullable
from opsafe.mme._kernel import day_counts, mean_counts, runs, sum_by, tiered
from opsafe.mme._population.measure import Measured
from opsafe.mme._population.rows import REASONS, Rows, to_dates
from opsafe.mme._population.spans import clip
from opsafe.mme.reasons import NEVER_LOWER_BOUND, Reason
from opsafe.quantity import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from opsafe.mme._population.run import Run

__all__ = ["members_table"]


def _mme(counts: IntArray, valid: BoolArray) -> FloatArray:
    return np.where(valid, counts / 1e6, np.nan)


def _definitions(
    found: Measured, window_days: IntArray, bounded: BoolArray, used: BoolArray, name: str
) -> dict[str, Column]:
    """D1 to D4 of one measure; ``name`` is appended to each column."""
    supplied, covered = found.fill_days > 0, found.covered_days > 0
    observed = bounded & (window_days > 0)
    return {
        f"total_mme{name}": _mme(day_counts(found.total), used),
        f"mme_per_supply_day{name}": _mme(
            mean_counts(found.total, found.fill_days), used & supplied
        ),
        f"mme_per_covered_day{name}": _mme(
            mean_counts(found.total, found.covered_days), used & covered
        ),
        f"mme_per_window_day{name}": _mme(mean_counts(found.total, window_days), used & observed),
        f"mme_maximum_day{name}": _mme(found.maximum, used),
    }


def members_table(run: Run) -> Columns:
    """One row for every member of the input, in order of member id."""
    found, rows, spans = run.main, run.rows, run.spans
    count = rows.member.count
    every = np.ones(count, bool)
    at = run.which[~run.rates.buprenorphine[run.which]]
    used = (np.bincount(rows.member.codes[at], minlength=count) > 0) & (spans.days > 0)
    episode = found.last_day - found.first_day + 1
    on_days = found.covered_days > 0
    four = _definitions(found, spans.days, spans.bounded, used, "")
    table: dict[str, Column] = {
        "fills": found.fills,
        "total_mme": four.pop("total_mme"),
        "dispensed_mme": _mme(day_counts(_dispensed(run, at)), used),
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
        ("at_least", run.options.at_least, found.at_least),
        ("more_than", run.options.more_than, found.more_than),
    ):
        for text, threshold in thresholds.items():
            days, longest = measured[threshold]
            table[f"days_{kind}_{text}"] = Nullable(days, used)
            table[f"longest_run_{kind}_{text}"] = Nullable(longest, used)
    table |= {
        "overlap_days_same_product": found.overlap_days,
        "mme_maximum_day_from_overlap": _mme(found.maximum - found.maximum_elsewhere, used),
        "tier_reading_days": found.tier_reading_days,
        "benzodiazepine_overlap_days": _benzodiazepine_days(run),
        **_distinct_people(run),
        "mme_is_lower_bound": _lower_bound(run),
        "rows_set_aside": _by_member(rows, run.is_set_aside),
        "line_of_business": _lines_of_business(run),
        "excluded": run.tables.excluded,
    }
    return Columns(table | _with_buprenorphine(run, every))


def _with_buprenorphine(run: Run, every: BoolArray) -> dict[str, Column]:
    """The same definitions with buprenorphine: null unless it was included."""
    found = run.beside
    name = "_with_buprenorphine"
    if found is None:
        blank = np.zeros(len(every), np.int64)
        found, known, used = run.main, ~every, ~every
        counts = {"fills": blank, "covered_days": blank}
    else:
        known = every
        used = np.bincount(run.rows.member.codes[run.which], minlength=len(every)) > 0
        used &= run.spans.days > 0
        counts = {"fills": found.fills, "covered_days": found.covered_days}
    four = _definitions(found, run.spans.days, run.spans.bounded, used, name)
    return {
        f"fills{name}": Nullable(counts["fills"], known),
        f"covered_days{name}": Nullable(counts["covered_days"], known),
        **four,
    }


def _dispensed(run: Run, at: IntArray) -> IntArray:
    """Whole MME of the fills dated on looked-at days; a tiered fill by its own daily dose."""
    rows, found = run.rows, run.rates
    day = rows.day[at]
    which, _, _ = clip(rows.member.codes[at], day, day + 1, run.spans)
    inside = at[which]
    rate = found.rate[inside]
    if found.tiers is not None:
        milligrams = found.milligrams[inside]
        rate = rate + tiered(milligrams, found.tiers.up_to, found.tiers.thousandths)
    return sum_by(rows.member.codes[inside], rate * found.days[inside], rows.member.count)


def _dispensed_all_the_same(run: Run, *more: Reason) -> BoolArray:
    """Fills that took place, with MME or without, of members that are not left out."""
    rows = run.rows
    standing = [reason for reason in REASONS if reason.fill_stands]
    left_out: BoolArray = np.append(run.tables.excluded, False)[rows.member.codes]
    return (rows.stands | rows.has(*standing, *more)) & ~left_out


def _benzodiazepine_days(run: Run) -> IntArray:
    """Days with a benzodiazepine fill and an opioid fill, with a factor or without one."""
    rows = run.rows
    took_place = _dispensed_all_the_same(run)
    benzodiazepine = took_place & rows.of_kind("benzodiazepine")
    benzodiazepine &= rows.route.where(lambda word: word == "oral")
    owners = np.zeros(rows.member.count + 1, bool)
    owners[rows.member.codes[benzodiazepine]] = True
    injected = rows.route.where(lambda word: word == "parenteral")
    injected |= rows.form.where(lambda form: form.name == "injection")
    opioid = took_place & rows.opioid & ~run.rates.moud & ~injected
    opioid &= owners[rows.member.codes]
    at = np.flatnonzero(benzodiazepine | opioid)
    start = run.start_of(at)
    which, first, stop = clip(rows.member.codes[at], start, start + run.rates.days[at], run.spans)
    is_benzodiazepine = benzodiazepine[at][which].astype(np.int64)
    member = rows.member.codes[at][which]
    found = runs(member, first, stop, [is_benzodiazepine, 1 - is_benzodiazepine])
    both = (found.sums[0] > 0) & (found.sums[1] > 0)
    return sum_by(found.group[both], found.days[both], rows.member.count)


def _distinct_people(run: Run) -> dict[str, Column]:
    """Distinct prescribers and pharmacies of opioid fills dated on looked-at days."""
    rows = run.rows
    unknown_days = [reason for reason in REASONS if reason.field == "days_supply"]
    at = np.flatnonzero(_dispensed_all_the_same(run, *unknown_days) & rows.opioid)
    which, _, _ = clip(rows.member.codes[at], rows.day[at], rows.day[at] + 1, run.spans)
    at = at[which]
    member = rows.member.codes[at]
    table: dict[str, Column] = {}
    missing: dict[str, Column] = {}
    for singular, plural in (("prescriber", "prescribers"), ("pharmacy", "pharmacies")):
        codes: Codes | None = getattr(rows, singular)
        known = np.full(rows.member.count, codes is not None)
        distinct = absent = np.zeros(rows.member.count, np.int64)
        if codes is not None:
            person = codes.codes[at]
            named = person >= 0
            pairs = np.sort(member[named] * codes.count + person[named])
            first = np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]
            distinct = np.bincount(pairs[first] // codes.count, minlength=rows.member.count)
            absent = np.bincount(member[~named], minlength=rows.member.count)
        table[plural] = Nullable(distinct, known)
        missing[f"{singular}_missing"] = Nullable(absent, known)
    return table | missing


def _by_member(rows: Rows, chosen: BoolArray) -> IntArray:
    member = rows.member.codes[chosen]
    return np.bincount(member[member >= 0], minlength=rows.member.count)


def _lower_bound(run: Run) -> BoolArray:
    """Whether exposure is missing from the total; an unknown drug may be an opioid."""
    rows = run.rows
    harmless = rows.has(*NEVER_LOWER_BOUND)
    lacking = (rows.reason >= 0) & ~harmless & (rows.opioid | (rows.ingredient.codes < 0))
    # Buprenorphine is not in the total, whether it is set aside or stands beside.
    return _by_member(rows, lacking | (run.counts & run.rates.buprenorphine)) > 0


def _lines_of_business(run: Run) -> Any:
    """The line of business of the looked-at days; "multiple" where there are several."""
    lines = np.full(run.rows.member.count, None, object)
    enrolment = run.tables.enrolment
    if enrolment is None:
        return lines
    which, _, _ = clip(enrolment.member, enrolment.start, enrolment.stop, run.spans)
    member, label = enrolment.member[which], enrolment.label[which]
    for one, text in enumerate(enrolment.labels):
        mine = np.unique(member[label == one])
        earlier = np.array([line is not None for line in lines[mine]], bool)
        lines[mine[~earlier]] = text
        lines[mine[earlier]] = "multiple"
    return lines
