"""The page of reason codes is made from the enumerations and never behind them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from opsafe import oud
from opsafe.mme.reasons import NEVER_LOWER_BOUND, Flag, Reason
from tests.house import scripts

DOCS = Path(__file__).parents[2] / "docs"


def maker() -> ModuleType:
    return scripts.load("_make_reason_codes.py")


def written() -> str:
    return (DOCS / "reference" / "reason-codes.md").read_text(encoding="utf-8")


def test_page_is_up_to_date() -> None:
    assert written() == maker().page(), "run: python docs/_make_reason_codes.py"


def test_every_code_has_its_meaning_and_no_other() -> None:
    made = maker()
    assert list(made.REASON_MEANINGS) == list(Reason)
    assert list(made.FLAG_MEANINGS) == list(Flag)


@pytest.mark.parametrize("code", [*Reason, *Flag])
def test_every_code_has_a_line_with_its_field_and_advice(code: Reason | Flag) -> None:
    (line,) = [line for line in written().splitlines() if line.startswith(f"| `{code}`<br>")]
    assert line.startswith(f"| `{code}`<br>`{code.field}` |")
    assert code.advice in line.replace("`", "")


def test_the_lower_bound_column_says_what_the_code_does() -> None:
    for reason in Reason:
        (line,) = [line for line in written().splitlines() if line.startswith(f"| `{reason}`<br>")]
        makes = line.strip("| ").split(" | ")[-2]
        assert (makes == "yes") is (
            reason not in NEVER_LOWER_BOUND and reason is not Reason.MEMBER_MISSING
        )


def test_codes_of_assessments_have_their_lines() -> None:
    for row in oud.Reason:
        assert f"| `{row}` | *" in written()
    for code in oud.CodeReason:
        assert f"| `{code}` | {code.advice}. |" in written()
