"""What every test shares: the Hypothesis profiles, and the rule that no test is skipped quietly."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

# `ci` gives the same examples on every machine. `nightly` looks further, differently each night,
# and prints how to repeat what it finds. Neither leaves a database behind.
settings.register_profile(
    "ci", max_examples=100, derandomize=True, database=None, deadline=None, print_blob=True
)
settings.register_profile(
    "nightly",
    max_examples=1_000,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A reason to skip that is not listed here is a failure: a test that never runs proves nothing.
ACCEPTED_SKIPS: Final = ("needs Java",)


@pytest.hookimpl(optionalhook=True)  # there is no such hook without pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal tests out one by one, but those inside Spark to one process: each starts a session."""
    # Groups of pytest-xdist would do, but their marks are lost on the way with pytest 9.2.
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class OneSpark(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return "spark" if nodeid.startswith("tests/spark/") else nodeid

    return OneSpark(config, log) if config.getvalue("dist") == "load" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip without an accepted reason into a failure."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if not reason.startswith(ACCEPTED_SKIPS):
            report.outcome = "failed"
            report.longrepr = (
                f"{item.nodeid} was skipped: {reason}. Accepted reasons stand in {__name__}."
            )
    return report
