"""ORT-OUD: nine unweighted yes or no items, for persons on opioids for pain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from opsafe.oud.answers import read_tristate
from opsafe.oud.bounds import Bounds
from opsafe.oud.editions import resolve_instrument
from opsafe.oud.instrument_edition import InstrumentEdition, band_of, read_items, total

__all__ = ["OrtOudScore", "ort_oud"]

_EDITION: Final = "ort-oud-2019"


@dataclass(frozen=True, slots=True)
class OrtOudScore:
    """A total of ORT-OUD with its class: of the score, never of the person."""

    total: Bounds[int]
    """0 to 9."""
    score_class: Bounds[str]
    missing: tuple[str, ...]
    edition: str


def ort_oud(
    items: Mapping[str, bool | str | None], *, edition: str | InstrumentEdition = _EDITION
) -> OrtOudScore:
    """Score the Opioid Risk Tool for opioid use disorder (the revised, unweighted form).

    Parameters
    ----------
    items : mapping of str to bool, text or None
        Yes, no or unknown by item: family_alcohol, family_illegal_drugs,
        family_prescription_drugs, personal_alcohol, personal_illegal_drugs,
        personal_prescription_drugs, age_group, psychological_condition, depression.
    edition : str or InstrumentEdition, optional
        The edition of the form.

    Returns
    -------
    OrtOudScore
        The number of yes (0 to 9) and the class of the score; bounds where items are missing.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an item is not known, or its answer is none.

    Notes
    -----
    Total = number of yes [1]_. The item on abuse and the weights by sex of the older form are
    gone. A lower class is of the score, not of the person: by the CDC guideline of 2022 such tools
    cannot tell reliably who is not at risk. The cut at 3 was not read in the article.

    References
    ----------
    .. [1] Cheatle MD, et al. Development of the Revised Opioid Risk Tool to predict opioid use
       disorder in patients with chronic nonmalignant pain. J Pain 2019.
       https://pmc.ncbi.nlm.nih.gov/articles/PMC6768552

    Examples
    --------
    >>> from opsafe import oud
    >>> found = oud.ort_oud({"depression": "yes", "family_alcohol": "no"})
    >>> found.total
    Bounds(lower=1, upper=8)
    """
    form = resolve_instrument(edition, like=_EDITION)
    counted: Any = items
    if isinstance(items, Mapping):
        counted = {
            name: _points(value, f"items[{name!r}]") if name in form.ids else value
            for name, value in items.items()
        }
    values = read_items(counted, form)
    points = total(values, form.items)
    return OrtOudScore(
        total=points,
        score_class=band_of(points, form.bands, below="score in the lower class"),
        missing=tuple(name for name, value in values.items() if value is None),
        edition=form.id,
    )


def _points(value: object, where: str) -> int | None:
    answer = read_tristate(value, where)
    return None if answer is None else int(answer)
