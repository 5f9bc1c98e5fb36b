"""The members table in SQL, for DuckDB and for Spark; three places differ between them."""

from __future__ import annotations

from peers.rules import (
    BENZODIAZEPINES,
    COLUMNS,
    FACTORS,
    FIRST,
    GRID,
    STOP,
    TIERED,
    TIERS,
    TOP_FACTOR,
)

__all__ = ["query"]


def query(source: str, *, day_number: str, both_ends: str, whole: str) -> str:
    """Return the query.

    Parameters
    ----------
    source : str
        What stands after FROM.
    day_number : str
        The fill date as days since 1970.
    both_ends : str
        A join that gives each row twice, with ``sign`` 1 and -1.
    whole : str
        The type that holds whole numbers of 1e-9 MME: DOUBLE or BIGINT.
    """
    drugs = ", ".join(
        [f"('{name}', CAST({factor} AS DOUBLE), 1)" for name, factor in FACTORS.items()]
        + [f"('{name}', CAST(NULL AS DOUBLE), 0)" for name in BENZODIAZEPINES]
    )
    tiers = " ".join(
        f"WHEN {count('mg')} <= {up_to}000000 THEN {factor}" for up_to, factor in TIERS
    )
    sums = ("mme", "mg", "used", "opioid", "benzodiazepine")
    return f"""
    WITH drugs (ingredient, factor, opioid) AS (SELECT * FROM (VALUES {drugs}) AS listed),
    fills AS (
        SELECT member_id, prescriber_id, pharmacy_id, factor, opioid, ingredient,
               strength * quantity / days_supply AS mg, days_supply,
               greatest({day_number}, {FIRST}) AS first,
               least({day_number} + days_supply, {STOP}) AS stop
        FROM {source} JOIN drugs USING (ingredient)
        WHERE member_id IS NOT NULL AND fill_date IS NOT NULL
          AND coalesce(quantity > 0, true) AND coalesce(days_supply >= 0, true)
    ),
    covering AS (
        SELECT member_id, first, stop, opioid, 1 - opioid AS benzodiazepine,
               CASE WHEN opioid = 1 AND mg > 0 THEN 1 ELSE 0 END AS used,
               CAST(coalesce(round(mg * factor * {GRID}), 0) AS {whole}) AS mme,
               CAST(CASE WHEN ingredient = '{TIERED}' AND mg > 0 THEN round(mg * {GRID})
                    ELSE 0 END AS {whole}) AS mg
        FROM fills WHERE days_supply > 0 AND first < stop
    ),
    changes AS (
        SELECT member_id, CASE WHEN sign = 1 THEN first ELSE stop END AS day,
               {", ".join(f"sum(sign * {name}) AS {name}" for name in sums)}
        FROM covering {both_ends} GROUP BY 1, 2
    ),
    runs AS (
        SELECT member_id, {", ".join(f"sum({name}) OVER so_far AS {name}" for name in sums)},
               lead(day) OVER (PARTITION BY member_id ORDER BY day) - day AS days
        FROM changes
        WINDOW so_far AS (PARTITION BY member_id ORDER BY day
                          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    valued AS (
        SELECT member_id, days, used, benzodiazepine,
               mme + mg * CASE {tiers} ELSE {TOP_FACTOR} END AS value
        FROM runs WHERE opioid > 0
    ),
    totals AS (
        SELECT member_id, sum(value * days) / CAST({GRID} AS DOUBLE) AS total_mme,
               sum(CASE WHEN used > 0 THEN days ELSE 0 END) AS covered_days,
               max({count("value")}) / CAST(1000000 AS DOUBLE) AS mme_maximum_day,
               sum(CASE WHEN {count("value")} >= 50000000 THEN days ELSE 0 END)
                   AS days_at_least_50,
               sum(CASE WHEN {count("value")} >= 90000000 THEN days ELSE 0 END)
                   AS days_at_least_90,
               sum(CASE WHEN benzodiazepine > 0 THEN days ELSE 0 END)
                   AS benzodiazepine_overlap_days
        FROM valued GROUP BY member_id
    ),
    people AS (
        SELECT member_id, count(DISTINCT prescriber_id) AS prescribers,
               count(DISTINCT pharmacy_id) AS pharmacies
        FROM fills WHERE opioid = 1 GROUP BY member_id
    )
    SELECT {", ".join(COLUMNS)}
    FROM (SELECT *, total_mme / covered_days AS mme_per_covered_day
          FROM totals WHERE covered_days > 0) AS averaged
    JOIN people USING (member_id)
    """  # noqa: S608 - every part is written in these files


def count(amount: str) -> str:
    """Return a whole number of 1e-9 as one of 1e-6, halves up."""
    return f"floor(({amount} + 500) / 1000)"
