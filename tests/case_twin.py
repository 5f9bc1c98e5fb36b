"""A business case worked out slowly: one start cohort after the other, in plain Python floats."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from opsafe import costbenefit as cb
from opsafe.survival import Retention


@cache
def enrolment(churn: cb.OwnChurn, first: int, months: int) -> list[float]:
    """Share enrolled, following each month's leavers until they are back."""
    mean, december = churn.monthly_mean, churn.december
    assert isinstance(mean, float)
    known = [
        (at, share)
        for at, share in (
            (12, churn.returned_within_1_year),
            (60, churn.returned_within_5_years),
            (120, churn.returned_within_10_years),
        )
        if share is not None
    ]

    def back_by(away: int) -> float:
        before = (0, 0.0)
        for point in known:
            if away <= point[0]:
                width = point[0] - before[0]
                return before[1] + (point[1] - before[1]) * (away - before[0]) / width
            before = point
        return before[1]

    there, away = [1.0], [0.0] * (months + 1)
    for month in range(1, months):
        calendar = (first - 1 + month - 1) % 12 + 1
        share = mean
        if december is not None:
            share = december if calendar == 12 else (12 * mean - december) / 11
        away[month] = there[-1] * share
        returned = sum(
            away[left] * (back_by(month - left) - back_by(month - left - 1))
            for left in range(1, month)
        )
        there.append(there[-1] - away[month] + returned)
    return there


def path(plan: cb.PlanInputs) -> dict[str, list[float]]:
    """Added member-months, starts and enrolment by month."""
    assert isinstance(plan.prevalence, float) and isinstance(plan.undercount, float)
    assert isinstance(plan.churn, cb.OwnChurn) and isinstance(plan.treated_share_now, float)
    months, first = plan.horizon_months, int(plan.start[5:])
    curve = plan.retention if isinstance(plan.retention, Retention) else None
    kept = [1.0] * months if curve is None else [float(x) for x in curve.month_shares(months)]
    ends = (
        [1.0] * months if curve is None else [float(curve.share(k + 1)[0]) for k in range(months)]
    )
    with_oud = plan.members * plan.prevalence * plan.undercount
    whole = enrolment(plan.churn, first, months)
    counted = whole if plan.closed else [1.0] * months

    def staying(begin: int, now: int) -> float:
        if plan.closed:
            return 1.0
        return enrolment(plan.churn, (first - 1 + begin) % 12 + 1, months)[now - begin]

    def grown(at: float) -> float:
        assert plan.ramp_months is not None
        return min(at / plan.ramp_months, 1.0) if plan.ramp_months else 1.0

    starts, added = [0.0] * months, [0.0] * months
    if plan.starts_share_per_year is not None:
        assert isinstance(plan.starts_share_per_year, float)
        for begin in range(months):
            share = (grown(begin) + grown(begin + 1)) / 2
            starts[begin] = with_oud * plan.starts_share_per_year / 12 * share
            for now in range(begin, months):
                before = kept[now - begin - 1] if now > begin else 0.0
                half = (kept[now - begin] + before) / 2
                added[now] += starts[begin] * staying(begin, now) * half
    else:
        assert isinstance(plan.treated_share_target, float)
        more = with_oud * (plan.treated_share_target - plan.treated_share_now)
        stock = [more * grown(at) for at in range(months + 1)]
        added = [(stock[k] + stock[k + 1]) / 2 for k in range(months)]
        for now in range(months):
            left = stock[0] * ends[now] * staying(0, now)
            left += sum(starts[b] * kept[now - b] * staying(b, now) for b in range(now))
            starts[now] = max(stock[now + 1] - left, 0.0) / kept[0]
        starts[0] += stock[0]
    return {
        "added": [each * share for each, share in zip(added, counted, strict=True)],
        "starts": [each * share for each, share in zip(starts, counted, strict=True)],
        "counted": counted,
        "with_oud": [with_oud * share for share in counted],
    }


def survival_months(deaths: list[float], plan: cb.PlanInputs) -> list[float]:
    """Member-months lived since deaths that were averted."""
    assert isinstance(plan.churn, cb.OwnChurn)
    months, first = len(deaths), int(plan.start[5:])
    lived = [0.0] * months
    for begin, averted in enumerate(deaths):
        stays = enrolment(plan.churn, (first - 1 + begin) % 12 + 1, months)
        for now in range(begin, months):
            lived[now] += averted * stays[now - begin] * (0.5 if now == begin else 1.0)
    return lived


def money(plan: cb.PlanInputs) -> dict[str, list[float]]:
    """USD by category and month, positive where the plan gains; one medication, own effects."""
    found, moved = path(plan), {}
    added, months = found["added"], plan.horizon_months
    rates: dict[str, float] = {}
    spans = {"1000 member-months": 1e3, "1000 member-years": 12e3, "member-year": 12.0}
    for rate in plan.baseline:
        (effect,) = (e for e in plan.evidence or () if e.event == rate.event)  # type: ignore[union-attr]
        rates[rate.event] = rate.events / spans[rate.per] * (1 - effect.ratio)  # type: ignore[operator,union-attr]
    kept = 1.0 - (plan.cost_sharing_share or 0.0)  # type: ignore[operator]
    if plan.savings == "total_cost":
        gap: Any = plan.total_cost_untreated_usd_per_member_month
        gap = gap - plan.total_cost_treated_usd_per_member_month
        moved["total_cost"] = [each * gap * kept for each in added]
    else:
        costs: Any = plan.event_costs
        for name, event, price in (
            ("ed", "ed_visit", costs.usd_per_ed_visit),
            ("inpatient", "admission", costs.usd_per_admission),
        ):
            if price is not None:
                moved[name] = [each * rates[event] * price * kept for each in added]
        for cost in plan.treatment_costs:
            drug: Any = cost.drug_usd_per_treated_member_month
            rebate = 1.0 - (plan.drug_rebate_share or 0.0)  # type: ignore[operator]
            moved["drug"] = [-each * drug * kept * rebate for each in added]
    if "death" in rates and plan.survival_spending_usd_per_member_month is not None:
        lived = survival_months([each * rates["death"] for each in added], plan)
        spent: Any = plan.survival_spending_usd_per_member_month
        moved["longer_survival"] = [-max(each, 0.0) * spent for each in lived]
    programme: Any = plan.programme or cb.ProgrammeCosts()
    moved["programme_start"] = [-programme.start_up_usd, *[0.0] * (months - 1)]
    moved["programme_running"] = [-(programme.running_usd_per_month or 0.0)] * months
    moved["starts"] = [-each * programme.usd_per_start for each in found["starts"]]
    if plan.care_managers is not None:
        staff: Any = plan.care_managers
        panel, wage = staff.patients_per_care_manager, staff.usd_per_care_manager_year
        moved["care_managers"] = [-math.ceil(each / panel - 1e-9) * wage / 12 for each in added]
    return moved
