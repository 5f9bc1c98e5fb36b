"""The business case: what more members on medication cost a plan and save it, month by month."""

# More than 300 lines: the fields of a case, each with what it means, and the notes of the method.

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe.columns import Columns
from opsafe.costbenefit import figures
from opsafe.costbenefit._case_break_even import break_even_saving, break_even_uptake
from opsafe.costbenefit._case_figures import Ready, Values
from opsafe.costbenefit._case_memo import as_html, as_record, as_text
from opsafe.costbenefit._case_money import Stream, stream_of
from opsafe.costbenefit._case_read import ready_of
from opsafe.costbenefit._case_sums import Sums, joined, loss_ratio_points, sums_of
from opsafe.costbenefit._case_tables import (
    PLURALS,
    categories_table,
    category_months_table,
    headline_draws,
    intervals_table,
    months_table,
    outcomes_table,
    years_table,
)
from opsafe.costbenefit._case_treated import treated_of
from opsafe.costbenefit.plan_inputs import PlanInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import EditionUsed
from opsafe.uncertainty import Probability, Swing, probability, read_seed

__all__ = ["BusinessCase", "business_case"]

MOST_DRAWS: Final = 100_000
_SLAB: Final = 1_024  # draws at a time
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, repr=False)
class BusinessCase:
    """What a programme costs and saves a plan; positive where the plan gains."""

    outcomes: Columns
    """By event: how many are averted over the horizon and per year, the number needed to treat
    (members treated for one year for each event averted), or why it is not known."""
    net_saving: float
    """USD over the horizon, undiscounted."""
    spending: float
    """All spending that rises, USD, undiscounted."""
    saving: float
    """All that falls, USD, undiscounted."""
    roi: float | None
    """Net over all spending that rises; 0.5 is a gain of 50 cents on the dollar."""
    npv: float | None
    """Present value of the net, USD; None without a discount rate."""
    benefit_cost_ratio: float | None
    """Present value of what falls over that of what rises; None without a discount rate."""
    pmpm: float | None
    """Net saving per member and month, USD, over all members."""
    pmpm_oud: float | None
    """Net saving per month of a member with the disorder, USD."""
    payback_month: int | None
    """First month, from 1, whose cumulative net is at least 0 and stays so."""
    break_even_uptake: float | None
    """Share treated (or started in a year) at which the undiscounted net is 0."""
    break_even_saving: float | None
    """USD of claims that a treated member-month must save for a net of 0, as the plan pays them:
    after cost sharing and carve-outs. With total costs it is what the two totals must differ by;
    with events it is before what treatment costs."""
    saving_per_treated_member_month: float | None
    """USD of claims that it saves in this case, for comparison."""
    mlr_points: float | None
    """Percentage points by which the medical loss ratio moves."""
    added_treated_member_months: float
    """Member-months on medication because of the programme."""
    most_waiting: float
    """Most members who wait at the end of a month, for want of capacity."""
    why_no: Mapping[str, str]
    """Why a figure is None, by its name."""
    by_month: Columns
    """Members, treatment, money and events of each month."""
    by_year: Columns
    """The same by fiscal year, named by the year that it ends in."""
    categories: Columns
    """Spending that rises, or saving, by category, over the horizon."""
    by_category_and_month: Columns
    """Net of each category in each month."""
    intervals: Columns
    """Base case and draws of each figure; NaN without draws."""
    probability_of_gain: Probability | None
    """Share of the draws in which the plan gains; None without draws."""
    inputs: Columns
    """Every input with its origin and source."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...]
    """The editions that answered."""
    defaults_id: str
    """The edition of defaults."""
    plan: PlanInputs
    """What was asked."""
    draws: int
    seed: int
    level: float
    _ready: Ready = field(repr=False)
    _base: Sums = field(repr=False)
    _drawn: Sums | None = field(repr=False)

    @property
    def why_no_roi(self) -> str | None:
        """Why there is no return on investment."""
        return self.why_no.get("roi")

    @property
    def why_no_break_even_uptake(self) -> str | None:
        """Why there is no break-even uptake."""
        return self.why_no.get("break_even_uptake")

    @property
    def why_no_break_even_saving(self) -> str | None:
        """Why there is no break-even saving."""
        return self.why_no.get("break_even_saving")

    def averted(self, event: str) -> float | None:
        """Return how many events are averted over the horizon.

        Parameters
        ----------
        event : {"death", "overdose", "ed_visit", "admission"}
            What is averted.

        Returns
        -------
        float or None
            Events; None where they are not counted, and ``outcomes`` says why.

        Raises
        ------
        ArgumentError
            If it is no event.
        """
        if event not in PLURALS:
            raise ArgumentError("is not an event", where="event", value=str(event), allowed=PLURALS)
        found = self._base.averted.get(event)
        return None if found is None else float(found[0])

    def tornado(self, *, level: float = 0.8) -> tuple[Swing, ...]:
        """Move one uncertain input at a time, the others as planned.

        Parameters
        ----------
        level : float, optional
            Share of an input's distribution between its low and its high value.

        Returns
        -------
        tuple of Swing
            Net saving in USD at the low and the high value, the widest first.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If the level is no share inside 0 and 1.
        """
        inside = read_number(level, "level", 0, 1, above=True, below=True)
        ends = np.array([(1 - inside) / 2, (1 + inside) / 2])
        book = self._ready.book
        swings = []
        for name, figure in book.uncertain().items():
            moved = figure.at(ends, name)
            values = {**book.base(), name: moved}
            net = sums_of(self._ready, stream_of(self._ready, values), 2).net
            low, high = (float(value) for value in moved)
            swings.append(Swing(name, low, high, float(net[0]), float(net[1])))
        return tuple(sorted(swings, key=lambda swing: -swing.width))

    def to_json(self) -> str:
        """Return the case as JSON text: what was asked, every figure and table, and the grounds.

        Returns
        -------
        str
            JSON; what is missing is null.
        """
        return json.dumps(as_record(self), indent=2, ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def business_case(
    inputs: PlanInputs,
    *,
    defaults: str | figures.Defaults,
    draws: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> BusinessCase:
    """Work out what more members on medication cost a plan and what they save it.

    Parameters
    ----------
    inputs : PlanInputs
        Members, uptake, money, events, churn and conventions.
    defaults : str or Defaults
        The edition of defaults, such as ``"2026-01"``; each default used is told.
    draws : int, optional
        Draws of what is uncertain, 0 to 100,000; the figures of the case itself are those of the
        inputs as planned, with draws or without.
    seed : int, optional
        Seed of the draws.
    level : float, optional
        Share of the draws between the low and the high of an interval.

    Returns
    -------
    BusinessCase
        Outcomes, money by month, fiscal year and category, ratios, break-even, and the grounds.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range, or figures of the inputs do not go together.
    EditionNotFoundError
        If an edition that is named does not exist.

    Notes
    -----
    Members with the disorder N = members x prevalence x undercount. Without the programme the
    share treated stays as it is now. Treated members are counted at each month's end and a month's
    member-months are the mean of its two ends. With a target the share at t months is now +
    (target - now) min(t / ramp, 1); who stops or leaves is replaced by new starts. With starts,
    those of the programme in a month are N x share / 12, grown over the ramp, and stay as the
    retention curve and enrolment say. A path is taken as it is. Added member-months A(k) are those
    beyond now.

    In an open population membership is constant: leavers are replaced by untreated members at the
    plan's prevalence. In a closed one all of it shrinks with enrolment, from the second month on.

    Claims saved are A(k) x (untreated - treated total), or events averted A(k) x baseline rate x
    (1 - ratio) x cost of an event, less what treatment costs; each times the plan's share. Deaths
    averted bring spending, never a saving. Net, return and payback are undiscounted; present values
    take month k at (k - 1/2) / 12 years and the start-up at 0.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> inputs = cb.PlanInputs(
    ...     start="2026-01",
    ...     members=100_000,
    ...     prevalence=0.0089,
    ...     treated_share_now=0.10,
    ...     treated_share_target=0.25,
    ...     ramp_months=12,
    ...     savings="total_cost",
    ...     basis="paid",
    ...     total_cost_treated_usd_per_member_month=1500.0,
    ...     total_cost_untreated_usd_per_member_month=1900.0,
    ...     programme=cb.ProgrammeCosts(start_up_usd=100_000.0, running_usd_per_month=10_000.0),
    ...     horizon_months=36,
    ...     churn="commercial-2006-18",
    ...     price_year=2025,
    ... )
    >>> case = cb.business_case(inputs, defaults="2026-01")
    >>> round(case.net_saving), round(case.roi, 3), case.payback_month
    (1142000, 2.483, 10)
    >>> round(case.break_even_uptake, 4), round(case.break_even_saving, 2)
    (0.1431, 114.86)
    """
    if not isinstance(inputs, PlanInputs):
        raise ArgumentTypeError("is not a PlanInputs", where="inputs", value=type(inputs).__name__)
    number = read_whole(draws, "draws", 0, MOST_DRAWS)
    first = read_seed(seed)
    inside = read_number(level, "level", 0, 1, above=True, below=True)
    ready = ready_of(inputs, defaults)
    values = ready.book.base()
    _check_base(ready, values)
    stream = stream_of(ready, values)
    base = sums_of(ready, stream, 1)
    drawn = _drawn(ready, first, number) if number else None
    return _case(ready, values, stream, base, drawn, (number, first, inside))


def _check_base(ready: Ready, values: Values) -> None:
    """Refuse an uptake that members do not make possible; draws are bounded instead."""
    inputs = ready.inputs
    now = float(values["treated_share_now"][0])
    target = values.get("treated_share_target")
    if target is not None and float(target[0]) < now:
        raise ArgumentError(
            "is below the share treated now",
            where="treated_share_target",
            value=float(target[0]),
            allowed=(f"{now:g} to 1",),
        )
    waiting = float(np.max(treated_of(ready, values, limited=False).waiting))
    if waiting > _ROUNDING * inputs.members:
        name = "treated_by_month" if inputs.treated_by_month else "starts_share_per_year"
        raise ArgumentError(
            "puts more members on treatment than have the disorder",
            where=name,
            value=f"{waiting:,.1f} too many",
            advice="Mind what the path counts, and the months that treatment lasts",
        )


def _drawn(ready: Ready, seed: int, draws: int) -> Sums:
    """Run the draws in slabs, so that memory stays small."""
    values = ready.book.drawn(seed, draws)
    now, target = values["treated_share_now"], values.get("treated_share_target")
    if target is not None:
        below = float(np.mean(np.broadcast_to(target < now, draws)))
        if below > 0:
            ready.used.warn(
                f"In {below:.1%} of the draws the target lies below the share treated now; nobody"
                " is taken off treatment there, and nothing is added"
            )
    parts = []
    for begin in range(0, draws, _SLAB):
        end = min(begin + _SLAB, draws)
        some = {name: v[begin:end] if len(v) == draws > 1 else v for name, v in values.items()}
        parts.append(sums_of(ready, stream_of(ready, some), end - begin))
    return joined(parts)


def _case(
    ready: Ready,
    values: Values,
    stream: Stream,
    base: Sums,
    drawn: Sums | None,
    asked: tuple[int, int, float],
) -> BusinessCase:
    why_no: dict[str, str] = {}
    figures_of = _figures(ready, base, why_no)
    solved = _break_even(ready, values, base, why_no)
    payback = figures_of["payback_month"]
    averted = {event: float(each[0]) for event, each in base.averted.items()}
    counted = {f"{name}_averted": averted.get(event) for event, name in PLURALS.items()}
    by_month = months_table(ready, stream, base)
    added = float(base.added_months[0])
    draws, seed, level = asked
    heads = None if drawn is None else headline_draws(drawn)
    return BusinessCase(
        outcomes=outcomes_table(averted, added, ready.months, ready.why_not),
        spending=float(base.spending[0]),
        saving=float(base.spending[0] + base.net[0]),
        net_saving=float(base.net[0]),
        roi=figures_of["roi"],
        npv=figures_of["npv"],
        benefit_cost_ratio=figures_of["benefit_cost_ratio"],
        pmpm=figures_of["pmpm"],
        pmpm_oud=figures_of["pmpm_oud"],
        payback_month=None if payback is None else int(payback),
        break_even_uptake=solved["break_even_uptake"],
        break_even_saving=solved["break_even_saving"],
        saving_per_treated_member_month=float(base.care_saved[0]) / added if added > 0 else None,
        mlr_points=_mlr_points(ready, base, why_no),
        added_treated_member_months=added,
        most_waiting=float(by_month["waiting"].max()),
        why_no=why_no,
        by_month=by_month,
        by_year=years_table(by_month, ready.fiscal_year_start),
        categories=categories_table({name: float(v[0]) for name, v in base.by_category.items()}),
        by_category_and_month=category_months_table(ready, stream),
        intervals=intervals_table({**figures_of, **counted}, heads, level),
        probability_of_gain=None if drawn is None else probability(drawn.net > 0),
        inputs=ready.used.table(),
        cautions=tuple(ready.used.cautions),
        editions=tuple(ready.used.editions.values()),
        defaults_id=ready.defaults.id,
        plan=ready.inputs,
        draws=draws,
        seed=seed,
        level=level,
        _ready=ready,
        _base=base,
        _drawn=drawn,
    )


def _figures(ready: Ready, base: Sums, why_no: dict[str, str]) -> dict[str, float | None]:
    """The headline figures; of one that there is not, the reason is written down."""
    rate = ready.inputs.discount_rate
    rises, rated = "no spending rises", "no discount rate is given"
    reasons = {
        "roi": rises,
        "npv": rated,
        "benefit_cost_ratio": rated if rate is None else rises,
        "pmpm": "nobody is a member",
        "pmpm_oud": "nobody has the disorder",
        "payback_month": "the cumulative net is below 0 at the end of the horizon",
    }
    heads = headline_draws(base)
    found: dict[str, float | None] = {"net_saving": float(heads["net_saving"][0])}
    for name, reason in reasons.items():
        value = float(heads[name][0])
        found[name] = None if np.isnan(value) else value
        if found[name] is None:
            why_no[name] = reason
    return found


def _break_even(
    ready: Ready, values: Values, base: Sums, why_no: dict[str, str]
) -> dict[str, float | None]:
    found = {
        "break_even_uptake": break_even_uptake(ready, values),
        "break_even_saving": break_even_saving(base),
    }
    why_no |= {name: each.why_not for name, each in found.items() if each.why_not is not None}
    return {name: each.value for name, each in found.items()}


def _mlr_points(ready: Ready, base: Sums, why_no: dict[str, str]) -> float | None:
    if ready.inputs.loss_ratio is None:
        why_no["mlr_points"] = "no loss_ratio is given"
    elif ready.inputs.basis == "charge":
        why_no["mlr_points"] = "money is in charges, and the ratio is of incurred claims"
    else:
        if "risk_adjustment" in base.by_category:
            ready.used.warn("Risk-adjustment revenue is not counted in the medical loss ratio")
        return loss_ratio_points(ready.inputs.loss_ratio, base, ready.months)
    return None
