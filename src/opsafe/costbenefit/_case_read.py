"""From a plan's inputs to numbers: editions looked up, defaults filled in, each one noted down."""

# More than 300 lines: one input after the other, each with its default and its caution.

from __future__ import annotations

from typing import Final

import numpy as np

from opsafe._used import UsedInputs
from opsafe.costbenefit import figures
from opsafe.costbenefit._case_evidence import read_events
from opsafe.costbenefit._case_figures import FigureBook, Ready
from opsafe.costbenefit._rows import PlanningValue
from opsafe.costbenefit.churn import leaving_of
from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.plan_inputs import Category, Medication, PlanInputs
from opsafe.costbenefit.prices import inflate
from opsafe.errors import ArgumentError
from opsafe.retention import RetentionEdition
from opsafe.survival import Retention

__all__ = ["TREATMENT", "paid_name", "ready_of"]

TREATMENT: Final[tuple[Category, ...]] = ("drug", "visits", "labs", "counselling", "other")
"""Categories of what treatment itself costs."""

_YEAR: Final = 12  # months
_SELECTION: Final = (
    "Savings from observational claims are inflated by selection: members who stay on treatment"
    " differ from those who do not in ways that claims do not show. Weigh the break-even saving"
    " rather than any one study"
)


def ready_of(inputs: PlanInputs, defaults: str | figures.Defaults) -> Ready:
    """Look everything up that a case needs."""
    used = UsedInputs()
    found = resolve(defaults, figures.Defaults, "defaults")
    used.note("defaults", found.id, "given", found)
    ready = Ready(inputs, found, FigureBook(used))
    used.warn(_SELECTION)
    _read_members(ready)
    _read_mix(ready)
    _read_retention(ready)
    _read_churn(ready)
    _read_money(ready)
    read_events(ready)
    _read_treatment(ready)
    _read_programme(ready)
    _warn_of_mixture(ready)
    return ready


def _read_members(ready: Ready) -> None:
    inputs, book = ready.inputs, ready.book
    ready.used.note("members", f"{inputs.members:,}", "given")
    for name in ("start", "horizon_months", "ramp_months", "savings", "closed", "price_year",
                 "capacity_patients"):  # fmt: skip
        if getattr(inputs, name) is not None:
            ready.used.note(name, getattr(inputs, name), "given")
    for name in ("prevalence", "members_with_oud", "undercount", "treated_share_now",
                 "treated_share_target", "starts_share_per_year"):  # fmt: skip
        value = getattr(inputs, name)
        if value is not None and (name != "undercount" or inputs.prevalence is not None):
            book.add(name, value)
    if inputs.treated_by_month is not None:
        ready.used.note("treated_by_month", f"a path of {len(inputs.treated_by_month)}", "given")
    rate = "none" if inputs.discount_rate is None else inputs.discount_rate
    ready.used.note("discount_rate", rate, "given")
    if inputs.discount_rate is not None:
        ready.used.note("discounting", inputs.discounting, "given")
    start = inputs.fiscal_year_start
    planned = ready.defaults.fiscal_year_start_month
    if start is None:
        ready.used.note("fiscal_year_start", planned.value, "planning value", planned.reason)
    else:
        ready.used.note("fiscal_year_start", start, "given")
    ready.fiscal_year_start = int(planned.value) if start is None else start


def _read_mix(ready: Ready) -> None:
    mix = ready.inputs.medication_mix
    if mix is not None:
        ready.mix = mix.shares()
        ready.used.note("medication_mix", _told_mix(ready.mix), "given")
        return
    planned = {
        "buprenorphine": ready.defaults.buprenorphine_share,
        "methadone": ready.defaults.methadone_share,
        "naltrexone": ready.defaults.naltrexone_share,
    }
    names: tuple[Medication, ...] = ("buprenorphine", "methadone", "naltrexone")
    ready.mix = {name: float(planned[name].value) for name in names if planned[name].value}
    if ready.inputs.baseline or ready.inputs.treatment_costs:
        reason = planned["buprenorphine"].reason
        ready.used.note("medication_mix", _told_mix(ready.mix), "planning value", reason)


def _told_mix(mix: dict[Medication, float]) -> str:
    return ", ".join(f"{name} {share:g}" for name, share in mix.items())


def _read_retention(ready: Ready) -> None:
    months, given = ready.months, ready.inputs.retention
    ready.month_shares, ready.end_shares = np.ones(months), np.ones(months)
    if given is None:
        return
    if isinstance(given, Retention):
        curve, gap = given, given.gap_days
        ready.used.note("retention", given.model_dump_json(exclude_none=True), "given")
    else:
        found = resolve(given, RetentionEdition, "retention")
        curve, gap = found.curve, found.gap_days
        ready.used.note("retention", f"{found.id}, gap of {gap} days", "edition", found)
        ready.populations[found.population] = None
        if ready.mix and found.medication not in ready.mix:
            ready.used.warn(f"{found.id} is a curve of {found.medication}, not in the mix")
    ready.used.warn(f"Treatment has ended when more than {gap} days are without supply (retention)")
    if curve.last_month < months:
        ready.used.warn(
            f"Retention is extrapolated beyond month {curve.last_month:g}, as between its last two"
            " points"
        )
    ready.month_shares = curve.month_shares(months)
    ready.end_shares = curve.share(np.arange(1.0, months + 1))
    if not ready.month_shares[0] > 0:
        raise ArgumentError("nobody is left after a month", where="retention")


def _read_churn(ready: Ready) -> None:
    given = ready.inputs.churn
    asked = ready.defaults.churn if given is None else given
    ready.leaving = leaving_of(asked)
    if isinstance(asked, str):
        found = resolve(asked, figures.Churn, "churn")
        ready.book.add(
            "churn.monthly_mean",
            float(found.monthly_mean),
            origin="default edition" if given is None else "edition",
            source=found,
            told=f"{found.id}: {found.monthly_mean}",
        )
        ready.populations[found.population] = None
    else:
        ready.book.add("churn.monthly_mean", ready.leaving.monthly_mean)
    if given is None:
        ready.used.warn(
            f"Churn is the default, {asked}; published figures differ by a factor of two, so give"
            " the plan's own"
        )
    if given != 0:
        if not any(0 < months <= _YEAR for months, _ in ready.leaving.returned):
            ready.used.warn(
                "How many who left are back within a year is not known here; those who return are"
                " spread evenly over the time that is, or nobody does"
            )
        inputs, programme = ready.inputs, ready.inputs.programme
        stock = not inputs.closed and inputs.starts_share_per_year is None
        if stock and (programme is None or programme.usd_per_start == 0):
            ready.used.warn(
                "The stock of treated members is held while leavers are replaced, and a start costs"
                " nothing here, so churn does not move the money; see usd_per_start and closed"
            )
        ready.used.warn("Churn is taken to be the same with and without opioid use disorder: no"
                        " source tells them apart")  # fmt: skip


def _read_money(ready: Ready) -> None:
    inputs, book, defaults = ready.inputs, ready.book, ready.defaults
    ready.used.note("basis", inputs.basis, "given")
    if inputs.basis == "charge":
        ready.used.warn(
            "All money is in charges, which are well above what a plan pays: read net and ratios as"
            " of charges, not of the plan's books"
        )
    if inputs.savings == "total_cost":
        for group in ("treated", "untreated"):
            name = f"total_cost_{group}_usd_per_member_month"
            book.add(name, getattr(inputs, name))
        ready.used.warn(
            "The saving of a treated month is the difference of the two totals as given: was it"
            " adjusted for who gets treated?"
        )
    _add_planned(ready, "drug_rebate_share", defaults.rebate_share)
    if inputs.basis == "allowed":
        _add_planned(ready, "cost_sharing_share", defaults.cost_sharing_share)
    name = "risk_adjustment_usd_per_treated_member_month"
    _add_planned(ready, name, defaults.risk_adjustment_usd_per_member_month)
    if inputs.survival_spending_usd_per_member_month is not None:
        name = "survival_spending_usd_per_member_month"
        book.add(name, inputs.survival_spending_usd_per_member_month)
    for paid in inputs.plan_paid_share:
        book.add(paid_name(paid.category, paid.medication), paid.share)
    planned = defaults.plan_paid_share  # of what is not named
    book.add("plan_paid_share", float(planned.value), origin="planning value",
             source=planned.reason)  # fmt: skip


def _add_planned(ready: Ready, name: str, planned: PlanningValue) -> None:
    """Add what the caller gives, or a planning value with its reason."""
    given = getattr(ready.inputs, name)
    if given is not None:
        ready.book.add(name, given)
        return
    value = float(planned.value)
    ready.book.add(name, value, origin="planning value", source=planned.reason)


def paid_name(category: str, medication: str | None) -> str:
    """The name of the plan's share of a category."""
    return ".".join(["plan_paid_share", category, *([medication] if medication else [])])


def _read_treatment(ready: Ready) -> None:
    """Costs by category; where medications differ, each of the mix has its own."""
    costs = ready.inputs.treatment_costs
    named = {cost.medication: cost for cost in costs if cost.medication is not None}
    for medication in named:
        if medication not in ready.mix:
            ready.used.warn(f"Costs of {medication} are given, which is not in the mix")
    missing = [medication for medication in ready.mix if named and medication not in named]
    if missing:
        raise ArgumentError(
            f"has no costs of {missing[0]}, which is in the mix",
            where="treatment_costs",
            allowed=named,
            advice="Give costs of each medication of the mix, or one without a medication for all",
        )
    for cost in costs:
        for category in TREATMENT:
            value = getattr(cost, f"{category}_usd_per_treated_member_month")
            if value != 0:
                ready.book.add(cost_name(category, cost.medication), value)
    if ready.inputs.savings == "events" and not costs:
        ready.used.warn("No treatment costs are given: treatment itself is planned at no cost")


def cost_name(category: str, medication: str | None) -> str:
    """The name of a cost of treatment."""
    return ".".join(["treatment_costs", category, *([medication] if medication else [])])


def _read_programme(ready: Ready) -> None:
    inputs, book = ready.inputs, ready.book
    costs, managers = inputs.programme, inputs.care_managers
    if costs is None and managers is None:
        _read_default_staff(ready)
    if costs is None:
        planned = ready.defaults.start_usd_per_patient
        value = float(planned.value)
        book.add("programme.usd_per_start", value, origin="planning value", source=planned.reason)
    else:
        for name in type(costs).model_fields:
            value = getattr(costs, name)
            if value is not None and (value != 0 or name == "usd_per_start"):
                book.add(f"programme.{name}", value)
    if managers is not None:
        book.add("care_managers.panel", managers.patients_per_care_manager)
        name = "care_managers.usd_per_care_manager_year"
        book.add(name, managers.usd_per_care_manager_year)
        most = managers.most_care_managers
        if most is not None:
            ready.used.note("care_managers.most_care_managers", most, "given")


def _read_default_staff(ready: Ready) -> None:
    """Staff as the default edition of a programme has it, in prices of the case's year."""
    found = resolve(ready.defaults.programme, figures.Programme, "defaults.programme")
    index = resolve(ready.defaults.price_index, figures.PriceIndex, "defaults.price_index")
    staff = [row for row in found.rows if row.part == "staff"]
    panel = next(row for row in found.rows if row.part == "size")
    year = min(ready.inputs.price_year, index.years[1])
    if year < index.years[0]:
        raise ArgumentError(
            f"lies before {index.id}, by which default staff is priced",
            where="price_year",
            value=year,
            allowed=(f"{index.years[0]} or later",),
            advice="Give programme costs of your own",
        )
    wage = sum(float(row.value) for row in staff)
    ratio = inflate(1.0, staff[0].dollar_year, year, index=index).ratio
    told = f"{found.id}: {wage:,.2f} of {staff[0].dollar_year}, x {ratio:.6f} by {index.id}"
    name = "care_managers.usd_per_care_manager_year"
    ready.book.add(name, wage * ratio, origin="default edition", source=found, told=told)
    ready.used.note("price_index", index.id, "default edition", index)
    ready.book.add("care_managers.panel", float(panel.value), origin="default edition",
                   source=found, told=f"{found.id}: {panel.value}")  # fmt: skip
    ready.populations[found.population] = None
    ready.used.warn(
        f"No programme costs are given: care managers as in {found.id} are counted, and no start-up"
        f" costs. Give programme=ProgrammeCosts(...), with nothing in it for none"
    )
    if year < ready.inputs.price_year:
        ready.used.warn(f"{index.id} ends in {year}: default staff is in prices of that year")


def _warn_of_mixture(ready: Ready) -> None:
    if len(ready.populations) > 1:
        ready.used.warn(f"Figures of several populations are combined: "
                        f"{'; '.join(ready.populations)}")  # fmt: skip
