"""Which initiatives to fund: the most impact that a budget and the people at hand allow."""

# More than 300 lines: most of them say what each argument and each part of a result is.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe._display import as_html, counted
from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentTypeError
from opsafe.quantity import BoolArray
from opsafe.ranking._amounts import CENTS, FTE_COUNTS, read_amount
from opsafe.ranking._choice import Best, Effort, Problem, StoppedBy, best_choice
from opsafe.ranking._impact import GRID, Worth
from opsafe.ranking._names import items_of
from opsafe.ranking._portfolio_why import more_needed, why_each, why_infeasible
from opsafe.ranking._programme import Programme, read_effort, read_programme
from opsafe.ranking.record import ResultRecord, record_of

__all__ = ["NextStep", "Portfolio", "PortfolioStatus", "portfolio", "value_by_budget"]

PortfolioStatus: TypeAlias = Literal["optimal", "within gap", "infeasible", "not found"]
"""Proved the best; the best found, with a gap; no set keeps every rule; the search was too short
to tell."""
Amount: TypeAlias = float | int | Decimal

_NODES: Final = Effort().nodes


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the next dollars buy."""

    budget_usd: float
    """The least budget above the present one that allows more impact."""
    more_usd: float
    """By how much it is above the present one."""
    value: float
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """The initiatives to fund, with the proof that no other set has more impact."""

    chosen: tuple[str, ...]
    """In the order of the ranking given."""
    table: Columns
    """By initiative: ``chosen``, ``impact``, ``cost_usd``, ``why``, ``because`` (names or amounts),
    and ``more_usd``: money beyond the budget at which it fits on top of what was chosen."""
    headcount: Columns
    """By team: ``used_fte`` and ``available_fte``."""
    value: float
    """Sum of the impacts of those chosen."""
    cost_usd: float
    left_usd: float
    budget_usd: float
    bound: float
    """No set within the limits has more."""
    gap: float
    """(bound - value) / bound."""
    status: PortfolioStatus
    reason: str
    """Where there is none: which limit or rule leaves none."""
    stopped_by: StoppedBy | None
    """What ended the search before its proof."""
    next_in: NextStep | None
    """None where no further money helps, or where the search ended before its proof."""
    inputs: Columns
    cautions: tuple[str, ...]
    _asked: Programme = field(repr=False)
    _taken: BoolArray = field(repr=False)

    @property
    def reproducible(self) -> bool:
        """Whether the same call gives the same answer on any machine."""
        return self.stopped_by != "time limit"

    @property
    def audit(self) -> ResultRecord:
        """How it came about."""
        return record_of("portfolio", self.inputs, self.cautions, reproducible=self.reproducible)

    def __repr__(self) -> str:
        if self.status in ("infeasible", "not found"):
            return f"Portfolio: {self.status}; {self.reason}"
        return (
            f"Portfolio: {len(self.chosen)} of {counted(len(self.table), 'initiative')}, impact"
            f" {self.value:.3f} for {self.cost_usd:,.2f} of {self.budget_usd:,.2f} USD,"
            f" {self.status}" + f" (gap {self.gap:.2%})" * (self.status == "within gap")
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def portfolio(
    ranking: Worth,
    *,
    cost_usd: Mapping[str, Amount],
    budget_usd: Amount,
    headcount_fte: Mapping[str, Amount | Mapping[str, Amount]] | None = None,
    available_fte: Amount | Mapping[str, Amount] | None = None,
    must_do: Sequence[str] = (),
    exclusive: Iterable[Sequence[str]] = (),
    either_or: Iterable[Sequence[str]] = (),
    requires: Iterable[tuple[str, str]] = (),
    value: str = "impact",
    leave_out: Sequence[str] = (),
    time_limit_s: float = 10,
    node_limit: int = _NODES,
) -> Portfolio:
    """Choose the initiatives with the most impact that a budget and headcount allow.

    Parameters
    ----------
    ranking : Ranking, or mapping of str to float
        A ranking; or impact by initiative, from 0 (the same as doing nothing) to 1.
    cost_usd : mapping of str to number
        Cost by initiative, in US dollars. Parts of a cent count as a cent.
    budget_usd : number
        What may be spent; it is never passed, not by a cent.
    headcount_fte : mapping of str to number, or to mapping of str to number, optional
        Full-time posts that each initiative needs; or posts by team. They count in 1e-6 FTE,
        and what is finer is dropped.
    available_fte : number, or mapping of str to number, optional
        Posts at hand, in all or by team.
    must_do : sequence of str, optional
        Initiatives that are done in any case, such as those that a regulation asks for.
    exclusive : iterable of sequences of str, optional
        Sets of which at most one is done.
    either_or : iterable of sequences of str, optional
        Sets of which exactly one is done.
    requires : iterable of pairs of str, optional
        The first of each pair is done only if the second is.
    value : str, optional
        The criterion whose values are added up; ``"composite"`` adds up scores, with a caution.
    leave_out : sequence of str, optional
        Initiatives that take no part.
    time_limit_s : float, optional
        Seconds of search, for safety: an answer that the clock cut short may not repeat.
    node_limit : int, optional
        Most partial sets kept at once: beyond it the answer has a gap, which does repeat.

    Returns
    -------
    Portfolio
        What to fund, what is left over, the bound, and what the next dollars would buy.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is unknown, a cost is missing, or a number is negative or none at all.

    Notes
    -----
    With x(i) 1 for what is done and 0 for what is not::

        maximise    sum of impact(i) x(i)
        subject to  sum of cost(i) x(i) <= budget
                    sum of fte(i, t) x(i) <= available(t)   for each team t
                    x(i) = 1 for must-dos, sum of x <= 1 or = 1 over the sets, x(a) <= x(b)

    Costs count in cents and impacts in 1e-6, and all sums are whole numbers. Among sets of equal
    impact the cheaper counts, then the smaller, then the one with the initiative of the better
    rank, then of the earlier name. The search builds sets one initiative at a time; a linear
    relaxation bounds what each can become.

    Examples
    --------
    >>> impact = {"naloxone": 0.9, "dashboard": 0.4, "telehealth": 0.7, "detailing": 0.6}
    >>> cost = {
    ...     "naloxone": 50_000,
    ...     "dashboard": 30_000,
    ...     "telehealth": 60_000,
    ...     "detailing": 40_000,
    ... }
    >>> found = portfolio(impact, cost_usd=cost, budget_usd=100_000, must_do=["dashboard"])
    >>> found.chosen, found.cost_usd, found.status
    (('naloxone', 'dashboard'), 80000.0, 'optimal')
    >>> found.next_in.more_usd, found.next_in.enters
    (20000.0, ('detailing',))
    """
    used = UsedInputs()
    asked = read_programme(
        ranking,
        used,
        cost_usd=cost_usd,
        budget_usd=budget_usd,
        headcount_fte=headcount_fte,
        available_fte=available_fte,
        must_do=must_do,
        exclusive=exclusive,
        either_or=either_or,
        requires=requires,
        value=value,
        leave_out=leave_out,
    )
    effort = read_effort(node_limit, time_limit_s)
    return _told(asked, used, best_choice(asked.problem(), effort), effort)


def value_by_budget(
    found: Portfolio,
    budgets_usd: Iterable[Amount],
    *,
    time_limit_s: float = 10,
    node_limit: int = _NODES,
) -> Columns:
    """Return the most impact for other budgets, all else as in a portfolio.

    Parameters
    ----------
    found : Portfolio
        Says what is asked.
    budgets_usd : iterable of number
        The budgets, in US dollars.
    time_limit_s : float, optional
        Seconds of search for each.
    node_limit : int, optional
        Most partial sets kept at once.

    Returns
    -------
    Columns
        By budget in rising order: ``budget_usd``, ``value``, ``bound``, ``cost_usd``,
        ``initiatives`` (how many), ``chosen`` (their names) and ``status``. Where no set keeps
        the rules, value and cost are missing.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a budget is negative or no number.

    Examples
    --------
    >>> found = portfolio({"a": 0.9, "b": 0.5}, cost_usd={"a": 500, "b": 400}, budget_usd=600)
    >>> value_by_budget(found, [400, 600, 900])["value"].tolist()
    [0.5, 0.9, 1.4]
    """
    if not isinstance(found, Portfolio):
        raise ArgumentTypeError("is no Portfolio", where="found", value=type(found).__name__)
    effort = read_effort(node_limit, time_limit_s)
    budgets = _read_budgets(budgets_usd)
    asked = found._asked
    each: list[Best] = []
    for budget in budgets:  # what a smaller budget allows, a larger one does
        known = [best.taken for best in each[-1:] if best.taken is not None]
        each.append(best_choice(asked.problem(budget=budget), effort, known))
    is_none = np.array([best.taken is None for best in each], bool)
    taken = np.array([_set(asked, best) for best in each], bool).reshape(-1, len(asked.names))
    return Columns(
        {
            "budget_usd": np.array(budgets, np.float64) / CENTS,
            "value": np.where(is_none, np.nan, [best.value / GRID for best in each]),
            "bound": np.where(is_none, np.nan, [best.bound / GRID for best in each]),
            "cost_usd": np.where(is_none, np.nan, taken @ asked.cents / CENTS),
            "initiatives": taken.sum(axis=1),
            "chosen": Text.of(", ".join(_names(asked, row)) for row in taken),
            "status": Text.of(_status(best) for best in each),
        }
    )


def _read_budgets(given: object) -> list[int]:
    """Distinct budgets in cents, rising."""
    budgets = items_of(given, "budgets_usd", "budgets")
    return sorted({read_amount(each, "budgets_usd", CENTS) for each in budgets})


def _set(asked: Programme, best: Best) -> BoolArray:
    return np.zeros(len(asked.names), bool) if best.taken is None else best.taken


def _names(asked: Programme, taken: BoolArray) -> tuple[str, ...]:
    return tuple(name for name, is_in in zip(asked.names, taken.tolist(), strict=True) if is_in)


def _status(best: Best) -> PortfolioStatus:
    if best.taken is None:
        return "infeasible" if best.stopped_by is None else "not found"
    return "optimal" if best.bound <= best.value else "within gap"


def _told(asked: Programme, used: UsedInputs, best: Best, effort: Effort) -> Portfolio:
    """Lay the answer out, and hold it against the limits once more."""
    taken, status = _set(asked, best), _status(best)
    reason = ""
    if status == "infeasible":
        reason = why_infeasible(asked, effort)
    elif status == "not found":
        reason = "the search ended before it found a set within every limit"
    elif not asked.is_allowed(taken):  # every step keeps the limits: this holds them to it
        raise AssertionError("a portfolio passed its limits")
    cost = int(asked.cents[taken].sum())
    value, bound = max(best.value, 0), max(best.bound, 0)
    return Portfolio(
        chosen=_names(asked, taken),
        table=_table(asked, taken),
        headcount=Columns(
            {
                "team": Text.of(asked.teams),
                "used_fte": asked.posts[taken].sum(axis=0) / FTE_COUNTS,
                "available_fte": asked.available / FTE_COUNTS,
            }
        ),
        value=value / GRID,
        cost_usd=cost / CENTS,
        left_usd=(asked.budget - cost) / CENTS,
        budget_usd=asked.budget / CENTS,
        bound=bound / GRID,
        gap=(bound - value) / bound if bound else 0.0,
        status=status,
        reason=reason,
        stopped_by=best.stopped_by,
        next_in=_next_step(asked, best, effort) if status == "optimal" else None,
        inputs=used.table(),
        cautions=tuple(used.cautions),
        _asked=asked,
        _taken=taken,
    )


def _table(asked: Programme, taken: BoolArray) -> Columns:
    why = why_each(asked, taken)
    return Columns(
        {
            "initiative": Text.of(asked.names),
            "chosen": taken,
            "impact": asked.impacts.counts / GRID,
            "cost_usd": asked.cents / CENTS,
            "why": Text.of(code for code, _ in why),
            "because": Text.of(names for _, names in why),
            "more_usd": more_needed(asked, taken) / CENTS,
        }
    )


def _next_step(asked: Programme, best: Best, effort: Effort) -> NextStep | None:
    """Find the least budget that allows more, as the choice of what to leave undone.

    Left undone is as much cost as can be, with no more impact than all has beyond the present
    value and one count.
    """
    problem = asked.problem()
    rows = problem.rows.copy()
    limits = problem.limits.copy()
    rows[:, 0], limits[0] = -problem.values, -(best.value + 1)
    undone = best_choice(
        Problem(
            values=asked.cents,
            rows=-rows,
            limits=limits - rows.sum(axis=0),
            order=problem.order,
            fixed=np.where(problem.fixed < 0, -1, 1 - problem.fixed),
        ),
        effort,
    )
    if undone.taken is None or undone.bound > undone.value:
        return None
    budget = int(asked.cents[~undone.taken].sum())
    found = best_choice(asked.problem(budget=budget), effort, [~undone.taken])
    taken = _set(asked, found)
    before, after = set(_names(asked, _set(asked, best))), _names(asked, taken)
    return NextStep(
        budget_usd=budget / CENTS,
        more_usd=(budget - asked.budget) / CENTS,
        value=found.value / GRID,
        enters=tuple(name for name in after if name not in before),
        leaves=tuple(name for name in asked.names if name in before and name not in after),
    )
