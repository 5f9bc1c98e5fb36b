"""Events averted and money by category, month and draw; positive where the plan gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.costbenefit._case_evidence import PRICED
from opsafe.costbenefit._case_figures import Ready, Values
from opsafe.costbenefit._case_read import TREATMENT, cost_name, paid_name
from opsafe.costbenefit._case_treated import Treated, treated_of
from opsafe.costbenefit.plan_inputs import CATEGORIES, Category, OutcomeEvent
from opsafe.quantity import FloatArray

__all__ = ["Stream", "stream_of"]

_YEAR: Final = 12
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Stream:
    """What happens in each month; axes are month and draw, or one for all draws."""

    treated: Treated
    averted: dict[OutcomeEvent, FloatArray]
    """Events that do not happen because of the programme; negative where it causes some."""
    survival_months: FloatArray | None
    """Member-months lived and enrolled since a death was averted."""
    money: dict[Category, FloatArray]
    """USD by category, undiscounted; positive where the plan gains."""


def stream_of(ready: Ready, values: Values) -> Stream:
    """Run a case for all draws at once."""
    treated = treated_of(ready, values)
    averted = {event: _averted(ready, values, treated, event) for event in ready.ratios}
    survival = _survival(averted["death"], treated.staying) if "death" in averted else None
    money = {
        **_claims(ready, values, treated, averted),
        **_programme(ready, values, treated),
        **_revenue(values, treated),
    }
    if survival is not None and "survival_spending_usd_per_member_month" in values:
        spent = values["survival_spending_usd_per_member_month"]
        # Where treatment costs lives the plan saves nothing by it: a death is never a saving.
        money["longer_survival"] = -np.maximum(survival, 0.0) * spent
    order = [category for category in CATEGORIES if category in money]
    return Stream(treated, averted, survival, {category: money[category] for category in order})


def _averted(ready: Ready, values: Values, treated: Treated, event: OutcomeEvent) -> FloatArray:
    (rate,) = (each for each in ready.inputs.baseline if each.event == event)
    monthly = values[f"baseline.{event}"] / rate.member_months
    less: FloatArray = np.zeros(1)
    for medication, name in ready.ratios[event].items():
        less = less + ready.mix[medication] * (1 - values[name])
    return treated.added * (monthly * less)


def _survival(deaths: FloatArray, staying: Sequence[FloatArray]) -> FloatArray:
    """Half of the month in which a death is averted, and all after it while enrolled."""
    months = len(deaths)
    lived = np.zeros(np.broadcast_shapes(deaths.shape, staying[0].shape))
    for month in range(months):
        lived[month:] += deaths[month] * staying[month][: months - month]
        lived[month] -= deaths[month] / 2
    return lived


def _claims(
    ready: Ready, values: Values, treated: Treated, averted: dict[OutcomeEvent, FloatArray]
) -> dict[Category, FloatArray]:
    """What the plan's claims fall by, net of what members and others pay."""
    kept = 1 - values.get("cost_sharing_share", np.zeros(1))
    if ready.inputs.savings == "total_cost":
        gap = (values["total_cost_untreated_usd_per_member_month"]
               - values["total_cost_treated_usd_per_member_month"])  # fmt: skip
        return {"total_cost": treated.added * (gap * kept * _paid(values, "total_cost"))}
    found: dict[Category, FloatArray] = {}
    for category in TREATMENT:
        monthly = _treatment(ready, values, category)
        if monthly is not None:
            rebate = 1 - values["drug_rebate_share"] if category == "drug" else np.ones(1)
            found[category] = -treated.added * (monthly * kept * rebate)
    for event, field, named in PRICED:
        price = values.get(f"event_costs.{field}")
        if price is not None:
            found[named] = averted[event] * (price * kept * _paid(values, named))
    return found


def _treatment(ready: Ready, values: Values, category: Category) -> FloatArray | None:
    """USD of a treated member-month that the plan pays, over the mix; None where not given."""
    total: FloatArray | None = None
    for medication, share in ready.mix.items():
        cost = values.get(cost_name(category, medication))
        if cost is None:
            cost = values.get(cost_name(category, None))
        if cost is not None:
            part = share * cost * _paid(values, category, medication)
            total = part if total is None else total + part
    return total


def _paid(values: Values, category: Category, medication: str | None = None) -> FloatArray:
    """The plan's share, of the medication, of the category, or of all that is not named."""
    for name in (paid_name(category, medication), paid_name(category, None), "plan_paid_share"):
        if name in values:
            return values[name]
    raise AssertionError(category)


def _programme(ready: Ready, values: Values, treated: Treated) -> dict[Category, FloatArray]:
    found: dict[Category, FloatArray] = {}
    shape = (ready.months, 1)
    start_up = values.get("programme.start_up_usd")
    if start_up is not None:
        found["programme_start"] = np.zeros((ready.months, len(start_up)))
        found["programme_start"][0] = -start_up
    for name, months in (("running_usd_per_month", 1), ("running_usd_per_year", _YEAR)):
        running = values.get(f"programme.{name}")
        if running is not None:
            found["programme_running"] = -np.ones(shape) * (running / months)
    each = values.get("programme.usd_per_start")
    if each is not None and bool(each.any()):
        found["starts"] = -treated.starts * each
    wage = values.get("care_managers.usd_per_care_manager_year")
    if wage is not None:
        heads = care_managers(treated.added, float(values["care_managers.panel"][0]))
        found["care_managers"] = -heads * (wage / _YEAR)
    return found


def care_managers(patients: FloatArray, panel: float) -> FloatArray:
    """Whole heads for patients beyond those of now."""
    heads: FloatArray = np.ceil(np.maximum(patients, 0.0) / panel - _ROUNDING)
    return np.maximum(heads, 0.0)


def _revenue(values: Values, treated: Treated) -> dict[Category, FloatArray]:
    more = values["risk_adjustment_usd_per_treated_member_month"]
    return {"risk_adjustment": treated.added * more} if bool(more.any()) else {}
