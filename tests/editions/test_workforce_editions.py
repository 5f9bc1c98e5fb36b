"""Every shipped table of the workforce engine: source, values, hash, and each way to be wrong."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from opsafe.errors import ArgumentTypeError, DocumentError, EditionNotFoundError
from opsafe.provenance import Edition
from opsafe.retention import RetentionEdition
from opsafe.workforce import figures
from opsafe.workforce.editions import edition, editions, resolve
from opsafe.workforce.limit_rules import LimitRules
from opsafe.workforce.reach import ReachStandard
from opsafe.workforce.wait_standard import WaitStandard

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "opsafe" / "workforce" / "data" / "editions"
HASHES = tomllib.loads((HERE / "workforce_hashes.toml").read_text(encoding="utf-8"))
OWN = [one for one in editions() if (DATA / f"{one.id}.toml").is_file()]  # others are shared
each_edition = pytest.mark.parametrize("shipped", OWN, ids=[one.id for one in OWN])
DEFAULTS = resolve("2026-01", figures.Defaults, "defaults")


def test_released_values_are_never_edited() -> None:
    # A wrong figure gets a corrected file with an id of its own; this table only grows.
    assert {each.id: each.values_hash() for each in OWN} == HASHES
    assert {type(each) for each in editions() if each not in OWN} == {RetentionEdition}


@each_edition
def test_source_is_whole(shipped: Edition) -> None:
    assert shipped.kind in ("published", "planning")
    assert shipped.source.retrieved == date(2026, 11, 22)
    assert shipped.source.read == "primary" or shipped.source.note
    is_ours = shipped.source.publisher == "opsafe"
    assert is_ours or re.fullmatch(r"https?://\S+", shipped.source.address)
    assert edition(shipped.id) is shipped


@each_edition
def test_an_edition_comes_back_from_its_json(shipped: Edition) -> None:
    again = type(shipped).from_json(shipped.to_json())
    assert again == shipped
    assert again.values_hash() == shipped.values_hash()


def test_only_defaults_and_what_they_name_may_be_planning_values() -> None:
    assert {each.id for each in editions() if each.kind == "planning"} == {
        "2026-01",
        "trained-planning-2026",
    }


def test_editions_are_found_by_id_and_kind() -> None:
    panel = resolve("thomas-2017-100", figures.Panel, "panel")
    assert panel is edition("thomas-2017-100")
    assert resolve(panel, figures.Panel, "panel") is panel
    with pytest.raises(EditionNotFoundError, match="thomas-2017-30"):
        edition("thomas-2017-31")
    wrong: Any = 5
    with pytest.raises(ArgumentTypeError, match="id"):
        edition(wrong)
    with pytest.raises(EditionNotFoundError) as caught:
        resolve("medicaid-2013-15", figures.Panel, "panel")
    assert caught.value.where == "panel"
    with pytest.raises(ArgumentTypeError):
        resolve(resolve(SOLO, figures.CareModel, "care_model"), figures.Panel, "panel")


# ---------------------------------------------------------------------------------- defaults


def test_each_default_is_an_edition_of_its_kind() -> None:
    assert resolve(DEFAULTS.panel, figures.Panel, "panel").sd_patients is not None
    assert resolve(DEFAULTS.retention, RetentionEdition, "retention").gap_days == 30
    assert resolve(DEFAULTS.care_model, figures.CareModel, "care_model").basis == "model_input"
    assert resolve(DEFAULTS.wait_standard, WaitStandard, "wait_standard").id == "wait-medicaid-2024"
    assert resolve(DEFAULTS.pool_curve, figures.PoolCurve, "pool_curve").id == "source-2022"
    for name in ("prevalence", "undercount", "seeking_low", "seeking_high"):
        found = resolve(getattr(DEFAULTS, name), figures.DemandFigure, name)
        assert found.quantity == name.partition("_")[0]


def test_the_default_conversions_chain_from_recruited_to_open_to_the_plan() -> None:
    chain = [resolve(name, figures.Conversion, "conversions") for name in DEFAULTS.conversions]
    assert all(one.to_stage == next_one.from_stage for one, next_one in pairwise(chain))
    assert (chain[0].from_stage, chain[-1].to_stage) == (figures.STAGES[0], figures.STAGES[-1])
    # Rule 8: 65/89, 31/65, 674/803 and 0.54, of recruits who are taken to be trained.
    assert [one.converted_share for one in chain] == [
        1,
        Fraction(65, 89),
        Fraction(31, 65),
        Fraction(674, 803),
        Fraction(54, 100),
    ]


def test_planning_values_are_few_and_each_has_its_reason() -> None:
    found = {
        name: value
        for name in figures.Defaults.model_fields
        if isinstance(value := getattr(DEFAULTS, name), figures.PlanningValue)
    }
    assert {name: value.value for name, value in found.items()} == {
        "ramp_up_order": 2,
        "ramp_up_mean_months": 6,
        "business_days_per_month": 21,
        "weeks_per_year": 52,
    }
    assert all(len(value.reason) > 30 for value in found.values())


def test_what_was_not_found_has_no_default() -> None:
    # Facts, chapter H: these are inputs that a caller must give.
    words = ("minute", "clinical", "full_time", "no_show", "attrition", "exit", "prescription")
    names = " ".join(figures.Defaults.model_fields)
    assert [word for word in words if word in names] == []


# ----------------------------------------------------------------------------------- figures


def test_hours_of_care_are_those_of_the_parameter_table() -> None:
    models = [each for each in editions() if isinstance(each, figures.CareModel)]
    hours = {m.id: (m.physician_hours, m.nurse_hours, m.behaviorist_hours) for m in models}
    assert hours == {
        "obot-physician-led": (Decimal("4.8"), Decimal("1.1"), Decimal("2.9")),
        "obot-nurse-led": (2, 4, Decimal("3.2")),
        "obot-shared": (Decimal("2.9"), 4, 3),
        "obot-solo": (Decimal("5.2"), 0, 0),
    }


def test_the_pool_has_a_ceiling_and_a_last_day() -> None:
    pool = resolve(POOL, figures.PoolCurve, "pool")
    assert round(pool.ceiling_patients) == 943_820
    assert pool.last_day == date(2022, 12, 29)


def test_a_least_panel_is_no_limit() -> None:
    found = resolve("alameda-2017", figures.PanelMinimum, "minimum")
    assert (found.earlier_at_least_patients, found.at_least_patients) == (5, 10)


# ----------------------------------------------------------------------------- a file of one's own


def local(tmp_path: Path, name: str, change: tuple[str, str] | None = None) -> Edition:
    """A plan's own copy of an edition with some text replaced."""
    shipped = edition(name)
    text = (DATA / f"{name}.toml").read_text(encoding="utf-8")
    text = re.sub(r'kind = "(published|planning)"', 'kind = "local"', text)
    if change is not None:
        assert text.count(change[0]) == 1
        text = text.replace(*change)
    path = tmp_path / "house.toml"
    path.write_text(text, encoding="utf-8")
    return type(shipped).from_toml(path)


def test_every_kind_of_figure_can_be_a_plan_s_own(tmp_path: Path) -> None:
    kinds = {type(each): each.id for each in OWN}
    assert set(kinds) == {
        figures.CareModel,
        figures.Conversion,
        figures.Defaults,
        figures.DemandFigure,
        figures.Panel,
        figures.PanelBands,
        figures.PanelMinimum,
        figures.PoolCurve,
        LimitRules,
        ReachStandard,
        WaitStandard,
    }
    for kind, name in kinds.items():
        assert type(local(tmp_path, name)) is kind


MEAN = "mean_patients = 13.6"
THOMAS, DUNCAN = "thomas-2017-30", "duncan-2020-30"
POOL, SOLO = "source-2022", "obot-solo"


@pytest.mark.parametrize(
    "name, old, new, field, message",
    [
        (THOMAS, MEAN, "mean_patients = 0", "mean_patients", "greater"),
        (THOMAS, MEAN, 'mean_patients = "13"', "mean_patients", "exact"),
        (THOMAS, MEAN, "mean_patients = nan", "mean_patients", "finite"),
        (THOMAS, MEAN, "", "mean_patients", "is missing"),
        (THOMAS, "0.269", "1.269", "share_of_episodes", "less than or equal to 1"),
        (THOMAS, 'holds = "panel"', 'holds = "retention"', "holds", "panel"),
        ("jones-2018-new", "sd_patients = 40.3", "sd_patients = -1", "sd_patients", "greater"),
        ("jones-2018-new", "respondents = 4225", "respondents = 0", "respondents", "greater"),
        ("jones-2018-new", "respondents = 4225", "prescribers = 9", "prescribers", "patients and"),
        (DUNCAN, "mean_patients = 3.39", "mean_patients = 3.4", "share_of_limit", "3.390"),
        (DUNCAN, "patient_limit = 30\n", "", "share_of_limit", "patient_limit and"),
        ("iehp-pilot", "prescribers = 9", "prescribers = 8", "prescribers", "55.5556"),
        ("stein-2016-bands", "share = 0.09", "share = 0.10", "bands", "add up to 1"),
        ("stein-2016-bands", "at_least_patients = 4,", "at_least_patients = 5,", "bands", "follow"),
        ("stein-2016-bands", "{ at_least_patients = 76, share = 0.09 },\n", "", "bands", "no end"),
        ("alameda-2017", "patients = 10", "patients = 0", "at_least_patients", "greater"),
        ("new-jersey-2024-registered", '"trained"', '"open"', "to_stage", "later stage than open"),
        ("new-jersey-2024-registered", '"trained"', '"hired"', "from_stage", "recruited"),
        ("new-jersey-2024-registered", "of = 89", "of = 60", "of", "less than converted, 65"),
        ("new-jersey-2024-registered", "of = 89", "", "", "converted and of are given together"),
        ("new-jersey-2024-registered", "of = 89", "of = 89\nshare = 0.7", "share", "not both"),
        ("beetham-2019-medicaid", "share = 0.54\n", "", "", "or a share"),
        ("beetham-2019-medicaid", "share = 0.54", "share = 1.54", "share", "less than or equal"),
        ("nsduh-2022-need", "value = 0.037", "value = 3.7", "value", "a share from 0 to 1"),
        ("nsduh-2022-need", '"18+"', '"adults"', "ages", "pattern"),
        ("nsduh-2022-need", '"survey"', '"guess"', "base", "capture_recapture"),
        ("nsduh-2022-need", '"2022"', '"22"', "years", "pattern"),
        ("nsduh-2022-need", '"prevalence"', '"demand"', "quantity", "undercount"),
        ("keyes-2022-undercount", "value = 4.5", "value = 0.5", "value", "1 or more"),
        ("keyes-2022-undercount", "low = 3", "low = 4.6", "low", "wrong side"),
        ("keyes-2022-undercount", "high = 5", "high = 4.4", "high", "wrong side"),
        ("modrn-2018", "whole = 10585790", "whole = 105857900", "whole", "does not give"),
        ("modrn-2018", "part = 527983\n", "", "whole", "part and whole"),
        (SOLO, '"model_input"', '"seen"', "basis", "measured"),
        (SOLO, "physician_hours = 5.2", "physician_hours = -1", "physician_hours", "greater"),
        (SOLO, "spread_share = 0.25", "spread_share = 2.5", "spread_share", "less than"),
        (POOL, "last_day = 2022-12-29", "last_day = 1999-12-29", "last_day", "2000-01-01"),
        (POOL, "0.0000445", "0", "decay_per_provider", "greater"),
        (POOL, "ramp_order = 2", "ramp_order = 0", "ramp_order", "greater"),
        (POOL, "otp_utilisation = 0.866", "otp_utilisation = 1.0", "otp_utilisation", "less"),
        ("2026-01", 'retention = "medicaid-2013-15"', "retention = 5", "retention", "string"),
        ("2026-01", "value = 21\n", "", "business_days_per_month.value", "is missing"),
        ("2026-01", 'reason = "Whole', '# reason = "Whole', "weeks_per_year.reason", "is missing"),
    ],
)  # fmt: skip
def test_a_malformed_figure_names_its_field(
    tmp_path: Path, name: str, old: str, new: str, field: str, message: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        local(tmp_path, name, change=(old, new))
    (problem,) = caught.value.problems
    assert (problem.field, caught.value.file) == (field, str(tmp_path / "house.toml"))
    assert message in problem.message


@pytest.mark.parametrize(
    "step, change, field, message",
    [
        (0, {"practitioners": ()}, "practitioners", "at least one"),
        (0, {"practitioners": ("physician", "physician")}, "practitioners", "each once"),
        (0, {"practitioners": ("dentist",)}, "practitioners[0]", "nurse_midwife"),
        (0, {"patients": None}, "patients", "both or neither"),
        (0, {"patients": 0}, "patients", "greater"),
        (0, {"waiver_required": False}, "patients", "both or neither"),
        (0, {"before": date(2000, 10, 17)}, "before", "after the first day"),
        (0, {"training": "some"}, "training", "or_certified"),
        (0, {"needs_one_of": ("luck",)}, "needs_one_of[0]", "qualified_practice"),
        (0, {"least_years_at_100": -1}, "least_years_at_100", "greater"),
        (0, {"rule": " "}, "rule", "at least 1 character"),
        (0, {"first_day": date(2001, 1, 1)}, "steps", "effective_from"),
        (1, {"first_day": date(1999, 1, 1)}, "steps", "in the order of their first days"),
    ],
)
def test_a_malformed_step_names_its_field(
    step: int, change: dict[str, Any], field: str, message: str
) -> None:
    rules = resolve("patient-limits-2022", LimitRules, "edition")
    fields = [each.model_dump() for each in rules.steps]
    fields[step] |= change
    with pytest.raises(DocumentError) as caught:
        rules.model_copy(update={"steps": tuple(fields)})
    (problem,) = caught.value.problems
    assert problem.field == (field if field == "steps" else f"steps[{step}].{field}")
    assert message in problem.message


def test_rules_need_a_step() -> None:
    rules = resolve("patient-limits-2022", LimitRules, "edition")
    with pytest.raises(DocumentError, match="at least one step"):
        rules.model_copy(update={"steps": ()})
