"""The conventions of a calculation over time: inputs carry them, results print them."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from pydantic import field_validator

from opsafe.costbenefit._periods import WEEKS_PER_YEAR, years_of
from opsafe.costbenefit.discounting import Discounting
from opsafe.costbenefit.within_cycle import WithinCycle, discounted_weights
from opsafe.provenance import Document
from opsafe.quantity import FloatArray, Share

__all__ = ["Conventions"]


class Conventions(Document):
    r"""How time is cut, counted and discounted.

    Parameters
    ----------
    cycle : str, optional
        Length of a cycle: ``"day"``, ``"week"``, ``"month"``, ``"year"`` or a number of them, such
        as ``"3 months"``.
    weeks_per_year : float, optional
        Weeks in a year, for cycles of weeks: 365.25 / 7 unless said; some models count 52.
    discount_rate_costs, discount_rate_effects : float, optional
        Discount rate a year, a share from 0 to 1. There is no default rate: without one nothing is
        discounted.
    discounting : {"effective", "nominal", "continuous"}, optional
        How a yearly rate is applied within the year. At 3 % and five years the three differ by up
        to 0.2 %.
    within_cycle : {"half_cycle", "life_table", "simpson", "start", "end"}, optional
        Which points of the trace stand for a cycle. On a six-state model of 60 months at 3 % a
        year half-cycle and life-table totals differ by 0.002 %, Simpson's by 0.01 %, counting at
        the start or at the end by 1.9 %.

    Raises
    ------
    DocumentError
        If a field is out of range, or the cycle is no length of time.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> ours = cb.Conventions(cycle="month", discount_rate_costs=0.03)
    >>> ours.periods_per_year, ours.within_cycle
    (12.0, 'half_cycle')
    >>> print(ours.describe().replace("; ", "\n"))
    cycles of a month
    within a cycle: half_cycle
    costs discounted at 3 % a year (effective), effects not discounted
    """

    cycle: str = "month"
    weeks_per_year: Annotated[float, Ge(50), Le(53)] = WEEKS_PER_YEAR
    discount_rate_costs: Share | None = None
    discount_rate_effects: Share | None = None
    discounting: Discounting = "effective"
    within_cycle: WithinCycle = "half_cycle"

    @field_validator("cycle")
    @classmethod
    def _a_length(cls, cycle: str) -> str:
        length = years_of(cycle, "")
        if not 1 / 400 <= length <= 100:
            raise ValueError(f"must be a day to 100 years, not {cycle!r}")
        return cycle

    @property
    def periods_per_year(self) -> float:
        """Cycles in a year."""
        return float(1 / years_of(self.cycle, "cycle", self.weeks_per_year))

    def cost_weights(self, cycles: int) -> FloatArray:
        """Return what each point of a trace counts for costs, in cycles (see discounted_weights).

        Parameters
        ----------
        cycles : int
            Cycles of the run, 1 or more.

        Returns
        -------
        array of float, shape (cycles + 1,)
            Weights in cycles, discounted where a rate is given.
        """
        return self._weights(cycles, self.discount_rate_costs)

    def effect_weights(self, cycles: int) -> FloatArray:
        """Return what each point of a trace counts for effects, in cycles.

        Parameters
        ----------
        cycles : int
            Cycles of the run, 1 or more.

        Returns
        -------
        array of float, shape (cycles + 1,)
            Weights in cycles, discounted where a rate is given.
        """
        return self._weights(cycles, self.discount_rate_effects)

    def describe(self) -> str:
        """Return the conventions as one line for people.

        Returns
        -------
        str
            Cycle, within-cycle rule, and what is discounted how.
        """
        length = self.cycle if self.cycle[0].isdigit() else f"a {self.cycle}"
        if "week" in self.cycle:
            length += f" ({self.weeks_per_year:g} weeks a year)"
        told = ", ".join(
            f"{name} not discounted"
            if rate is None
            else f"{name} discounted at {100 * rate:g} % a year ({self.discounting})"
            for name, rate in (
                ("costs", self.discount_rate_costs),
                ("effects", self.discount_rate_effects),
            )
        )
        return f"cycles of {length}; within a cycle: {self.within_cycle}; {told}"

    def _weights(self, cycles: int, rate: float | None) -> FloatArray:
        return discounted_weights(
            cycles, self.within_cycle, rate, self.discounting, self.periods_per_year
        )
