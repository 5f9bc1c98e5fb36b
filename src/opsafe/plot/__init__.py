"""Pictures (extra ``plot``): axes in, axes out, no style is changed.

One member's days with the fills behind them, a population under the four definitions of daily
MME, one population under several editions; the answers to the criteria of opioid use disorder with
the bands that they leave open; a workforce plan by month, by stage and by area, what its inputs
do, and the wait by the number of prescribers; the net of a business case and what it is made of, a
budget impact by year, strategies on the cost-effectiveness plane and their acceptability;
initiatives by impact and ease, how likely each takes which place, support by level and theme, and a
roadmap by quarter. Colours can be told apart with any colour vision and in grey. Lines at 50 and 90
are reference points of programmes for review, nothing more.
"""

from __future__ import annotations

from opsafe.plot._costbenefit_acceptability import acceptability
from opsafe.plot._costbenefit_budget import budget_impact
from opsafe.plot._costbenefit_case import cost_categories, cumulative_net
from opsafe.plot._costbenefit_plane import cost_effectiveness_plane
from opsafe.plot._member import member_timeline
from opsafe.plot._oud import criteria
from opsafe.plot._population import definitions, editions
from opsafe.plot._ranking_bubbles import impact_ease
from opsafe.plot._ranking_gantt import gantt
from opsafe.plot._ranking_places import rank_acceptability
from opsafe.plot._ranking_readiness import readiness_heat_map
from opsafe.plot._tornado import tornado
from opsafe.plot._workforce_funnel import prescriber_funnel
from opsafe.plot._workforce_gap import gap_by_area
from opsafe.plot._workforce_months import demand_and_capacity
from opsafe.plot._workforce_wait import wait_by_prescribers

__all__ = [
    "acceptability",
    "budget_impact",
    "cost_categories",
    "cost_effectiveness_plane",
    "criteria",
    "cumulative_net",
    "definitions",
    "demand_and_capacity",
    "editions",
    "gantt",
    "gap_by_area",
    "impact_ease",
    "member_timeline",
    "prescriber_funnel",
    "rank_acceptability",
    "readiness_heat_map",
    "tornado",
    "wait_by_prescribers",
]
