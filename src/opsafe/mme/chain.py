"""A chain of editions: a later one answers only for drugs that no earlier one lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from opsafe.mme.conversion import ConversionEdition, distinct
from opsafe.mme.factors import Factor

__all__ = ["Answer", "EditionChain"]


class Answer(NamedTuple):
    """The row for a drug, and the edition that gave it."""

    edition: ConversionEdition
    factor: Factor


@dataclass(frozen=True, slots=True)
class EditionChain:
    """Editions in order: a later one answers only for drugs that no earlier one lists at all.

    Parameters
    ----------
    editions : tuple of ConversionEdition
        At least one, no id twice. A drug that an edition lists without a factor is listed.
    """

    editions: tuple[ConversionEdition, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in order."""
        return tuple(each.id for each in self.editions)

    def answering(self, ingredient: str) -> ConversionEdition | None:
        """Return the edition that answers for an ingredient, or None where none lists it.

        Parameters
        ----------
        ingredient : str
            Canonical name of the opioid.

        Returns
        -------
        ConversionEdition or None
            The first edition that lists it.
        """
        return next((each for each in self.editions if ingredient in each.ingredients()), None)

    def lookup(self, ingredient: str, route: str | None, form: str | None) -> Answer | None:
        """Return the row for a drug with the edition that gave it.

        Parameters
        ----------
        ingredient, route, form : str or None
            As in :meth:`ConversionEdition.lookup`.

        Returns
        -------
        Answer or None
            A pair (edition, factor); None where the answering edition has no such row, or no
            edition lists the drug.
        """
        answering = self.answering(ingredient)
        factor = answering.lookup(ingredient, route, form) if answering else None
        return Answer(answering, factor) if answering and factor else None

    def ingredients(self) -> tuple[str, ...]:
        """Return the ingredients that any edition of the chain lists.

        Returns
        -------
        tuple of str
            Canonical names.
        """
        return distinct(name for each in self.editions for name in each.ingredients())

    def routes_of(self, ingredient: str) -> tuple[str, ...]:
        """Return the routes of a drug in the edition that answers for it.

        Parameters
        ----------
        ingredient : str
            Canonical name of the opioid.

        Returns
        -------
        tuple of str
            Canonical routes.
        """
        answering = self.answering(ingredient)
        return answering.routes_of(ingredient) if answering else ()

    def forms_of(self, ingredient: str, route: str) -> tuple[str, ...]:
        """Return the forms of a drug and route in the edition that answers for it.

        Parameters
        ----------
        ingredient, route : str
            Canonical words.

        Returns
        -------
        tuple of str
            Canonical forms; empty where the row is for any form.
        """
        answering = self.answering(ingredient)
        return answering.forms_of(ingredient, route) if answering else ()
