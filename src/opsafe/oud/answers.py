"""One person's answers to the eleven criteria, read once and completely.

Yes, no and unknown are three different answers. A blank is unknown, never no.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

from opsafe._arguments import plain
from opsafe._readings import read_date
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud.criteria import CriteriaEdition
from opsafe.quantity import read_decimal

__all__ = ["WORDS", "Answer", "Given", "read_answers", "read_tristate"]

WORDS: Final[Mapping[str, bool | None]] = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
    "unknown": None,
    "u": None,
    "": None,
}
"""Every word that is an answer, in lower case."""
_DATE: Final = re.compile(r"\d{4}-?\d\d")


@dataclass(frozen=True, slots=True, init=False)
class Answer:
    """An answer with what else is known of it.

    Parameters
    ----------
    met : bool, text or None
        Yes, no, or unknown.
    last_true : date or str, optional
        The last day on which the criterion was true.
    last_true_outside_supervision : date or str, optional
        Of tolerance and withdrawal: the last day on which it was true while opioids were not
        taken solely under medical supervision.
    pain_is_sole_motive : bool, text or None
        Of the other nine: whether relief of pain is its only motive.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an answer is none, or the dates contradict each other.

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.Answer("yes", last_true="2026-03-01").last_true
    datetime.date(2026, 3, 1)
    """

    met: bool | None
    last_true: date | None
    last_true_outside_supervision: date | None
    pain_is_sole_motive: bool | None

    def __init__(
        self,
        met: bool | str | None = None,
        last_true: date | str | None = None,
        last_true_outside_supervision: date | str | None = None,
        pain_is_sole_motive: bool | str | None = None,
    ) -> None:
        last = _read_day(last_true, "last_true")
        outside = _read_day(last_true_outside_supervision, "last_true_outside_supervision")
        if outside is not None and last is not None and outside > last:
            raise ArgumentError(
                "lies after last_true, which would then be later",
                where="last_true_outside_supervision",
            )
        motive = read_tristate(pain_is_sole_motive, "pain_is_sole_motive")
        read = (read_tristate(met, "met"), last, outside, motive)
        for name, value in zip(Answer.__slots__, read, strict=True):
            object.__setattr__(self, name, value)


Given: TypeAlias = bool | Answer | None
"""An answer as it was read: an :class:`Answer` only where more than yes or no was said."""


def read_answers(answers: object, edition: CriteriaEdition) -> list[Given]:
    """Read the answers in the order of the criteria.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is no criterion, a criterion is answered twice, or an answer is none.
    """
    if not isinstance(answers, Mapping):
        raise ArgumentTypeError(
            "is not a mapping of criteria to answers", where="answers", value=type(answers).__name__
        )
    positions = edition.positions
    read: list[Given] = [None] * len(edition.criteria)
    seen = 0
    for name, value in answers.items():
        position = positions.get(name.casefold().strip()) if isinstance(name, str) else None
        if position is None:
            raise _unknown(name, edition)
        if seen & 1 << position:
            raise ArgumentError(
                f"{edition.ids[position]} is answered twice", where=f"answers[{name!r}]"
            )
        seen |= 1 << position
        if value is True or value is False or value is None:
            read[position] = value
        else:
            read[position] = _read_one(value, f"answers[{name!r}]", edition, position)
    return read


def _read_day(day: object, where: str) -> date | None:
    day = plain(day)
    if isinstance(day, datetime) and day.tzinfo is None:
        day = day.date()  # a naive timestamp is its date
    return None if day is None else read_date(day, where)


def _unknown(name: object, edition: CriteriaEdition) -> ArgumentError:
    if name in ("solely_supervised", "impairment_or_distress"):
        return ArgumentError(
            f"{name} is no criterion", where="answers", advice=f"Give it as {name}= beside them"
        )
    near = get_close_matches(str(name)[:60].casefold(), list(edition.positions), n=3, cutoff=0.5)
    labels = [edition.criteria[edition.positions[word]] for word in near]
    return ArgumentError(
        f"{str(name)[:60]!r} is no criterion",
        where="answers",
        allowed=[f"{one.id} ({one.label})" for one in labels] or ["A1 to A11"],
        advice=f"Labels and identifiers stand in oud.edition({edition.id!r}).criteria",
    )


def _read_one(value: object, where: str, edition: CriteriaEdition, position: int) -> Given:
    if isinstance(value, str):
        value = value.strip()
    elif isinstance(value, date) and plain(value) is None:
        return None  # NaT
    if isinstance(value, Mapping):
        value = _from_record(value, where)
    elif isinstance(value, date) or (isinstance(value, str) and _DATE.match(value)):
        value = Answer(met=True, last_true=_read_day(value, where))
    if not isinstance(value, Answer):
        return read_tristate(value, where)
    exempt = not edition.criteria[position].counts_under_supervision
    if exempt and value.pain_is_sole_motive is not None:
        raise ArgumentError(
            "has a motive, which only the criteria that always count can have",
            where=where,
            advice="Leave pain_is_sole_motive out; supervision decides of tolerance and withdrawal",
        )
    if not exempt and value.last_true_outside_supervision is not None:
        raise ArgumentError(
            "counts under supervision too", where=where, advice="Give last_true alone"
        )
    return value


def _from_record(record: Mapping[Any, Any], where: str) -> Answer:
    if not set(record) <= set(Answer.__slots__):
        raise ArgumentError("has a field that no answer has", where=where, allowed=Answer.__slots__)
    try:
        return Answer(**record)
    except (ArgumentError, ArgumentTypeError) as error:
        error.where = f"{where}.{error.where}"
        raise


def read_tristate(value: object, where: str) -> bool | None:
    """Read yes, no or unknown: true, false, missing, their words, 1 and 0.

    Raises
    ------
    ArgumentError
        If it is none of them.
    """
    if value is True or value is False or value is None:
        return value
    value = plain(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        folded = value.strip().casefold()
        if folded in WORDS:
            return WORDS[folded]
    number = read_decimal(value) if isinstance(value, str) else value
    if isinstance(number, int | float | Decimal) and number in (0, 1):
        return bool(number)
    raise ArgumentError(
        f"{str(value)[:40]!r} is no answer",
        where=where,
        allowed=("True", "False", "None", "yes", "no", "unknown"),
    )
