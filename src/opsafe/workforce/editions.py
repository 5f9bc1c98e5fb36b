"""Every edition of the engine: rules by date, figures, standards and defaults, by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from opsafe._edition_shelf import Shelf
from opsafe.provenance import Edition, EditionList
from opsafe.retention import FOLDER as RETENTION
from opsafe.retention import RetentionEdition
from opsafe.workforce.figures import (
    CareModel,
    Conversion,
    Defaults,
    DemandFigure,
    Panel,
    PanelBands,
    PanelMinimum,
    PoolCurve,
)
from opsafe.workforce.limit_rules import LimitRules
from opsafe.workforce.reach import ReachStandard
from opsafe.workforce.wait_standard import WaitStandard

__all__ = ["edition", "editions", "resolve"]

_KINDS: Final[dict[object, type[Edition]]] = {
    kind.model_fields["holds"].default: kind
    for kind in (
        CareModel,
        Conversion,
        Defaults,
        DemandFigure,
        LimitRules,
        Panel,
        PanelBands,
        PanelMinimum,
        PoolCurve,
        RetentionEdition,
    )
}
_STANDARDS: Final[dict[str, type[Edition]]] = {"wait": WaitStandard, "reach": ReachStandard}
_ADVICE: Final = "editions() lists them; a file of your own loads with from_toml of its class"

Kind = TypeVar("Kind", bound=Edition)


def _kind(name: str, table: Mapping[str, object]) -> type[Edition]:
    """Tell the class of a file: a standard by the first word of its name, a figure by `holds`."""
    return _STANDARDS.get(name.partition("-")[0]) or _KINDS[table["holds"]]


_SHELF: Final = Shelf(("opsafe.workforce.data.editions", RETENTION), _kind, _ADVICE)


def editions() -> EditionList[Edition]:
    """Return every edition of this engine that ships with opsafe.

    Returns
    -------
    EditionList
        A tuple of :class:`~opsafe.provenance.Edition`: rules, figures, standards and defaults, by
        first day, then id.

    Examples
    --------
    >>> from opsafe.workforce.editions import editions
    >>> [each.id for each in editions() if each.id.startswith("thomas")]
    ['thomas-2017-100', 'thomas-2017-30', 'thomas-2017-no-match']
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
    EditionNotFoundError
        No edition has this id; the message names the nearest.

    Examples
    --------
    >>> from opsafe.workforce.editions import edition
    >>> edition("thomas-2017-100").mean_patients
    Decimal('42.9')
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
