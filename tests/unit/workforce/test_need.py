"""Demand, prescribers needed, the short form and the pool: numbers by hand, and what is refused."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pytest

from opsafe import workforce as wf
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, EditionNotFoundError
from opsafe.uncertainty import Uniform

PLAN: dict[str, Any] = {
    "members": 250_000,
    "ages": "12+",
    "oud_base": "survey",
    "prevalence": 0.012,
    "undercount": 1.0,
    "seeking": 0.4,
    "on_treatment": 900,
}


def stream(**changes: Any) -> wf.Demand:
    return wf.Demand(**{**PLAN, **changes})


# ------------------------------------------------------------------------------------- demand


def test_the_three_inputs_are_multiplied_and_the_gap_is_what_is_left() -> None:
    # 250,000 x 0.012 = 3,000 with the disorder; 40% of them seek; 900 are on treatment.
    need = wf.demand(stream(retention="medicaid-2013-15"), defaults="2026-01")
    assert (need.with_oud, need.seekers, need.on_treatment, need.gap) == (3000, 1200, 900, 300)
    assert need.by_stream["gap"].tolist() == [300]
    assert "2026-01" in {each.id for each in need.editions}


def test_a_default_is_listed_as_one() -> None:
    inputs = wf.demand(stream()).inputs
    origins = dict(zip(inputs["input"].tolist(), inputs["origin"].tolist(), strict=True))
    assert origins["retention of buprenorphine"] == "default edition"
    assert origins["prevalence"] == "given"


def test_medications_share_the_members_of_an_area_and_line() -> None:
    shares = {"buprenorphine": 0.7, "methadone": 0.3}
    need = wf.demand(
        [
            stream(medication=name, medication_share=share, on_treatment=0, retention=CURVE)
            for name, share in shares.items()
        ]
    )
    assert need.with_oud == 3000
    assert need.by_stream["seekers"].tolist() == pytest.approx([840, 360])


CURVE = wf.Retention(gap_days=30, scale_months=6, shape=1)


def test_an_edition_gives_the_prevalence_of_its_ages_and_base() -> None:
    need = wf.demand(stream(prevalence="nsduh-2019-12plus", undercount="keyes-2022-undercount"))
    # 618 per 100,000, times 4.5.
    assert need.with_oud == pytest.approx(250_000 * 0.00618 * 4.5)
    with pytest.raises(ArgumentError, match="ages") as refused:
        wf.demand(stream(prevalence="nsduh-2019-12plus", ages="18+"))
    assert refused.value.where == "prevalence"


def test_claims_with_an_undercount_and_a_survey_without_one_are_cautioned() -> None:
    claims = wf.demand(stream(oud_base="claims", undercount=2.0))
    assert any("claims identify" in caution for caution in claims.cautions)
    assert any("surveys undercount" in caution for caution in wf.demand(stream()).cautions)
    quiet = wf.demand(stream(undercount=4.5, retention=CURVE))
    assert quiet.cautions == ()


def test_identified_members_stand_in_place_of_a_prevalence() -> None:
    found = wf.demand(
        stream(prevalence=None, identified_members=2_000, oud_base="claims", on_treatment=0)
    )
    assert found.seekers == 800


def test_more_on_treatment_than_seek_it_is_no_negative_gap() -> None:
    found = wf.demand(stream(on_treatment=5_000))
    assert found.gap == 0 and any("More are on treatment" in each for each in found.cautions)


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"members": -1}, "members"),
        ({"prevalence": 1.1}, "prevalence"),
        ({"prevalence": None}, "prevalence"),
        ({"prevalence": 0.01, "identified_members": 5}, "prevalence"),
        ({"prevalence": None, "identified_members": 5}, "oud_base"),
        (
            {"prevalence": None, "identified_members": 250_001, "oud_base": "claims"},
            "identified_members",
        ),
        ({"undercount": 0.0}, "undercount"),
        ({"seeking": -0.1}, "seeking"),
        ({"seeking": Uniform(low=0.5, high=1.5)}, "seeking"),
        ({"on_treatment": float("nan")}, "on_treatment"),
        ({"returning_share": 2.0}, "returning_share"),
        ({"oud_base": "guess"}, "oud_base"),
        ({"starts": {"kind": "constant"}}, "starts"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_a_demand_that_is_none_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentError) as refused:
        stream(**changes)
    assert any(field in f"{each.field}: {each.message}" for each in refused.value.problems)


def test_what_no_demand_can_be_made_of_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="demands"):
        wf.demand("everybody")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="holds no demand"):
        wf.demand(())
    with pytest.raises(ArgumentError, match="twice"):
        wf.demand((stream(), stream()))
    with pytest.raises(ArgumentError, match="more than all members"):
        wf.demand(stream(prevalence=0.5, undercount=4.5))
    with pytest.raises(EditionNotFoundError, match="seeking"):
        wf.demand(stream(seeking="urban"))
    with pytest.raises(ArgumentError, match="figure of seeking"):
        wf.demand(stream(prevalence="urban-2018-seeking-20"))
    with pytest.raises(ArgumentError, match="no default for methadone"):
        wf.demand(stream(medication="methadone"))


# -------------------------------------------------------------------------- prescribers needed


def needed(**changes: Any) -> wf.PrescribersNeeded:
    given: dict[str, Any] = {
        "patients": 1_000,
        "panel": "thomas-2017-100",
        "plan_share": 1.0,
        "current_heads": 0,
        "current_patients": 0,
        **changes,
    }
    return wf.prescribers_needed(**given)


def test_heads_are_patients_over_panel_and_rounded_up() -> None:
    found = needed()
    assert (found.total, found.additional, found.patients_per_head) == (24, 24, 42.9)
    # 500 of them are treated by nine: 500 / 42.9 = 11.66.
    more = needed(current_heads=9, current_patients=500)
    assert (more.total, more.additional) == (24, 12)
    # A tenth of each panel is the plan's: 1,000 / 4.29 = 233.1.
    assert needed(plan_share=0.1).additional == 234


def test_a_whole_quotient_is_not_rounded_up_by_its_dust() -> None:
    panel = wf.OwnPanel(mean_patients=0.1)
    assert needed(patients=3 * 0.1, panel=panel).total == 3
    assert needed(patients=0, panel=panel).total == 0


def test_the_range_is_that_of_the_mean_and_not_between_prescribers() -> None:
    # 26.6 with a standard error of 40.3 / sqrt(4225) = 0.62: 1,000 / 27.39 and / 25.81.
    found = needed(panel="jones-2018-new")
    assert (found.low, found.additional, found.high) == (37, 38, 39)


@pytest.mark.parametrize(
    "changes, error, field",
    [
        ({"patients": -1}, ArgumentError, "patients"),
        ({"patients": float("nan")}, ArgumentError, "patients"),
        ({"patients": "many"}, ArgumentTypeError, "patients"),
        ({"plan_share": 0}, ArgumentError, "plan_share"),
        ({"plan_share": 1.5}, ArgumentError, "plan_share"),
        ({"current_heads": 1.5}, ArgumentTypeError, "current_heads"),
        ({"current_heads": -1}, ArgumentError, "current_heads"),
        ({"panel": 42.9}, ArgumentTypeError, "panel"),
        ({"panel": "thomas"}, EditionNotFoundError, "panel"),
    ],
)
def test_what_cannot_be_counted_names_its_field(
    changes: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as refused:
        needed(**changes)
    assert getattr(refused.value, "where", None) == field


# ---------------------------------------------------------------------------------- short form


def test_without_members_at_risk_the_need_follows_from_all_members() -> None:
    found = wf.calculator(wf.AreaForm(members=100_000), plan_share=1.0, panel="thomas-2017-100")
    row = {name: found.by_area[name][0] for name in found.by_area.keys()}  # noqa: SIM118
    # 618 of 100,000; 20% of them seek, or 4.5 times as many and all do.
    assert row["need_mat_low"] == pytest.approx(123.6)
    assert row["need_mat_high"] == pytest.approx(2_781)
    assert (found.prescribers_to_add_low, found.prescribers_to_add_high) == (3, 65)
    defaults = {
        name
        for name, origin in zip(
            found.inputs["input"].tolist(), found.inputs["origin"].tolist(), strict=True
        )
        if origin == "default edition"
    }
    assert defaults == {"prevalence", "undercount", "seeking_low", "seeking_high"}


def test_a_default_panel_is_noted_once() -> None:
    found = wf.calculator(wf.AreaForm(members=100_000), plan_share=1.0)
    panels = [
        (value, origin)
        for name, value, origin in zip(
            *(found.inputs[column].tolist() for column in ("input", "value", "origin")), strict=True
        )
        if name.startswith("panel")
    ]
    assert panels == [("jones-2018-new: 26.6 patients", "default edition")]


def test_a_figure_of_another_quantity_is_refused() -> None:
    with pytest.raises(ArgumentError, match="is a figure of seeking") as refused:
        wf.calculator(wf.AreaForm(members=9), plan_share=1.0, prevalence="urban-2018-seeking-20")
    assert refused.value.where == "prevalence"


def test_a_calculation_shows_itself() -> None:
    form = wf.AreaForm(area="<b>", members=100_000)
    found = wf.calculator(form, plan_share=1.0, panel="thomas-2017-100")
    assert repr(found) == "Calculation: 3 to 65 prescribers to add in 1 area"
    page = found._repr_html_()
    assert repr(found) in page and "&lt;b&gt;" in page and "<b>&lt;" not in page
    assert all(escape(caution.split(":")[0]) in page for caution in found.cautions)


def test_areas_are_added_after_each_is_floored() -> None:
    forms = [
        wf.AreaForm(
            area=area,
            members=1_000,
            at_risk=(wf.AtRisk(signal="risky_regimen", members=100),),
            share_needing_mat=0.5,
            current_patients=treated,
        )
        for area, treated in (("served", 90.0), ("short", 0.0))
    ]
    found = wf.calculator(forms, plan_share=1.0, panel=wf.OwnPanel(mean_patients=10))
    assert found.by_area["prescribers_to_add_low"].tolist() == [0, 5]
    assert found.prescribers_to_add_high == 5


@pytest.mark.parametrize(
    "forms, field",
    [
        ((), "areas"),
        ((wf.AreaForm(members=1), wf.AreaForm(members=2)), "areas"),
        (
            wf.AreaForm(members=9, at_risk=(wf.AtRisk(signal="risky_regimen", members=2),)),
            "areas.share_needing_mat",
        ),
        (
            wf.AreaForm(
                members=9,
                at_risk=(wf.AtRisk(signal="risky_regimen", members=10),),
                share_needing_mat=0.5,
            ),
            "areas.at_risk",
        ),
    ],
)
def test_a_form_that_cannot_be_read_names_its_field(forms: Any, field: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        wf.calculator(forms, plan_share=1.0)
    assert refused.value.where == field


# ---------------------------------------------------------------------------------------- pool


def test_a_fit_finds_the_curve_that_made_the_points() -> None:
    curve = wf.CapacityCurve(30.0, 2e-3)
    heads = np.array([10, 100, 300, 900, 2_000])
    fitted = wf.fit_capacity(heads, curve.capacity(heads))
    assert fitted.base_patients == pytest.approx(30, rel=1e-6)
    assert fitted.decay_per_head == pytest.approx(2e-3, rel=1e-5)
    assert fitted.points == 5


def test_the_next_heads_add_less_and_less() -> None:
    one, five, ten = wf.CapacityCurve(42.0, 0.05).added_by(9).tolist()
    assert one < 42 and five < 5 * one and ten < 2 * five


@pytest.mark.parametrize(
    "heads, patients, field",
    [
        ([1, 2], [10, 20], "heads"),
        ([1, 1, 1], [10, 20, 30], "heads"),
        ([1, 2, 3], [10, 20], "patients"),
        ([1, 2, -3], [10, 20, 30], "heads"),
        ([1, 2, 3], [10, 20, 30], "patients"),
        ([1, 2, 3], [1, 4, 9], "patients"),
        ("ab", [1, 4, 9], "heads"),
        ([1, 2, 3], [0, 0, 0], "heads"),
        ([1, 2, 10**400], [1, 2, 3], "heads"),
        ([1e-300, 2e-300, 3e-300], [1, 2, 2.5], "heads"),
    ],
)
def test_what_bends_no_way_cannot_be_fitted(heads: Any, patients: Any, field: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        wf.fit_capacity(heads, patients)
    assert refused.value.where == field


# ------------------------------------------------------------------------------- odd questions


def test_medications_that_take_more_than_all_seekers_are_refused() -> None:
    both = [stream(), stream(medication="methadone", retention=CURVE)]
    with pytest.raises(ArgumentError, match="take 2 of the seekers") as refused:
        wf.demand(both)
    assert refused.value.where == "demand.medication_share"


def test_those_with_the_disorder_do_not_hang_on_the_order_of_medications() -> None:
    both = [
        stream(medication_share=0.5),
        stream(medication="methadone", medication_share=0.5, members=100_000, retention=CURVE),
    ]
    there, back = wf.demand(both), wf.demand(both[::-1])
    assert there.with_oud == back.with_oud == 3000
    assert any("differ in those with the disorder" in each for each in there.cautions)


def test_the_short_form_says_that_it_takes_all_of_each_panel() -> None:
    form = wf.AreaForm(members=9_000, current_prescribers=9)
    whole, part = (wf.calculator(form, plan_share=share).cautions for share in (1.0, 0.5))
    assert any("all payers' patients" in each for each in whole)
    assert not any("all payers' patients" in each for each in part)
    assert any("treat none of the need" in each for each in part)


@pytest.mark.parametrize(
    "changes",
    [{"plan_share": 5e-324}, {"plan_share": 1e-300}, {"panel": wf.OwnPanel(mean_patients=5e-324)}],
    ids=["least share", "small share", "small panel"],
)
def test_a_panel_of_next_to_nobody_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="to a head") as refused:
        needed(**changes)
    assert refused.value.where == "panel"
    assert needed(**changes, patients=0).total == 0


@pytest.mark.parametrize(
    "base, decay, field",
    [
        (float("nan"), 0.1, "base_patients"),
        (-1.0, 0.1, "base_patients"),
        (1.0, 0.0, "decay_per_head"),
        (1.0, 1.5, "decay_per_head"),
    ],
)
def test_what_is_no_curve_of_a_pool_names_its_field(base: float, decay: float, field: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        wf.CapacityCurve(base, decay)
    assert refused.value.where == field


@pytest.mark.parametrize("heads", [[], [3, 4], None, float("inf")], ids=repr)
def test_heads_that_are_there_are_one_number(heads: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError)) as refused:
        wf.CapacityCurve(42.0, 0.05).added_by(heads)
    assert refused.value.where == "heads"


def test_shares_of_areas_are_a_list() -> None:
    with pytest.raises(ArgumentTypeError, match="shares"):
        wf.CapacityCurve(42.0, 0.05).for_areas(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("months", [None, 0, -1, 1.5, "x", float("nan"), 10**9], ids=repr)
def test_months_that_cannot_be_looked_ahead_name_themselves(months: Any) -> None:
    path = wf.Linear(first=1.0, last=2.0, last_month=3)
    for asked in (CURVE.month_shares, CURVE.residual_shares, path.monthly):
        with pytest.raises((ArgumentError, ArgumentTypeError)) as refused:
            asked(months)
        assert refused.value.where == "months"


def test_a_curve_that_falls_at_once_leaves_nobody() -> None:
    curve = wf.Retention(gap_days=30, points=((1.0, 0.999999), (1.0001, 0.1)))
    assert curve.month_shares(3)[1:].tolist() == pytest.approx([0, 0], abs=1e-3)
