"""The command `opsafe mme daily`: one drug, its number or why there is none."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Run


@pytest.mark.parametrize(
    "arguments, answer",
    [
        (("oxycodone", "10 mg", "--per-day", "4", "--edition", "cdc-2022"), "60 MME a day"),
        (("hydromorphone", "4 mg", "--per-day", "5", "--edition", "cdc-2022"), "100 MME a day"),
        (("methadone", "80 mg", "--per-day", "1", "--edition", "cdc-2016"), "960 MME a day"),
        (("oxycodone", "5 mg", "--per-day", "1/3", "--edition", "cdc-2022"), "2.5 MME a day"),
        (("oxycodone", "10 mg", "--every-hours", "6", "--edition", "cdc-2022"), "60 MME a day"),
        (
            ("fentanyl", "25 mcg/h", "--route", "transdermal", "--edition", "cdc-2022"),
            "60 MME a day",
        ),
        (
            (
                *("oxycodone", "10 mg", "--quantity", "120", "--days-supply", "30"),
                *("--edition", "cdc-2016"),
            ),
            "60 MME a day",
        ),
    ],
)
def test_the_answer_comes_first(run: Run, arguments: tuple[str, ...], answer: str) -> None:
    found = run("mme", "daily", *arguments)
    assert found.exit_code == 0
    assert found.stdout.startswith(answer)
    assert "Not for converting one opioid into another" in found.stdout
    assert arguments[-1] in found.stdout
    assert "values " in found.stdout  # the hash in the citation


def test_no_factor_is_not_zero(run: Run) -> None:
    found = run(
        *("mme", "daily", "buprenorphine", "8 mg", "--route", "sublingual"),
        *("--per-day", "2", "--edition", "cdc-2022"),
    )
    assert found.exit_code == 0
    assert "No MME for buprenorphine 8 mg: BUPRENORPHINE_EXCLUDED" in found.stdout
    assert "No factor is not zero" in found.stdout


def test_patches_that_do_not_fit_the_days_show_one_patch_beside(run: Run) -> None:
    found = run(
        *("mme", "daily", "fentanyl", "25 mcg/h", "--route", "transdermal"),
        *("--quantity", "15", "--days-supply", "30", "--edition", "cdc-2022"),
    )
    assert found.stdout.startswith("90 MME a day")
    assert "one patch at a time: 60 MME a day" in found.stdout


def test_a_chain_answers_with_the_edition_that_lists_the_drug(run: Run) -> None:
    found = run(
        *("mme", "daily", "levorphanol", "2 mg", "--per-day", "1"),
        *("--edition", "cdc-2022", "--edition", "cdc-file-2018"),
    )
    assert found.stdout.startswith("22 MME a day")
    assert "edition cdc-file-2018" in found.stdout


def test_markup_in_what_was_typed_is_text(run: Run) -> None:
    found = run(
        "mme", "daily", "oxycodone", "[red]10[/red]", "--per-day", "1", "--edition", "cdc-2022"
    )
    assert found.exit_code == 2
    assert "[red]10[/red]" in found.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("oxycodon", "10 mg", "--per-day", "4"), "Nearest: oxycodone"),
        (("gabapentin", "300 mg", "--per-day", "3"), "gabapentin is not an opioid"),
        (("oxycodone", "10", "--per-day", "4"), "known unit"),
        (("oxycodone", "10 mg", "--per-day", "four"), "'four' is not a number"),
        (("oxycodone", "10 mg", "--per-day", "0"), "0 is not above 0"),
        (("oxycodone", "10 mg", "--quantity", "many", "--days-supply", "3"), "'many' is not a"),
        (("oxycodone", "10 mg"), "the amount a day is not stated"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    found = run("mme", "daily", *arguments, "--edition", "cdc-2022")
    assert found.exit_code == 2
    assert message in found.stderr
    assert "Traceback" not in found.stderr
