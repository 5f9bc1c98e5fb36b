"""PEG, ORT-OUD and COWS: published totals, and each value that an item does not allow."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.oud.instrument_edition import Item

COWS = oud.edition("cows-2003").items
PEG = oud.edition("peg-2009").items
ORT_OUD = oud.edition("ort-oud-2019").items
FORMS = {
    "cows-2003": oud.edition("cows-2003"),
    "peg-2009": oud.edition("peg-2009"),
    "ort-oud-2019": oud.edition("ort-oud-2019"),
}
CALLS: dict[str, Any] = {"cows-2003": oud.cows, "peg-2009": oud.peg, "ort-oud-2019": oud.ort_oud}
ZERO = {item.id: 0 for item in COWS}


def test_the_points_of_cows_are_those_of_the_form() -> None:
    assert [item.allowed for item in COWS] == [
        (0, 1, 2, 4),
        (0, 1, 2, 3, 4),
        (0, 1, 3, 5),
        (0, 1, 2, 5),
        (0, 1, 2, 4),
        (0, 1, 2, 4),
        (0, 1, 2, 3, 5),
        (0, 1, 2, 4),
        (0, 1, 2, 4),
        (0, 1, 2, 4),
        (0, 3, 5),
    ]
    assert sum(item.allowed[-1] for item in COWS) == 48


def test_every_total_of_cows_can_be_reached() -> None:
    reached = {0}
    for item in COWS:
        reached = {one + value for one, value in product(reached, item.allowed)}
    assert reached == set(range(49))


@pytest.mark.parametrize(
    "points, band",
    [(0, "no band"), (4, "no band"), (5, "mild"), (12, "mild"), (13, "moderate"),
     (24, "moderate"), (25, "moderately severe"), (36, "moderately severe"), (37, "severe"),
     (48, "severe")],
)  # fmt: skip
def test_the_bands_of_cows(points: int, band: str) -> None:
    found = oud.cows(summing_to(points, COWS))
    assert found.total == oud.Bounds(points, points) and found.band == oud.Bounds(band, band)
    assert found.missing == () and found.edition == "cows-2003"


def summing_to(points: int, items: tuple[Item, ...]) -> dict[str, int]:
    """Values of the items that add up to a total."""
    ways: dict[int, dict[str, int]] = {0: {}}
    for item in items:
        ways = {
            have + value: {**chosen, item.id: value}
            for have, chosen in reversed(ways.items())
            for value in item.allowed
        }
    return ways[points]


@pytest.mark.parametrize("edition", CALLS)
def test_each_item_refuses_what_it_does_not_allow_by_name(edition: str) -> None:
    for item in FORMS[edition].items:
        for value in set(range(-1, 12)) - set(item.allowed):
            with pytest.raises(ArgumentError) as caught:
                CALLS[edition]({item.id: value})
            assert caught.value.where == f"items[{item.id!r}]"
            assert caught.value.allowed
        for wrong in ("seven", 0.5, [1]):
            with pytest.raises(ArgumentError):
                CALLS[edition]({item.id: wrong})


@pytest.mark.parametrize("edition", CALLS)
def test_unknown_items_are_refused_with_the_nearest(edition: str) -> None:
    first = FORMS[edition].items[0].id
    with pytest.raises(ArgumentError, match=f"is no item.*{first}"):
        CALLS[edition]({first + "s": 1})
    with pytest.raises(ArgumentTypeError):
        CALLS[edition]([1, 2, 3])


def test_true_is_no_number_of_points() -> None:
    wrong: Any = True
    with pytest.raises(ArgumentError):
        oud.cows({"pulse": wrong})


def test_missing_items_give_bounds() -> None:
    found = oud.cows({**ZERO, "pulse": None, "gooseflesh": 5})
    assert found.total == oud.Bounds(5, 9) and found.missing == ("pulse",)
    assert found.band == oud.Bounds("mild", "mild")
    nothing = oud.cows({})
    assert nothing.total == oud.Bounds(0, 48)
    assert nothing.band == oud.Bounds("no band", "severe")


def test_ort_oud_counts_yes_and_classes_the_score() -> None:
    names = [item.id for item in ORT_OUD]
    assert len(names) == 9
    found = oud.ort_oud({**dict.fromkeys(names, False), **dict.fromkeys(names[:3], "yes")})
    assert found.total == oud.Bounds(3, 3)
    assert found.score_class == oud.Bounds("score in the higher class", "score in the higher class")
    two = oud.ort_oud({**dict.fromkeys(names, False), **dict.fromkeys(names[:2], True)})
    assert two.score_class.upper == "score in the lower class"
    unsure = oud.ort_oud({**dict.fromkeys(names[:2], True)})
    assert unsure.total == oud.Bounds(2, 9)
    assert unsure.score_class.lower != unsure.score_class.upper
    for each in (found, two, unsure):
        assert "low risk" not in repr(each).lower() and "low-risk" not in repr(each).lower()


def test_peg_is_a_mean_and_never_rounded() -> None:
    found = oud.peg({"pain": 8, "enjoyment": 7, "activity": 5})
    assert found.score == oud.Bounds(Fraction(20, 3), Fraction(20, 3))
    assert found.pain.lower == 8 and found.function.lower == 6
    part = oud.peg({"pain": 8, "activity": 5})
    assert part.score == oud.Bounds(Fraction(13, 3), Fraction(23, 3))
    assert part.missing == ("enjoyment",)


@pytest.mark.parametrize(
    "before, after, meaningful",
    [
        ((10, 10, 10), (7, 7, 7), True),
        ((10, 10, 10), (7, 7, 8), False),
        ((10, 10, 10), (7, 6, 8), True),
        ((10, 10, 10), (8, 0, 0), False),
        ((3, 10, 10), (2, 7, 7), True),
        ((6, 6, 6), (5, 1, 1), False),
        ((10, 10, 10), (10, 10, 10), False),
        ((0, 10, 10), (0, 1, 1), None),
        ((0, 10, 10), (0, 9, 9), False),
        ((10, 10, 10), (7, None, 4), True),
        ((10, 10, 10), (7, None, 7), None),
        ((10, None, 10), (7, 1, 1), None),
        ((10, 10, 10), (7, 9, None), None),
        ((10, 10, 10), (7, 4, None), True),
        ((10, 10, 10), (7, 10, None), None),
        ((5, 10, 10), (None, 7, 7), None),
    ],
)
def test_improvement_is_meaningful_in_pain_and_in_function(
    before: tuple[Any, ...], after: tuple[Any, ...], meaningful: bool | None
) -> None:
    names = [item.id for item in PEG]
    found = oud.peg_improvement(
        oud.peg(dict(zip(names, before, strict=True))),
        oud.peg(dict(zip(names, after, strict=True))),
    )
    assert found.is_meaningful is meaningful


def test_a_baseline_of_nothing_has_no_share() -> None:
    found = oud.peg_improvement(
        oud.peg({"pain": 0, "enjoyment": 4, "activity": 4}),
        oud.peg({"pain": 0, "enjoyment": 2, "activity": 2}),
    )
    assert found.pain is None and found.function == oud.Bounds(Fraction(1, 2), Fraction(1, 2))
    assert found.reasons == ("pain: the baseline is 0",)
    unknown = oud.peg_improvement(oud.peg({}), oud.peg({}))
    assert unknown.reasons == (
        "pain: the baseline is not known",
        "function: the baseline is not known",
    )
    wrong: Any = {"pain": 1}
    with pytest.raises(ArgumentTypeError):
        oud.peg_improvement(wrong, oud.peg({}))


@given(st.data(), st.sampled_from(["cows-2003", "peg-2009", "ort-oud-2019"]))
def test_every_completion_lies_within_the_bounds(data: st.DataObject, edition: str) -> None:
    items = FORMS[edition].items
    known: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    for item in items:
        whole[item.id] = data.draw(st.sampled_from(item.allowed))
        known[item.id] = data.draw(st.sampled_from([whole[item.id], None]))
    one, other = CALLS[edition](known), CALLS[edition](whole)
    name = "score" if edition == "peg-2009" else "total"
    bounds, exact = getattr(one, name), getattr(other, name)
    assert exact.is_certain and exact.lower in bounds
    least = CALLS[edition](
        {i.id: i.allowed[0] if known[i.id] is None else known[i.id] for i in items}
    )
    assert getattr(least, name).lower == bounds.lower


def test_an_edition_of_the_form_is_an_argument() -> None:
    worded = oud.edition("cows-2003").with_wording({"pulse": "text of the host"})
    assert oud.cows(ZERO, edition=worded) == oud.cows(ZERO)
    with pytest.raises(ArgumentError, match="another instrument"):
        oud.cows(ZERO, edition="peg-2009")
    with pytest.raises(OpsafeError, match="cows-2003"):
        oud.cows(ZERO, edition="dsm-5")


def test_missing_reasons_are_told() -> None:
    whole = oud.peg({"pain": 5, "enjoyment": 5, "activity": 5})
    part = oud.peg({"pain": 3, "enjoyment": 5})
    assert oud.peg_improvement(whole, part).reasons == ("function: the score now is not known",)


@pytest.mark.parametrize("value", [pd.NA, np.array([1, 2]), Decimal("sNaN"), float("nan")])
def test_values_of_other_libraries_are_read_or_refused(value: Any) -> None:
    rated: dict[str, Any] = {**ZERO, "pulse": value}
    if isinstance(value, np.ndarray):
        with pytest.raises(ArgumentError):
            oud.cows(rated)
    else:
        assert oud.cows(rated).missing == ("pulse",)
    rated["pulse"] = np.int64(4)
    assert oud.cows(rated).total == oud.Bounds(4, 4)
