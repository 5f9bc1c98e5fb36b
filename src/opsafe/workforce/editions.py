"""Every edition of the engine: rules by date, figures, standards and defaults, by id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, TypeVar

from opsafe import _tables
from opsafe._edition_ids import known_id
from opsafe.provenance import Edition, EditionList
from opsafe.workforce.figures import (
    CareModel,
    Conversion,
    Defaults,
    DemandFigure,
    Panel,
    PanelBands,
    PanelMinimum,
    PoolCurve,
    Retention,
)
from opsafe.workforce.limit_rules import LimitRules
from opsafe.workforce.reach import ReachStandard
from opsafe.workforce.wait_standard import WaitStandard

__all__ = ["edition", "editions", "resolve"]

_FOLDER: Final = "opsafe.workforce.data.editions"
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
        Retention,
    )
}
_STANDARDS: Final[dict[str, type[Edition]]] = {"wait": WaitStandard, "reach": ReachStandard}
_ADVICE: Final = "editions() lists them; a file of your own loads with from_toml of its class"

Kind = TypeVar("Kind", bound=Edition)


@cache
def _shipped() -> dict[str, Edition]:
    found = []
    for name in _tables.names(_FOLDER):
        table = _tables.read_toml(_FOLDER, name)
        found.append(_kind(name, table)._from_table(table, name))
    return {one.id: one for one in sorted(found, key=lambda one: (one.effective_from, one.id))}


def _kind(name: str, table: Mapping[str, object]) -> type[Edition]:
    """Tell the class of a file: a standard by the first word of its name, a figure by `holds`."""
    return _STANDARDS.get(name.partition("-")[0]) or _KINDS[table["holds"]]


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
    return EditionList(_shipped().values())


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
    return _shipped()[known_id(edition_id, _shipped(), where="edition", advice=_ADVICE)]


def resolve(argument: str | Kind, kind: type[Kind], where: str) -> Kind:
    """Turn an argument into an edition of one kind: its id, or the edition itself.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If it is neither text nor an edition of this kind, or no edition of it has this id.
    """
    if isinstance(argument, kind):
        return argument
    of_kind = {name: each for name, each in _shipped().items() if isinstance(each, kind)}
    return of_kind[known_id(argument, of_kind, where=where, advice=_ADVICE)]
