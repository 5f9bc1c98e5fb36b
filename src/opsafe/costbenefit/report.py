"""A report that a finance team can file: outcomes, money, conventions, inputs, checklists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from opsafe import __version__
from opsafe.columns import Columns
from opsafe.costbenefit._case_memo import rows_of
from opsafe.costbenefit._checklists import (
    NOT_APPLICABLE,
    budget_elements,
    cheers_items,
    read_answers,
)
from opsafe.costbenefit._report_answers import SECTIONS, budget_answers, cheers_answers
from opsafe.costbenefit._report_tables import (
    budget_table,
    case_tables,
    conventions_table,
    decision_table,
    drivers_table,
    inputs_table,
    strategies_table,
)
from opsafe.costbenefit._report_text import Section, as_html, as_markdown
from opsafe.costbenefit.budget_impact import BudgetImpact
from opsafe.costbenefit.business_case import BusinessCase
from opsafe.costbenefit.frontier import frontier
from opsafe.costbenefit.outcomes import Simulated, read_outcomes, read_thresholds
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import EditionUsed

__all__ = ["Report", "report"]

_TABLES: Final = (
    "outcomes",
    "money",
    "by_year",
    "categories",
    "budget",
    "strategies",
    "decision",
    "drivers",
    "conventions",
    "inputs",
    "cheers",
    "budget_elements",
)
_ALWAYS: Final = ("conventions", "inputs", "cheers", "budget_elements")


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """Everything that a report says, as tables; the same inputs give the same text."""

    title: str
    outcomes: Columns
    """Events averted, the number needed to treat, low and high of the draws, or why not known."""
    money: Columns
    """Figures of the business case, or why there is none."""
    by_year: Columns
    """The business case by fiscal year."""
    categories: Columns
    """The business case by category."""
    budget: Columns
    """The budget impact by line of business and year."""
    strategies: Columns
    """Strategies by rising cost, with dominance and ICERs."""
    decision: Columns
    """By threshold the strategy to choose, how likely it is the best, and the value of knowing."""
    drivers: Columns
    """What each uncertain input alone does to the net saving, or to the budget impact."""
    conventions: Columns
    """What every number rests on."""
    inputs: Columns
    """Every input with its origin and source."""
    cheers: Columns
    """The 28 items of CHEERS 2022 with where they are answered, or "Not Reported"."""
    budget_elements: Columns
    """What a budget impact analysis is to show, likewise."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...]
    """The editions that answered."""

    def to_json(self) -> str:
        """Return the report as JSON text.

        Returns
        -------
        str
            JSON; tables are lists of rows, what is missing is null. It holds no time.
        """
        record = {
            "schema_version": 1,
            "opsafe_version": __version__,
            "title": self.title,
            **{name: list(rows_of(getattr(self, name))) for name in _TABLES},
            "cautions": list(self.cautions),
            "editions": [each.model_dump() for each in self.editions],
        }
        return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)

    def to_markdown(self) -> str:
        """Return the report as a document in Markdown.

        Returns
        -------
        str
            Outcomes first, then money, what the numbers rest on, inputs and checklists.
        """
        return as_markdown(self.title, self._sections())

    def _repr_html_(self) -> str:
        return as_html(self.title, self._sections())

    def __repr__(self) -> str:
        shown = [section.title for section in self._sections()]
        return f"Report: {self.title}\n" + "\n".join(f"  {title}" for title in shown)

    def _sections(self) -> list[Section]:
        """The sections that have something to say, in the order of their headings."""
        found = []
        for name, heading in SECTIONS.items():
            if name == "cautions":
                found.append(Section(heading, self.cautions or ("Nothing.",), bullets=True))
            elif name == "editions":
                cited = tuple(each.citation for each in self.editions)
                found.append(Section(heading, (*cited, f"opsafe {__version__}."), bullets=True))
            elif len(table := getattr(self, name)) or name in _ALWAYS:
                found.append(Section(heading, table=table))
        return found


def report(
    *,
    title: str,
    case: BusinessCase | None = None,
    run: Simulated | None = None,
    budget: BudgetImpact | None = None,
    thresholds: npt.ArrayLike = (),
    answers: Mapping[int, str] | None = None,
) -> Report:
    """Put results together into a report that can be filed.

    Parameters
    ----------
    title : str
        What the report is called.
    case : BusinessCase, optional
        A business case.
    run : Run or Outcomes, optional
        Strategies with costs and effects by draw.
    budget : BudgetImpact, optional
        A budget impact.
    thresholds : array_like of float, optional
        USD that one unit of effect is worth, for the decision between strategies.
    answers : mapping of int to str, optional
        Your own answers to items of CHEERS 2022 by their numbers, such as funding (27); they stand
        in place of the report's.

    Returns
    -------
    Report
        Tables, Markdown and JSON, without a date: the same results give the same report.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is nothing to report, a result is of another kind, thresholds have no strategies
        to decide between, or an answer is to no item.

    Notes
    -----
    An item that the results do not answer is "Not Reported", one that does not concern them "Not
    Applicable", and nothing else [1]_. Labels of items are our own words; which of them were read
    in the statement itself is in the column ``wording``.

    References
    ----------
    .. [1] Husereau D et al. CHEERS 2022 statement. Checklist and its use,
       https://wrnmd.com/dhusereau/CHEERSChecklist

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.budget_impact(
    ...     years=2,
    ...     population=1_000,
    ...     share_current={"none": 0.8, "buprenorphine": 0.2},
    ...     share_new={"none": 0.7, "buprenorphine": 0.3},
    ...     cost_usd_per_patient_year={"none": 0, "buprenorphine": 6_000},
    ... )
    >>> filed = cb.report(title="Buprenorphine", budget=found, answers={27: "The plan itself"})
    >>> filed.cheers["answer"][[9, 26, 27]].tolist()
    ['A budget impact is not discounted', 'The plan itself', 'Not Reported']
    """
    name = _title(title)
    own = read_answers({} if answers is None else answers)
    _expect(case, BusinessCase, "case")
    _expect(budget, BudgetImpact, "budget")
    if case is None and run is None and budget is None:
        raise ArgumentError("there is nothing to report", where="case, run, budget")
    outcomes = None if run is None else read_outcomes(run)
    levels = read_thresholds(thresholds) if np.size(thresholds) else np.zeros(0)
    if run is None and len(levels):
        raise ArgumentError("decide between strategies, and no run is given", where="thresholds")
    decides = outcomes is not None and outcomes.draws > 1
    found = None if outcomes is None else frontier(outcomes)
    swings = {}
    if case is not None:
        swings["net saving"] = case.tornado()
    if budget is not None:
        swings["budget impact"] = budget.tornado()
    moves = drivers_table(swings)
    budget_moves = bool(swings.get("budget impact"))
    said = cheers_answers(name, case, run, budget, drivers=len(moves) > 0)
    elements = (
        budget_elements({}, missing=NOT_APPLICABLE)
        if budget is None
        else budget_elements(budget_answers(budget, drivers=budget_moves))
    )
    parts: dict[str, Any] = {"business case": case, "strategies": run, "budget impact": budget}
    return Report(
        title=name,
        **case_tables(case),
        budget=budget_table(budget),
        strategies=strategies_table(found),
        decision=decision_table(outcomes if decides else None, levels),
        drivers=moves,
        conventions=conventions_table(case, run, budget, found),
        inputs=inputs_table(
            {of: part.inputs for of, part in parts.items() if hasattr(part, "inputs")}
        ),
        cheers=cheers_items(said | own),
        budget_elements=elements,
        cautions=_cautions(parts, found, len(levels) > 0 and not decides),
        editions=_editions(parts),
    )


def _title(title: object) -> str:
    if not isinstance(title, str) or not title.strip():
        raise ArgumentTypeError("is no text", where="title", advice="Name the report")
    return " ".join(title.split())


def _expect(result: object, kind: type, where: str) -> None:
    if result is not None and not isinstance(result, kind):
        raise ArgumentTypeError(f"is no {kind.__name__}", where=where, value=type(result).__name__)


def _cautions(parts: Mapping[str, Any], found: Any, undecided: bool) -> tuple[str, ...]:
    """What a reader must know, of every part, once."""
    every = [each for part in (*parts.values(), found) for each in getattr(part, "cautions", ())]
    if parts["strategies"] is not None and not hasattr(parts["strategies"], "inputs"):
        every.append("Strategies were given as costs and effects: their inputs are not told here")
    if undecided:
        every.append("Strategies have one draw: how sure the decision is cannot be told")
    return tuple(dict.fromkeys(every))


def _editions(parts: Mapping[str, Any]) -> tuple[EditionUsed, ...]:
    case, run = parts["business case"], parts["strategies"]
    used = getattr(run, "used", None)
    every = [*getattr(case, "editions", ()), *(used.editions.values() if used else ())]
    return tuple({each.id: each for each in every}.values())
