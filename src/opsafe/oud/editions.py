"""Every edition of the engine: criteria, codes and instruments, by id."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final, Literal, TypeVar, overload

from opsafe import _tables
from opsafe.errors import ArgumentTypeError, EditionNotFoundError
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.instrument_edition import InstrumentEdition
from opsafe.provenance import Edition

__all__ = ["codes", "edition", "editions", "instrument", "resolve"]

_FOLDER: Final = "opsafe.oud.data.editions"
_KINDS: Final[dict[str, type[Edition]]] = {
    "dsm": CriteriaEdition,
    "icd": CodeEdition,
}
_CODES: Final = "icd-10-cm-f11-fy2023"

Kind = TypeVar("Kind", bound=Edition)


@cache
def _shipped() -> dict[str, Edition]:
    found = []
    for name in _tables.names(_FOLDER):
        kind = _KINDS.get(name.partition("-")[0], InstrumentEdition)
        found.append(kind._from_table(_tables.read_toml(_FOLDER, name), name))
    return {one.id: one for one in sorted(found, key=lambda one: (one.effective_from, one.id))}


def editions() -> tuple[Edition, ...]:
    """Return every edition of this engine that ships with opsafe.

    Returns
    -------
    tuple of Edition
        Criteria, codes and instruments, by first day, then id.

    Examples
    --------
    >>> from opsafe import oud
    >>> [each.id for each in oud.editions() if each.id.startswith("dsm")]
    ['dsm-5', 'dsm-5-tr']
    """
    return tuple(_shipped().values())


@overload
def edition(edition_id: Literal["dsm-5", "dsm-5-tr"]) -> CriteriaEdition: ...
@overload
def edition(edition_id: Literal["icd-10-cm-f11-fy2023"]) -> CodeEdition: ...
@overload
def edition(
    edition_id: Literal["cows-2003", "ort-oud-2019", "peg-2009"],
) -> InstrumentEdition: ...
@overload
def edition(edition_id: str) -> Edition: ...
def edition(edition_id: str) -> Edition:
    """Return the edition with this id.

    Parameters
    ----------
    edition_id : str
        An id of :func:`editions`.

    Returns
    -------
    Edition
        The edition.

    Raises
    ------
    EditionNotFoundError
        No edition has this id; the message names the nearest.

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.edition("dsm-5-tr").bands.severe
    6
    """
    if not isinstance(edition_id, str):
        raise ArgumentTypeError(
            "an edition is named by its id", where="edition", value=type(edition_id).__name__
        )
    found = _shipped().get(edition_id)
    if found is None:
        raise _not_found(edition_id, tuple(_shipped()))
    return found


def resolve(argument: str | CriteriaEdition) -> CriteriaEdition:
    """Turn the argument ``edition=`` of a count into an edition of criteria."""
    if isinstance(argument, CriteriaEdition):
        return argument
    found = edition(argument)
    if not isinstance(found, CriteriaEdition):
        criteria = tuple(each.id for each in editions() if isinstance(each, CriteriaEdition))
        raise _not_found(argument, criteria)
    return found


@cache
def codes() -> CodeEdition:
    """The edition of ICD-10-CM codes that results rest on."""
    return _of_kind(_CODES, CodeEdition)


@cache
def instrument(edition_id: str) -> InstrumentEdition:
    """The edition of an instrument."""
    return _of_kind(edition_id, InstrumentEdition)


def _of_kind(edition_id: str, kind: type[Kind]) -> Kind:
    found = edition(edition_id)
    assert isinstance(found, kind)
    return found


def _not_found(edition_id: str, known: tuple[str, ...]) -> EditionNotFoundError:
    return EditionNotFoundError(
        f"no edition of this kind is called {edition_id!r}",
        where="edition",
        value=edition_id,
        allowed=get_close_matches(edition_id, known, n=3, cutoff=0.6) or known,
        advice="oud.editions() lists them; a file of your own loads with"
        " oud.CriteriaEdition.from_toml(path)",
    )
