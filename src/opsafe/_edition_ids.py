"""How an edition is found by its id, in every engine alike."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from opsafe.errors import ArgumentTypeError, EditionNotFoundError

__all__ = ["known_id"]


def known_id(edition_id: object, known: Iterable[str], *, where: str, advice: str) -> str:
    """Return an id that is known.

    Raises
    ------
    ArgumentTypeError
        If it is no text.
    EditionNotFoundError
        If it is not known; the message names the nearest.
    """
    ids = tuple(known)
    if not isinstance(edition_id, str):
        raise ArgumentTypeError(
            "an edition is named by its id", where=where, value=type(edition_id).__name__
        )
    if edition_id not in ids:
        raise EditionNotFoundError(
            f"no edition is called {edition_id!r}",
            where=where,
            value=edition_id,
            allowed=get_close_matches(edition_id, ids, n=3, cutoff=0.6) or ids,
            advice=advice,
        )
    return edition_id
