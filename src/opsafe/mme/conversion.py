"""One edition of conversion factors: a published table, its rows and how they are found."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field

from opsafe import _tables
from opsafe.errors import DocumentError, Problem
from opsafe.mme._fields import at_least_one
from opsafe.mme.factors import Factor
from opsafe.provenance import Document, Edition

__all__ = ["ConversionEdition", "IntendedUse", "SpraysPerBottle", "shipped", "shipped_ids"]

_FOLDER = "opsafe.mme.data.editions"

IntendedUse: TypeAlias = Literal[
    "guideline for clinicians", "retrospective analysis", "programme reporting", "research"
]
Key: TypeAlias = tuple[str, str | None, str | None]  # ingredient, route or any, form or any


def _keys(factor: Factor) -> Iterator[Key]:
    routes: tuple[str | None, ...] = factor.routes or (None,)
    forms: tuple[str | None, ...] = factor.forms or (None,)
    return ((factor.ingredient, route, form) for route in routes for form in forms)


def _no_two_rows_alike(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    first: dict[Key, int] = {}
    for row, factor in enumerate(factors):
        for key in _keys(factor):
            if key in first:
                words = ", ".join(word or "any" for word in key)
                raise ValueError(f"rows {first[key]} and {row} both match {words}")
            first[key] = row
    return factors


class SpraysPerBottle(Document):
    """Sprays that one bottle is taken to hold, where quantities are counted in bottles.

    Parameters
    ----------
    butorphanol, fentanyl : int
        Sprays a bottle of the nasal spray.
    """

    butorphanol: Annotated[int, Field(ge=1, le=1000)]
    fentanyl: Annotated[int, Field(ge=1, le=1000)]


class ConversionEdition(Edition):
    """One published table of conversion factors to morphine milligram equivalents.

    Parameters
    ----------
    id, title, kind, effective_from, effective_precision, supersedes, corrects, source, note
        As in :class:`opsafe.provenance.Edition`.
    intended_use : tuple of str
        What its publisher meant it for.
    for_one_patient : bool
        Whether it was ever meant for one patient; :func:`opsafe.mme.daily` warns where not.
    cough_and_cold : {"excluded", "silent"}
        Whether it leaves cough and cold products out, or says nothing of them.
    parenteral_listed : bool
        Whether the table lists injectables (which are set aside all the same).
    sprays_per_bottle : SpraysPerBottle, optional
        Only where the table itself says so.
    factors : tuple of LinearFactor, PatchFactor, TieredFactor or NoFactor
        The rows; no two match the same ingredient, route and form equally closely.
    """

    intended_use: Annotated[tuple[IntendedUse, ...], AfterValidator(at_least_one)]
    for_one_patient: bool
    cough_and_cold: Literal["excluded", "silent"]
    parenteral_listed: bool
    sprays_per_bottle: SpraysPerBottle | None = None
    factors: Annotated[
        tuple[Annotated[Factor, Field(discriminator="kind")], ...],
        AfterValidator(at_least_one),
        AfterValidator(_no_two_rows_alike),
    ]

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read an edition of your own from a TOML file.

        Parameters
        ----------
        path : str or pathlib.Path
            A file of the same form as the packaged ones, with ``kind = "local"``.

        Returns
        -------
        ConversionEdition
            The edition; it goes wherever an id goes.

        Raises
        ------
        DocumentError
            The file cannot be read, is not valid, or takes the id of a shipped edition; the
            message names the file and the field.
        """
        loaded = super().from_toml(path)
        if loaded.id in shipped_ids():
            message = f'"{loaded.id}" is the id of a shipped edition; choose another'
            raise DocumentError(
                [Problem(field="id", message=message)], document=cls.__name__, file=str(path)
            )
        return loaded

    def __repr__(self) -> str:
        return f"<ConversionEdition {self.id}: {self.title}; {len(self.factors)} rows>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{row.ingredient}</td><td>{', '.join(row.routes) or 'any'}</td>"
            f"<td>{', '.join(row.forms) or 'any'}</td><td>{html.escape(row.text)}</td></tr>"
            for row in self.factors
        )
        head = "<tr><th>ingredient</th><th>routes</th><th>forms</th><th>factor</th></tr>"
        return (
            f"<table><caption>{html.escape(self.citation())}</caption>"
            f"<thead>{head}</thead><tbody>{rows}</tbody></table>"
        )

    @cached_property
    def _index(self) -> dict[Key, Factor]:
        return {key: factor for factor in self.factors for key in _keys(factor)}

    def lookup(self, ingredient: str, route: str | None, form: str | None) -> Factor | None:
        """Return the row for a drug, or None where the table has none.

        Parameters
        ----------
        ingredient : str
            Canonical name of the opioid.
        route, form : str or None
            Canonical words; None where unknown, which only a row for any route or form matches.

        Returns
        -------
        Factor or None
            The closest row: one that names the form before one for any form, one that names the
            route before one for any route. A :class:`~opsafe.mme.factors.NoFactor` means that the
            table lists the drug and gives it no factor; None means that it has no such row.

        Examples
        --------
        >>> shipped("cdc-2022").lookup("hydromorphone", "oral", None).text
        '5 per mg'
        """
        keys = ((route, form), (route, None), (None, form), (None, None))
        return next(
            (self._index[(ingredient, *key)] for key in keys if (ingredient, *key) in self._index),
            None,
        )

    def ingredients(self) -> tuple[str, ...]:
        """Return the ingredients of the table, with or without a factor, in its order.

        Returns
        -------
        tuple of str
            Canonical names.
        """
        return distinct(factor.ingredient for factor in self.factors)

    def routes_of(self, ingredient: str) -> tuple[str, ...]:
        """Return the routes that the table has rows for.

        Parameters
        ----------
        ingredient : str
            Canonical name of the opioid.

        Returns
        -------
        tuple of str
            Canonical routes; empty where the drug is not listed, or for any route.
        """
        rows = (factor for factor in self.factors if factor.ingredient == ingredient)
        return distinct(route for factor in rows for route in factor.routes)

    def forms_of(self, ingredient: str, route: str) -> tuple[str, ...]:
        """Return the dose forms that the rows of a drug and route name.

        Parameters
        ----------
        ingredient, route : str
            Canonical words.

        Returns
        -------
        tuple of str
            Canonical forms; empty where the row is for any form.
        """
        rows = (
            factor
            for factor in self.factors
            if factor.ingredient == ingredient and route in factor.routes
        )
        return distinct(form for factor in rows for form in factor.forms)


@cache
def shipped_ids() -> tuple[str, ...]:
    """Return the ids of the packaged editions, sorted.

    Returns
    -------
    tuple of str
        Ids; no file is opened for them.
    """
    return tuple(name.removesuffix(".toml") for name in _tables.names(_FOLDER))


@cache
def shipped(edition_id: str) -> ConversionEdition:
    """Load a packaged edition, once.

    Parameters
    ----------
    edition_id : str
        One of :func:`shipped_ids`.

    Returns
    -------
    ConversionEdition
        The edition.
    """
    name = f"{edition_id}.toml"
    return ConversionEdition._from_table(_tables.read_toml(_FOLDER, name), name)


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words in order of first appearance, each once.

    Parameters
    ----------
    words : iterable of str
        Words.

    Returns
    -------
    tuple of str
        The same without repeats.
    """
    return tuple(dict.fromkeys(words))
