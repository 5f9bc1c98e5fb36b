"""The two lists of what a report must say: numbers, words for gaps, what was read."""

from __future__ import annotations

from typing import Any

import pytest

from opsafe.costbenefit import _checklists
from opsafe.errors import OpsafeError


def test_there_are_28_items_and_what_nobody_answered_is_not_reported() -> None:
    table = _checklists.cheers_items({8: "the health plan"})
    assert table["item"].tolist() == list(range(1, 29))
    assert table["answer"][7] == "the health plan"
    assert set(table["answer"].tolist()) == {"Not Reported", "the health plan"}


def test_only_the_first_sixteen_are_marked_as_read() -> None:
    table = _checklists.cheers_items({})
    read = table["wording"] == "read"
    assert table["item"][read].tolist() == list(range(1, 17))


def test_labels_differ() -> None:
    assert len(set(_checklists.CHEERS_ITEMS)) == 28
    keys = [each.key for each in _checklists.BUDGET_ELEMENTS]
    assert len(set(keys)) == len(keys) == 13


def test_the_elements_of_a_budget_impact_take_the_word_for_gaps_that_fits() -> None:
    table = _checklists.budget_elements({"population": "890 members"})
    assert table["answer"].tolist() == ["890 members", *["Not Reported"] * 12]
    none = _checklists.budget_elements({}, missing="Not Applicable")
    assert set(none["answer"].tolist()) == {"Not Applicable"}


def test_answers_of_the_caller_are_one_line_each() -> None:
    assert _checklists.read_answers({27: " a\ngrant "}) == {27: "a grant"}


@pytest.mark.parametrize(
    "answers",
    [None, [1], {0: "a"}, {29: "a"}, {True: "a"}, {"1": "a"}, {1: ""}, {1: " \n"}, {1: None}],
    ids=str,
)
def test_what_is_no_answer_is_refused(answers: Any) -> None:
    with pytest.raises(OpsafeError) as refused:
        _checklists.read_answers(answers)
    assert refused.value.where == "answers"
