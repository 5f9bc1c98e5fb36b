"""A business case as a decision: go on as now, or run the programme, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from opsafe.costbenefit._case_tables import PLURALS
from opsafe.costbenefit.business_case import BusinessCase
from opsafe.costbenefit.outcomes import Outcomes
from opsafe.costbenefit.plan_inputs import OutcomeEvent
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["case_outcomes"]

_STRATEGIES: Final = ("as now", "programme")


def case_outcomes(case: BusinessCase, *, effect: OutcomeEvent | None = None) -> Outcomes:
    """Tell the draws of a business case as two strategies, as now and with the programme.

    Parameters
    ----------
    case : BusinessCase
        A case with draws.
    effect : {"death", "overdose", "ed_visit", "admission"}, optional
        The event whose number averted is the effect; without it money is all that counts.

    Returns
    -------
    Outcomes
        Cost in USD over the horizon, undiscounted, and events averted, both against as now, and
        the draws of what is uncertain. With money alone, ask for values at a threshold of 0.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no case, it has no draws, or the event is not counted in it.

    Notes
    -----
    As now costs nothing and averts nothing, so the programme's cost is minus its net saving. The
    value of perfect information is for the plan as a whole, not for one person.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> from opsafe.uncertainty import Gamma
    >>> plan = cb.PlanInputs(
    ...     start="2026-01",
    ...     members=100_000,
    ...     prevalence=0.0089,
    ...     treated_share_now=0.10,
    ...     treated_share_target=0.25,
    ...     ramp_months=12,
    ...     savings="total_cost",
    ...     basis="paid",
    ...     total_cost_treated_usd_per_member_month=Gamma(mean=1_500.0, sd=90.0),
    ...     total_cost_untreated_usd_per_member_month=1_600.0,
    ...     programme=cb.ProgrammeCosts(start_up_usd=240_000.0),
    ...     horizon_months=36,
    ...     churn=0,
    ...     price_year=2025,
    ... )
    >>> case = cb.business_case(plan, defaults="2026-01", draws=1_000, seed=1)
    >>> run = cb.case_outcomes(case)
    >>> (
    ...     list(run.parameters),
    ...     float(cb.ceac(run, 0).probability[0, 1]) == case.probability_of_gain.value,
    ... )
    (['total_cost_treated_usd_per_member_month'], True)
    """
    if not isinstance(case, BusinessCase):
        raise ArgumentTypeError("is no BusinessCase", where="case", value=type(case).__name__)
    drawn = case._drawn
    if drawn is None:
        raise ArgumentError(
            "has no draws", where="case", advice="Run business_case with draws, such as draws=2000"
        )
    values = case._ready.book.drawn(case.seed, case.draws)
    return Outcomes(
        _STRATEGIES,
        np.array([np.zeros(case.draws), -drawn.net]),
        np.array(
            [
                np.zeros(case.draws),
                _averted(
                    {str(each): drawn.averted[each] for each in drawn.averted}, case.draws, effect
                ),
            ]
        ),
        {name: values[name] for name in case._ready.book.uncertain()},
    )


def _averted(averted: Mapping[str, FloatArray], draws: int, effect: object) -> FloatArray:
    if effect is None:
        return np.zeros(draws)
    if effect not in PLURALS:
        raise ArgumentError("is not an event", where="effect", value=effect, allowed=PLURALS)
    if effect not in averted:
        raise ArgumentError(
            "is not counted in the case",
            where="effect",
            value=effect,
            allowed=averted,
            advice="The case's outcomes say why",
        )
    return np.broadcast_to(averted[str(effect)], draws)
