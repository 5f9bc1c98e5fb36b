"""Observed claims against a twin that walks day by day, and the laws of episodes and shares."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe.errors import OpsafeError
from opsafe.workforce._kaplan_meier import kaplan_meier
from opsafe.workforce.observe import observe
from opsafe.workforce.observed import Observed
from tests.tables import rows_of

DAY: Final = timedelta(days=1)
FIRST: Final = date(2023, 12, 20)
TOLD_BY_MONTH: Final = ("starts", "returns", "resumed", "prevalent")

# ---------------------------------------------------------------------------------- strategies


@dataclass(frozen=True)
class Case:
    """Clean fills, a window and rules."""

    fills: list[dict[str, Any]]
    start: date
    end: date
    rules: dict[str, int]

    def observed(self, **changes: Any) -> Observed:
        """Observe, with some rules or fills changed."""
        fills = changes.pop("fills", self.fills)
        return observe(fills, start=self.start, end=self.end, **{**self.rules, **changes})


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Few members with chains of refills, early and late, about a window of some months."""
    fills = []
    for member in range(1, draw(st.integers(1, 4)) + 1):
        for medication in draw(st.sampled_from((["a"], ["b"], ["a", "b"]))):
            day = draw(st.integers(0, 90))
            for _ in range(draw(st.integers(1, 7))):
                supply = draw(st.sampled_from((1, 7, 14, 28, 30, 30, 90)))
                fills.append(
                    {
                        "member_id": member,
                        "prescriber_id": draw(st.sampled_from((None, "P1", "P2", "P3"))),
                        "fill_date": FIRST + day * DAY,
                        "days_supply": supply,
                        "medication": medication,
                        "line_of_business": draw(st.sampled_from((None, "medicaid"))),
                        "area": draw(st.sampled_from(("north", "south"))),
                    }
                )
                day += draw(st.one_of(st.integers(0, supply + 5), st.integers(0, supply + 70)))
    start = FIRST + draw(st.integers(0, 45)) * DAY
    gap = draw(st.integers(0, 35))
    rules = {
        "gap_days": gap,
        "washout_days": gap + draw(st.sampled_from((0, 0, 1, 20, 60))),
        "carry_forward_days": draw(st.sampled_from((0, 5, 30, 366))),
        "open_months": draw(st.integers(1, 4)),
    }
    return Case(fills, start, start + draw(st.integers(0, 260)) * DAY, rules)


# ------------------------------------------------------------------------------------ the twin


@dataclass
class Spell:
    """An episode as the twin sees it."""

    begin: date
    first: dict[str, Any]
    last: dict[str, Any]
    kind: str
    last_covered: date
    stop: date | None = None
    followed_days: int = 0


@dataclass
class Walk:
    """One member's days of one medication: what covers each, and the spells."""

    medication: str
    covered_by: dict[date, dict[str, Any]] = field(default_factory=dict)
    spells: list[Spell] = field(default_factory=list)


def standing(fills: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The fill that stands for those of one day."""

    def rank(fill: dict[str, Any]) -> tuple[Any, ...]:
        line, area, who = fill["line_of_business"], fill["area"], fill["prescriber_id"]
        return (-fill["days_supply"], who is None, who or "", line or "", area or "")

    return min(fills, key=rank)


def walk(fills: Sequence[dict[str, Any]], case: Case) -> Walk:
    """Go through the window day by day with a queue of supply."""
    gap, washout = case.rules["gap_days"], case.rules["washout_days"]
    found = Walk(fills[0]["medication"])
    queue: list[list[Any]] = []
    days = [case.start + number * DAY for number in range((case.end - case.start).days + 1)]
    for day in days:
        today = [fill for fill in fills if fill["fill_date"] == day]
        if today:
            fill = standing(today)
            at_hand = sum(left for _, left in queue)
            carried = min(at_hand, case.rules["carry_forward_days"])
            queue.append([fill, max(0, carried + fill["days_supply"] - at_hand)])
        while queue and queue[0][1] == 0:
            queue.pop(0)
        if not queue:
            continue
        queue[0][1] -= 1
        found.covered_by[day] = queue[0][0]
        spells = found.spells
        if not spells:
            kind = "prevalent" if (day - case.start).days < washout else "starts"
            spells.append(Spell(day, fill, fill, kind, day))
        elif (day - spells[-1].last_covered).days - 1 > gap:
            before = [day - number * DAY for number in range(1, washout + 1)]
            is_clean = not any(each in found.covered_by for each in before)
            spells.append(Spell(day, fill, fill, "returns" if is_clean else "resumed", day))
        spells[-1].last_covered = day
        if today:
            spells[-1].last = fill
    for spell in found.spells:
        after = spell.last_covered + DAY
        without = 0
        while after + without * DAY <= case.end and after + without * DAY not in found.covered_by:
            without += 1
        if without > gap:
            spell.stop = after
        known = [day for day in days if spell.begin <= day and day + gap * DAY <= case.end]
        spell.followed_days = len([day for day in known if not spell.stop or day < spell.stop])
    return found


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def back(month: date, many: int) -> date:
    """The month so many before."""
    place = month.year * 12 + month.month - 1 - many
    return date(place // 12, place % 12 + 1, 1)


class Twin:
    """All that is observed, counted by looking at every day."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.fills = [fill for fill in case.fills if case.start <= fill["fill_date"] <= case.end]
        self.medications: list[str] = sorted({fill["medication"] for fill in self.fills})
        streams: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for fill in self.fills:
            streams.setdefault((fill["member_id"], fill["medication"]), []).append(fill)
        self.walks = {stream: walk(each, case) for stream, each in streams.items()}
        month = month_of(case.start)
        self.months = []
        while month <= case.end:
            if month >= case.start and back(month, -1) - DAY <= case.end:
                self.months.append(month)
            month = back(month, -1)

    def of(self, medication: str) -> list[Walk]:
        """The walks of one medication."""
        return [each for each in self.walks.values() if each.medication == medication]

    def spells(self, medication: str) -> list[Spell]:
        """The spells of one medication."""
        return [spell for each in self.of(medication) for spell in each.spells]

    def active(self, month: date, medication: str) -> set[str]:
        """Who wrote a fill."""
        return {
            fill["prescriber_id"]
            for fill in self.fills
            if month_of(fill["fill_date"]) == month
            and fill["medication"] == medication
            and fill["prescriber_id"]
        }

    def open(self, month: date, medication: str) -> set[str]:
        """Who of them took somebody new."""
        lately = {back(month, many) for many in range(self.case.rules["open_months"])}
        taking = {
            spell.first["prescriber_id"]
            for spell in self.spells(medication)
            if spell.kind in ("starts", "returns") and month_of(spell.begin) in lately
        }
        return taking & self.active(month, medication)

    def by_month(self) -> list[dict[str, Any]]:
        """The table by month."""
        rows = []
        rules = self.case.rules
        starts_from = self.case.start + rules["washout_days"] * DAY
        for month in self.months:
            last = back(month, -1) - DAY
            for medication in self.medications:
                spells = self.spells(medication)
                inside = [s for s in spells if s.begin <= last and (not s.stop or s.stop > last)]
                kinds = Counter(s.kind for s in spells if month_of(s.begin) == month)
                rows.append(
                    {
                        "month": month,
                        "medication": medication,
                        "prescribers_active": len(self.active(month, medication)),
                        "prescribers_open": len(self.open(month, medication)),
                        "members_on_treatment": sum(
                            last in each.covered_by for each in self.of(medication)
                        ),
                        "members_in_episode": len(inside),
                        **{name: kinds[name] for name in TOLD_BY_MONTH},
                        "stops": sum(
                            spell.stop is not None and month_of(spell.stop) == month
                            for spell in spells
                        ),
                        "starts_are_complete": month >= starts_from,
                        "open_is_complete": back(month, rules["open_months"] - 1) >= starts_from,
                        "stops_are_complete": last + rules["gap_days"] * DAY <= self.case.end,
                    }
                )
        return rows

    def by_group(self) -> Counter[tuple[Any, ...]]:
        """How often each thing happened by month, medication, line and area."""
        found: Counter[tuple[Any, ...]] = Counter()

        def note(month: date, fill: dict[str, Any], what: str) -> None:
            if month in self.months:
                where = (fill["medication"], fill["line_of_business"], fill["area"])
                found[(month, *where, what)] += 1

        for each in self.walks.values():
            for month in self.months:
                covering = each.covered_by.get(back(month, -1) - DAY)
                if covering:
                    note(month, covering, "members_on_treatment")
            for spell in each.spells:
                if spell.kind in ("starts", "returns"):
                    note(month_of(spell.begin), spell.first, spell.kind)
                if spell.stop:
                    note(month_of(spell.stop), spell.last, "stops")
        return found

    def census(self) -> dict[tuple[str, str], dict[date, int]]:
        """Distinct members by prescriber and medication, and month."""
        seen: dict[tuple[str, str], dict[date, set[int]]] = {}
        for (member, medication), each in self.walks.items():
            for day, fill in each.covered_by.items():
                if fill["prescriber_id"] and month_of(day) in self.months:
                    panel = seen.setdefault((fill["prescriber_id"], medication), {})
                    panel.setdefault(month_of(day), set()).add(member)
        return {
            panel: {month: len(members) for month, members in each.items()}
            for panel, each in seen.items()
        }


def exact_curve(spells: Sequence[Spell]) -> list[tuple[int, int, int, int, float, float]]:
    """Kaplan-Meier in fractions: days, at risk, stopped, censored, share, standard error."""
    share, root, rows = Fraction(1), Fraction(0), []
    for day in sorted({spell.followed_days for spell in spells}):
        at_risk = sum(spell.followed_days >= day for spell in spells)
        ended = [spell for spell in spells if spell.followed_days == day]
        stopped = sum(spell.stop is not None for spell in ended)
        share *= 1 - Fraction(stopped, at_risk)
        if stopped < at_risk:
            root += Fraction(stopped, at_risk * (at_risk - stopped))
        error = float(share) * math.sqrt(root)
        rows.append((day, at_risk, stopped, len(ended) - stopped, float(share), error))
    return rows


@given(cases())
def test_the_twin_that_walks_day_by_day_finds_the_same(case: Case) -> None:
    twin, found = Twin(case), case.observed()
    assume(twin.medications)
    assert rows_of(found.by_month) == twin.by_month()
    assert found.counts.used == len(twin.fills)
    happened = Counter(
        {
            (row["month"], row["medication"], row["line_of_business"], row["area"], what): row[what]
            for row in rows_of(found.by_group)
            for what in ("members_on_treatment", "starts", "returns", "stops")
            if row[what]
        }
    )
    assert happened == twin.by_group()
    spells = [spell for each in twin.walks.values() for spell in each.spells]
    kinds = Counter(spell.kind for spell in spells)
    assert {name: getattr(found.episodes, name) for name in TOLD_BY_MONTH} == {
        name: kinds[name] for name in TOLD_BY_MONTH
    }
    assert found.episodes.stopped == sum(spell.stop is not None for spell in spells)


@given(cases())
def test_the_twin_counts_the_same_panels(case: Case) -> None:
    twin, found = Twin(case), case.observed()
    census = twin.census()
    last = twin.months[-1] if twin.months else None
    for row in rows_of(found.panels):
        panel = census.get((row["prescriber_id"], row["medication"]), {})
        assert row["months_with_members"] == len(panel)
        assert row["mean_members"] == pytest.approx(sum(panel.values()) / max(len(panel), 1))
        assert row["members_last_month"] == panel.get(last or FIRST, 0)
        who, medication = row["prescriber_id"], row["medication"]
        begun = [s.kind for s in twin.spells(medication) if s.first["prescriber_id"] == who]
        assert (row["starts"], row["returns"]) == (begun.count("starts"), begun.count("returns"))
        if last:
            assert row["is_active"] == (who in twin.active(last, medication))
            assert row["is_open"] == (who in twin.open(last, medication))
    for distribution in found.panel_distributions:
        panels = [
            each[last]
            for (_, medication), each in census.items()
            if medication == distribution.medication and last in each
        ]
        assert distribution.prescribers == len(panels)
        assert distribution.mean == pytest.approx(sum(panels) / len(panels))
        assert distribution.share_up_to_3 == pytest.approx(
            sum(each <= 3 for each in panels) / len(panels)
        )


@given(cases())
def test_the_twin_draws_the_same_curves(case: Case) -> None:
    twin, found = Twin(case), case.observed()
    streams = {"all": ("starts", "returns"), "first": ("starts",), "return": ("returns",)}
    names = ("days", "at_risk", "stopped", "censored", "share", "standard_error")
    table = rows_of(found.retention)
    for medication in twin.medications:
        for stream, kinds in streams.items():
            curve = [
                tuple(row[name] for name in names)
                for row in table
                if row["medication"] == medication and row["stream"] == stream
            ]
            spells = [s for s in twin.spells(medication) if s.kind in kinds and s.followed_days > 0]
            exact = exact_curve(spells)
            assert len(curve) == len(exact)
            for ours, theirs in zip(curve, exact, strict=True):
                assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12)
    for row in table:
        assert 0 <= row["lower_95"] <= row["share"] <= row["upper_95"] <= 1


# ------------------------------------------------------------------------------------ the laws


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(case: Case, shuffler: Any) -> None:
    shuffled = list(case.fills)
    shuffler.shuffle(shuffled)
    one, other = case.observed(), case.observed(fills=shuffled)
    for name in ("by_month", "by_group", "panels", "retention"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.panel_distributions == other.panel_distributions
    assert (one.counts, one.episodes, one.provenance) == (
        other.counts,
        other.episodes,
        other.provenance,
    )


@given(cases(), st.data())
def test_a_fill_split_into_two_adjacent_ones_covers_the_same(
    case: Case, data: st.DataObject
) -> None:
    fill = data.draw(st.sampled_from([one for one in case.fills if one["days_supply"] > 1] or [{}]))
    assume(fill)
    first = data.draw(st.integers(1, fill["days_supply"] - 1))
    second_day = fill["fill_date"] + first * DAY
    between = [
        other
        for other in case.fills
        if (other["member_id"], other["medication"]) == (fill["member_id"], fill["medication"])
        and other is not fill
        and fill["fill_date"] <= other["fill_date"] <= second_day
    ]
    # What is dispensed before the second part would stand behind the first alone.
    assume(not between and case.start <= fill["fill_date"] and second_day <= case.end)
    parts = [
        {**fill, "days_supply": first},
        {**fill, "fill_date": second_day, "days_supply": fill["days_supply"] - first},
    ]
    split = [other for other in case.fills if other is not fill] + parts
    one, other = case.observed(), case.observed(fills=split)
    assert one.by_group == other.by_group
    assert one.retention == other.retention
    assert one.episodes == other.episodes
    assert one.panel_distributions == other.panel_distributions
    for name in ("members_on_treatment", "members_in_episode", *TOLD_BY_MONTH, "stops"):
        assert one.by_month[name].tolist() == other.by_month[name].tolist(), name


@given(cases(), st.integers(1, 60))
def test_a_longer_gap_never_gives_more_episodes(case: Case, more: int) -> None:
    gap = case.rules["gap_days"]
    longer = {"gap_days": gap + more, "washout_days": gap + more + 60}
    assert case.observed(**longer).episodes.episodes <= case.observed().episodes.episodes


@given(cases())
def test_counts_add_up(case: Case) -> None:
    found = case.observed()
    counts, episodes = found.counts, found.episodes
    assert counts.rows_in == len(case.fills) == counts.used + counts.set_aside
    assert len(found.set_aside) == counts.set_aside
    assert sum(found.provenance.set_aside_by_reason.values()) == counts.set_aside
    begun = episodes.starts + episodes.returns + episodes.resumed + episodes.prevalent
    assert episodes.episodes == begun == episodes.stopped + episodes.censored
    table = found.by_month
    streams = len(found.medications)
    grids = {name: table[name].reshape(-1, streams) for name in table.keys()}  # noqa: SIM118
    flow = sum(grids[name] for name in TOLD_BY_MONTH) - grids["stops"]
    assert (np.diff(grids["members_in_episode"], axis=0) == flow[1:]).all()
    assert (grids["members_on_treatment"] <= grids["members_in_episode"]).all()
    assert (grids["prescribers_open"] <= grids["prescribers_active"]).all()
    for name in ("members_on_treatment", "starts", "returns", "stops"):
        assert found.by_group[name].sum() == table[name].sum()
    assert found.panels["fills"].sum() == counts.used - counts.without_prescriber


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=60))
def test_those_at_risk_are_those_who_have_neither_stopped_nor_been_lost(
    times: list[tuple[int, bool]],
) -> None:
    days, is_stop = (np.array(each) for each in zip(*times, strict=True))
    curve = kaplan_meier(days, is_stop)
    gone = np.cumsum(curve.stopped + curve.censored)
    assert curve.at_risk.tolist() == [len(days), *(len(days) - gone[:-1]).tolist()]
    assert gone[-1] == len(days)
    assert (np.diff(curve.share) <= 0).all()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_without_censoring_the_share_is_that_of_the_survivors(days: list[int]) -> None:
    times = np.array(days)
    curve = kaplan_meier(times, np.ones(len(times), bool))
    survivors = [(times > day).mean() for day in curve.days]
    assert curve.share.tolist() == pytest.approx(survivors, abs=1e-12)
    # Greenwood's error is then the binomial one.
    binomial = [math.sqrt(each * (1 - each) / len(days)) for each in survivors]
    assert curve.standard_error.tolist() == pytest.approx(binomial, abs=1e-9)


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=12),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=4),
    st.just(()),
)
RULES: Final = ("gap_days", "washout_days", "carry_forward_days", "open_months", "start", "end")


@given(cases(), st.data())
def test_whatever_comes_in_gives_an_answer_or_an_error_of_ours(
    case: Case, data: st.DataObject
) -> None:
    fills: Any = [dict(fill) for fill in case.fills]
    for _ in range(data.draw(st.integers(0, 4))):
        fill = data.draw(st.sampled_from(fills))
        fill[data.draw(st.sampled_from(sorted(fill)))] = data.draw(junk)
    asked: dict[str, Any] = {"start": case.start, "end": case.end, **case.rules}
    if data.draw(st.booleans()):
        asked[data.draw(st.sampled_from(RULES))] = data.draw(junk)
    try:
        found = observe(fills, **asked)
    except OpsafeError:
        return
    assert found.counts.rows_in == len(fills) == found.counts.used + found.counts.set_aside
    for table in (found.by_month, found.by_group, found.panels, found.retention):
        for name in table.keys():  # noqa: SIM118
            if table[name].dtype.kind in "if":
                assert (table[name] >= 0).all(), name  # which no NaN is
