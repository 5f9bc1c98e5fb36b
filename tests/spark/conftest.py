"""One Spark session on two cores for all tests here, and Spark Connect beside it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Spark says so of every release of pandas 3, and leaves sockets to Java for Python to close.
NOISE = (
    "ignore:PySpark does not yet fully support pandas:FutureWarning",
    "ignore:unclosed <socket:ResourceWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no noise of Spark's own fail the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("spark"))
            for noise in NOISE:
                item.add_marker(pytest.mark.filterwarnings(noise))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def port() -> int:
    """Return the port of the Spark Connect server."""
    return _free_port()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Any]:
    """Start Spark, with a server for Spark Connect in the same Java."""
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        pytest.skip("needs Java")
    folder = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "localhost")
            .config("spark.log.level", "ERROR")
            .config("spark.sql.shuffle.partitions", 3)
            .config("spark.sql.session.timeZone", "America/New_York")
            .config("spark.local.dir", str(folder / "local"))
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.plugins", "org.apache.spark.sql.connect.SparkConnectPlugin")
            .config("spark.connect.grpc.binding.port", port)
            .getOrCreate()
        )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def connect(spark: Any, port: int) -> Iterator[Any]:
    """Reach the same Spark through Spark Connect."""
    assert spark is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.remote(f"sc://localhost:{port}").create()
    yield session
    session.stop()
