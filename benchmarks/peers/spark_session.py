"""One Spark session on two cores; what Python workers see is what this program sees."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

__all__ = ["CORES", "PARTITIONS", "session"]

CORES: Final = 2
PARTITIONS: Final = 8


def session() -> Any:
    """Start Spark, or return the session that is running."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - the others do without Spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    spark = (
        SparkSession.builder.master(f"local[{CORES}]")
        .config("spark.driver.memory", "8g")
        .config("spark.driver.host", "localhost")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", PARTITIONS)
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 200_000)
        .config("spark.local.dir", gettempdir())
        .config("spark.sql.warehouse.dir", str(Path(gettempdir()) / "spark-warehouse"))
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    return spark
