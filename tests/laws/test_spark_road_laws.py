"""What workers of Spark do, without Spark: members dealt to them anyhow are one answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from opsafe import __version__, _spark, _spark_written, mme
from opsafe._spark_shipping import Shipping
from opsafe.mme._population.book import MemberTables
from opsafe.mme._population.lexicon import LINE_COLUMNS
from opsafe.mme._population.options import Options
from opsafe.mme._roads.spark import COUNTS, Errand, add_up
from opsafe.mme.editions import resolve_editions
from opsafe.mme.record import Provenance
from tests import strategies, tables
from tests.shipped import as_shipped
from tests.strategies import Case

TABLES = ("windows", "enrolment", "exclusions")


class Workers:
    """Runs an errand on partitions, as Spark would."""

    def __init__(self, case: Case, table: pa.Table) -> None:
        asked = case.keywords() | {"segments": True, "contributions": True, "not_opioid": ()}
        self.chain = resolve_editions(asked.pop("edition"))
        self.tables = MemberTables.read(*(asked.pop(name) for name in TABLES))
        self.options = Options.check(**asked)
        self.names = tuple(table.column_names)
        self.status_says = "status" in self.names and table["status"].null_count < len(table)
        self.errand = Errand(
            __version__,
            {},
            tuple(one.to_json() for one in self.chain.editions),
            self.options,
            self.tables,
            self.status_says,
        )
        self.like = dict(self.errand(table.slice(0, 0)))
        kinds = {field.name: field.type for field in table.schema}
        self.shipping = Shipping.plan(kinds, "member_id", LINE_COLUMNS)

    def run(self, parts: Sequence[pa.Table]) -> pa.Table:
        """Return the tagged table of all parts."""
        schema = _spark._side_by_side(self.like)
        work = _spark._shipped(self.errand, self.shipping, schema)
        shipped = [as_shipped(part, self.shipping).to_batches(max_chunksize=7) for part in parts]
        batches = [one for part in shipped for one in work(iter(part))]
        return pa.Table.from_batches(batches, schema=schema)

    def table(self, tagged: pa.Table, tag: str) -> pa.Table:
        """Return the rows of one table."""
        mine = tagged.filter(pa.compute.equal(tagged[_spark_written.TAG], tag))
        return mine.select(self.like[tag].column_names)

    def provenance(self, tagged: pa.Table) -> Provenance:
        """Add the counts up."""
        texts = self.table(tagged, COUNTS)[COUNTS].to_pylist()
        return add_up(
            texts, self.chain, self.options, self.tables, self.names, status_says=self.status_says
        )


def counted(table: Any) -> Counter[tuple[Any, ...]]:
    """Count rows, whatever their order and their place."""
    return Counter(
        tuple(value for name, value in row.items() if name != "row")
        for row in tables.rows_of(table)
    )


@given(strategies.cases(), st.data())
def test_members_dealt_to_any_number_of_workers_are_one_answer(case: Case, data: Any) -> None:
    table = tables.to_arrow(case.records)
    members = list(dict.fromkeys(table["member_id"].to_pylist()))
    number = data.draw(st.integers(1, 4))
    dealt = {one: data.draw(st.integers(0, number - 1)) for one in members}
    owner = pa.array([dealt[one] for one in table["member_id"].to_pylist()], pa.int64())
    parts = [table.filter(pa.compute.equal(owner, one)) for one in range(number)]

    workers = Workers(case, table)
    tagged = workers.run(parts)
    expected = mme.exposure(table, **case.keywords(), segments=True, contributions=True)
    for tag in ("members", "segments", "contributions", "excluded", "set_aside", "flags"):
        assert counted(workers.table(tagged, tag)) == counted(getattr(expected, tag)), tag
    assert workers.provenance(tagged) == expected.provenance


@given(strategies.cases())
def test_counts_name_no_member(case: Case) -> None:
    named = [{**row, "member_id": f"patient {row['member_id']}"} for row in case.records]
    table = tables.to_arrow(named)
    workers = Workers(case.with_arguments(windows=None, enrolment=None, exclusions=None), table)
    texts = workers.table(workers.run([table]), COUNTS)[COUNTS].to_pylist()
    assert all("patient" not in text and json.loads(text) for text in texts)
