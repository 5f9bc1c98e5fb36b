"""COWS: eleven items of opioid withdrawal, rated by a clinician."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opsafe.oud.bounds import Bounds
from opsafe.oud.editions import resolve_instrument
from opsafe.oud.instrument_edition import InstrumentEdition, band_of, read_items, total

__all__ = ["CowsScore", "cows"]

_EDITION: Final = "cows-2003"


@dataclass(frozen=True, slots=True)
class CowsScore:
    """A total of COWS with its band as printed."""

    total: Bounds[int]
    """0 to 48."""
    band: Bounds[str]
    missing: tuple[str, ...]
    edition: str


def cows(
    items: Mapping[str, int | None], *, edition: str | InstrumentEdition = _EDITION
) -> CowsScore:
    """Score the Clinical Opiate Withdrawal Scale.

    Parameters
    ----------
    items : mapping of str to int
        Points by item: pulse, sweating, restlessness, pupils, aches, nose_or_eyes, stomach,
        tremor, yawning, anxiety, gooseflesh. An item that is absent or None is missing.
    edition : str or InstrumentEdition, optional
        The edition of the form.

    Returns
    -------
    CowsScore
        The total (0 to 48) and its band; bounds where items are missing.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an item is not known, or has a value that the form does not offer.

    Notes
    -----
    Total = sum of the items. From 5 mild, from 13 moderate, from 25 moderately severe, from 37
    severe [1]_. Items skip values (pulse has no 3), so that a wrong one shows only item by item.

    References
    ----------
    .. [1] Wesson DR, Ling W. The Clinical Opiate Withdrawal Scale (COWS). J Psychoactive Drugs
       2003;35(2):253-259, as printed at
       https://help.valant.com/79967-measures/cows-clinical-opiate-withdrawal-scale

    Examples
    --------
    >>> from opsafe import oud
    >>> names = [item.id for item in oud.edition("cows-2003").items]
    >>> found = oud.cows({**dict.fromkeys(names, 0), "pulse": 4, "gooseflesh": 5, "anxiety": 4})
    >>> found.total, found.band.lower
    (Bounds(lower=13, upper=13), 'moderate')
    """
    form = resolve_instrument(edition, like=_EDITION)
    values = read_items(items, form)
    points = total(values, form.items)
    return CowsScore(
        total=points,
        band=band_of(points, form.bands, below="no band"),
        missing=tuple(name for name, value in values.items() if value is None),
        edition=form.id,
    )
