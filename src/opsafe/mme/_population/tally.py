"""The tables beside the members: rows set aside, flags, other drugs, segments, shares by drug."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.mme._kernel import day_counts, sum_by
from opsafe.mme._population.measure import daily_runs
from opsafe.mme._population.rows import REASONS, to_dates
from opsafe.mme._population.spans import clip
from opsafe.quantity import IntArray

if TYPE_CHECKING:
    from opsafe.mme._population.run import Run

__all__ = ["contributions", "excluded", "flags", "not_opioid", "segments", "set_aside"]


def set_aside(run: Run) -> Columns:
    """Rows that do not count, each with its reason, what was seen and what to do."""
    at = np.flatnonzero(run.is_set_aside)
    index = run.rows.reason[at].astype(np.int64)
    return Columns(
        {
            "row": at,
            "fill_id": _as_written(run, "fill_id", at),
            "code": Text(index, tuple(map(str, REASONS))),
            "field": Text(index, tuple(reason.field for reason in REASONS)),
            "seen": _seen(run, at, [reason.field for reason in REASONS], index),
            "advice": Text(index, tuple(reason.advice for reason in REASONS)),
        }
    )


def _seen(run: Run, at: IntArray, fields: Sequence[str], index: IntArray) -> Any:
    """What stood in the field of each row; never a member id, and never a long text."""
    seen = np.full(len(at), None, object)
    for field in set(fields) - {"member_id"}:
        mine = np.array([one == field for one in fields], bool)[index]
        seen[mine] = _as_written(run, field, at[mine])
    return seen


def _as_written(run: Run, field: str, at: IntArray) -> Any:
    if field not in run.table:
        return np.full(len(at), None, object)
    return _words(run.table.texts(field, at, longest=60))


def flags(run: Run) -> Columns:
    """Rows that count and that a person should look at."""
    every = [(flag, np.flatnonzero(rows), beside) for flag, rows, beside in run.flags]
    at = np.concatenate([np.zeros(0, np.int64), *(rows for _, rows, _ in every)])
    kind = np.repeat(np.arange(len(every)), [len(rows) for _, rows, _ in every])
    beside = [
        np.full(len(rows), np.nan) if counts is None else counts[rows] / 1e6
        for _, rows, counts in every
    ]
    value = np.concatenate([np.zeros(0), *beside])
    order = np.lexsort((kind, at))
    at, kind, value = at[order], kind[order], value[order]
    return Columns(
        {
            "row": at,
            "fill_id": _as_written(run, "fill_id", at),
            "code": Text(kind, tuple(str(flag) for flag, _, _ in every)),
            "seen": _seen(run, at, [flag.field for flag, _, _ in every], kind),
            "advice": Text(kind, tuple(flag.advice for flag, _, _ in every)),
            "beside": value,
        }
    )


def not_opioid(run: Run) -> Columns:
    """Other drugs, counted by ingredient."""
    words = run.rows.ingredient
    number = np.bincount(words.codes[run.is_not_opioid], minlength=len(words.meanings))
    listed = sorted(
        (one.name, one.kind, int(n)) for one, n in zip(words.meanings, number, strict=False) if n
    )
    return Columns(
        {
            "ingredient": _words([name for name, _, _ in listed]),
            "kind": _words([kind for _, kind, _ in listed]),
            "rows": np.array([n for _, _, n in listed], np.int64),
        }
    )


def segments(run: Run) -> tuple[Columns, IntArray]:
    """Runs of constant exposure, and the member of each; neighbours alike are one run."""
    daily = run.main.daily
    found = daily.runs
    alike = np.zeros(len(found.group), bool)
    alike[1:] = (
        (found.group[1:] == found.group[:-1])
        & (found.start[1:] == found.stop[:-1])
        & (daily.value[1:] == daily.value[:-1])
        & (daily.active[1:] == daily.active[:-1])
    )
    first = np.flatnonzero(~alike)
    last = np.append(first[1:], len(alike))[: len(first)] - 1
    table = Columns(
        {
            "first_day": to_dates(found.start[first]),
            "last_day": to_dates(found.stop[last] - 1),
            "mme_per_day": daily.count[first] / 1e6,
            "active_fills": daily.active[first],
        }
    )
    return table, found.group[first]


def contributions(run: Run) -> tuple[Columns, IntArray]:
    """Each drug's part of a member's peak day and of the total, and the member of each."""
    rows = run.rows
    chosen = ~run.rates.buprenorphine[run.which]
    fills, at = run.fills.of(chosen), run.which[chosen]
    drugs = max(len(rows.ingredient.meanings), 1)
    which, start, stop = clip(fills.member, fills.start, fills.start + fills.days, run.spans)
    group = fills.member[which] * drugs + rows.ingredient.codes[at][which]
    pairs, code = np.unique(group, return_inverse=True)
    daily = daily_runs(code, start, stop, fills, which, run.rates.tiers)
    found = daily.runs
    total = sum_by(found.group, daily.value * found.days, len(pairs))
    member = pairs // drugs
    peak = run.main.peak_day[member[found.group]]
    on_peak = (found.start <= peak) & (peak < found.stop)
    at_peak = sum_by(found.group[on_peak], daily.value[on_peak], len(pairs))
    whole = run.main.total[member]
    names = np.array([one.name for one in rows.ingredient.meanings], object)
    share = np.divide(total, whole, out=np.full(len(pairs), np.nan), where=whole > 0)
    table = Columns(
        {
            "ingredient": names[pairs % drugs] if len(pairs) else np.zeros(0, object),
            "mme_on_peak_day": day_counts(at_peak) / 1e6,
            "total_mme": day_counts(total) / 1e6,
            "share_of_total": share,
        }
    )
    return table, member


def excluded(run: Run) -> tuple[Columns, IntArray]:
    """Exclusions that met looked-at days, with their reason and days, and the member of each."""
    ours = run.tables.exclusions
    none = np.zeros(0, np.int64)
    if ours is None:
        blank = {
            "reason": none.astype(object),
            "first_day": to_dates(none),
            "last_day": to_dates(none),
        }
        return Columns({**blank, "days": none}), none
    which, start, stop = clip(ours.member, ours.start, ours.stop, run.tables.uncut)
    labels = np.array([*ours.labels, None], object)
    order = np.lexsort((ours.label[which], stop, start, ours.member[which]))
    which, start, stop = which[order], start[order], stop[order]
    return (
        Columns(
            {
                "reason": labels[ours.label[which]],
                "first_day": to_dates(start),
                "last_day": to_dates(stop - 1),
                "days": stop - start,
            }
        ),
        ours.member[which],
    )


def _words(values: Sequence[str | None]) -> Any:
    array = np.empty(len(values), object)
    array[:] = list(values)
    return array
