"""The page of reason codes is made from the enumerations and never behind them."""

from __future__ import annotations

from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from opsafe.mme.reasons import NEVER_LOWER_BOUND, Flag, Reason

DOCS = Path(__file__).parents[2] / "docs"


def maker() -> ModuleType:
    path = DOCS / "_make_reason_codes.py"
    specification = util.spec_from_file_location("make_reason_codes", path)
    assert specification is not None
    assert specification.loader is not None
    module = util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


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
