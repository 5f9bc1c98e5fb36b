"""Every edition of the engine: prices, spending, evidence, churn, indexes and defaults, by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import numpy as np

from opsafe._edition_shelf import Shelf
from opsafe.columns import Columns, Text
from opsafe.costbenefit.figures import (
    Churn,
    Defaults,
    Evidence,
    Figures,
    PriceIndex,
    Prices,
    Programme,
    Row,
    Spending,
    Study,
    Targets,
)
from opsafe.provenance import Edition, EditionList
from opsafe.retention import FOLDER as RETENTION
from opsafe.retention import RetentionEdition

__all__ = ["edition", "editions", "parameters", "resolve"]

_KINDS: Final[dict[object, type[Edition]]] = {
    kind.model_fields["holds"].default: kind
    for kind in (
        Churn,
        Defaults,
        Evidence,
        PriceIndex,
        Prices,
        Programme,
        RetentionEdition,
        Spending,
        Study,
        Targets,
    )
}
_ADVICE: Final = "editions() lists them; a file of your own loads with from_toml of its class"

Kind = TypeVar("Kind", bound=Edition)


def _kind(_name: str, table: Mapping[str, object]) -> type[Edition]:
    return _KINDS[table["holds"]]


_SHELF: Final = Shelf(("opsafe.costbenefit.data.editions", RETENTION), _kind, _ADVICE)


def editions() -> EditionList[Edition]:
    """Return every edition of this engine that ships with opsafe.

    Returns
    -------
    EditionList
        A tuple of :class:`~opsafe.provenance.Edition`: figures, price indexes, retention curves
        and defaults, by first day, then id.

    Examples
    --------
    >>> from opsafe.costbenefit.editions import editions
    >>> [each.id for each in editions() if each.id.startswith("commercial-2006")]
    ['commercial-2006-18', 'commercial-2006-18-group', 'commercial-2006-18-individual']
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
        The edition, of the class of what it holds.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If the id is no text, or no edition has it; the message names the nearest.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> cb.edition("commercial-2006-18-group").december
    Decimal('0.069')
    """
    return _SHELF.get(edition_id)


def resolve(argument: str | Kind, kind: type[Kind], where: str) -> Kind:
    """Turn an argument into an edition of one kind: its id, or the edition itself.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If it is neither text nor an edition of this kind, or no edition of it has this id.
    """
    return _SHELF.resolve(argument, kind, where)


def parameters() -> Columns:
    """Return every published number of the engine with its source, for browsing.

    Returns
    -------
    Columns
        One row a number: ``edition``, ``kind``, ``name``, ``value``, ``low`` and ``high`` (NaN
        where the source prints none), ``unit``, ``dollar_year`` (empty where no money is meant),
        ``spread`` (as the source states it), ``population``, ``design``, ``source``. Values of
        price indexes are not among them: see :func:`opsafe.costbenefit.price_index`.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> table = cb.parameters()
    >>> is_lynch = table["edition"] == "lynch-2014"
    >>> [float(value) for value in table["value"][is_lynch]]
    [13578.0, 17017.0, 31055.0]
    """
    found = list(_numbers())
    number = {
        name: np.array(
            [np.nan if (at := getattr(row, name)) is None else float(at) for _, row in found]
        )
        for name in ("value", "low", "high")
    }
    return Columns(
        {
            "edition": Text.of(each.id for each, _ in found),
            "kind": Text.of(each.holds for each, _ in found),
            "name": Text.of(row.name for _, row in found),
            **number,
            "unit": Text.of(row.unit for _, row in found),
            "dollar_year": Text.of(row.dollar_year or "" for _, row in found),
            "spread": Text.of(row.as_stated for _, row in found),
            "population": Text.of(row.population or each.population for each, row in found),
            "design": Text.of(each.design for each, _ in found),
            "source": Text.of(each.source.address for each, _ in found),
        }
    )


def _numbers() -> Iterator[tuple[Any, Row]]:
    """Each row with its edition."""
    for each in editions():
        if isinstance(each, Figures | Churn):
            for row in each.rows:
                yield each, row
