"""Every shipped table of the cost-benefit engine: source, values, hash, each way to be wrong."""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe._fields import Medication
from opsafe.costbenefit import figures
from opsafe.costbenefit._rows import Row
from opsafe.costbenefit.editions import edition, editions, parameters, resolve
from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    DocumentError,
    EditionNotFoundError,
)
from opsafe.provenance import Edition
from opsafe.retention import RetentionEdition
from opsafe.uncertainty import Beta, Fixed, LogNormal, Normal

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "opsafe" / "costbenefit" / "data" / "editions"
HASHES = tomllib.loads((HERE / "costbenefit_hashes.toml").read_text(encoding="utf-8"))
OWN = [one for one in editions() if not isinstance(one, RetentionEdition)]
each_edition = pytest.mark.parametrize("shipped", OWN, ids=[one.id for one in OWN])
AGONISTS: Final[tuple[Medication, ...]] = ("buprenorphine", "methadone")
DEFAULTS = resolve("2026-01", figures.Defaults, "defaults")


def test_released_values_are_never_edited() -> None:
    # A wrong figure gets a corrected file with an id of its own; this table only grows.
    assert {each.id: each.values_hash() for each in OWN} == HASHES


@each_edition
def test_source_is_whole(shipped: Edition) -> None:
    assert shipped.kind in ("published", "planning")
    assert shipped.source.retrieved == date(2026, 11, 22)
    assert shipped.source.read == "primary" or shipped.source.note
    is_ours = shipped.source.publisher == "opsafe"
    assert is_ours or re.fullmatch(r"https?://\S+", shipped.source.address)
    assert edition(shipped.id) is shipped
    assert (DATA / f"{shipped.id}.toml").is_file()


@each_edition
def test_an_edition_comes_back_from_its_json(shipped: Edition) -> None:
    again = type(shipped).from_json(shipped.to_json())
    assert again == shipped
    assert again.values_hash() == shipped.values_hash()


@each_edition
def test_a_document_that_lacks_a_field_says_which(shipped: Edition) -> None:
    fields = shipped.model_dump()
    for name in [name for name, field in type(shipped).model_fields.items() if field.is_required()]:
        with pytest.raises(DocumentError) as caught:
            type(shipped)(**{key: value for key, value in fields.items() if key != name})
        assert [problem.field for problem in caught.value.problems] == [name]


def test_only_the_defaults_are_planning_values() -> None:
    assert [each.id for each in OWN if each.kind == "planning"] == ["2026-01"]


def test_each_kind_is_shipped() -> None:
    assert Counter(type(each).__name__ for each in editions()) == {
        "Study": 40,
        "Targets": 15,
        "Evidence": 7,
        "Spending": 7,
        "PriceIndex": 5,
        "Programme": 4,
        "Churn": 3,
        "Prices": 2,
        "Defaults": 1,
        "RetentionEdition": 1,
    }


def test_every_published_number_is_there_once() -> None:
    # 288 numbers were gathered with their addresses; one share of returns stands in three editions
    # of churn, and results that no calculation takes in are apart from them.
    table = parameters()
    results = table["kind"] == "targets"
    assert int((~results).sum()) == 288 + 2
    assert int(results.sum()) == 72
    assert bool((table["source"] != "").all()) and bool((table["unit"] != "").all())
    assert bool((table["value"] == table["value"]).all())
    indexes = [each for each in OWN if isinstance(each, figures.PriceIndex)]
    assert sum(len(each.values) for each in indexes) == 105
    assert {each.years for each in indexes} == {(2005, 2025)}
    assert {each.months_missing for each in indexes} == {("2025-10",)}


def test_rows_of_an_edition_add_up_to_what_was_counted_by_hand() -> None:
    totals = {
        "fairley-2021": (15, Decimal("110.96576")),
        "tkacz-2014": (10, Decimal(154886)),
        "lynch-2014": (3, Decimal(61650)),
        "massachusetts-2026": (10, Decimal("715740.89")),
        "obot-2019-visits": (28, Decimal(209)),
        "obot-2019-payments": (21, Decimal("1731.5")),
        "obot-2019-hours": (12, Decimal("33.1")),
        "sordo-2017": (6, Decimal("66.6")),
        "wakeman-2020": (4, Decimal("1.93")),
    }
    for name, (rows, total) in totals.items():
        found = edition(name)
        assert isinstance(found, figures.Figures)
        assert (len(found.rows), sum(row.value for row in found.rows)) == (rows, total)


def test_editions_are_found_by_id_and_kind() -> None:
    churn = resolve("commercial-2006-18", figures.Churn, "churn")
    assert churn is edition("commercial-2006-18")
    assert resolve(churn, figures.Churn, "churn") is churn
    with pytest.raises(EditionNotFoundError, match="lynch-2014"):
        edition("lynch-2015")
    wrong: Any = 5
    with pytest.raises(ArgumentTypeError, match="id"):
        edition(wrong)
    with pytest.raises(EditionNotFoundError) as caught:
        resolve("sordo-2017", figures.Churn, "churn")
    assert caught.value.where == "churn"


def test_rows_are_found_by_name() -> None:
    found = resolve("lynch-2014", figures.Spending, "spending")
    assert found.row("annual_cost_counselling_only").value == 17017
    with pytest.raises(ArgumentError, match="annual_cost_counselling_only"):
        found.row("annual_cost_counseling_only")
    wrong: Any = None
    with pytest.raises(ArgumentTypeError):
        found.row(wrong)


# ---------------------------------------------------------------------------------- defaults


def test_each_default_is_an_edition_of_its_kind() -> None:
    assert resolve(DEFAULTS.churn, figures.Churn, "churn").december == Decimal("0.069")
    assert resolve(DEFAULTS.retention, RetentionEdition, "retention").gap_days == 30
    assert resolve(DEFAULTS.price_index, figures.PriceIndex, "index").series == "CUUR0000SAM"
    assert resolve(DEFAULTS.utilities, figures.Study, "utilities").rows[0].unit == "utility"
    assert resolve(DEFAULTS.programme, figures.Programme, "programme").rows


def test_each_event_has_default_evidence_of_both_agonists() -> None:
    found = [resolve(name, figures.Evidence, "evidence") for name in DEFAULTS.evidence]
    events: tuple[figures.Event, ...] = ("death", "overdose", "acute_care")
    for each, event in zip(found, events, strict=True):
        for medication in AGONISTS:
            ratios = [row.ratio for row in each.comparisons(event, medication)]
            assert ratios and all(ratio is not None and 0 < ratio < 1 for ratio in ratios)


def test_planning_values_have_their_reasons_and_no_discount_rate_is_among_them() -> None:
    found = {
        name: value
        for name in figures.Defaults.model_fields
        if isinstance(value := getattr(DEFAULTS, name), figures.PlanningValue)
    }
    assert {name: value.value for name, value in found.items()} == {
        "buprenorphine_share": 1,
        "methadone_share": 0,
        "naltrexone_share": 0,
        "plan_paid_share": 1,
        "rebate_share": 0,
        "cost_sharing_share": 0,
        "risk_adjustment_usd_per_member_month": 0,
        "start_usd_per_patient": 0,
        "fiscal_year_start_month": 1,
    }
    assert all(len(value.reason) > 20 for value in found.values())
    words = ("discount", "total", "prevalence", "horizon", "ramp", "treated", "capacity", "basis")
    assert [word for word in words if word in " ".join(figures.Defaults.model_fields)] == []


# ----------------------------------------------------------------------------------- figures


def test_months_other_than_december_are_what_the_mean_leaves() -> None:
    # The mean holds December: group 1.664 %, individual 2.455 %.
    for market, share in (("group", "0.01664"), ("individual", "0.02455")):
        churn = resolve(f"commercial-2006-18-{market}", figures.Churn, "churn")
        assert churn.december is not None
        other = (12 * churn.monthly_mean - churn.december) / 11
        assert round(other, 5) == Decimal(share)
        assert churn.returned_within_10_years == Decimal("0.47")
    every = resolve("commercial-2006-18", figures.Churn, "churn")
    assert (every.monthly_mean, every.december, every.annual) == (
        Decimal("0.022"),
        None,
        Decimal("0.215"),
    )


def test_evidence_says_how_it_was_found_and_for_how_long_it_holds() -> None:
    found = {each.id: each for each in OWN if isinstance(each, figures.Evidence)}
    assert {name: each.design for name, each in found.items()} == {
        "adams-2022": "model",
        "cornish-2010": "cohort",
        "gomes-2022": "cohort",
        "larochelle-2018": "cohort",
        "sordo-2017": "meta_analysis",
        "vakkalanka-2021": "cohort",
        "wakeman-2020": "cohort",
    }
    after_start = {
        name for name, each in found.items() if {row.scope for row in each.rows} == {"after_start"}
    }
    assert after_start == {"wakeman-2020"}


@pytest.mark.parametrize(
    "name, event, medication, ratio",
    [
        ("sordo-2017", "death", "methadone", 1 / Fraction("3.2")),
        ("sordo-2017", "death", "buprenorphine", 1 / Fraction("2.2")),
        ("larochelle-2018", "death", "methadone", Fraction("0.47")),
        ("larochelle-2018", "opioid_death", "naltrexone", Fraction("1.42")),
        ("vakkalanka-2021", "suicide_or_overdose_death", "buprenorphine", 1 / Fraction("4.33")),
        ("cornish-2010", "death", "methadone", 1 / Fraction("1.9")),
        ("adams-2022", "overdose", "naltrexone", Fraction("0.86")),
    ],
)
def test_ratios_are_of_the_treated_over_the_untreated(
    name: str, event: figures.Event, medication: Any, ratio: Fraction
) -> None:
    (row,) = resolve(name, figures.Evidence, "evidence").comparisons(event, medication)
    assert row.ratio == ratio
    spread = row.ratio_distribution
    assert spread is not None
    if isinstance(spread, LogNormal):
        assert math.isclose(math.exp(spread.meanlog), float(ratio), rel_tol=1e-12)
    else:
        assert spread == Fixed(value=float(ratio))


def test_a_ratio_turned_over_keeps_the_interval_that_was_printed() -> None:
    from scipy.stats import norm

    found = resolve("sordo-2017", figures.Evidence, "evidence")
    (row,) = found.comparisons("death", "buprenorphine")
    spread = row.ratio_distribution
    assert spread is not None and row.low is not None and row.high is not None
    low, high = spread.quantile(np.asarray(norm.cdf([-1.959963985, 1.959963985])))
    # The printed interval is not quite symmetric about the printed ratio on the log scale.
    assert math.isclose(high / low, float(row.high / row.low), rel_tol=1e-9)
    assert math.isclose(math.sqrt(low * high), 1 / 2.2, rel_tol=1e-9)


def test_a_reduction_with_an_interval_is_a_ratio_with_one(tmp_path: Path) -> None:
    change = ("value = 0.76", 'value = 0.76\nlow = 0.6\nhigh = 0.84\ninterval = "confidence_95"')
    found = local(tmp_path, "wakeman-2020", change)
    assert isinstance(found, figures.Evidence)
    spread = found.rows[0].ratio_distribution
    assert isinstance(spread, LogNormal)
    assert math.isclose(spread.meanlog, math.log(0.24), rel_tol=1e-12)
    assert math.isclose(spread.sdlog, math.log(0.40 / 0.16) / (2 * 1.959963985), rel_tol=1e-8)


def test_comparisons_of_two_medications_have_no_ratio_to_no_treatment() -> None:
    found = resolve("gomes-2022", figures.Evidence, "evidence")
    assert {row.ratio for row in found.rows} == {None}
    assert {row.ratio_distribution for row in found.rows} == {None}
    assert found.comparisons("overdose", "buprenorphine") == ()


def test_evidence_may_have_several_follow_ups_and_agonists_in_common() -> None:
    found = resolve("wakeman-2020", figures.Evidence, "evidence")
    rows = found.comparisons("overdose", "methadone")
    assert {row.within_months: row.ratio for row in rows} == {
        3: Fraction("0.24"),
        12: Fraction("0.41"),
    }
    assert found.comparisons("overdose", "buprenorphine") == rows
    assert found.comparisons("overdose", "naltrexone") == ()


@pytest.mark.parametrize(
    "name, row, sd_log",
    [
        ("sordo-2017", "rr_out_vs_in_methadone", 0.0959),
        ("sordo-2017", "rr_out_vs_in_buprenorphine", 0.2528),
        ("cornish-2010", "rr_first_2_weeks_on", 0.3780),
        ("cornish-2010", "rr_weeks_3_4_after_stop", 0.2729),
        ("larochelle-2018", "ahr_methadone_all_cause", 0.2033),
        ("larochelle-2018", "ahr_naltrexone_opioid", 0.3420),
        ("vakkalanka-2021", "ahr_suicide_or_overdose_off_vs_on_bup", 0.0943),
        ("gomes-2022", "hr_discontinuation_bup_vs_methadone", 0.0214),
    ],
)
def test_spread_of_a_ratio_follows_from_its_interval(name: str, row: str, sd_log: float) -> None:
    found = resolve(name, figures.Evidence, "evidence").row(row).distribution
    assert isinstance(found, LogNormal)
    assert round(found.sdlog, 4) == sd_log


def test_beta_distributions_have_the_parameters_that_were_derived() -> None:
    for name, row, first, second in (
        ("wittenberg-2016", "active_injection_misuse", 404.15, 299.94),
        ("wittenberg-2016", "stabilised_buprenorphine", 648.61, 198.14),
        ("lee-2019-population", "oud_prevalence", 2.1718, 241.850),
        ("lee-2019-population", "uptake", 7.0742, 21.2227),
    ):
        found = resolve(name, figures.Study, "study").row(row).distribution
        assert isinstance(found, Beta)
        # They were derived with z = 1.96; ours has more digits.
        assert math.isclose(found.alpha, first, rel_tol=5e-5)
        assert math.isclose(found.beta, second, rel_tol=5e-5)


def test_normal_distributions_keep_their_floor() -> None:
    payment = resolve("obot-2019-payments", figures.Prices, "prices").row("private.80305")
    assert payment.distribution == Normal(mean=55, sd=27.3, low=0)
    overhead = resolve("obot-2019-practice", figures.Study, "study").row("overhead_rate")
    assert overhead.distribution == Normal(mean=0.47, sd=0.14, low=0, high=1)


def test_weibull_curves_of_unstated_form_are_numbers_and_no_curves() -> None:
    found = resolve("nosyk-2012", figures.Study, "study")
    rows = [row for row in found.rows if "weibull" in row.name]
    assert len(rows) == 4
    assert {row.distribution for row in rows} == {None}
    assert all("not stated" in row.as_stated for row in rows)


def test_dollar_years_stay_as_they_are_stated() -> None:
    years = Counter(
        row.dollar_year
        for each in OWN
        if isinstance(each, figures.Figures)
        for row in each.rows
        if row.unit.startswith("USD")
    )
    assert years["not stated"] > 30
    assert {"2007-2008", "2003-2007", "2019"} <= set(years)
    lynch = resolve("lynch-2014", figures.Spending, "spending").rows[0]
    assert (lynch.dollar_year, lynch.price_year) == ("2007-2008", 2008)
    nurse = resolve("massachusetts-2026", figures.Programme, "programme").rows[0]
    assert (nurse.dollar_year, nurse.price_year) == ("not stated", None)


# ----------------------------------------------------------------------------- a file of one's own


def local(tmp_path: Path, name: str, change: tuple[str, str] | None = None) -> Edition:
    """A plan's own copy of an edition with some text replaced."""
    shipped = edition(name)
    text = (DATA / f"{name}.toml").read_text(encoding="utf-8")
    text = re.sub(r'kind = "(published|planning)"', 'kind = "local"', text, count=1)
    if change is not None:
        assert change[0] in text
        text = text.replace(*change, 1)
    path = tmp_path / "house.toml"
    path.write_text(text, encoding="utf-8")
    return type(shipped).from_toml(path)


def test_every_kind_of_figure_can_be_a_plan_s_own(tmp_path: Path) -> None:
    for kind, name in {type(each): each.id for each in OWN}.items():
        assert type(local(tmp_path, name)) is kind


CI = '\ninterval = "confidence_95"\n'
GROUP, LYNCH, CPI = "commercial-2006-18-group", "lynch-2014", "cpi-u-medical-care"
SORDO, WAKEMAN, LEE = "sordo-2017", "wakeman-2020", "lee-2019-population"


@pytest.mark.parametrize(
    "name, old, new, field, message",
    [
        (GROUP, "monthly_mean = 0.021", "monthly_mean = 2.1", "monthly_mean", "less than 1"),
        (GROUP, "december = 0.069", "december = 0.3", "", "twelve monthly means"),
        (GROUP, "_5_years = 0.32", "_5_years = 0.02", "", "fewer"),
        (GROUP, 'design = "cohort"', 'design = "guess"', "design", "meta_analysis"),
        (LYNCH, "value = 13578", "value = nan", "rows[0].value", "finite"),
        (LYNCH, "value = 13578", 'value = "13578"', "rows[0].value", "exact"),
        (LYNCH, "value = 13578", "value = 1e13", "rows[0].value", "less"),
        (LYNCH, 'dollar_year = "2007-2008"\n', "", "rows[0]", "dollar_year is missing"),
        (LYNCH, '"2007-2008"', '"lately"', "rows[0].dollar_year", "pattern"),
        (LYNCH, 'per = "member_year"', 'per = "year"', "rows[0].per", "member_month"),
        (LYNCH, "_cost_counselling_only", "_cost_bup_plus_counselling", "rows", "twice"),
        (LYNCH, "annual_cost_counselling_only", "Annual cost", "rows[1].name", "pattern"),
        (LYNCH, 'unit = "USD', 'at_least = 0\nunit = "USD', "rows[0]", "normal distribution"),
        (LYNCH, 'unit = "USD', 'low = 0\nunit = "USD', "rows[0]", "together"),
        (LYNCH, 'unit = "USD', 'shape = "beta"\nunit = "USD', "rows[0]", "needs sd"),
        (SORDO, "low = 2.65", "low = 3.65", "rows[2]", "lies outside"),
        (SORDO, 'interval = "confidence_95"', 'interval = "range"', "rows[2]", "95 %"),
        (SORDO, 'event = "death"', 'event = "harm"', "rows[0].event", "relapse"),
        (SORDO, "value = 11.3", "value = 0", "rows[0]", "between 0.000001 and"),
        (SORDO, 'measure = "rate_ratio"', 'measure = "rate"', "rows[2]", "not for a rate"),
        (SORDO, "low = 2.65", "low = 0", "rows[2]", "above 0"),
        (WAKEMAN, "value = 0.76", "value = 1.76", "rows[0]", "inside 0 and 1"),
        (WAKEMAN, "value = 0.76", f"value = 0.76{CI}low = 0.5\nhigh = 1", "rows[0]", "below 1"),
        (WAKEMAN, "value = 0.76", f"value = 0.76{CI}low = 0.5\nhigh = 1e9", "rows[0]", "below 1"),
        (WAKEMAN, "value = 0.76", 'value = 0.76\nshape = "normal"\nsd = 1', "rows[0]", "lognormal"),
        (LYNCH, 'unit = "USD', 'sd = 5\nunit = "USD', "rows[0]", "sd needs a shape"),
        (LEE, "sd = 0.006", "sd = 0.6", "rows[0]", "sd must be below"),
        (CPI, "  [2006, 336.2],\n", "", "values", "follow on each other"),
        (CPI, "[2005, 323.2]", "[2005, 0]", "values[0][1]", "greater"),
        (CPI, '"2025-10"', '"2025-13"', "months_missing[0]", "pattern"),
        ("nida-2016", 'per = "week"', 'per = "dose"', "rows[0].per", "service"),
        ("nida-2016", 'category = "treatment"', 'category = "drug"', "rows[0].category", "labs"),
        ("lee-2019", 'part = "staff"', 'part = "people"', "rows[0].part", "start_up"),
        ("2026-01", 'churn = "commercial', "churn = 5 # ", "churn", "string"),
        ("2026-01", "value = 1\n", "value = 0.5\n", "", "add up to 1"),
        ("2026-01", "value = 1\n", "", "buprenorphine_share.value", "is missing"),
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


def test_an_edition_needs_a_row() -> None:
    found = resolve("lynch-2014", figures.Spending, "spending")
    with pytest.raises(DocumentError, match="one at least"):
        found.model_copy(update={"rows": ()})


def test_a_row_is_a_document_of_its_own() -> None:
    row = Row(name="cost", value=Decimal(5), unit="USD per visit", dollar_year="2012")
    assert (row.price_year, row.distribution) == (2012, None)
    assert Row.from_json(row.to_json()) == row


ODD: Final[tuple[Any, ...]] = (
    None, "", "x", 0, -1, 1, 10**30, True, 0.5, float("nan"), float("inf"), Decimal(0),
    Decimal("NaN"), Decimal("sNaN"), Decimal("1e-400"), Decimal("1e400"), Decimal("-0.5"),
    Decimal("0.999999999999"), (), {}, [], b"x", date(2020, 1, 1),
)  # fmt: skip


def with_one_odd(fields: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Replace one field, or one field of what a field holds, by something odd."""
    name = chance.choice(list(fields))
    held = fields[name]
    if isinstance(held, dict):
        return fields | {name: with_one_odd(held, chance)}
    if isinstance(held, tuple) and held and isinstance(held[0], dict):
        at = chance.randrange(len(held))
        return fields | {name: (*held[:at], with_one_odd(held[at], chance), *held[at + 1 :])}
    return fields | {name: chance.choice(ODD)}


@each_edition
def test_odd_values_give_a_document_error_and_nothing_else(shipped: Edition) -> None:
    chance = random.Random(shipped.id)
    fields = shipped.model_dump()
    for _ in range(60):
        try:
            found = type(shipped)(**with_one_odd(fields, chance))
        except DocumentError:
            continue
        assert found.values_hash()
        for row in getattr(found, "rows", ()):
            assert row.distribution is None or math.isfinite(row.distribution.mean)
            spread = getattr(row, "ratio_distribution", None)
            assert spread is None or 0 < spread.mean < math.inf
