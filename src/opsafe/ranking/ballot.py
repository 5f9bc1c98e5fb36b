"""A blank ballot: every initiative, what each step means, and who does not rate what is theirs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from opsafe._display import as_html, counted
from opsafe.columns import Column, Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.ranking._columns_of import words
from opsafe.ranking.criteria import Criteria, Criterion
from opsafe.ranking.ratings import Owners, read_owners

__all__ = ["Ballot", "ballot"]

_RECUSED = "recused: owner"
# Also the wide forms of East Asian keyboards, which some spreadsheets take for the same.
_RUN_BY_A_SPREADSHEET: Final = "=+-@＝＋－＠"


@dataclass(frozen=True, slots=True, eq=False)
class Ballot:
    """A ballot to fill in; its table comes back through :func:`read_ratings`."""

    criteria: Criteria
    initiatives: tuple[str, ...]
    raters: tuple[str, ...]
    """Empty where one sheet serves for all."""
    table: Columns
    """initiative, rater (where there are raters), a column for each criterion, blank, and note:
    "recused: owner" where the rater owns the initiative."""
    _note: str = field(repr=False)

    def to_csv(self) -> str:
        """Return the table as comma-separated text with a header.

        Returns
        -------
        str
            One line a rater and initiative. Filled in, it is a table of ratings: read it with any
            reader, or with ``numbers_as_text=True`` from Python's own. The note is not read.

        Raises
        ------
        ArgumentError
            If a name begins with = + - or @: a spreadsheet would run it as a formula. Such names
            are refused and not changed, so that what comes back is what was sent.
        """
        names = [*self.initiatives, *self.raters, *self.criteria.names]
        formula = next((name for name in names if name[0] in _RUN_BY_A_SPREADSHEET), None)
        if formula is not None:
            raise ArgumentError(
                f"{formula[:40]!r} begins with a sign that a spreadsheet runs as a formula",
                where="name",
                value=formula,
                advice="Begin it with a letter or a digit; to_markdown() takes any name",
            )
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        header = self.table.keys()
        writer.writerow(header)
        cells = [self.table[name].tolist() for name in header]
        for row in zip(*cells, strict=True):
            writer.writerow([each if isinstance(each, str) else "" for each in row])
        return out.getvalue()

    def to_markdown(self) -> str:
        """Return the ballot as Markdown: what the steps mean, then a sheet for each rater.

        Returns
        -------
        str
            A page to print or to send.
        """
        parts = [f"# Ballot: {_plain(self.criteria.title)}", *map(_explained, self._criteria)]
        parts.append("Leave a field blank where you cannot judge: blank is missing, not low.")
        parts += [self._sheet(rater) for rater in self.raters or (None,)]
        return "\n\n".join(parts) + "\n"

    @property
    def _criteria(self) -> tuple[Criterion, ...]:
        return self.criteria.criteria

    def _sheet(self, rater: str | None) -> str:
        head = ["initiative", *(f"{each.label} ({_range(each)})" for each in self._criteria)]
        lines = [_line(head), _line(["---"] * len(head))]
        notes = self.table[self._note].tolist()
        whose = self.table["rater"].tolist() if self.raters else [None] * len(self.table)
        for initiative, name, note in zip(
            self.table["initiative"].tolist(), whose, notes, strict=True
        ):
            if name == rater:
                lines.append(_line([initiative, *[note or ""] * len(self._criteria)]))
        title = "## Rater: ________" if rater is None else f"## Rater: {_plain(rater)}"
        return f"{title}\n\n" + "\n".join(lines)

    def __repr__(self) -> str:
        raters = counted(len(self.raters), "rater") if self.raters else "one sheet for all"
        return f"Ballot({counted(len(self.initiatives), 'initiative')}, {raters})"

    def _repr_html_(self) -> str:
        return as_html(f"Ballot: {self.criteria.title}", self.table)


def ballot(
    criteria: Criteria,
    initiatives: Sequence[str],
    raters: Sequence[str] | None = None,
    *,
    owners: Owners | None = None,
) -> Ballot:
    """Make a blank ballot.

    Parameters
    ----------
    criteria : Criteria
        What is rated, with anchors and the words of the steps.
    initiatives : sequence of str
        Names of the initiatives, each once.
    raters : sequence of str, optional
        Who rates; without them one sheet serves for all, and comes back as one rater.
    owners : mapping of str to str or sequence of str, optional
        Who owns an initiative, by initiative: owners do not rate their own.

    Returns
    -------
    Ballot
        The ballot as a table, as comma-separated text and as Markdown.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is no initiative, a name is blank, is there twice or is no text, or an owner is
        named for an initiative that is not on the ballot.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> found = rk.ballot(
    ...     rk.IMPACT_EASE_1_5, ["naloxone"], ["ana", "ben"], owners={"naloxone": "ben"}
    ... )
    >>> print(found.to_csv())
    initiative,rater,impact,ease,note
    naloxone,ana,,,
    naloxone,ben,,,recused: owner
    <BLANKLINE>
    """
    if not isinstance(criteria, Criteria):
        raise ArgumentTypeError("is no Criteria", where="criteria", value=type(criteria).__name__)
    names = _names(initiatives, "initiatives")
    people = () if raters is None else _names(raters, "raters")
    owned = read_owners(owners, names)
    rows = [(name, rater) for rater in people or (None,) for name in names]
    columns: dict[str, Column] = {"initiative": Text.of(name for name, _ in rows)}
    if people:
        columns["rater"] = words(rater for _, rater in rows)
    for each in criteria.names:
        columns[each] = np.full(len(rows), np.nan)
    note = "note" if "note" not in columns else "note of the ballot"
    columns[note] = words(
        _RECUSED if rater in owned.get(name, ()) else None for name, rater in rows
    )
    return Ballot(criteria, names, people, Columns(columns), note)


def _names(given: object, where: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ArgumentTypeError("is no sequence of names", where=where, value=type(given).__name__)
    if not all(isinstance(name, str) for name in given):
        raise ArgumentTypeError("holds a name that is no text", where=where)
    names = tuple(name.strip() for name in given)
    if not names or not all(names):
        raise ArgumentError("holds no name, or a blank one", where=where)
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ArgumentError(f"names {twice!r} twice", where=where, value=twice)
    return names


def _explained(criterion: Criterion) -> str:
    """A criterion with its anchors and the words of its steps."""
    worst, best = (f"{each:g} {criterion.unit}" for each in (criterion.worst, criterion.best))
    lines = [f"**{_plain(criterion.label)}**: worst {_plain(worst)}, best {_plain(best)}"]
    lines += [f"- {step.value:g}: {_plain(step.label)}" for step in criterion.steps]
    return "\n".join((lines[0], "", *lines[1:])) if lines[1:] else lines[0]


def _range(criterion: Criterion) -> str:
    return f"{criterion.low:g} to {criterion.high:g}"


def _line(fields: Sequence[str]) -> str:
    return f"| {' | '.join(map(_plain, fields))} |"


def _plain(text: str) -> str:
    """Text on one line that starts no cell of its own."""
    return " ".join(text.split()).replace("|", "\\|")
