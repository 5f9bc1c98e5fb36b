"""Every edition of the engine, by id: so far its planning values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from opsafe._edition_shelf import Shelf
from opsafe.provenance import Edition, EditionList
from opsafe.ranking.figures import Defaults

__all__ = ["defaults", "edition", "editions", "resolve"]

Kind = TypeVar("Kind", bound=Edition)

_ADVICE: Final = "editions() lists them; a file of your own loads with Defaults.from_toml"


def _kind(_name: str, _table: Mapping[str, object]) -> type[Edition]:
    return Defaults


_SHELF: Final = Shelf(("opsafe.ranking.data.editions",), _kind, _ADVICE)


def editions() -> EditionList[Edition]:
    """Return every edition of this engine that ships with opsafe.

    Returns
    -------
    EditionList
        A tuple of :class:`~opsafe.provenance.Edition`, by first day, then id.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> [each.id for each in rk.editions()]
    ['2026-01']
    """
    return _SHELF.all()


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
    ArgumentTypeError, EditionNotFoundError
        If the id is no text, or no edition has it; the message names the nearest.
    """
    return _SHELF.get(edition_id)


def defaults(argument: str | Defaults = "2026-01") -> Defaults:
    """Return planning values: the edition of an id, or the edition itself.

    Parameters
    ----------
    argument : str or Defaults, optional
        An id of :func:`editions`, or planning values of your own.

    Returns
    -------
    Defaults
        Each value with its reason.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If it is neither, or no edition has this id.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.defaults().weight_half_width.value
    Decimal('0.15')
    """
    return resolve(argument, Defaults, "defaults")


def resolve(argument: str | Kind, kind: type[Kind], where: str) -> Kind:
    """Turn an argument into an edition of one kind: its id, or the edition itself.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If it is neither text nor an edition of this kind, or no edition of it has this id.
    """
    return _SHELF.resolve(argument, kind, where)
