"""How sure a portfolio is: which initiatives stay in it when the ratings could have been others."""

# More than 300 lines: half of them say what each argument and each part of the result is.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_whole
from opsafe._display import as_html, counted
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._choice import Effort, best_choice
from opsafe.ranking._impact import GRID, Impacts, Worth, on_grid
from opsafe.ranking._names import listed, read_by_name
from opsafe.ranking._programme import read_effort
from opsafe.ranking._reading import read_array
from opsafe.ranking.portfolio import Amount, Portfolio, portfolio
from opsafe.ranking.record import ResultRecord, record_of
from opsafe.uncertainty import Probability, probability

__all__ = ["Regret", "RobustKind", "RobustPortfolio", "robust_portfolio"]

RobustKind: TypeAlias = Literal["core", "borderline", "exterior"]
"""In the best portfolio of every draw; of some; of none."""

_DRAWS: Final = 500
_HIGH: Final = 0.95
_SHOWN: Final = 10  # portfolios that are listed


@dataclass(frozen=True, slots=True)
class Regret:
    """Impact that the chosen portfolio misses against the best of each draw."""

    mean: float
    standard_error: float
    """Of the mean, from the number of draws."""
    high: float
    """95th percentile of the draws."""


@dataclass(frozen=True, slots=True, eq=False)
class RobustPortfolio:
    """A portfolio beside those that other ratings would have led to."""

    portfolio: Portfolio
    """The best for the values as they are."""
    table: Columns
    """By initiative: ``chosen``, ``share`` of the draws whose best portfolio has it, its
    ``standard_error``, and the ``kind``."""
    core: tuple[str, ...]
    borderline: tuple[str, ...]
    exterior: tuple[str, ...]
    regret: Regret
    best_in: Probability
    """Share of the draws in which no portfolio beats the chosen one."""
    portfolios: Columns
    """The best portfolios met most often: ``initiatives``, ``share``, ``standard_error``."""
    draws: int
    distinct: int
    """Draws of different values, each solved once."""
    gap: float
    """The largest gap of a draw; 0 if each was solved to the end."""
    status: Literal["optimal", "within gap", "time limit"]
    cautions: tuple[str, ...]

    @property
    def reproducible(self) -> bool:
        """Whether the same call gives the same answer on any machine."""
        return self.status != "time limit" and self.portfolio.reproducible

    @property
    def audit(self) -> ResultRecord:
        """How it came about; the draws are those of the ranking, of which it took so many."""
        return record_of(
            "robust portfolio",
            self.portfolio.inputs,
            self.cautions,
            rows=[f"{self.draws} draws"],
            reproducible=self.reproducible,
        )

    def __repr__(self) -> str:
        return (
            f"RobustPortfolio: {len(self.core)} core, {len(self.borderline)} borderline,"
            f" {len(self.exterior)} exterior over {counted(self.draws, 'draw')};"
            f" the chosen portfolio is best in {self.best_in.value:.0%}"
            f" and misses {self.regret.mean:.3f} on average"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """The best set of each draw."""

    taken: BoolArray
    values: IntArray
    """Its value, by draw, in counts of 1e-6."""
    gap: float
    distinct: int
    is_late: bool


def robust_portfolio(
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
    impact_draws: Mapping[str, Sequence[float]] | None = None,
    draws: int = _DRAWS,
    time_limit_s: float = 60,
    node_limit: int = Effort().nodes,
) -> RobustPortfolio:
    """Solve a portfolio for each draw of the values, and tell which initiatives are always in it.

    Parameters
    ----------
    ranking : Ranking, or mapping of str to float
        A ranking with draws (of raters, or of both), or impact by initiative.
    cost_usd, budget_usd, headcount_fte, available_fte, must_do, exclusive, either_or, requires
        As of :func:`~opsafe.ranking.portfolio`.
    value, leave_out
        As of :func:`~opsafe.ranking.portfolio`.
    impact_draws : mapping of str to sequence of float, optional
        Draws of the impact by initiative, 0 to 1, all of one length: needed with a mapping.
    draws : int, optional
        How many draws are solved, the first ones.
    time_limit_s : float, optional
        Seconds for all draws together; those not reached in time are not counted.
    node_limit : int, optional
        Most partial sets kept at once, for each draw.

    Returns
    -------
    RobustPortfolio
        Core, borderline and exterior initiatives, and what the chosen portfolio may miss.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there are no draws, no set keeps the rules, or an argument cannot be used.

    Notes
    -----
    The share of an initiative is over the best portfolio of each draw, each found with its proof;
    among equals the rule of :func:`~opsafe.ranking.portfolio` decides. The standard error is
    sqrt(p (1 - p) / draws). Core, borderline and exterior are the terms of robust portfolio
    modelling, there for all values in a set, here for the values drawn: with none of 500 draws
    against it, a share may still be as low as 0.994 (95 % sure). The regret of a draw is the value
    of its best portfolio less that of the chosen one.

    Examples
    --------
    >>> found = robust_portfolio(
    ...     {"a": 0.8, "b": 0.5, "c": 0.4},
    ...     cost_usd={"a": 10, "b": 10, "c": 10},
    ...     budget_usd=20,
    ...     impact_draws={"a": [0.8, 0.9, 0.7], "b": [0.5, 0.3, 0.5], "c": [0.4, 0.4, 0.3]},
    ... )
    >>> found.core, found.borderline, round(found.regret.mean, 4)
    (('a',), ('b', 'c'), 0.0333)
    """
    effort = read_effort(node_limit, time_limit_s)
    number = read_whole(draws, "draws", 1, 1_000_000)
    point = portfolio(
        ranking,
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
        time_limit_s=time_limit_s,
        node_limit=node_limit,
    )
    if point.status in ("infeasible", "not found"):
        raise ArgumentError(f"there is no portfolio: {point.reason}", where="budget_usd")
    impacts = point._asked.impacts
    drawn = _read_draws(impacts, impact_draws)[:number]
    few = impacts.few if impact_draws is None else ()
    return _told(point, on_grid(drawn), _solve(point, on_grid(drawn), effort), few)


def _read_draws(impacts: Impacts, given: Any) -> FloatArray:
    if given is None:
        if impacts.drawn is None:
            raise ArgumentError(
                "has no draws of its values",
                where="ranking",
                advice='Rank with uncertainty="raters" or "both", or give impact_draws=',
            )
        return impacts.drawn
    rows = read_by_name(given, impacts.initiatives, "impact_draws", also=impacts.left_out)
    found: list[FloatArray] = []
    for name, row in rows.items():
        where = f"impact_draws[{name!r}]"
        values = read_array(row, where, shape=(None,), axes="row of draws", missing=False)
        if not len(values):
            raise ArgumentError("is no row of draws", where=where)
        if ((values < 0) | (values > 1)).any():
            raise ArgumentError("holds a draw outside 0 to 1", where=where)
        found.append(values)
    if len({len(values) for values in found}) > 1:
        raise ArgumentError("rows differ in length", where="impact_draws")
    return np.stack(found, axis=1)


def _solve(point: Portfolio, counts: IntArray, effort: Effort) -> _Solved:
    """Solve each distinct row once; sets met before give each search something to beat."""
    end = monotonic() + effort.seconds
    rows, which = np.unique(counts, axis=0, return_inverse=True)
    problem = point._asked.problem()
    pool: dict[bytes, BoolArray] = {point._taken.tobytes(): point._taken}
    memory: list[FloatArray] = []
    taken = np.zeros(rows.shape, bool)
    values = np.full(len(rows), -1, np.int64)
    gap = 0.0
    for at in dict.fromkeys(which.reshape(-1).tolist()):  # in the order of the draws
        left = end - monotonic()
        if left <= 0 and (values >= 0).any():
            break
        sets = list(pool.values())
        known = sets[int(np.argmax(np.array(sets) @ rows[at]))]
        best = best_choice(
            replace(problem, values=rows[at]),
            replace(effort, seconds=max(left, 0.01)),
            [known],
            memory,
        )
        chosen = known if best.taken is None else best.taken
        taken[at], values[at] = chosen, int(rows[at][chosen].sum())
        gap = max(gap, (best.bound - int(values[at])) / max(best.bound, 1))
        pool.setdefault(chosen.tobytes(), chosen)
    place = which.reshape(-1)
    is_done = values[place] >= 0
    place = place[: int(np.argmin(is_done))] if not is_done.all() else place
    return _Solved(
        taken[place], values[place], gap, len(np.unique(place)), is_late=not is_done.all()
    )


def _told(
    point: Portfolio, counts: IntArray, solved: _Solved, few: tuple[str, ...]
) -> RobustPortfolio:
    number = len(solved.taken)
    names = point._asked.names
    share = solved.taken.mean(axis=0)
    kinds: list[RobustKind] = [
        "core" if part == 1 else "borderline" if part > 0 else "exterior" for part in share.tolist()
    ]
    missed = solved.values - counts[:number] @ point._taken
    status: Literal["optimal", "within gap", "time limit"] = "optimal"
    if solved.is_late:
        status = "time limit"
    elif solved.gap > 0:
        status = "within gap"
    cautions = point.cautions
    if few:
        told = f"too few ratings to tell how far the value of {listed(few)} may move"
        cautions += (f"{told}: the share is too near 0 or 1",)
    if solved.is_late:
        cautions += (f"the time limit came after {number} of {len(counts)} draws",)
    return RobustPortfolio(
        portfolio=point,
        table=Columns(
            {
                "initiative": Text.of(names),
                "chosen": point._taken,
                "share": share,
                "standard_error": _standard_error(share, number),
                "kind": Text.of(kinds),
            }
        ),
        core=tuple(name for name, kind in zip(names, kinds, strict=True) if kind == "core"),
        borderline=tuple(n for n, kind in zip(names, kinds, strict=True) if kind == "borderline"),
        exterior=tuple(n for n, kind in zip(names, kinds, strict=True) if kind == "exterior"),
        regret=_regret(missed / GRID),
        best_in=probability(missed <= 0),
        portfolios=_most_met(names, solved.taken),
        draws=number,
        distinct=solved.distinct,
        gap=solved.gap,
        status=status,
        cautions=cautions,
    )


def _standard_error(share: FloatArray, number: int) -> FloatArray:
    return np.sqrt(share * (1 - share) / number)


def _regret(missed: FloatArray) -> Regret:
    spread = float(missed.std(ddof=1)) if len(missed) > 1 else 0.0
    return Regret(
        mean=float(missed.mean()),
        standard_error=spread / float(np.sqrt(len(missed))),
        high=float(np.quantile(missed, _HIGH)),
    )


def _most_met(names: Sequence[str], taken: BoolArray) -> Columns:
    sets, first, count = np.unique(taken, axis=0, return_index=True, return_counts=True)
    order = np.lexsort((first, -count))[:_SHOWN]
    share = count[order] / len(taken)
    return Columns(
        {
            "initiatives": Text.of(
                ", ".join(name for name, is_in in zip(names, row, strict=True) if is_in)
                for row in sets[order].tolist()
            ),
            "share": share,
            "standard_error": _standard_error(share, len(taken)),
        }
    )
