"""A scenario: who seeks treatment, who gives it, what is hired, and what is known of all that."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self, TypeAlias

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import Field, model_validator

from opsafe.provenance import Document, Words
from opsafe.quantity import Share
from opsafe.uncertainty import Distribution
from opsafe.workforce.demand import Demand
from opsafe.workforce.figures import Stage

__all__ = [
    "Capacity",
    "OwnConversion",
    "OwnPanel",
    "PanelCapacity",
    "PoolCapacity",
    "Scenario",
    "Supply",
]

Heads = Annotated[int, Ge(0), Le(100_000)]
Patients = Annotated[float, Ge(0), Le(1e9)]
Hours = Annotated[float, Gt(0), Le(744)]


class OwnPanel(Document):
    """Panels of your own network, such as :func:`observe` finds them.

    Parameters
    ----------
    mean_patients : float
        Patients of a prescriber, of all payers unless the plan share is 1.
    sd_patients : float, optional
        Standard deviation between prescribers.
    respondents : int, optional
        Prescribers behind the mean, for its standard error.
    """

    mean_patients: Annotated[float, Gt(0), Le(100_000)]
    sd_patients: Annotated[float, Gt(0), Le(1e6)] | None = None
    respondents: Annotated[int, Ge(2), Le(10**9)] | None = None


class OwnConversion(Document):
    """A share of your own that passes from one named stage to another.

    Parameters
    ----------
    from_stage, to_stage : str
        Stages, the second after the first.
    share : float or Distribution
        Share that passes, 0 to 1.
    """

    from_stage: Stage
    to_stage: Stage
    share: Share | Distribution

    @model_validator(mode="after")
    def _inside(self) -> Self:
        support = getattr(self.share, "support", (0, 1))
        if not 0 <= support[0] <= support[1] <= 1:
            raise ValueError("share: the distribution reaches outside 0 to 1")
        return self


class PanelCapacity(Document):
    """Capacity as heads who accept the plan's members, times their panels, times the plan's share.

    Parameters
    ----------
    panel : str or OwnPanel
        The id of an edition, or panels of your own.
    plan_share : float
        Share of a panel that is this plan's; it has no default, since panels are of all payers.
    conversions : tuple of (str or OwnConversion), optional
        The chain from the stage at which hires enter to those who accept the plan's members.
    """

    kind: Literal["panel"] = "panel"
    panel: Words | OwnPanel
    plan_share: Annotated[float, Gt(0), Le(1)]
    conversions: Annotated[tuple[Words | OwnConversion, ...], MinLen(1)] | None = None


class PoolCapacity(Document):
    """Capacity with diminishing returns: all who may prescribe, whether they do or not.

    Parameters
    ----------
    base_patients : float
        What the first of them adds.
    decay_per_head : float
        By how much each adds less than the one before, relatively.
    pool_shares : tuple of (str, float), optional
        Each area's share of the pool that the two numbers are of, at a reference date; it stays
        as it is when heads grow. Areas that are not named have their share of all heads.
    edition : str, optional
        Instead of the two numbers: the id of an edition of the curve. A national curve counts
        patients of all payers, so ``pool_shares`` carry the plan's part.
    """

    kind: Literal["pool"] = "pool"
    base_patients: Annotated[float, Gt(0), Le(1e6)] | None = None
    decay_per_head: Annotated[float, Gt(0), Le(1)] | None = None
    edition: Words | None = None
    pool_shares: tuple[tuple[Words, Annotated[float, Gt(0), Le(1)]], ...]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        own = self.base_patients is not None, self.decay_per_head is not None
        if (self.edition is not None) == any(own) or any(own) != all(own):
            raise ValueError("edition: give it, or base_patients with decay_per_head")
        _once("pool_shares", [area for area, _ in self.pool_shares])
        if sum(share for _, share in self.pool_shares) > 1 + 1e-9:
            raise ValueError("pool_shares: sum to more than 1")
        return self


Capacity: TypeAlias = Annotated[PanelCapacity | PoolCapacity, Field(discriminator="kind")]


class Supply(Document):
    """Who gives one medication in one area: heads by stage, hires, places, and outer bounds.

    Parameters
    ----------
    area, medication : str, optional
        As in :class:`Demand`.
    recruited, trained, registered, ever_prescribed, prescribing, open, open_to_plan : int, optional
        Heads at the beginning, each at the furthest stage that it has reached. They leave as
        others do, and do not move on: those who are expected to are hires, or moved by
        :func:`with_incentive`.
    hires_per_month : int or tuple of int, optional
        Hired each month; a tuple gives each month its own, and none after its last.
    places : float, optional
        Instead of heads: patients of the plan that a programme has places for.
    pharmacy_patients : float, optional
        Patients that the area's pharmacies can serve at most.
    hours_per_head_month : float, optional
        Hours in a month that a head has for the plan's patients on this medication.
    """

    area: Words = "all"
    medication: Words = "buprenorphine"
    recruited: Heads = 0
    trained: Heads = 0
    registered: Heads = 0
    ever_prescribed: Heads = 0
    prescribing: Heads = 0
    open: Heads = 0
    open_to_plan: Heads = 0
    hires_per_month: Heads | tuple[Heads, ...] = 0
    places: Patients | None = None
    pharmacy_patients: Patients | None = None
    hours_per_head_month: Hours | None = None

    @model_validator(mode="after")
    def _heads_or_places(self) -> Self:
        hired = sum(self.hires(1200))
        if self.places is not None and any((*self.heads(), hired)):
            raise ValueError("places: stand instead of heads and hires")
        return self

    def heads(self) -> tuple[int, ...]:
        """Heads at the beginning, by their furthest stage."""
        return (
            self.recruited,
            self.trained,
            self.registered,
            self.ever_prescribed,
            self.prescribing,
            self.open,
            self.open_to_plan,
        )

    def hires(self, months: int) -> tuple[int, ...]:
        """Hires of each month."""
        if isinstance(self.hires_per_month, int):
            return (self.hires_per_month,) * months
        return (*self.hires_per_month, *(0,) * months)[:months]


class Scenario(Document):
    """What :func:`project` runs.

    Parameters
    ----------
    demand : tuple of Demand
        One for each area, line of business and medication.
    supply : tuple of Supply
        One for each area and medication.
    capacity : PanelCapacity or PoolCapacity
        How heads become patients; exactly one for a run.
    leaving_first_year, leaving_later : float
        Share of heads that stop in their first year, and in each year after it. No source prints
        them, so they have no default.
    ramp_months : float, optional
        Mean of the time until a hire has a full panel; 0 for at once.
    ramp_stages : int, optional
        Stages of that ramp; 1 begins steep, more begin slow.
    care_model : str, optional
        The id of an edition of hours per patient-year.
    patient_limit : int, optional
        Patients that one head may have at once, by law or by contract.
    chance : bool, optional
        Whether hires, exits, stages and panels go by chance; otherwise they are as expected.
    title : str, optional
        What the scenario is called.
    """

    demand: Annotated[tuple[Demand, ...], MinLen(1)]
    supply: tuple[Supply, ...] = ()
    capacity: Capacity
    leaving_first_year: Share
    leaving_later: Share
    ramp_months: Annotated[float, Ge(0), Le(240)] | None = None
    ramp_stages: Annotated[int, Ge(1), Le(20)] | None = None
    care_model: Words | None = None
    patient_limit: Annotated[int, Ge(1), Le(100_000)] | None = None
    chance: bool = True
    title: str = ""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _once("demand", [each.key for each in self.demand])
        _once("supply", [(each.area, each.medication) for each in self.supply])
        wanted = {(each.area, each.medication) for each in self.demand}
        for number, each in enumerate(self.supply):
            if (each.area, each.medication) not in wanted:
                raise ValueError(
                    f"supply[{number}]: no demand is of area {each.area!r} and {each.medication}"
                )
        return self


def _once(where: str, keys: list[object]) -> None:
    twice = [key for key, number in Counter(keys).items() if number > 1]
    if twice:
        raise ValueError(f"{where}: {twice[0]!r} is there more than once")
