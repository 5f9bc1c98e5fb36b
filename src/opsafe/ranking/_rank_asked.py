"""What the caller of a ranking asked for, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast, get_args

from opsafe._arguments import read_number, read_whole, read_word
from opsafe._used import UsedInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.ranking._values import BORDA_CAUTION, Aggregate, read_aggregate
from opsafe.ranking.editions import defaults as read_defaults
from opsafe.ranking.figures import Defaults
from opsafe.ranking.quadrants import Cut
from opsafe.ranking.ties import TieRule, read_ties
from opsafe.ranking.weight_set import WeightSet
from opsafe.ranking.weights import Weights
from opsafe.uncertainty import read_draws, read_seed

__all__ = ["KINDS", "Asked", "Kind", "Uncertainty", "read_asked"]

Kind: TypeAlias = Literal["raters", "weights", "both"]
"""What is uncertain: who was asked, the weights, or both at once."""
Uncertainty: TypeAlias = Literal["raters", "weights", "both", "none"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_MOST_PLACES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Choices of the method, as they were given or planned."""

    aggregate: Aggregate
    ties: TieRule
    uncertainty: Uncertainty
    cut: Cut
    top: int
    draws: int
    seed: int
    half_width: float
    weight_set: WeightSet | None
    defaults: Defaults
    used: UsedInputs

    def settings(self, criteria: str, weights: Weights) -> dict[str, str]:
        """The choices as words, for the record."""
        low, high = self.defaults.rank_interval_low.value, self.defaults.rank_interval_high.value
        within = f"{self.half_width:g} around those given"
        return {
            "criteria": criteria,
            "weights": weights.method,
            "aggregate": self.aggregate,
            "ties": self.ties,
            "uncertainty": self.uncertainty,
            "cut": _told_cut(self.cut),
            "top": str(self.top),
            "draws": str(self.draws),
            "weight_set": within if self.weight_set is None else self.weight_set.to_json(),
            "rank_interval": f"{low} and {high}",
            "defaults": f"{self.defaults.id} ({self.defaults.values_hash()[:12]})",
        }


def read_asked(
    *,
    aggregate: object,
    ties: object,
    uncertainty: object,
    cut: object,
    top: object,
    draws: object,
    seed: object,
    weight_half_width: object,
    weight_set: object,
    defaults: object,
) -> Asked:
    """Read the choices of a ranking.

    Raises
    ------
    ArgumentError, ArgumentTypeError, EditionNotFoundError
        If one of them cannot be used, or two do not go together.
    """
    planned = read_defaults(cast("str", defaults))
    used = UsedInputs()
    how = read_aggregate(aggregate)
    if how == "borda":
        used.warn(BORDA_CAUTION)
    if weight_set is not None and not isinstance(weight_set, WeightSet):
        raise ArgumentTypeError(
            "is no WeightSet", where="weight_set", value=type(weight_set).__name__
        )
    if weight_set is not None and weight_half_width is not None:
        raise ArgumentError(
            "stands beside weight_set, which has bounds of its own",
            where="weight_half_width",
            value=weight_half_width,
            advice="Give one of the two",
        )
    return Asked(
        aggregate=how,
        ties=read_ties(ties),
        uncertainty=read_word(uncertainty, "uncertainty", get_args(Uncertainty)),
        cut=cast("Cut", cut),
        top=read_whole(top, "top", 1, _MOST_PLACES),
        draws=read_draws(draws),
        seed=read_seed(seed),
        half_width=_half_width(weight_half_width, weight_set, planned, used),
        weight_set=weight_set,
        defaults=planned,
        used=used,
    )


def _half_width(given: object, weight_set: object, planned: Defaults, used: UsedInputs) -> float:
    if given is not None:
        width = read_number(given, "weight_half_width", 0, 1)
        used.note("weight_half_width", f"{width:g}", "given")
        return width
    default = planned.weight_half_width
    if weight_set is None:
        used.note("weight_half_width", default.value, "planning value", default.reason)
    return float(default.value)


def _told_cut(cut: Cut) -> str:
    if isinstance(cut, Mapping):
        return ", ".join(f"{name} {value}" for name, value in sorted(cut.items()))
    return str(cut)
