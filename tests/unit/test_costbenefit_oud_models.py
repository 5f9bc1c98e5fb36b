"""Models that are ready to run: their numbers, their twin by hand, and published results beside."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, OpsafeError
from opsafe.uncertainty import Gamma, LogNormal, Uniform

ASKED: Final[dict[str, Any]] = {
    "members_off_treatment": 800.0,
    "start": "2026-01",
    "years": 2,
    "price_year": 2025,
    "savings": "total_cost",
    "defaults": "2026-01",
}


def asked(**changed: Any) -> cb.ReadyModel:
    return cb.plan_model(**(ASKED | changed))


def simulated(**changed: Any) -> cb.Run:
    ready = asked(**changed)
    return cb.simulate(ready.model, ready.strategies)


def number(ready: cb.ReadyModel, name: str) -> float:
    return float(ready.inputs["value"][list(ready.inputs["parameter"]).index(name)])


def mean(ready: cb.ReadyModel, name: str) -> float:
    """The mean that a run without draws takes; of a ratio it is not the printed median."""
    value = ready.model.parameters[name]
    return float(value) if isinstance(value, int | float) else float(value.mean)  # type: ignore[union-attr]


# ------------------------------------------------------------------------------ six states


def test_six_states_have_22_uncertain_numbers_told_in_inputs() -> None:
    ready = cb.six_state_model()
    run = cb.simulate(ready.model, ready.strategies, draws=20, seed=1)
    assert len(run.parameters) == 22 == len(ready.inputs)
    assert set(run.parameters) == set(ready.inputs["parameter"])
    assert "invented" in ready.cautions[0]
    for name, value in zip(ready.inputs["parameter"], ready.inputs["value"], strict=True):
        assert mean(ready, name) == value


def test_six_states_pass_through_json() -> None:
    model = cb.six_state_model().model
    assert cb.CohortModel.from_json(model.to_json()) == model


def test_six_states_take_only_months() -> None:
    with pytest.raises(DocumentError, match="cycle"):
        cb.six_state_model(conventions=cb.Conventions(cycle="year"))


# ------------------------------------------------------------------------------ plan model


def twin(ready: cb.ReadyModel, ratio: float, churn: float, weeks: int) -> dict[str, float]:
    """The open model of buprenorphine by hand, week by week and stay by stay."""
    year = 365.25 / 7
    found = {name: mean(ready, name) for name in ready.inputs["parameter"]}
    deaths_off = found["deaths_per_1000_person_years_off"] / 1000 / year
    deaths_on = deaths_off * found["death_ratio_on_buprenorphine"]
    starting = found["starts_per_1000_person_months_buprenorphine"] / 1000 * 12 / year
    p_start = 1 - math.exp(-ratio * starting)
    overdoses = found["overdoses_per_1000_person_months_off"] / 1000 * 12 / year
    scale, shape = found["retention_months"], found["retention_shape"]

    def share(week: int) -> float:
        return math.exp(-((week * 12 / year / scale) ** shape))

    off, on, stopped, dead = 800.0, [0.0] * (weeks + 1), [0.0] * 4, 0.0
    told = {"deaths": 0.0, "overdoses": 0.0, "starts": 0.0, "weeks": 0.0}
    for week in range(weeks + 1):
        weight = 0.5 if week in (0, weeks) else 1.0
        told["weeks"] += weight * sum(on)
        told["overdoses"] += (
            weight
            * overdoses
            * (off + sum(stopped) + found["overdose_ratio_on_buprenorphine"] * sum(on))
        )
        if week == weeks:
            break
        leave = churn if int((week + 1) / year * 12) > int(week / year * 12) else 0.0
        later_on, later_stopped, later_off = [0.0] * (weeks + 1), [0.0] * 4, 0.0
        alive = math.exp(-deaths_off)
        starts = off * alive * (1 - leave) * p_start
        died = off * (1 - alive)
        later_off += off - starts - died
        for stay, people in enumerate(stopped):
            which = "1_2" if stay < 2 else "3_4"
            alive = math.exp(-deaths_on * found[f"death_ratio_weeks_{which}_after_stop"])
            begun = people * alive * (1 - leave) * p_start
            staying = people * alive * (1 - leave) * (1 - p_start)
            died += people * (1 - alive)
            starts += begun
            if stay < 3:
                later_stopped[stay + 1] += staying
            else:
                later_off += staying
            later_off += people * alive * leave
        for stay, people in enumerate(on):
            if not people:
                continue
            first = found["death_ratio_first_2_weeks_on"] if stay < 2 else 1.0
            alive = math.exp(-deaths_on * first)
            ends = 1 - share(stay + 1) / share(stay)
            died += people * (1 - alive)
            later_off += people * alive * leave
            later_stopped[0] += people * alive * (1 - leave) * ends
            later_on[stay + 1] += people * alive * (1 - leave) * (1 - ends)
        later_on[0] += starts
        told["deaths"] += died
        told["starts"] += starts
        dead += died
        off, on, stopped = later_off, later_on, later_stopped
    return told | {"off": off, "on": sum(on), "stopped": sum(stopped), "dead": dead}


@pytest.mark.parametrize("churn", [0.0, 0.03])
def test_plan_model_is_its_twin_by_hand(churn: float) -> None:
    own = cb.OwnChurn(monthly_mean=churn) if churn else 0
    ready = asked(churn=own)
    run = cb.simulate(ready.model, ready.strategies)
    lee = math.log(1 - 0.39) / math.log(1 - 0.168)
    for place, ratio in enumerate((1.0, lee)):
        by_hand = twin(ready, ratio, churn, ready.model.horizon)
        found = dict(zip(run.event_names, run.events[place, :, 0], strict=True))
        assert found["deaths"] == pytest.approx(by_hand["deaths"], rel=1e-9)
        assert found["starts"] == pytest.approx(by_hand["starts"], rel=1e-9)
        assert found["overdoses"] == pytest.approx(by_hand["overdoses"], rel=1e-9)
        assert found["weeks on treatment"] == pytest.approx(by_hand["weeks"], rel=1e-9)
        ends = [by_hand[name] for name in ("off", "on", "stopped", "dead")]
        assert run.at_end[place, :, 0].tolist() == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize("savings", ["total_cost", "events"])
@pytest.mark.parametrize("closed", [True, False])
def test_people_are_conserved(savings: str, closed: bool) -> None:
    ready = asked(savings=savings, closed=closed)
    run = cb.simulate(ready.model, ready.strategies, draws=3, seed=1, keep="trace")
    assert run.trace is not None
    assert run.trace.sum(axis=2) == pytest.approx(800, rel=1e-12)


def test_everyone_on_treatment_stays_by_the_curve() -> None:
    zero = {"deaths_per_1000_person_years_off": 0.0}
    ready = asked(churn=0, own=zero)
    start: dict[str, float | str] = {"on buprenorphine": 1.0, "off treatment": 0.0}
    never = cb.Strategy(start=start, parameters={"start_ratio": 0})
    run = cb.simulate(ready.model, {"once": never}, keep="trace")
    assert run.trace is not None
    months = np.arange(ready.model.horizon + 1) * 12 * 7 / 365.25
    scale, shape = mean(ready, "retention_months"), mean(ready, "retention_shape")
    share = np.exp(-((months / scale) ** shape))
    on = run.states.index("on buprenorphine")
    assert run.trace[0, :, on, 0] == pytest.approx(800 * share, rel=1e-9)
    # The curve goes through the points of the edition: 71.6 % at one month, 35.4 % at six.
    curve = number(ready, "retention_months"), number(ready, "retention_shape")
    for month, left in ((1, 0.716), (6, 0.354)):
        assert math.exp(-((month / curve[0]) ** curve[1])) == pytest.approx(left, rel=1e-9)


def test_closed_cohort_costs_count_while_enrolled() -> None:
    churn = cb.OwnChurn(monthly_mean=0.05)
    stay, leave = (asked(closed=True, churn=each, years=1) for each in (0, churn))
    runs = [cb.simulate(each.model, each.strategies, keep="months") for each in (stay, leave)]
    assert runs[0].events == pytest.approx(runs[1].events)
    full, part = (run.costs[0, 0] for run in runs)
    enrolled = cb.enrolled_share(churn, start="2026-01", months=12)
    assert part / full == pytest.approx(float(enrolled.mean()), rel=0.01)


def test_open_model_places_december() -> None:
    churn = cb.OwnChurn(monthly_mean=0.02, december=0.12)
    table = asked(churn=churn, start="2026-11", years=1).model.parameters["leaving"]
    assert isinstance(table, tuple)
    leaving = [value for value in table if value]
    assert len(leaving) == 11  # months end inside the year; the last one's end is the run's
    assert leaving[1] == 0.12 and leaving[0] == pytest.approx((12 * 0.02 - 0.12) / 11)


def test_every_published_number_has_source_population_and_design() -> None:
    ready = asked(savings="events", medications=("buprenorphine", "methadone"))
    table = ready.inputs
    for name in ("population", "edition", "source", "unit"):
        assert all(table[name]), name
    money = [unit.startswith("USD") for unit in table["unit"]]
    assert [bool(year) for year in table["dollar_year"]] == money
    assert set(table["edition"]) <= {each.id for each in ready.editions}
    assert {"nida-2016", "va-2018-overdose", "gomes-2022", "2026-01"} <= {
        each.id for each in ready.editions
    }


def test_cautions_tell_what_a_reader_must_know() -> None:
    told = " ".join(asked().cautions)
    for words in (
        "several populations are mixed",
        "inflates the saving",
        "another population's rate stands in for the plan's own",
        "Churn is the default's",
        "30 days' gap",
        "Held fixed",
        "nosyk-2013",
    ):
        assert words in told


def test_own_numbers_stand_in_place_of_published_ones() -> None:
    own = {
        "deaths_per_1000_person_years_off": Gamma(mean=15, sd=2),
        "overdoses_per_1000_person_months_off": 5.0,
        "total_cost_usd_per_member_year_on": 20_000,
    }
    ready = asked(own=own, churn=0)
    origin = dict(zip(ready.inputs["parameter"], ready.inputs["origin"], strict=True))
    assert {name for name, each in origin.items() if each == "given"} == set(own)
    assert number(ready, "deaths_per_1000_person_years_off") == 15
    assert not any("stands in for the plan's own" in each for each in ready.cautions)
    assert ready.model.parameters["deaths_per_1000_person_years_off"] == Gamma(mean=15, sd=2)


def test_ranges_are_drawn_when_asked() -> None:
    ready = asked(ranges="uniform")
    found = ready.model.parameters["overdoses_per_1000_person_months_off"]
    assert found == Uniform(low=5.4, high=8)
    assert not any("Held fixed" in each for each in ready.cautions)


def test_ratios_turn_over_with_their_intervals() -> None:
    ready = asked(deaths="sordo-2017")
    drawn = ready.model.parameters["death_ratio_on_buprenorphine"]
    assert isinstance(drawn, LogNormal)
    ends = drawn.quantile(np.array([0.025, 0.5, 0.975]))
    assert ends == pytest.approx(np.array([1 / 3.61, 1 / 2.2, 1 / 1.34]), rel=0.002)
    assert number(ready, "deaths_per_1000_person_years_off") == 9.5


def test_methadone_is_left_more_slowly_by_the_published_ratio() -> None:
    ready = asked(savings="events", medications=("methadone",), churn=0)
    run = cb.simulate(
        ready.model,
        {"once": cb.Strategy(start={"on methadone": 1, "off treatment": 0})},
        keep="trace",
    )
    assert run.states == ("off treatment", "on methadone", "just stopped", "dead")
    scale = number(ready, "retention_months") * 1.43 ** (1 / number(ready, "retention_shape"))
    # The hazard at any time is that of buprenorphine over 1.43.
    assert (1 / scale) ** number(ready, "retention_shape") == pytest.approx(
        (1 / number(ready, "retention_months")) ** number(ready, "retention_shape") / 1.43
    )
    assert run.trace is not None and run.trace[0, 26, 1, 0] / 800 > 0.4


def test_dollars_are_of_the_price_year() -> None:
    ready = asked(price_year=2017)
    index = cb.price_ratio(2008, 2017)
    ratio = float(getattr(index, "ratio", index))
    assert number(ready, "total_cost_usd_per_member_year_off") == pytest.approx(31_055 * ratio)
    assert number(ready, "care_manager_usd_per_year") == pytest.approx(95_613.44)


BAD: Final[dict[str, tuple[type[OpsafeError], dict[str, Any], str]]] = {
    "members": (ArgumentError, {"members_off_treatment": 0}, "members_off_treatment"),
    "years": (ArgumentError, {"years": 6}, "years: lies outside 1 to 5"),
    "start": (ArgumentError, {"start": "2026"}, "start: is not a month"),
    "savings": (ArgumentError, {"savings": "both"}, "Allowed: total_cost, events"),
    "no total costs": (
        ArgumentError,
        {"medications": ("methadone",)},
        "Take savings='events'",
    ),
    "unknown medication": (
        ArgumentError,
        {"medications": ("naltrexone",), "savings": "events"},
        "Allowed: buprenorphine, methadone",
    ),
    "medication twice": (
        ArgumentError,
        {"medications": ("buprenorphine", "buprenorphine")},
        "names one twice",
    ),
    "medication as text": (ArgumentTypeError, {"medications": "methadone"}, "is no list"),
    "own unknown": (ArgumentError, {"own": {"deaths": 1}}, "is no number of this model"),
    "own negative": (
        ArgumentError,
        {"own": {"overdoses_per_1000_person_months_off": -1}},
        "must be 0 or more",
    ),
    "own text": (ArgumentTypeError, {"own": {"utility_on": "high"}}, "neither a number"),
    "own list": (ArgumentTypeError, {"own": [1]}, "no mapping"),
    "own utility above one": (
        OpsafeError,
        {"own": {"utility_on": 2.0}},
        "utilit",
    ),
    "cycle": (
        ArgumentError,
        {"conventions": cb.Conventions(cycle="month")},
        "must have a cycle of a week",
    ),
    "closed": (ArgumentTypeError, {"closed": "yes"}, "is not true or false"),
    "price year": (
        ArgumentError,
        {"price_year": 1999},
        "price_year: cpi-u-medical-care has no value for 1999",
    ),
    "ranges": (ArgumentError, {"ranges": "normal"}, "Allowed: fixed, uniform, triangular"),
    "defaults": (OpsafeError, {"defaults": "2020-01"}, "2020-01"),
}


@pytest.mark.parametrize("kind, changed, message", BAD.values(), ids=BAD)
def test_bad_arguments_are_named(
    kind: type[OpsafeError], changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(kind) as error:
        simulated(**changed)
    assert message in str(error.value)


# ------------------------------------------------------------------------------ validation


def test_published_results_stand_beside_ours() -> None:
    ready = cb.validation_model("2026-01")
    table = cb.validation(cb.simulate(ready.model, ready.strategies))
    told = {
        name: (float(ours), why)
        for name, ours, why in zip(table["target"], table["ours"], table["why_not"], strict=True)
    }
    assert told["overdoses_no_treatment"][0] == pytest.approx(42_717, rel=0.15)
    assert told["overdose_change_buprenorphine"][0] < told["overdose_change_methadone"][0] < 0
    assert math.isnan(told["qaly_no_treatment"][0]) and told["qaly_no_treatment"][1]
    known = np.isfinite(table["ours"])
    alike = table["same_direction"]
    assert known.sum() == 6 and np.isnan(alike[~known]).all()


def test_validation_needs_the_strategies_of_the_targets() -> None:
    six = cb.six_state_model()
    without = cb.simulate(six.model, six.strategies)
    others = simulated()
    with pytest.raises(ArgumentError, match="none of the strategies"):
        cb.validation(others)
    with pytest.raises(ArgumentError, match="counts no overdoses"):
        cb.validation(without)
    with pytest.raises(ArgumentTypeError, match="is not a Run"):
        cb.validation(7)  # type: ignore[arg-type]
