"""What a product is for, and where its label states something else than tables mean.

Whether a buprenorphine or methadone product is medication for opioid use disorder (MOUD) follows
from its ingredients, form and strength; the strengths that decide stand in a file with a source.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from opsafe._tables import read_toml
from opsafe.mme import vocabulary
from opsafe.mme.reasons import Flag
from opsafe.provenance import Edition

__all__ = ["Labelled", "ProductRules", "is_cough_cold", "is_moud", "label_flags", "product_rules"]

_MG_PER: Final = {"mg": Decimal(1), "mcg": Decimal("0.001"), "g": Decimal(1000)}


class ProductRules(Edition):
    """Strengths by which products are told apart; each field is in the unit of its name."""

    methadone_oud_tablet_mg: int
    buprenorphine_oud_injection_mg_per_ml_from: int
    oxycodone_base_capsule_mg: tuple[Decimal | int, ...]
    fentanyl_nominal_patch_mcg_per_hour: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """An opioid as a label states it: canonical words, and ``amount`` of ``unit``."""

    opioid: str
    route: str | None
    form: str | None
    amount: Decimal | None
    unit: str | None

    @property
    def per(self) -> str | None:
        """What the strength is per: mL, h, actuation; None for one piece."""
        return (self.unit or "").partition("/")[2] or None

    @property
    def milligrams(self) -> Decimal | None:
        """The mass of the strength in mg, whatever it is per."""
        scale = _MG_PER.get((self.unit or "").partition("/")[0])
        return None if scale is None or self.amount is None else self.amount * scale


@cache
def product_rules() -> ProductRules:
    """Return the packaged rules with their source."""
    name = "products.toml"
    return ProductRules._from_table(read_toml("opsafe.mme.data", name), name)


def is_cough_cold(ingredients: Collection[str]) -> bool:
    """Say whether a product is one for cough and cold: an opioid with one of the partners.

    Parameters
    ----------
    ingredients : collection of str
        Every ingredient of the product, by canonical name.

    Returns
    -------
    bool
        True for an opioid with a partner that the packaged list names.
    """
    named = frozenset(ingredients)
    return bool(named & vocabulary.opioids()) and bool(named & vocabulary.cough_cold_partners())


def is_moud(product: Labelled, partners: Collection[str] = ()) -> bool:
    """Say whether a product is medication for opioid use disorder.

    Parameters
    ----------
    product : Labelled
        The opioid of the product.
    partners : collection of str, optional
        Its other ingredients by canonical name.

    Returns
    -------
    bool
        True for buprenorphine that is sublingual, an implant, an extended-release injection or
        joined with naloxone, and for methadone tablets of 40 mg.
    """
    rules = product_rules()
    if product.opioid == "methadone":
        tablet = product.form == "tablet" and product.per is None
        return tablet and product.milligrams == rules.methadone_oud_tablet_mg
    if product.opioid != "buprenorphine":
        return False
    if "naloxone" in partners or {product.route, product.form} & {"sublingual", "implant"}:
        return True
    strength = product.milligrams if product.per == "mL" else None
    depot = strength is not None and strength >= rules.buprenorphine_oud_injection_mg_per_ml_from
    return product.route == "parenteral" and depot


def label_flags(product: Labelled, pack_count: int | None = None) -> tuple[Flag, ...]:
    """Return what a reader of the label should know; nothing is corrected.

    Parameters
    ----------
    product : Labelled
        The opioid of the product.
    pack_count : int or None, optional
        How many of it are in a pack.

    Returns
    -------
    tuple of Flag
        Base strengths, nominal rates, packs of two sprays.
    """
    rules = product_rules()
    told = []
    capsule = (product.opioid, product.form, product.unit) == ("oxycodone", "capsule", "mg")
    if capsule and product.amount in rules.oxycodone_base_capsule_mg:
        told.append(Flag.STRENGTH_IS_BASE)
    patch = (product.opioid, product.route, product.per) == ("fentanyl", "transdermal", "h")
    nominal = Decimal(rules.fentanyl_nominal_patch_mcg_per_hour) / 1000
    if patch and product.milligrams == nominal:
        told.append(Flag.NOMINAL_STRENGTH)
    if pack_count == 2 and product.per == "actuation":
        told.append(Flag.PACK_OF_TWO)
    return tuple(told)
