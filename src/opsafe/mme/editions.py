"""Editions of conversion factors: the published tables, one file each, side by side.

Nothing is merged and nothing falls back: a calculation names its edition, or an explicit chain
of editions in which a later one answers only for drugs that no earlier one lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeAlias

from opsafe._edition_ids import known_id
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError
from opsafe.mme.chain import Answer, EditionChain
from opsafe.mme.conversion import ConversionEdition, shipped, shipped_ids
from opsafe.provenance import EditionList

__all__ = [
    "Answer",
    "ConversionEdition",
    "EditionArgument",
    "EditionChain",
    "corrected_by",
    "edition",
    "editions",
    "last_day",
    "resolve_editions",
]


def editions() -> EditionList[ConversionEdition]:
    """Return every edition that ships with opsafe.

    Returns
    -------
    EditionList
        A tuple of :class:`ConversionEdition`, by first day, then id.

    Examples
    --------
    >>> [each.id for each in editions() if "research" in each.intended_use]
    ['von-korff-2008', 'nih-heal-2024']
    """
    loaded = (shipped(edition_id) for edition_id in shipped_ids())
    return EditionList(sorted(loaded, key=lambda each: (each.effective_from, each.id)))


def edition(edition_id: str) -> ConversionEdition:
    """Return the edition with this id.

    Parameters
    ----------
    edition_id : str
        An id of :func:`editions`.

    Returns
    -------
    ConversionEdition
        The edition.

    Raises
    ------
    EditionNotFoundError
        No edition has this id; the message names the nearest. A source that printed two sets
        (``cms-2018-02``) has no edition of its own, only the two.

    Examples
    --------
    >>> edition("cdc-2022").effective_from
    datetime.date(2022, 11, 4)
    """
    known = shipped_ids()
    parts = tuple(each for each in known if each.startswith(f"{edition_id}-"))
    if parts and edition_id not in known:
        raise EditionNotFoundError(
            f"{edition_id!r} printed more than one set of factors",
            where="edition",
            value=edition_id,
            allowed=parts,
            advice="Name one of them",
        )
    advice = (
        "mme.editions() lists them; a file of your own loads with"
        " mme.ConversionEdition.from_toml(path)"
    )
    return shipped(known_id(edition_id, known, where="edition", advice=advice))


def last_day(edition_id: str) -> date | None:
    """Return the last day on which an edition held.

    Parameters
    ----------
    edition_id : str
        An id of :func:`editions`.

    Returns
    -------
    datetime.date or None
        The day before the first day of the edition that supersedes it (for a date known to the
        month or year, the day before that month or year); None where none does. A table may
        have been withdrawn without a successor: its note says so.

    Raises
    ------
    EditionNotFoundError
        No edition has this id.

    Examples
    --------
    >>> last_day("cdc-2016")
    datetime.date(2022, 11, 3)
    """
    asked = edition(edition_id)
    names = {asked.id, asked.corrects}
    followers = [each.effective_from for each in editions() if each.supersedes in names - {None}]
    return min(followers) - timedelta(days=1) if followers else None


def corrected_by(edition_id: str) -> ConversionEdition | None:
    """Return the edition that corrects our transcription of this one.

    Parameters
    ----------
    edition_id : str
        An id of :func:`editions`.

    Returns
    -------
    ConversionEdition or None
        The newest correction; None where nothing was corrected.

    Raises
    ------
    EditionNotFoundError
        No edition has this id.
    """
    asked = edition(edition_id)
    return next((each for each in reversed(editions()) if each.corrects == asked.id), None)


EditionArgument: TypeAlias = str | ConversionEdition | Sequence[str | ConversionEdition]
"""What an argument ``edition=`` takes: an id, an edition, or several of them in order."""


def resolve_editions(argument: EditionArgument | EditionChain) -> EditionChain:
    """Turn an ``edition=`` argument into a chain.

    Parameters
    ----------
    argument : str, ConversionEdition, or sequence of them
        An id, an edition, or several in the order in which they answer.

    Returns
    -------
    EditionChain
        At least one edition.

    Raises
    ------
    EditionNotFoundError
        An id is not known.
    ArgumentError
        The sequence is empty or names an edition twice.
    ArgumentTypeError
        The argument is something else.

    Examples
    --------
    >>> resolve_editions(("cdc-2022", "cdc-file-2018")).lookup("levorphanol", "oral", None)[
    ...     0
    ... ].id
    'cdc-file-2018'
    """
    if isinstance(argument, EditionChain):
        return argument
    if isinstance(argument, str | ConversionEdition):
        return EditionChain((_one(argument),))
    if not isinstance(argument, Sequence):
        raise _wrong_type(argument)
    chain = EditionChain(tuple(_one(each) for each in argument))
    if not chain.ids:
        raise ArgumentError("no edition is named", where="edition", value=())
    if len(set(chain.ids)) < len(chain.ids):
        raise ArgumentError("an edition is named twice", where="edition", value=chain.ids)
    return chain


def _one(argument: object) -> ConversionEdition:
    if isinstance(argument, ConversionEdition):
        return argument
    if isinstance(argument, str):
        return edition(argument)
    raise _wrong_type(argument)


def _wrong_type(argument: object) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"cannot be a {type(argument).__name__}",
        where="edition",
        value=type(argument).__name__,
        allowed=("an id", "a ConversionEdition", "a tuple of them"),
        advice="mme.editions() lists the ids",
    )
