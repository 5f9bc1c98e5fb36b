"""A small scenario to try things with; its numbers are invented."""

from __future__ import annotations

from opsafe.workforce.demand import Demand
from opsafe.workforce.scenario import PanelCapacity, Scenario, Supply

__all__ = ["example_scenario"]


def example_scenario() -> Scenario:
    """Return a small invented scenario of two areas, to try the functions of this engine with.

    Returns
    -------
    Scenario
        Members, prevalence, heads and exits are invented, of no plan and no source; only the panel
        is a published edition's. It is not a default of anything.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> scenario = wf.example_scenario()
    >>> [(each.area, each.members) for each in scenario.demand]
    [('north', 150000), ('south', 100000)]
    >>> [(each.area, each.open, each.open_to_plan) for each in scenario.supply]
    [('north', 3, 8), ('south', 0, 4)]
    """
    streams = (("north", 150_000, 300.0), ("south", 100_000, 200.0))
    return Scenario(
        demand=tuple(
            Demand(
                area=area,
                members=members,
                ages="12+",
                oud_base="survey",
                prevalence=0.012,
                undercount=1.0,
                seeking=0.4,
                on_treatment=on_treatment,
            )
            for area, members, on_treatment in streams
        ),
        supply=(
            Supply(area="north", open=3, open_to_plan=8),
            Supply(area="south", open_to_plan=4),
        ),
        capacity=PanelCapacity(panel="thomas-2017-100", plan_share=1.0),
        leaving_first_year=0.3,
        leaving_later=0.1,
    )
