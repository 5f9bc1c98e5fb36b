"""Products as the CDC compiled them by drug code until 2018; its factors are never used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from opsafe.frames import Table
from opsafe.mme import vocabulary
from opsafe.mme.drugs._contents import (
    NO_STRENGTH,
    PARTS,
    Content,
    Entry,
    known,
    read_strength,
    text_of,
    values_of,
)
from opsafe.mme.drugs.products import Labelled, is_cough_cold, is_moud

__all__ = ["CDC_COLUMNS", "from_cdc"]

CDC_COLUMNS: Final = {
    "ndc": "NDC",
    "form": "Master_Form",
    "class": "Class",
    "drug": "Drug",
    "strength": "Strength_Per_Unit",
    "unit": "UOM",
    "generic": "GENNME",
    "product": "PRODNME",
}
"""Our names for the columns of the CDC file that are read."""

_ACTING: Final = re.compile(r"\s+(?:la|sa|er|ir)$", re.IGNORECASE)
_SPRAYS: Final = {"lazanda": "nasal spray", "subsys": "oral spray"}
_ROUTE_OF_FORM: Final = {
    "patch": "transdermal",
    "iontophoretic system": "transdermal",
    "suppository": "rectal",
    "lozenge": "transmucosal",
    "nasal spray": "nasal",
    "oral spray": "sublingual",
    "injection": "parenteral",
    "implant": "implant",
}


def from_cdc(table: Table) -> Iterator[Entry]:
    """Read products from the columns of the CDC file; its factors are never used."""
    columns = {
        name: values_of(table.column(name)) if name in table else [None] * len(table)
        for name in CDC_COLUMNS
    }
    for row in zip(*columns.values(), strict=True):
        yield _from_cdc_row(dict(zip(columns, row, strict=True)))


def _from_cdc_row(given: Mapping[str, Any]) -> Entry:
    drug = _cdc_drug(given["drug"])
    group = (text_of(given["class"]) or "").casefold().rstrip("s")
    opioid = group == "opioid" or (not group and drug in vocabulary.opioids())
    amount, unit = read_strength(given["strength"], given["unit"])
    shape = known(vocabulary.form, given["form"])
    form = shape.name if shape else _cdc_spray(drug, given["form"], given["product"])
    route = _cdc_route(drug, form)
    partners = [
        found.name
        for part in PARTS.split(text_of(given["generic"]) or "")
        if (found := vocabulary.ingredient(part))
    ]
    if drug == "buprenorphine" and form == "film" and unit == "mcg":
        route = "buccal"  # the films for pain are labelled in mcg, the others in mg
    names = (drug or "", *partners)
    content = Content(
        ingredient=drug,
        strength=None if amount is None else float(amount),
        unit=unit or text_of(given["unit"]),
        route=route,
        form=form or text_of(given["form"]),
        wear_hours=shape.wear_hours if shape else None,
        cough_cold=is_cough_cold(names) if opioid else None,
        moud=is_moud(Labelled(drug or "", route, form, amount, unit), names) if opioid else None,
    )
    if not opioid:
        # The class settles that it is no opioid, also for a name that is not known here.
        is_known = drug is None or vocabulary.ingredient(drug) is not None
        return Entry(given["ndc"], (content,), not_opioid=None if is_known else drug)
    if amount is None:
        seen = f"{given['strength']} {given['unit']}"
        return Entry(given["ndc"], (content,), NO_STRENGTH, "strength", seen)
    return Entry(given["ndc"], (content,))


def _cdc_drug(value: object) -> str | None:
    """Name the drug; the file of some years adds how long it acts: "Tapentadol SA"."""
    written = text_of(value)
    if written is None:
        return None
    found = vocabulary.ingredient(written) or vocabulary.ingredient(_ACTING.sub("", written))
    return found.name if found else " ".join(written.split()).casefold()


def _cdc_spray(drug: str | None, form: object, product: object) -> str | None:
    """Tell sprays apart, which the file calls by one word: by drug, or by the brand of fentanyl."""
    if "spray" not in (text_of(form) or "").casefold():
        return None
    if drug == "butorphanol":
        return "nasal spray"
    return _SPRAYS.get((text_of(product) or "").casefold())


def _cdc_route(drug: str | None, form: str | None) -> str | None:
    """Infer the route, which the file does not state, from form and drug (our reading)."""
    if form in _ROUTE_OF_FORM:
        return _ROUTE_OF_FORM[form]
    if form is None:
        return None
    if drug == "buprenorphine":
        return "sublingual"
    return "buccal" if drug == "fentanyl" and form in ("tablet", "film") else "oral"
