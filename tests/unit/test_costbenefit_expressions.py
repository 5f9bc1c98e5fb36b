"""The language of expressions: against Python's own arithmetic, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.costbenefit._expressions import look_up, parse

NAMES = {"a": 0.25, "b": -3.0, "cycle": 7.0}
PYTHON: dict[str, Any] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "floor": math.floor,
    "min": min,
    "max": max,
    "where": lambda condition, first, second: first if condition else second,
    "__builtins__": {},
}

leaves = st.one_of(
    st.sampled_from(sorted(NAMES)), st.integers(0, 9).map(str), st.floats(0, 9).map(repr)
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(("+", "-", "*", "/", "**")), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(inner, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda value: f"-{value}"),
        st.tuples(st.sampled_from(("exp", "log", "sqrt", "floor")), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(st.sampled_from(("min", "max")), inner, inner).map(
            lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda parts: f"where({', '.join(parts)})"),
    )


@given(st.recursive(leaves, grown, max_leaves=8))
def test_expressions_are_pythons_own(text: str) -> None:
    try:
        wanted = eval(text, {**PYTHON, **NAMES})  # noqa: S307 - made of the letters above
    except (ArithmeticError, ValueError):
        wanted = math.nan
    if isinstance(wanted, complex) or not abs(wanted) < 1e100:
        return
    with np.errstate(all="ignore"):
        found = float(np.asarray(parse(text).evaluate(NAMES)))
    assert found == pytest.approx(float(wanted), rel=1e-12, abs=1e-300)


def test_arrays_go_through_at_once() -> None:
    scope = {"p": np.array([0.1, 0.2]), "t": np.array([[0.0], [1.0], [2.0]])}
    found = parse("p * where(t < 2, 1, 3)").evaluate(scope)
    np.testing.assert_allclose(found, [[0.1, 0.2], [0.1, 0.2], [0.3, 0.6]])


def test_names_are_told_with_their_places() -> None:
    found = parse("  p_die + mortality[cycle] * p_die")
    assert found.names == {"p_die": 3, "cycle": 21}
    assert found.tables == {"mortality": 11}


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "is no expression"),
        ("1 +", "is no expression"),
        ("p.real", "at character 1: this form is not part of the language"),
        ("[1, 2]", "not part of the language"),
        ("p if q else r", "not part of the language"),
        ("lambda: 1", "not part of the language"),
        ("'text'", "only numbers and names can stand here"),
        ("True + 1", "only numbers and names can stand here"),
        ("1j", "only numbers and names can stand here"),
        ("1e999", "the number is too large"),
        ("1" + "0" * 400, "the number is too large"),
        ("2 + exp", "at character 5: exp is a function: exp"),
        ("__import__('os')", "is no function here"),
        ("expp(1)", "did you mean exp?"),
        ("exp(1, 2)", "exp takes 1 values"),
        ("where(1, 2)", "where takes 3 values"),
        ("max(*p)", "max takes 2 to 9 values"),
        ("p @ q", "not part of the language"),
        ("p in q", "not part of the language"),
        ("p and q", "not part of the language"),
        ("~p", "not part of the language"),
        ("t[0][1]", "not part of the language"),
        ("(" * 300 + "1" + ")" * 300, "is no expression"),
        ("-" * 200 + "1", "nested too deeply"),
        ("1 + " * 600 + "1", "longer than 2,000 characters"),
        ("p := 3", "is no expression"),
        ("x\0y", "is no expression"),
    ],
)
def test_what_is_no_expression(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace("?", r"\?")):
        parse(text)


def test_tables_are_read_at_whole_numbers_that_they_have() -> None:
    table = np.array([10.0, 20.0, 30.0])
    np.testing.assert_array_equal(look_up(table, 1), 20)
    np.testing.assert_array_equal(look_up(table, np.array([0, 2, 3])), [10, 30, np.nan])
    assert np.isnan(look_up(table, 0.5)) and np.isnan(look_up(table, -1))
    assert np.isnan(look_up(table, np.nan))
