"""One regimen: the MME a day of one drug, or of all drugs that one person takes on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.mme._answers import DailyMme, RegimenMme
from opsafe.mme._part import Part
from opsafe.mme._resolve import Policy
from opsafe.mme.dose import Dose
from opsafe.mme.editions import EditionArgument, resolve_editions

__all__ = ["daily", "regimen"]

Choice = Literal["exclude", "include"]


def daily(
    ingredient: str,
    strength: object,
    *,
    edition: EditionArgument,
    per_day: int | Decimal | Fraction | None = None,
    every_hours: int | Decimal | Fraction | None = None,
    quantity: int | Decimal | Fraction | float | None = None,
    days_supply: int | None = None,
    route: str | None = None,
    form: str | None = None,
    buprenorphine: Choice = "exclude",
) -> DailyMme:
    """Compute the morphine milligram equivalents a day of one drug.

    Parameters
    ----------
    ingredient : str
        The opioid, for example "oxycodone"; salts are understood.
    strength : str or pint.Quantity
        Strength of one unit with its unit of measure: "10 mg", "10 mg/5 mL", "25 mcg/h".
    edition : str, ConversionEdition, or sequence of them
        The table of factors; a sequence is a chain, of which a later one answers only for
        drugs that no earlier one lists.
    per_day : int, Decimal or Fraction, optional
        Units (tablets, mL, actuations) a day; not for patches.
    every_hours : int, Decimal or Fraction, optional
        Hours from one unit to the next, instead of ``per_day``.
    quantity : int, Decimal, Fraction or float, optional
        Units dispensed (mL where the strength is per mL), with ``days_supply``.
    days_supply : int, optional
        Days that ``quantity`` lasts.
    route, form : str, optional
        Route and dose form. Oral is assumed where the edition has an oral row.
    buprenorphine : {"exclude", "include"}, optional
        Every edition leaves buprenorphine out unless it is included on purpose.

    Returns
    -------
    DailyMme
        ``mme_per_day`` in MME a day, or None with a ``reason``.

    Raises
    ------
    ArgumentError
        If the drug is no opioid or unknown, is parenteral, or the amount a day is not stated.
    DimensionError
        If a patch rate meets a tablet formula, or the reverse.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    MME a day = strength x units a day x factor. A patch: rate x factor a day x patches worn at
    once, which is quantity x wear days / days supply, or one. Tiered methadone: the factor of
    the tier in which the whole daily dose lies, times that dose [1]_.

    References
    ----------
    .. [1] Dowell D, Haegerich TM, Chou R. CDC guideline for prescribing opioids for chronic
       pain, United States, 2016. MMWR Recomm Rep 2016;65(RR-1), Table 2.

    Examples
    --------
    >>> from opsafe import mme
    >>> mme.daily("oxycodone", "10 mg", per_day=4, edition="cdc-2022").mme_per_day
    60.0
    """
    dose = Dose(
        ingredient,
        strength,
        per_day=per_day,
        every_hours=every_hours,
        quantity=quantity,
        days_supply=days_supply,
        route=route,
        form=form,
    )
    chain = resolve_editions(edition)
    part = Part(dose, chain, _policy(buprenorphine))
    return part.answer(part.milligram_rate)


def regimen(
    doses: Sequence[Dose], *, edition: EditionArgument, buprenorphine: Choice = "exclude"
) -> RegimenMme:
    """Compute the MME of all that one person takes on one day.

    Parameters
    ----------
    doses : sequence of Dose
        Every drug of the day.
    edition : str, ConversionEdition, or sequence of them
        The table of factors, as in :func:`daily`.
    buprenorphine : {"exclude", "include"}, optional
        With "include" the sum with buprenorphine stands beside the one without.

    Returns
    -------
    RegimenMme
        The sum in MME a day, its parts, and whether it is only a lower bound.

    Raises
    ------
    ArgumentTypeError
        If ``doses`` is not a sequence of doses.
    ArgumentError
        If a dose cannot be computed, as in :func:`daily`.

    Notes
    -----
    Sum of the parts; a tiered factor is that of the summed dose of the drug. A part without a
    factor is not zero: the sum is then a lower bound, and None when no part has one.

    Examples
    --------
    >>> from opsafe import mme
    >>> day = [
    ...     mme.Dose("methadone", "10 mg", per_day=3),
    ...     mme.Dose("oxycodone", "5 mg", per_day=2),
    ... ]
    >>> mme.regimen(day, edition="cdc-2016").mme_per_day
    255.0
    """
    given: object = doses
    if not isinstance(given, Sequence) or not all(isinstance(dose, Dose) for dose in given):
        raise ArgumentTypeError("is not a sequence of Dose", where="doses")
    chain = resolve_editions(edition)
    policy = _policy(buprenorphine)
    parts = [Part(dose, chain, policy) for dose in doses]
    # The tier is that of the drug's summed dose, whatever else is taken.
    milligrams: Counter[str] = Counter()
    for part in parts:
        milligrams[part.line.ingredient] += part.milligram_rate
    answers = tuple(part.answer(milligrams[part.line.ingredient]) for part in parts)
    return RegimenMme.of(answers, chain.ids, included=policy.buprenorphine)


def _policy(buprenorphine: str) -> Policy:
    if buprenorphine not in ("exclude", "include"):
        raise ArgumentError(
            "is not a choice",
            where="buprenorphine",
            value=buprenorphine,
            allowed=("exclude", "include"),
        )
    return Policy(buprenorphine=buprenorphine == "include", moud_products=True)
