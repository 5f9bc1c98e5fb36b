"""The tables of a case: outcomes, months, fiscal years, categories, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from opsafe.columns import Column, Columns, Text
from opsafe.costbenefit._case_figures import Ready
from opsafe.costbenefit._case_money import Stream
from opsafe.costbenefit._case_sums import Sums, cumulative
from opsafe.costbenefit.plan_inputs import EVENTS, Category, OutcomeEvent
from opsafe.quantity import DateArray, FloatArray

__all__ = [
    "HEADLINES",
    "categories_table",
    "category_months_table",
    "headline_draws",
    "intervals_table",
    "months_table",
    "outcomes_table",
    "years_table",
]

_YEAR: Final = 12
PLURALS: Final[dict[OutcomeEvent, str]] = {
    "death": "deaths",
    "overdose": "overdoses",
    "ed_visit": "ed_visits",
    "admission": "admissions",
}
HEADLINES: Final = (
    "net_saving",
    "roi",
    "npv",
    "benefit_cost_ratio",
    "pmpm",
    "pmpm_oud",
    "payback_month",
    *(f"{name}_averted" for name in PLURALS.values()),
)
_NEVER: Final = 1e-12


def outcomes_table(
    averted: Mapping[OutcomeEvent, float],
    added_months: float,
    months: int,
    why_not: Mapping[OutcomeEvent, str],
) -> Columns:
    """Events averted, and how many must be treated for a year to avert one."""
    rows = []
    for event in EVENTS:
        if event not in averted:
            rows.append((np.nan, np.nan, np.nan, why_not[event]))
            continue
        number, needed, why = averted[event], np.nan, ""
        if number > _NEVER:
            needed = added_months / _YEAR / number
        elif added_months > _NEVER:
            why = "none is averted, so no number treated averts one"
        else:
            why = "no member-month of treatment is added"
        rows.append((number, number / months * _YEAR, needed, why))
    total, yearly, needed_to_treat, told = zip(*rows, strict=True)
    return Columns(
        {
            "event": Text.of(EVENTS),
            "averted": np.array(total),
            "averted_per_year": np.array(yearly),
            "number_needed_to_treat": np.array(needed_to_treat),
            "why_not": Text.of(told),
        }
    )


def month_dates(start: str, months: int) -> DateArray:
    """First days of the months."""
    return (np.datetime64(start, "M") + np.arange(months)).astype("datetime64[D]")


def months_table(ready: Ready, stream: Stream, sums: Sums) -> Columns:
    """Members, treatment, money and events by month."""
    months, treated = ready.months, stream.treated

    def row(values: FloatArray) -> FloatArray:
        return np.broadcast_to(values, (months, 1))[:, 0].copy()

    now, added = row(treated.now), row(treated.added)
    net = sums.net_by_month[:, 0]
    spending, saving = _two_sides(stream.money, sums, months)
    return Columns(
        {
            "month": month_dates(ready.inputs.start, months),
            "members": ready.inputs.members * row(treated.enrolled),
            "members_with_oud": row(treated.with_oud),
            "treated_without_programme": now,
            "treated": now + added,
            "added_treated": added,
            "starts": row(treated.starts),
            "waiting": row(treated.waiting),
            "spending_usd": spending,
            "saving_usd": saving,
            "net_saving_usd": net,
            "cumulative_net_saving_usd": cumulative(net[:, None])[:, 0],
            **{
                f"{name}_averted": row(stream.averted[event])
                if event in stream.averted
                else np.full(months, np.nan)
                for event, name in PLURALS.items()
            },
        }
    )


def years_table(by_month: Columns, first_month: int) -> Columns:
    """Sums by fiscal year, which is named by the year that it ends in."""
    at = by_month["month"].astype("datetime64[M]").astype(np.int64) + (_YEAR - first_month + 1)
    years = 1970 + at // _YEAR - (1 if first_month == 1 else 0)
    named, begin = np.unique(years, return_index=True)

    def summed(name: str) -> FloatArray:
        total: FloatArray = np.add.reduceat(by_month[name], begin)
        return total

    net = summed("net_saving_usd")
    added = ("spending_usd", "saving_usd")
    return Columns(
        {
            "fiscal_year": named.astype(np.int64),
            "first_month": by_month["month"][begin],
            "months": np.diff(np.append(begin, len(by_month))).astype(np.int64),
            "member_months": summed("members"),
            "added_treated_member_months": summed("added_treated"),
            **{name: summed(name) for name in added},
            "net_saving_usd": net,
            "cumulative_net_saving_usd": cumulative(net[:, None])[:, 0],
            "net_saving_usd_per_member_month": np.divide(
                net, summed("members"), out=np.zeros_like(net), where=summed("members") > 0
            ),
            **{f"{name}_averted": summed(f"{name}_averted") for name in PLURALS.values()},
        }
    )


def categories_table(by_category: Mapping[Category, float]) -> Columns:
    """What each category spends more, or saves, over the horizon; a category is one of the two."""
    net = np.array(list(by_category.values()))
    return Columns(
        {
            "category": Text.of(by_category),
            "spending_usd": np.maximum(-net, 0.0),
            "saving_usd": np.maximum(net, 0.0),
            "net_saving_usd": net,
        }
    )


def category_months_table(ready: Ready, stream: Stream) -> Columns:
    """Net of each category in each month."""
    months = ready.months
    dates = month_dates(ready.inputs.start, months)
    net = [np.broadcast_to(each, (months, 1))[:, 0] for each in stream.money.values()]
    return Columns(
        {
            "month": np.tile(dates, len(net)),
            "category": Text.of(name for name in stream.money for _ in range(months)),
            "net_saving_usd": np.concatenate([np.zeros(0), *net]),
        }
    )


def headline_draws(sums: Sums) -> dict[str, FloatArray]:
    """The figures of a case by draw; NaN where a draw has none."""
    draws = sums.net_by_month.shape[1]
    nothing = np.full(draws, np.nan)
    npv, quotient = sums.npv, sums.benefit_cost_ratio
    found = {
        "net_saving": sums.net,
        "roi": sums.roi,
        "npv": nothing if npv is None else npv,
        "benefit_cost_ratio": nothing if quotient is None else quotient,
        "pmpm": _over(sums.net, sums.member_months),
        "pmpm_oud": _over(sums.net, sums.oud_months),
        "payback_month": sums.payback_month,
    }
    for event, name in PLURALS.items():
        found[f"{name}_averted"] = sums.averted.get(event, nothing)
    return found


def intervals_table(
    base: Mapping[str, float | None], draws: Mapping[str, FloatArray] | None, level: float
) -> Columns:
    """Base case, and median, low and high of the draws that have the figure, with their share."""
    rows = []
    for name in HEADLINES:
        known = np.zeros(0) if draws is None else draws[name][~np.isnan(draws[name])]
        value = base[name]
        first = np.nan if value is None else value
        if not len(known):
            share = np.nan if draws is None else 0.0
            rows.append((first, np.nan, np.nan, np.nan, np.nan, share))
            continue
        assert draws is not None
        low, median, high = np.quantile(known, [(1 - level) / 2, 0.5, (1 + level) / 2])
        rows.append((first, known.mean(), median, low, high, len(known) / len(draws[name])))
    names = ("base", "mean", "median", "low", "high", "share_of_draws")
    columns: dict[str, Column] = {"figure": Text.of(HEADLINES)}
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        columns[name] = np.array(values, np.float64)
    return Columns(columns)


def _over(above: FloatArray, below: FloatArray) -> FloatArray:
    found: FloatArray = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=np.broadcast_to(below > _NEVER, above.shape))
    return found


def _two_sides(
    money: Mapping[Category, FloatArray], sums: Sums, months: int
) -> tuple[FloatArray, FloatArray]:
    """Spending and saving of each month; a category is on one side for the whole horizon."""
    sides: Sequence[FloatArray] = (np.zeros(months), np.zeros(months))
    for name, values in money.items():
        saves = bool(sums.by_category[name][0] >= 0)
        net = np.broadcast_to(values, (months, 1))[:, 0]
        sides[saves][:] += net if saves else -net
    return sides[0], sides[1]
