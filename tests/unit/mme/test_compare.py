from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from opsafe.errors import ArgumentTypeError, EditionNotFoundError
from opsafe.mme.compare import compare
from opsafe.mme.editions import edition, editions


def changes(old: str, new: str) -> dict[tuple[str, str, str], tuple[str, Fraction | None]]:
    return {
        (row.ingredient, row.route, row.form): (row.change, row.ratio)
        for row in compare(old, new).differences
    }


def test_what_the_2022_guideline_changed() -> None:
    assert changes("cdc-2016", "cdc-2022") == {
        ("buprenorphine", "any", "any"): ("changed", None),  # named, to be left out
        ("hydromorphone", "oral", "any"): ("changed", Fraction(5, 4)),
        ("methadone", "oral", "any"): ("changed", None),
        ("tramadol", "oral", "any"): ("added", None),
    }


def test_a_patch_by_day_and_by_piece_is_the_same() -> None:
    rows = compare("cdc-2022", "cdc-file-2018").all_rows
    (patch,) = [row for row in rows if (row.ingredient, row.route) == ("fentanyl", "transdermal")]
    assert patch.change == "same"
    assert patch.ratio == 1
    assert patch.old != patch.new


def test_a_factor_that_is_taken_away() -> None:
    found = changes("cdc-file-2016", "cdc-file-2018")
    assert found["buprenorphine", "sublingual", "tablet"] == ("removed", None)
    assert found["buprenorphine", "transdermal", "any"] == ("removed", None)
    assert {name for name, *_ in found} == {"buprenorphine"}


def test_two_versions_of_the_file_with_the_same_factors() -> None:
    same = compare("cdc-file-2010", "cdc-file-2013")
    assert same.differences == ()
    assert "0 rows differ" in str(same)


def test_one_factor_for_every_form_against_one_for_each() -> None:
    found = changes("von-korff-2008", "cdc-file-2018")
    assert found["fentanyl", "buccal", "film"] == ("changed", Fraction(36, 25))
    assert found["fentanyl", "buccal", "tablet"] == ("changed", Fraction(26, 25))
    assert found["fentanyl", "buccal", "any other"] == ("removed", None)


def test_tiers_are_the_same_however_they_are_printed() -> None:
    assert (
        changes("cms-2018-02-oms", "va-storm-2020-report").get(("methadone", "oral", "any")) is None
    )
    assert ("methadone", "oral", "any") not in changes("cdc-2016", "cms-2018-02-oms")


@pytest.mark.parametrize("shipped", editions(), ids=lambda each: each.id)
def test_an_edition_does_not_differ_from_itself(shipped: object) -> None:
    assert compare(shipped, shipped).differences == ()  # type: ignore[arg-type]


def test_the_way_back_is_the_inverse() -> None:
    there = compare("cdc-file-2018", "nih-heal-2024").all_rows
    back = compare("nih-heal-2024", "cdc-file-2018").all_rows
    turned = {"added": "removed", "removed": "added", "changed": "changed", "same": "same"}
    assert [turned[row.change] for row in there] == [row.change for row in back]
    for one, other in zip(there, back, strict=True):
        assert (one.old, one.new) == (other.new, other.old)
        if one.ratio is not None:
            assert other.ratio == 1 / one.ratio


def test_rows_are_columns() -> None:
    comparison = compare("cdc-2016", "cdc-2022")
    rows = comparison.rows
    assert rows.keys() == ("ingredient", "route", "form", "old", "new", "change", "ratio")
    assert len(rows) == len(comparison.all_rows) == 11
    hydromorphone = list(rows["ingredient"]).index("hydromorphone")
    assert rows["old"][hydromorphone] == "4 per mg"
    assert rows["ratio"][hydromorphone] == 1.25
    assert np.isnan(rows["ratio"][list(rows["ingredient"]).index("methadone")])


def test_rows_as_a_frame() -> None:
    frame = compare("cdc-2016", "cdc-2022").rows.to_pandas()
    assert list(frame["change"]).count("same") == 7


def test_printing_shows_what_differs() -> None:
    text = str(compare("cdc-2016", "cdc-2022"))
    assert text.splitlines()[0] == "cdc-2016 to cdc-2022: 4 rows differ, 7 are the same"
    assert "hydromorphone" in text
    assert "oxycodone" not in text
    assert repr(compare("cdc-2016", "cdc-2022")) == text


def test_routes_with_the_same_answer_share_a_line() -> None:
    text = str(compare("cdc-2022", "nih-heal-2024"))
    assert "buccal, sublingual, transmucosal" in text


def test_a_notebook_shows_a_table() -> None:
    page = compare("cdc-2016", "cms-2018-02-oms")._repr_html_()
    assert page.startswith("<table>")
    assert "<caption>cdc-2016 to cms-2018-02-oms" in page


def test_editions_and_ids_are_both_taken() -> None:
    assert compare(edition("cdc-2016"), "cdc-2022") == compare("cdc-2016", edition("cdc-2022"))


def test_what_cannot_be_compared() -> None:
    with pytest.raises(EditionNotFoundError):
        compare("cdc-2016", "cdc-2023")
    with pytest.raises(ArgumentTypeError):
        compare("cdc-2016", None)  # type: ignore[arg-type]
