"""Changes that make one scenario from another, each with what it assumes and no number of ours.

What telehealth, an incentive, a hub or mentoring does is printed, where it is at all, for another
state and another time, so every effect is an argument. A change also says itself in the title.
"""

# More than 300 lines: they say what each change assumes.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsafe._arguments import read_number
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError
from opsafe.uncertainty import Distribution
from opsafe.workforce import figures
from opsafe.workforce._changing import (
    check_area,
    check_scenario,
    check_stages,
    hires_told,
    own_conversion,
    own_panel,
    panels_of,
    read_heads,
    read_hires,
    spread_share,
    supply_of,
    titled,
    with_mean,
    with_supply,
)
from opsafe.workforce.editions import resolve
from opsafe.workforce.figures import Stage
from opsafe.workforce.scenario import (
    OwnConversion,
    PanelCapacity,
    Scenario,
)

__all__ = [
    "with_conversion",
    "with_hires",
    "with_hub",
    "with_incentive",
    "with_panel",
]


def with_hires(
    scenario: Scenario,
    area: str,
    per_month: int | Sequence[int],
    *,
    medication: str = "buprenorphine",
    title: str | None = None,
) -> Scenario:
    """Hire so many prescribers a month in an area, in place of those that were hired there.

    Parameters
    ----------
    scenario : Scenario
        The scenario to change.
    area : str
        An area of its demand.
    per_month : int or sequence of int
        Heads hired each month; a sequence gives each month its own, and none after its last.
    medication : str, optional
        The medication that they prescribe.
    title : str, optional
        What the new scenario is called; by default the change is added to the title it had.

    Returns
    -------
    Scenario
        With these hires; they pass the stages, the ramp and the exits of the scenario.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If nobody can be hired in the area, or a number lies outside 0 to 100,000.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.changes import with_hires
    >>> base = wf.example_scenario()
    >>> with_hires(base, "north", 2).title
    'north hires 2 a month'
    """
    check_scenario(scenario)
    check_area(scenario, area, medication, "area")
    hires = read_hires(per_month)
    changed = supply_of(scenario, area, medication).model_copy(update={"hires_per_month": hires})
    return titled(with_supply(scenario, [changed]), title, f"{area} hires {hires_told(hires)}")


def with_incentive(
    scenario: Scenario,
    area: str,
    heads: int,
    *,
    from_stage: Stage,
    to_stage: Stage,
    medication: str = "buprenorphine",
    title: str | None = None,
) -> Scenario:
    """Let some of those who are there move on to a later stage at the beginning.

    Parameters
    ----------
    scenario, area, medication, title
        As of :func:`with_hires`.
    heads : int
        Prescribers whom the incentive moves, at most as many as stand at ``from_stage``.
    from_stage, to_stage : str
        Two of the stages, the second after the first.

    Returns
    -------
    Scenario
        With these heads at the later stage from the first month on. Assumed: they have a full
        panel there at once. What the incentive does to later hires is :func:`with_conversion`.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there are not so many heads, or an argument is out of range.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.changes import with_incentive
    >>> base = wf.example_scenario()
    >>> moved = with_incentive(base, "north", 2, from_stage="open", to_stage="open_to_plan")
    >>> moved.supply[0].open, moved.supply[0].open_to_plan
    (1, 10)
    """
    check_scenario(scenario)
    check_area(scenario, area, medication, "area")
    check_stages(from_stage, to_stage)
    supply = supply_of(scenario, area, medication)
    there: int = getattr(supply, from_stage)
    heads = read_heads(heads, "heads")
    if heads > there:
        raise ArgumentError(
            f"there are {there} at {from_stage} in {area}", where="heads", value=heads
        )
    changed = supply.model_copy(
        update={from_stage: there - heads, to_stage: getattr(supply, to_stage) + heads}
    )
    told = f"an incentive moves {heads} in {area} from {from_stage} to {to_stage}"
    return titled(with_supply(scenario, [changed]), title, told)


def with_conversion(
    scenario: Scenario,
    from_stage: Stage,
    to_stage: Stage,
    share: float | Distribution,
    *,
    defaults: str | figures.Defaults = "2026-01",
    title: str | None = None,
) -> Scenario:
    """Change the share that passes from one stage to another, as mentoring of hires may.

    Parameters
    ----------
    scenario, title
        As of :func:`with_hires`; the capacity must be of panels.
    from_stage, to_stage : str
        Two stages of the chain, the second after the first; steps may lie between them.
    share : float or Distribution
        Share of those at the first who reach the second, 0 to 1.
    defaults : str or Defaults, optional
        The edition whose chain it is, where the scenario names none.

    Returns
    -------
    Scenario
        With this share. Assumed: it holds for every hire of the run, in all areas; those who are
        there at the beginning stay at their stages, see :func:`with_incentive`.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the chain has no such stages, or the share cannot be spread over the steps between.
    EditionNotFoundError
        If the chain or ``defaults`` names an edition that does not exist.

    Notes
    -----
    Where n steps with shares s(1) to s(n) lie between the stages, each becomes s(i)**a with
    a = ln(share) / ln(s(1) ... s(n)), so that their product is the share (ours). The number of
    steps stays, and with it the chance of each hire: who passes now passes with a larger share too.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.changes import with_conversion
    >>> base = wf.example_scenario()
    >>> mentored = with_conversion(base, "trained", "prescribing", 0.6)
    >>> [round(each.share, 3) for each in mentored.capacity.conversions[1:3]]
    [0.859, 0.699]
    """
    capacity = panels_of(check_scenario(scenario))
    check_stages(from_stage, to_stage)
    chain = capacity.conversions or resolve(defaults, figures.Defaults, "defaults").conversions
    steps = [each if isinstance(each, OwnConversion) else own_conversion(each) for each in chain]
    begins = [at for at, each in enumerate(steps) if each.from_stage == from_stage]
    ends = [at for at, each in enumerate(steps) if each.to_stage == to_stage]
    for found, where, stage in ((begins, "from_stage", from_stage), (ends, "to_stage", to_stage)):
        if not found:
            raise ArgumentError(
                "no step of the chain begins or ends there",
                where=where,
                value=stage,
                allowed=dict.fromkeys(getattr(each, where) for each in steps),
            )
    first, last = begins[0], ends[0] + 1
    if last <= first:
        raise ArgumentError(
            "are not in the order of the stages", where="scenario.capacity.conversions"
        )
    changed = [*chain[:first], *spread_share(steps[first:last], share), *chain[last:]]
    told = (
        f"{share:g} of {from_stage} reach {to_stage}"
        if isinstance(share, float | int)
        else f"another share of {from_stage} reaches {to_stage}"
    )
    with_chain = capacity.model_copy(update={"conversions": tuple(changed)})
    return titled(scenario.model_copy(update={"capacity": with_chain}), title, told)


def with_panel(
    scenario: Scenario,
    mean_patients: float | None = None,
    *,
    factor: float | None = None,
    title: str | None = None,
) -> Scenario:
    """Give every prescriber a larger or smaller panel.

    Parameters
    ----------
    scenario, title
        As of :func:`with_hires`.
    mean_patients : float, optional
        The mean panel, patients of all payers, above 0.
    factor : float, optional
        Instead of it: what the mean panel is multiplied by, above 0 and at most 1,000.

    Returns
    -------
    Scenario
        With these panels, of all prescribers in all areas. Assumed: the spread between
        prescribers and the standard error of the mean grow as the mean does. For a pool of
        figures of your own the factor multiplies ``base_patients``.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If not exactly one is given, it is out of range, or the capacity is a pool that has no
        panels or is an edition's.
    EditionNotFoundError
        If there is no such edition of a panel.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.changes import with_panel
    >>> base = wf.example_scenario()
    >>> with_panel(base, 40.0).capacity.panel.mean_patients
    40.0
    """
    check_scenario(scenario)
    if (mean_patients is None) == (factor is None):
        raise ArgumentError("give it, or factor, and not both", where="mean_patients")
    if factor is not None:
        times = read_number(factor, "factor", 0, 1000, above=True)
        told = f"panels times {times:g}"
    else:
        times = read_number(mean_patients, "mean_patients", 0, 100_000, above=True)
        told = f"panels of {times:g} patients"
    capacity = scenario.capacity
    try:
        if isinstance(capacity, PanelCapacity):
            panel = own_panel(capacity.panel)
            mean = times if factor is None else panel.mean_patients * times
            changed: Any = {"panel": with_mean(panel, mean)}
        elif capacity.base_patients is None or factor is None:
            raise ArgumentError(
                "is a pool, which has no panels, or one of an edition",
                where="scenario.capacity",
                advice="Give the pool figures of its own, and a factor",
            )
        else:
            changed = {"base_patients": capacity.base_patients * times}
        raised = capacity.model_copy(update=changed)
    except DocumentError:
        where = "mean_patients" if factor is None else "factor"
        raise ArgumentError("makes panels, or their spread, too large", where=where) from None
    return titled(scenario.model_copy(update={"capacity": raised}), title, told)


def with_hub(
    scenario: Scenario,
    area: str,
    per_month: int | Sequence[int],
    *,
    panel_factor: float,
    medication: str = "buprenorphine",
    title: str | None = None,
) -> Scenario:
    """Hire at a hub, whose support raises the panels of its spokes.

    Parameters
    ----------
    scenario, area, per_month, medication, title
        As of :func:`with_hires`; the area is the hub's.
    panel_factor : float
        What the hub's support multiplies the mean panel by; in Vermont patients of a prescriber
        rose by half [1]_.

    Returns
    -------
    Scenario
        :func:`with_hires` at the hub, and :func:`with_panel` for all. Assumed: every area of the
        run is a spoke of the hub, since a run has one panel; put others into a run of their own.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As of the two.

    References
    ----------
    .. [1] Vermont's hubs and spokes: 64 % more prescribers with a waiver, 50 % more patients each.
       https://pmc.ncbi.nlm.nih.gov/articles/PMC5537005

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.changes import with_hub
    >>> base = wf.example_scenario()
    >>> with_hub(base, "north", 1, panel_factor=1.2).title
    'a hub in north hires 1 a month, panels times 1.2'
    """
    hired = with_hires(scenario, area, per_month, medication=medication)
    try:
        raised = with_panel(hired, factor=panel_factor)
    except (ArgumentError, ArgumentTypeError) as error:
        error.where = "panel_factor" if error.where in ("factor", "mean_patients") else error.where
        raise
    hires = hires_told(read_hires(per_month))
    told = f"a hub in {area} hires {hires}, panels times {float(panel_factor):g}"
    return titled(raised.model_copy(update={"title": scenario.title}), title, told)
