"""From documents to numbers: editions looked up, defaults filled in, each one noted down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from opsafe._used import Origin, UsedInputs
from opsafe.errors import ArgumentError
from opsafe.provenance import Edition
from opsafe.quantity import FloatArray
from opsafe.retention import RetentionEdition
from opsafe.survival import Retention
from opsafe.uncertainty import Distribution, Fixed, Normal, Proportion, uniforms
from opsafe.workforce import figures
from opsafe.workforce.demand import Demand
from opsafe.workforce.editions import resolve
from opsafe.workforce.scenario import OwnPanel

__all__ = [
    "Draws",
    "PanelFigure",
    "Seekers",
    "check_split",
    "defaults_of",
    "panel_of",
    "retention_of",
    "seekers_of",
    "warn_of_share",
]

Kind = TypeVar("Kind", bound=Edition)


@dataclass(frozen=True, slots=True)
class Draws:
    """How uncertain inputs are drawn: one stream an input, shared by all areas.

    What is not known of a prevalence is not known of all areas alike, so that the areas' errors
    add up and do not cancel. Without draws every input stands at its mean.
    """

    number: int
    seed: int | None

    def of(self, name: str, value: float | Distribution) -> FloatArray:
        """Draws of an input; one for all where it is known."""
        if isinstance(value, float | int):
            return np.array([float(value)])
        if self.seed is None or isinstance(value, Fixed):
            return np.array([value.mean])
        return value.quantile(uniforms(self.seed, name, self.number))


@dataclass(frozen=True, slots=True)
class PanelFigure:
    """A mean panel, its spread between prescribers, and the standard error of the mean."""

    mean: float
    sd: float | None
    standard_error: float | None

    @property
    def of_mean(self) -> Normal | None:
        """The distribution of the mean; None where its standard error is not known."""
        if self.standard_error is None:
            return None
        return Normal(mean=self.mean, sd=self.standard_error, low=0)


@dataclass(frozen=True, slots=True)
class Seekers:
    """Members with the disorder and those who would take treatment; the axis is the draw."""

    with_oud: FloatArray
    seekers: FloatArray


def defaults_of(defaults: str | figures.Defaults, used: UsedInputs) -> figures.Defaults:
    """Look the defaults up."""
    found = resolve(defaults, figures.Defaults, "defaults")
    used.note("defaults", found.id, "given", found)
    return found


def edition_of(
    name: str, given: str | Kind | None, default: str, kind: type[Kind], used: UsedInputs
) -> Kind:
    """Look an edition up, or its default."""
    origin: Origin = "default edition" if given is None else "edition"
    found = resolve(default if given is None else given, kind, name)
    used.note(name, found.id, origin, found)
    return found


def planning_of(
    name: str, given: float | None, value: figures.PlanningValue, used: UsedInputs
) -> float:
    """Take what the caller gives, or a planning value with its reason."""
    if given is not None:
        used.note(name, given, "given")
        return float(given)
    used.note(name, value.value, "planning value", value.reason)
    return float(value.value)


def retention_of(demand: Demand, defaults: figures.Defaults, used: UsedInputs) -> Retention:
    """Read the retention curve of a stream."""
    name = f"retention of {demand.medication}"
    if isinstance(demand.retention, Retention):
        used.note(name, demand.retention.to_json(), "given")
        return demand.retention
    found = edition_of(name, demand.retention, defaults.retention, RetentionEdition, used)
    if found.medication != demand.medication:
        if demand.retention is None:
            raise ArgumentError(
                f"has no default for {demand.medication}",
                where="retention",
                advice="Give a curve with its gap rule, or the id of an edition",
            )
        used.warn(f"{found.id} is a curve of {found.medication}, used for {demand.medication}")
    return found.curve


def panel_of(panel: str | OwnPanel | None, used: UsedInputs, *, default: str = "") -> PanelFigure:
    """Read a panel: an edition's, the caller's own, or the default."""
    if isinstance(panel, OwnPanel):
        used.note("panel", f"{panel.mean_patients:g} patients", "given")
        mean, sd, heads = panel.mean_patients, panel.sd_patients, panel.respondents
    else:
        origin: Origin = "default edition" if panel is None else "edition"
        found = resolve(default if panel is None else panel, figures.Panel, "panel")
        used.note("panel", f"{found.id}: {found.mean_patients} patients", origin, found)
        mean, sd, heads = float(found.mean_patients), _float(found.sd_patients), found.respondents
    if sd is None:
        used.warn("The spread of panel between prescribers is not known: all are alike")
    if sd is None or heads is None:
        used.warn("The standard error of panel is not known: its mean is taken as known")
        return PanelFigure(mean, sd, None)
    return PanelFigure(mean, sd, sd / heads**0.5)


def warn_of_share(plan_share: float, used: UsedInputs) -> None:
    """Say that all of each panel is taken for the plan's, where it is."""
    if plan_share == 1:
        used.warn("Panels count all payers' patients, and all of them are taken for this plan's")


def check_split(demands: Sequence[Demand], draws: Draws) -> None:
    """Refuse medications that together take more than all seekers of an area and line."""
    total: dict[tuple[str, str], float] = {}
    for each in demands:
        share = draws.of("medication_share", each.medication_share)
        key = (each.area, each.line_of_business)
        total[key] = total.get(key, 0.0) + float(share.max())
    for (area, line), together in total.items():
        if together > 1 + 1e-9:
            raise ArgumentError(
                f"medications of {area}, {line} take {together:g} of the seekers together",
                where="demand.medication_share",
                allowed=("at most 1 in sum",),
            )


def seekers_of(demand: Demand, draws: Draws, used: UsedInputs) -> Seekers:
    """Multiply members, prevalence, undercount and seeking; each is a named input of its own."""
    if demand.identified_members is None:
        assert demand.prevalence is not None
        prevalence = _figure("prevalence", demand.prevalence, demand, draws, used)
        base = demand.members * prevalence
    else:
        base = np.array([float(demand.identified_members)])
    undercount = _figure("undercount", demand.undercount, demand, draws, used)
    least, most = float(undercount.min()), float(undercount.max())
    if demand.oud_base == "claims" and not least == most == 1:
        used.warn(
            "An undercount other than 1 is applied to members whom claims identify: published"
            " multipliers are of surveys"
        )
    if demand.oud_base == "survey" and least == most == 1:
        used.warn("A survey's prevalence is used without a multiplier; surveys undercount")
    with_oud = base * undercount
    if bool((with_oud > demand.members).any()):
        raise ArgumentError(
            "prevalence times undercount is more than all members",
            where="undercount",
            value=float(with_oud.max() / max(demand.members, 1)),
            advice="A multiplier belongs to a survey's prevalence, not to one that is corrected",
        )
    seeking = _figure("seeking", demand.seeking, demand, draws, used)
    share = draws.of("medication_share", demand.medication_share)
    return Seekers(with_oud, with_oud * seeking * share)


def _figure(
    name: str, value: float | Distribution | str, demand: Demand, draws: Draws, used: UsedInputs
) -> FloatArray:
    if not isinstance(value, str):
        used.note(name, value if isinstance(value, float | int) else value.to_json(), "given")
        return draws.of(name, value)
    found = resolve(value, figures.DemandFigure, name)
    if found.quantity != name:
        raise ArgumentError(f"{found.id} is a figure of {found.quantity}", where=name)
    if name == "prevalence" and (found.ages, found.base) != (demand.ages, demand.oud_base):
        raise ArgumentError(
            f"{found.id} is of ages {found.ages} and base {found.base}, the demand of"
            f" {demand.ages} and {demand.oud_base}",
            where=name,
            advice="Count the members of the figure's ages, and name its base",
        )
    used.note(name, f"{found.id}: {found.value}", "edition", found)
    counted = found.part, found.whole
    if counted[0] is not None and counted[1] is not None and counted[0] < counted[1]:
        return draws.of(name, Proportion(successes=counted[0], trials=counted[1]))
    return np.array([float(found.value)])


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
