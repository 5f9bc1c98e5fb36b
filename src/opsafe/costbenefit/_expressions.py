"""A tiny language for numbers of a model: ``(1 - p_die) * where(cycle < 12, 0.1, 0.05)``.

Text is parsed once into a closed list of forms; nothing else is ever run. Values are NumPy numbers
or arrays, so one evaluation serves all draws; a division by zero gives an infinity here, which the
caller refuses with the place it came from.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, reduce
from itertools import pairwise
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from opsafe.quantity import FloatArray

__all__ = ["FUNCTIONS", "VARIABLES", "Expression", "Scope", "parse", "unknown_name"]

Value: TypeAlias = "float | FloatArray"

VARIABLES: Final[Mapping[str, str]] = {
    "cycle": "the number of the cycle, 0 in the first",
    "year": "whole years since the start, 0 in the first",
    "age": "start_age and the years since the start",
    "time_in_state": "cycles spent in the state so far, 0 in the first",
    "dwell_ends": "the probability that the dwell of the state ends in this cycle",
}
"""Names that every expression of a model may use, and what they are."""

_LONGEST: Final = 2_000  # characters
_DEEPEST: Final = 60
_TINY: Final = 1e-9  # how far from a whole number the index of a table may lie


class Scope(Protocol):
    """What gives names their values."""

    def __getitem__(self, name: str, /) -> Value: ...


@dataclass(frozen=True, slots=True)
class Expression:
    """Text that was read."""

    text: str
    names: Mapping[str, int]
    """Names of parameters and variables, each with the character at which it first stands."""
    tables: Mapping[str, int]
    """Names that are followed by an index in brackets, likewise."""
    evaluate: Callable[[Scope], Value]


def _where(condition: Value, first: Value, second: Value) -> Value:
    chosen: FloatArray = np.where(np.not_equal(condition, 0), first, second)
    return chosen


def _least(*values: Value) -> Value:
    return reduce(np.minimum, values)


def _most(*values: Value) -> Value:
    return reduce(np.maximum, values)


_CALLS: Final[Mapping[str, tuple[Callable[..., Any], int, int]]] = {
    "exp": (np.exp, 1, 1),
    "log": (np.log, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "floor": (np.floor, 1, 1),
    "min": (_least, 2, 9),
    "max": (_most, 2, 9),
    "where": (_where, 3, 3),
}
FUNCTIONS: Final = tuple(_CALLS)
"""What can be called."""

_BINARY: Final[Mapping[type, Callable[..., Any]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.Pow: np.power,
}
_COMPARED: Final[Mapping[type, Callable[..., Any]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        Numbers, names, ``+ - * / **``, parentheses, comparisons (1 where true, else 0), ``exp``,
        ``log``, ``sqrt``, ``floor``, ``min``, ``max``, ``where(condition, then, else)`` and
        ``table[index]``.

    Returns
    -------
    Expression
        Ready to be evaluated.

    Raises
    ------
    ValueError
        If it is none; the message names the character, counted from 1.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST:,} characters: name parts of it as parameters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        at = f" at character {error.offset}" if error.offset else ""
        raise ValueError(f"{_quoted(text)} is no expression{at}: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ValueError(f"{_quoted(text)} is no expression") from None
    return _Reader(text).read(tree.body)


def unknown_name(text: str, name: str, at: int, known: Collection[str]) -> str:
    """Say that a name of an expression is not known, and which ones are near."""
    near = get_close_matches(name, [*known, *VARIABLES, *FUNCTIONS], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {_listed(known)}"
    return f"{_quoted(text)}: {name!r} at character {at} is no parameter; {hint}"


def _listed(known: Collection[str]) -> str:
    shown = sorted(known)[:8]
    more = ", ..." if len(known) > len(shown) else ""
    return ", ".join([*shown, *VARIABLES]) + more


class _Reader:
    """One walk over the tree: names are noted down, and each node becomes a function."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.indent = len(text) - len(text.lstrip())
        self.names: dict[str, int] = {}
        self.tables: dict[str, int] = {}

    def read(self, node: ast.expr) -> Expression:
        return Expression(self.text, self.names, self.tables, self._node(node, _DEEPEST))

    def _node(self, node: ast.expr, depth: int) -> Callable[[Scope], Any]:
        if depth == 0:
            raise ValueError(f"{_quoted(self.text)} is nested too deeply: name parts of it")
        inner = depth - 1
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self._node(node.left, inner), self._node(node.right, inner)
            operation = _BINARY[type(node.op)]
            return lambda scope: operation(left(scope), right(scope))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            value = self._node(node.operand, inner)
            return (
                value if isinstance(node.op, ast.UAdd) else lambda scope: np.negative(value(scope))
            )
        if isinstance(node, ast.Compare) and all(type(op) in _COMPARED for op in node.ops):
            return self._comparison(node, inner)
        if isinstance(node, ast.Call):
            return self._call(node, inner)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            return self._lookup(node, inner)
        raise self._wrong(node, "this form is not part of the language")

    def _constant(self, node: ast.Constant) -> Callable[[Scope], float]:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self._wrong(node, "only numbers and names can stand here")
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self._wrong(node, "the number is too large")
        return lambda _scope: value

    def _name(self, node: ast.Name) -> Callable[[Scope], Value]:
        name = node.id
        if name in _CALLS:
            raise self._wrong(node, f"{name} is a function: {name}(...)")
        self.names.setdefault(name, self._at(node))
        return lambda scope: scope[name]

    def _comparison(self, node: ast.Compare, depth: int) -> Callable[[Scope], Value]:
        values = [self._node(each, depth) for each in (node.left, *node.comparators)]
        compared = [_COMPARED[type(op)] for op in node.ops]

        def hold(scope: Scope) -> Value:
            pairs = pairwise([value(scope) for value in values])
            holds: Value = reduce(
                np.multiply,  # of numbers, for truth values cannot be subtracted
                (compare(*pair) + 0.0 for compare, pair in zip(compared, pairs, strict=True)),
            )
            return holds

        return hold

    def _call(self, node: ast.Call, depth: int) -> Callable[[Scope], Value]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _CALLS:
            near = get_close_matches(name, FUNCTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FUNCTIONS)}"
            raise self._wrong(node, f"{name or 'this'} is no function here; {hint}")
        function, least, most = _CALLS[name]
        if node.keywords or not least <= len(node.args) <= most:
            number = f"{least}" if least == most else f"{least} to {most}"
            raise self._wrong(node, f"{name} takes {number} values, separated by commas")
        values = [self._node(each, depth) for each in node.args]
        return lambda scope: function(*(value(scope) for value in values))

    def _lookup(self, node: ast.Subscript, depth: int) -> Callable[[Scope], Value]:
        assert isinstance(node.value, ast.Name)
        name = node.value.id
        self.tables.setdefault(name, self._at(node.value))
        index = self._node(node.slice, depth)
        return lambda scope: look_up(scope[name], index(scope))

    def _at(self, node: ast.expr) -> int:
        """The character of a node, counted from 1; the tree counts bytes, and these are letters."""
        before = self.text.strip().encode()[: node.col_offset]
        return len(before.decode(errors="ignore")) + self.indent + 1

    def _wrong(self, node: ast.expr, why: str) -> ValueError:
        return ValueError(f"{_quoted(self.text)} at character {self._at(node)}: {why}")


def look_up(table: Value, index: Value) -> Value:
    """Read a table at whole numbers from 0 on; not a number where it has no such place."""
    values, wanted = np.asarray(table), np.asarray(index, np.float64)
    places = np.rint(wanted)
    good = (np.abs(places - wanted) <= _TINY) & (places >= 0) & (places < len(values))
    rows = np.where(good, places, 0).astype(np.int64)
    if values.ndim == 1:
        found = values[rows]
    elif rows.ndim == 0 or rows.shape[-1] == 1:  # a table that differs by draw, read alike in all
        found = values[rows] if rows.ndim == 0 else values[rows[..., 0]]
    else:
        found = values[rows, np.arange(values.shape[1])]
    return np.where(good, found, np.nan)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:80]}...")
