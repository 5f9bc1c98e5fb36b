"""Two lists of what a report must say, and where it says it.

Labels are our own words. What the items of CHEERS 2022 ask for was read for 1 to 16 [1]_; the
topics of 17 to 28 are known through other people's copies only, and are marked so. The elements of
a budget impact are those that the abstract of the ISPOR report of 2014 names [2]_, and the practice
that a review of such analyses found [3]_.

References
----------
.. [1] https://pmc.ncbi.nlm.nih.gov/articles/PMC9550741/table/Tab1
.. [2] https://pubmed.ncbi.nlm.nih.gov/24438712/
.. [3] https://paperexplained.cn/articles/paper/detail/030902cec7de4b590a3bb783276efc44a0024e56
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = [
    "BUDGET_ELEMENTS",
    "CHEERS_ITEMS",
    "NOT_APPLICABLE",
    "NOT_REPORTED",
    "budget_elements",
    "cheers_items",
    "read_answers",
]

NOT_REPORTED: Final = "Not Reported"
NOT_APPLICABLE: Final = "Not Applicable"
"""The two answers that the checklist has for gaps; no other word is used for one."""

_READ: Final = "read"
_COPIES: Final = "through other people's copies"
_LAST_READ: Final = 16

CHEERS_ITEMS: Final = (
    "Title",
    "Abstract",
    "Context, question and relevance",
    "Analysis plan",
    "Study population",
    "Setting and place",
    "What is compared, and why",
    "Perspective",
    "Time horizon",
    "Discount rates",
    "Outcomes that are counted",
    "How outcomes were measured",
    "How outcomes were valued",
    "How resources and costs were valued",
    "Currency, dates of prices, conversion",
    "The model, why it, and whether it is public",
    "Methods and assumptions",
    "Differences between groups",
    "How effects are spread over people",
    "How uncertainty is described",
    "How patients and others took part",
    "Parameters, with ranges and sources",
    "Main results",
    "What uncertainty does to the results",
    "What taking part did to the results",
    "Findings, limits, other settings, what is known",
    "Funding",
    "Conflicts of interest",
)
"""Items 1 to 28 of CHEERS 2022, in our words."""


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that a budget impact analysis is to show."""

    key: str
    label: str
    read_in: str


BUDGET_ELEMENTS: Final = (
    Element("population", "Eligible population", "ISPOR 2014, abstract"),
    Element("current_mix", "Current mix of treatments", "ISPOR 2014, abstract"),
    Element("new_mix", "Expected mix of treatments", "ISPOR 2014, abstract"),
    Element("mix_cost", "Cost of the mixes", "ISPOR 2014, abstract"),
    Element("condition_cost", "Change in other costs of the condition", "ISPOR 2014, abstract"),
    Element("uptake", "Limits of access, and uptake", "ISPOR 2014, abstract"),
    Element("calculator", "As simple a calculator as will do", "ISPOR 2014, abstract"),
    Element("perspective", "Perspective of who pays", "review of practice"),
    Element("horizon", "Time horizon, 1 to 5 years", "review of practice"),
    Element("discounting", "No discounting", "review of practice"),
    Element("dynamic", "Population that changes over time", "review of practice"),
    Element("sensitivity", "Sensitivity analysis", "review of practice"),
    Element("validation", "Validation", "review of practice"),
)
"""What a budget impact analysis is to show, in our words."""


def cheers_items(found: Mapping[int, str]) -> Columns:
    """The 28 items with their answers; what nobody answered is "Not Reported"."""
    numbers = np.arange(1, len(CHEERS_ITEMS) + 1)
    return Columns(
        {
            "item": numbers,
            "asks_for": Text.of(CHEERS_ITEMS),
            "answer": Text.of(found.get(int(each), NOT_REPORTED) for each in numbers),
            "wording": Text.of(_READ if each <= _LAST_READ else _COPIES for each in numbers),
        }
    )


def budget_elements(found: Mapping[str, str], *, missing: str = NOT_REPORTED) -> Columns:
    """The elements of a budget impact with their answers."""
    return Columns(
        {
            "element": Text.of(each.label for each in BUDGET_ELEMENTS),
            "answer": Text.of(found.get(each.key, missing) for each in BUDGET_ELEMENTS),
            "read_in": Text.of(each.read_in for each in BUDGET_ELEMENTS),
        }
    )


def read_answers(answers: object) -> dict[int, str]:
    """Read the caller's own answers to items, by their numbers."""
    if not isinstance(answers, Mapping):
        raise ArgumentTypeError(
            "is no mapping of item numbers to text", where="answers", value=type(answers).__name__
        )
    last = len(CHEERS_ITEMS)
    for item, words in answers.items():
        if isinstance(item, bool) or not isinstance(item, int) or not 1 <= item <= last:
            raise ArgumentError(
                "is no item of the checklist",
                where="answers",
                value=item,
                allowed=(f"whole numbers from 1 to {last}",),
            )
        if not isinstance(words, str) or not words.strip():
            raise ArgumentTypeError(
                f"the answer to item {item} is no text",
                where="answers",
                advice=f"Leave the item out; it is then {NOT_REPORTED!r}",
            )
    return {item: _one_line(words) for item, words in answers.items()}


def _one_line(words: str) -> str:
    return " ".join(words.split())
