"""Laws of `mme.exposure`, and the slow twin that answers every question beside it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import mme
from tests import strategies, tables, twin
from tests.strategies import Case

GRID = 1e-6  # one unit of every published MME


def in_order(member: Any) -> Any:
    """Members of one population are all text or all integers, and sort as they are."""
    return member


def ask(case: Case, **more: Any) -> mme.Exposure:
    return mme.exposure(list(case.records), **case.keywords(), **more)


def members_of(case: Case) -> dict[Any, dict[str, Any]]:
    return tables.by_member(ask(case).members)


def days_of(result: mme.Exposure) -> dict[tuple[Hashable, Any], tuple[float, int]]:
    """Unroll the segments into days that have an active fill."""
    days = {}
    for row in tables.rows_of(result.segments):
        for offset in range((row["last_day"] - row["first_day"]).days + 1):
            key = row["member_id"], row["first_day"] + timedelta(offset)
            assert key not in days, "two segments share a day"
            days[key] = row["mme_per_day"], row["active_fills"]
    return {key: value for key, value in days.items() if value[1]}


def reasons_of(case: Case, result: mme.Exposure) -> Counter[tuple[Any, ...]]:
    """Count rows set aside by what they hold, whatever their place."""
    return Counter(
        (*map(repr, case.records[row["row"]].values()), row["code"])
        for row in tables.rows_of(result.set_aside)
    )


# ------------------------------------------------------------------------------- the twin


@given(strategies.cases())
def test_the_twin_agrees_on_every_column_of_every_member(case: Case) -> None:
    expected = case.answer().members
    found = members_of(case)
    assert list(found) == sorted(expected, key=in_order)
    for member, columns in expected.items():
        ours = {name: found[member][name] for name in columns}
        assert ours == columns


@given(strategies.cases())
def test_the_twin_agrees_on_the_fate_of_every_row(case: Case) -> None:
    answer = case.answer()
    result = ask(case)
    fates = Counter(answer.fates)
    rows = result.provenance.rows
    assert (rows.rows_in, rows.used, rows.netted, rows.not_opioid) == (
        len(case.records),
        fates.pop("used", 0),
        fates.pop("netted", 0),
        fates.pop("not_opioid", 0),
    )
    assert rows.set_aside == len(result.set_aside)
    assert Counter(row["code"] for row in tables.rows_of(result.set_aside)) == fates
    drugs = {row["ingredient"]: row["rows"] for row in tables.rows_of(result.not_opioid)}
    assert drugs == answer.not_opioid


@pytest.mark.parametrize("overlap", ["sum", "shift_same_product"])
@pytest.mark.parametrize("edition", ["cdc-2016", "nih-heal-2024"])
def test_the_twin_agrees_on_two_thousand_members(edition: str, overlap: str) -> None:
    start = strategies.FIRST_DAY + timedelta(60)
    arguments = twin.Arguments(
        start=start, end=start + timedelta(180), overlap=overlap, buprenorphine="include"
    )
    records = strategies.population(seed=2, members=2_000)
    case = Case(records, edition, twin.BOOKS[edition], arguments)
    answer = case.answer()
    result = mme.exposure(tables.to_polars(records), **case.keywords())
    found = tables.by_member(result.members)
    assert len(found) == 2_000
    for member, columns in answer.members.items():
        assert {name: found[member][name] for name in columns} == columns
    codes = Counter(row["code"] for row in tables.rows_of(result.set_aside))
    fates = Counter(answer.fates)
    assert codes == fates - Counter({name: fates[name] for name in twin.NOT_SET_ASIDE})


@given(strategies.cases())
def test_the_twin_agrees_on_every_day(case: Case) -> None:
    expected = {
        (member, day): value
        for member, own in case.answer().days.items()
        for day, value in own.items()
    }
    assert days_of(ask(case, segments=True)) == expected


@given(strategies.cases(strategies.USABLE))
def test_the_grid_is_within_its_bound_of_true_fractions(case: Case) -> None:
    """The twin without a grid: k active fills are at most k + 1 grid units away."""
    case = case.with_arguments(overlap="sum", patch_days="fill")
    plain = twin.plain_days(case.records, case.book, case.arguments)
    found = days_of(ask(case, segments=True))
    assert {key[0] for key in found} == set(plain)
    for member, own in plain.items():
        for day, (true, fills) in own.items():
            value, active = found[member, day]
            assert active == fills
            if true.denominator == 1 or min(abs(true - edge) for edge in (50, 90)) > GRID:
                assert (value >= 50, value >= 90) == (true >= 50, true >= 90)
            assert abs(Fraction(Decimal(repr(value))) - true) <= (fills + 1) * Fraction(1, 10**6)


# ------------------------------------------------------------------------------- the order


@given(strategies.cases(), st.randoms(use_true_random=False))
def test_permuting_rows_changes_nothing(case: Case, random: Any) -> None:
    shuffled = list(case.records)
    random.shuffle(shuffled)
    other = case.with_records(shuffled)
    one = ask(case, segments=True, contributions=True)
    two = ask(other, segments=True, contributions=True)
    for name in ("members", "segments", "contributions", "not_opioid", "excluded"):
        assert tables.rows_of(getattr(one, name)) == tables.rows_of(getattr(two, name))
    assert reasons_of(case, one) == reasons_of(other, two)
    assert one.provenance.rows == two.provenance.rows


@given(strategies.cases(), st.randoms(use_true_random=False))
def test_permuting_rows_that_contradict_each_other_changes_nothing(case: Case, random: Any) -> None:
    """Give all rows few ids, so that groups hold every mixture of drugs, signs and statuses."""
    records = [
        {**record, "fill_id": random.choice((None, "a", "b"))}
        | random.choice(({}, {}, {"status": "reversed"}, {"quantity": -10.0}))
        for record in case.records
    ]
    case = case.with_records(records)
    shuffled = case.with_records(random.sample(records, len(records)))
    one, two = ask(case), ask(shuffled)
    assert tables.rows_of(one.members) == tables.rows_of(two.members)
    assert reasons_of(case, one) == reasons_of(shuffled, two)


# --------------------------------------------------------------------- adding and splitting


@given(strategies.cases(strategies.USABLE), st.data())
def test_splitting_a_fill_in_two_consecutive_ones_changes_no_day(
    case: Case, data: st.DataObject
) -> None:
    case = case.with_arguments(overlap="sum", patch_days="fill")
    whole = data.draw(st.sampled_from(range(len(case.records))))
    fill = case.records[whole]
    supply = fill["days_supply"]
    # The parts must have the same daily quantity, on the grid of 1e-3.
    quantity = Fraction(Decimal(repr(fill["quantity"]))) * 1000
    cuts = [day for day in range(1, supply) if (quantity * day / supply).denominator == 1]
    if not cuts:
        return
    cut = data.draw(st.sampled_from(cuts))
    first = int(quantity * cut / supply)
    parts = [
        {**fill, "quantity": first / 1000, "days_supply": cut},
        {
            **fill,
            "quantity": (int(quantity) - first) / 1000,
            "days_supply": supply - cut,
            "fill_date": fill["fill_date"] + timedelta(cut),
        },
    ]
    others = [record for row, record in enumerate(case.records) if row != whole]
    split = case.with_records([*others, *parts])
    assert days_of(ask(split, segments=True)) == days_of(ask(case, segments=True))


@given(strategies.cases(strategies.USABLE), st.data())
def test_adding_a_fill_never_lowers_a_day(case: Case, data: st.DataObject) -> None:
    case = case.with_arguments(overlap="sum")
    before = days_of(ask(case, segments=True))
    member = case.records[0]["member_id"]
    scene = data.draw(st.sampled_from(strategies.USABLE))
    more = data.draw(scene(member))
    after = days_of(ask(case.with_records([*case.records, *more]), segments=True))
    assert before.keys() <= after.keys()
    assert all(after[key][0] >= value for key, (value, _) in before.items())


@given(strategies.cases((strategies.SCENES[0], strategies.early_refill), tables=False))
def test_scaling_all_doses_scales_linear_mme_within_the_grid(case: Case) -> None:
    scaled = case.with_records(
        [{**record, "strength": record["strength"] * 3} for record in case.records]
    )
    before, after = days_of(ask(case, segments=True)), days_of(ask(scaled, segments=True))
    assert before.keys() == after.keys()
    for key, (value, fills) in before.items():
        assert abs(after[key][0] - 3 * value) <= 3 * (fills + 1) * GRID + 1e-9 * value


# -------------------------------------------------------------------------- the definitions


@given(strategies.cases())
def test_the_four_definitions_keep_their_order(case: Case) -> None:
    for columns in members_of(case).values():
        supply, covered = columns["mme_per_supply_day"], columns["mme_per_covered_day"]
        window, maximum = columns["mme_per_window_day"], columns["mme_maximum_day"]
        if covered is not None:
            assert supply <= covered <= maximum
            assert window is None or window <= covered


@given(strategies.cases())
def test_thresholds_hold_each_other(case: Case) -> None:
    for columns in members_of(case).values():
        counts = (columns["days_at_least_90"], columns["days_at_least_50"], columns["covered_days"])
        if columns["days_at_least_50"] is not None:
            assert list(counts) == sorted(counts)
            assert columns["longest_run_at_least_50"] <= columns["days_at_least_50"]
            assert (columns["mme_maximum_day"] >= 90) == (columns["days_at_least_90"] > 0)


@given(strategies.cases())
def test_buprenorphine_never_reaches_the_other_columns(case: Case) -> None:
    included = members_of(case.with_arguments(buprenorphine="include"))
    excluded = members_of(case.with_arguments(buprenorphine="exclude"))
    for member, columns in included.items():
        for name, value in columns.items():
            if name != "rows_set_aside" and not name.endswith("_with_buprenorphine"):
                assert (name, excluded[member][name]) == (name, value)


@given(strategies.cases())
def test_rows_have_exactly_one_fate(case: Case) -> None:
    result = ask(case)
    rows = result.provenance.rows
    assert rows.rows_in == rows.used + rows.netted + rows.not_opioid + len(result.set_aside)
    assert sum(result.provenance.set_aside_by_reason.values()) == len(result.set_aside)
    positions = [row["row"] for row in tables.rows_of(result.set_aside)]
    assert len(set(positions)) == len(positions)
    assert {record["member_id"] for record in case.records} == set(members_of(case))


# ------------------------------------------------------------------------------- reversals


@given(strategies.cases(), st.data())
def test_the_reversal_of_a_fill_equals_its_absence(case: Case, data: st.DataObject) -> None:
    member = data.draw(st.sampled_from([record["member_id"] for record in case.records]))
    fill = data.draw(strategies.fill(member))
    fill["fill_id"] = "a claim of its own"
    undone = {**fill, "quantity": -fill["quantity"]}
    if data.draw(st.booleans()):
        undone["days_supply"] = -undone["days_supply"]
    if data.draw(st.booleans()):
        fill["pharmacy_id"] = undone["pharmacy_id"] = "a pharmacy of its own"
        fill["fill_id"] = undone["fill_id"] = None
    before = members_of(case)
    after = members_of(case.with_records([fill, *case.records, undone]))
    for columns in (*before.values(), *after.values()):
        del columns["rows_set_aside"]
    assert after == before


# ---------------------------------------------------------------------------------- shapes


@pytest.mark.parametrize("shape", [name for name in tables.SHAPES if name != "records"])
@given(case=strategies.cases())
def test_every_shape_of_table_gives_the_same_answer(shape: str, case: Case) -> None:
    expected = ask(case, segments=True, contributions=True)
    fills = tables.SHAPES[shape](case.records)
    found = mme.exposure(fills, segments=True, contributions=True, **case.keywords())
    for name in ("members", "segments", "contributions", "set_aside", "not_opioid"):
        table = getattr(found, name)
        assert isinstance(table, tables.KINDS[shape])
        assert tables.rows_of(table) == tables.rows_of(getattr(expected, name))


@given(strategies.cases())
def test_decimals_and_floats_are_read_as_the_same_numbers(case: Case) -> None:
    def exact(record: strategies.Record) -> strategies.Record:
        numbers = {
            name: Decimal(repr(record[name]))
            for name in ("strength", "quantity", "days_supply")
            if record[name] is not None
        }
        return {**record, **numbers}

    decimals = case.with_records([exact(record) for record in case.records])
    assert members_of(decimals) == members_of(case)


@given(strategies.cases())
def test_strengths_as_text_are_read_as_the_same_strengths(case: Case) -> None:
    """A number with its unit in one text; a strength or a unit that is missing stays missing."""

    def written(record: strategies.Record) -> strategies.Record:
        strength, unit = record["strength"], record["unit"]
        if strength is None or unit is None:
            return {**record, "strength": None, "unit": None}
        mass, slash, per = unit.partition("/")
        if per == "mL":
            return {**record, "strength": f"{5 * strength:.9g} {mass}/5 mL", "unit": None}
        return {**record, "strength": f"{strength:.9g} {mass}{slash}{per}", "unit": None}

    text = case.with_records([written(record) for record in case.records])
    assert members_of(text) == members_of(case)


# ----------------------------------------------------------------------------------- parts


@given(strategies.cases())
def test_segments_integrate_to_the_total(case: Case) -> None:
    result = ask(case, segments=True)
    found = tables.by_member(result.members)
    sums: Counter[Any] = Counter()
    days: Counter[Any] = Counter()
    for (member, _), (value, _) in days_of(result).items():
        sums[member] += round(value * 1e6)
        days[member] += 1
    for member, columns in found.items():
        assert columns["covered_days"] == days[member]
        if columns["total_mme"] is not None:
            # Each day was rounded by at most half a unit, and the total once more.
            assert abs(round(columns["total_mme"] * 1e6) - sums[member]) <= (days[member] + 1) / 2


@given(strategies.cases())
def test_segments_are_runs_in_order_that_do_not_touch_when_they_are_equal(case: Case) -> None:
    segments = tables.rows_of(ask(case, segments=True).segments)
    for one, two in itertools.pairwise(segments):
        if one["member_id"] == two["member_id"]:
            gap = (two["first_day"] - one["last_day"]).days
            assert gap >= 1
            same = all(one[name] == two[name] for name in ("mme_per_day", "active_fills"))
            assert gap > 1 or not same


@given(strategies.cases())
def test_contributions_add_up(case: Case) -> None:
    result = ask(case, contributions=True)
    shares: dict[Any, list[dict[str, Any]]] = {}
    for row in tables.rows_of(result.contributions):
        shares.setdefault(row["member_id"], []).append(row)
    expected = case.answer().contributions
    for member, columns in tables.by_member(result.members).items():
        rows = shares.get(member, [])
        for name, whole in (("mme_on_peak_day", "mme_maximum_day"), ("total_mme", "total_mme")):
            if columns[whole] is not None:
                near = abs(sum(row[name] for row in rows) - columns[whole])
                assert near <= (len(rows) + 1) * GRID
        for row in rows:
            wanted = expected[member, row["ingredient"]]
            assert (row["mme_on_peak_day"], row["total_mme"]) == wanted
        if columns["total_mme"]:
            assert sum(row["share_of_total"] for row in rows) == pytest.approx(1)


# --------------------------------------------------------------------------------- overlap


@given(strategies.cases(strategies.USABLE, tables=False))
def test_shifting_keeps_the_whole_supply_when_nothing_is_cut(case: Case) -> None:
    """Outside of tiers a shift moves days and loses none, as long as no window cuts it."""
    case = case.with_arguments(start=None, end=None)
    summed = members_of(case.with_arguments(overlap="sum"))
    shifted = members_of(case.with_arguments(overlap="shift_same_product"))
    tiered = any(isinstance(factor, twin.Tiered) for factor in case.book.factors.values())
    for member, columns in summed.items():
        moved = shifted[member]
        assert moved["days_supply"] == columns["days_supply"]
        assert moved["covered_days"] >= columns["covered_days"]
        if not tiered:
            assert moved["total_mme"] == columns["total_mme"]


@given(strategies.cases(strategies.USABLE))
def test_a_shift_of_no_days_is_a_sum(case: Case) -> None:
    shifted = case.with_arguments(overlap="shift_same_product", max_shift_days=0)
    assert members_of(shifted) == members_of(case.with_arguments(overlap="sum"))


# --------------------------------------------------------------------------------- windows


@given(strategies.cases())
def test_one_window_for_all_is_the_same_by_member(case: Case) -> None:
    members: Sequence[Any] = sorted({record["member_id"] for record in case.records})
    start, end = strategies.FIRST_DAY, strategies.FIRST_DAY + timedelta(30)
    together = case.with_arguments(start=start, end=end, windows=None)
    by_member = case.with_arguments(
        start=None, end=None, windows=dict.fromkeys(members, (start, end))
    )
    assert members_of(together) == members_of(by_member)
