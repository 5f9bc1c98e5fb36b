"""The engines that can run, by name; each is imported in the process that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

__all__ = ["ENGINES", "Engine"]


@dataclass(frozen=True, slots=True)
class Engine:
    """A function from a file of fills to a table of members."""

    name: str
    title: str
    module: str
    function: str = "members"
    writes: bool = False
    """Whether it wants a folder to write into."""
    spark: bool = False

    @property
    def ours(self) -> bool:
        """Whether it is a road of the library."""
        return self.module == "ours"

    def load(self) -> Callable[[Path, Path], Any]:
        """Import it, and start Spark where it is needed."""
        run = getattr(import_module(f"peers.{self.module}"), self.function)
        if self.spark:
            import_module("peers.spark_session").session()
        return run if self.writes else lambda path, _out: run(path)


ENGINES: Final = {
    engine.name: engine
    for engine in (
        Engine("read", "reading the file, pyarrow", "ours", "read"),
        Engine("opsafe", "opsafe[fast], mme.exposure", "ours"),
        Engine("arrays", "opsafe, without extra", "ours", "members_in_arrays"),
        Engine("polars", "Polars, plain plan", "polars_plan"),
        Engine("duckdb", "DuckDB, SQL windows", "duckdb_sql"),
        Engine("pandas", "pandas, a row a member-day", "pandas_days"),
        Engine("files", "opsafe, mme.exposure_files", "ours", "files_into", writes=True),
        Engine("spark", "opsafe on Spark", "ours", "spark_into", writes=True, spark=True),
        Engine("spark-drop", "opsafe on Spark, answers dropped", "ours", "spark_nowhere",
               writes=True, spark=True),
        Engine("spark-sql", "Spark, SQL windows", "spark_sql", "members_into", True, spark=True),
        Engine("spark-ship", "Spark, rows to Python and dropped", "spark_ship", "drop_into",
               writes=True, spark=True),
    )
}  # fmt: skip
