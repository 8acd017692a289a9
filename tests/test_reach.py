"""Counting who was reached (socius_lib.reach)."""

import tempfile
import warnings
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from sqlframe.duckdb import DuckDBSession

from socius_lib import (
    SociusError,
    count_activities,
    count_reach,
    request_outcome,
    share_reach,
    store,
    way_of_reach,
)
from socius_lib.reach import OUTCOMES, WAYS

# persoon 1 kwam drie keer, waarvan één keer voor een andere organisatie
DEELNAMES = pd.DataFrame(
    [
        ("p1", "o1", "landelijk", "online"),
        ("p1", "o1", "landelijk", "offline"),
        ("p1", "o2", "regionaal", "online"),
        ("p2", "o1", "landelijk", "online"),
        ("p3", "o2", "regionaal", "online"),
        ("p4", None, None, "offline"),
    ],
    columns=["persoon_id", "organisatie_id", "werkingsgebied", "vorm"],
    dtype="str",
)


def rows(table: pd.DataFrame) -> list:
    return table.fillna("").to_numpy().tolist()


def test_a_person_and_an_organisation_count_once_and_a_participation_each_time():
    assert count_reach(DEELNAMES).to_dict("records") == [
        {"deelnames": 6, "personen": 4, "organisaties": 2}
    ]


def test_a_segment_counts_its_own_and_a_missing_one_is_not_dropped():
    counts = count_reach(DEELNAMES, by=["werkingsgebied"])
    assert list(counts) == ["werkingsgebied", "deelnames", "personen", "organisaties"]
    assert rows(counts) == [["landelijk", 3, 2, 1], ["regionaal", 2, 2, 1], ["", 1, 1, 0]]


def test_who_is_in_two_segments_counts_in_both():
    per_segment = count_reach(DEELNAMES, by=["werkingsgebied"])
    assert per_segment["deelnames"].sum() == 6
    assert per_segment["personen"].sum() == 5


def test_two_columns_give_a_row_per_combination_that_occurs():
    assert rows(count_reach(DEELNAMES, by=["werkingsgebied", "vorm"])) == [
        ["landelijk", "offline", 1, 1, 1],
        ["landelijk", "online", 2, 2, 1],
        ["regionaal", "online", 2, 2, 1],
        ["", "offline", 1, 1, 0],
    ]


def test_one_column_may_be_given_as_a_word():
    pd.testing.assert_frame_equal(
        count_reach(DEELNAMES, by="vorm"), count_reach(DEELNAMES, by=["vorm"])
    )


def test_what_counts_can_itself_be_the_segment():
    assert rows(count_reach(DEELNAMES, by=["organisatie_id"])) == [
        ["o1", 3, 2, 1],
        ["o2", 2, 2, 1],
        ["", 1, 1, 0],
    ]


def test_a_misspelt_column_names_the_nearest():
    with pytest.raises(SociusError, match="Bedoel je 'werkingsgebied'"):
        count_reach(DEELNAMES, by=["vorm", "werkinggebied"])


def test_a_column_that_looks_like_none_lists_what_there_is():
    with pytest.raises(SociusError, match=r"Er is: .*werkingsgebied"):
        count_reach(DEELNAMES, by=["xyz"])


def test_a_share_is_over_the_distinct_counts_of_the_larger_segment():
    """Of p1, p2 and p3 two came from landelijk: the shares of persons are not of 2 + 2."""
    known = DEELNAMES.assign(erkend=DEELNAMES["werkingsgebied"].notna().astype("boolean"))
    shares = share_reach(known, by=["erkend", "werkingsgebied"], within=["erkend"])
    counts = ["deelnames", "personen", "organisaties"]
    assert list(shares) == ["erkend", "werkingsgebied", *counts, *(f"{c}_pct" for c in counts)]
    shares = shares.set_index("werkingsgebied")
    assert shares.loc["landelijk", "deelnames_pct"] == 60
    assert round(shares.loc["landelijk", "personen_pct"], 1) == 66.7
    assert round(shares.loc["regionaal", "personen_pct"], 1) == 66.7
    assert shares["organisaties_pct"].fillna(-1).tolist() == [-1, 50, 50]


def test_without_a_larger_segment_a_share_is_over_all_rows():
    shares = share_reach(DEELNAMES, by="werkingsgebied")
    assert shares["deelnames_pct"].round(1).tolist() == [50, 33.3, 16.7]
    assert shares["personen_pct"].tolist() == [50, 50, 25]


def test_the_larger_segment_must_be_one_of_the_columns_counted_by():
    with pytest.raises(SociusError, match="'erkend' staat in `within` maar niet in `by`"):
        share_reach(DEELNAMES, by=["werkingsgebied"], within=["erkend"])


ACTIVITEITEN = pd.DataFrame(
    [("online", 60.0, True), ("online", None, True), ("offline", 90.0, True), (None, 30.0, True)]
    + [("offline", 500.0, False)],
    columns=["vorm", "duur_minuten", "telt_mee"],
).astype({"vorm": "str", "telt_mee": "boolean"})


def test_an_activity_that_does_not_count_adds_no_duration_and_a_missing_one_adds_nothing():
    counts = count_activities(ACTIVITEITEN, by=["vorm"])
    assert list(counts) == ["vorm", "activiteiten", "duur_minuten"]
    assert rows(counts) == [["offline", 1, 90], ["online", 2, 60], ["", 1, 30]]
    assert rows(count_activities(ACTIVITEITEN)) == [[4, 180]]


def in_dask(frame: pd.DataFrame):
    dask = pytest.importorskip("dask.dataframe")
    with warnings.catch_warnings(action="ignore"):
        return dask.from_pandas(frame, npartitions=3, sort=False)


def in_spark(frame: pd.DataFrame):
    """Spark's interface without its Java: narwhals asks the same of it as of Spark itself."""
    file = Path(tempfile.mkdtemp(dir=SPARK_FILES.name)) / "tabel.parquet"
    frame.to_parquet(file, index=False)
    return DuckDBSession().read.parquet(str(file))


SPARK_FILES = tempfile.TemporaryDirectory()
KINDS = {
    "DuckDB": duckdb.from_df,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "Dask": in_dask,
    "Spark": in_spark,
}
pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving"),
    pytest.mark.filterwarnings("ignore:pandas only supports SQLAlchemy"),  # how sqlframe reads
]

SEGMENTS = [
    *(["erkend"], ["sector"], ["beroep"], ["begint_op"], ["organisatie_id"]),
    *(["jaar", "erkend"], ["terugkerend", "erkend"]),
]


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return KINDS[request.param]


def test_every_kind_of_frame_gives_the_same_numbers(example, kind):
    """With all years of the example: persons in several segments, missing values in nearly all."""
    years = store.years_of(example, "deelnames")
    deelnames = pd.concat([store.read_partition(example, "deelnames", year) for year in years])
    other = kind(deelnames.reset_index(drop=True))
    for by in ([], *SEGMENTS):
        pd.testing.assert_frame_equal(
            count_reach(other, by), count_reach(deelnames, by), obj=f"{by}"
        )
    by, within = ["doelgroep", "erkend"], ["doelgroep"]
    pd.testing.assert_frame_equal(
        share_reach(other, by, within), share_reach(deelnames, by, within)
    )


def test_every_kind_of_frame_gives_the_same_duration_and_ways(kind):
    pd.testing.assert_frame_equal(
        count_activities(kind(ACTIVITEITEN), by=["vorm"]),
        count_activities(ACTIVITEITEN, by=["vorm"]),
    )
    offered = AANBOD.astype({"organisatie_id": "str"})
    pd.testing.assert_frame_equal(
        way_of_reach(ORGANISATIES, kind(offered), VRAGEN),
        way_of_reach(ORGANISATIES, offered, VRAGEN),
    )


def test_nobody_is_no_participation_in_every_kind_of_frame(kind):
    nobody = kind(DEELNAMES.iloc[:0])
    assert rows(count_reach(nobody)) == [[0, 0, 0]]
    assert len(count_reach(nobody, by=["vorm"])) == 0


def yes_no(*values: bool) -> pd.Series:
    return pd.Series(values, dtype="boolean")


# nieuw en actief; gearchiveerd; goedgekeurd; gerealiseerd; gerealiseerd en daarna gearchiveerd
VRAGEN = pd.DataFrame(
    {
        "jaar": 2021,
        "organisatie_id": ["o1", "o2", "o3", "o4", "o5"],
        "actief": yes_no(True, False, True, True, False),
        "goedgekeurd": yes_no(False, False, True, True, False),
        "gerealiseerd": yes_no(False, False, False, True, True),
        "telt_mee": yes_no(True, True, True, True, True),
    }
)


def test_every_request_has_one_outcome_and_one_carried_out_was_never_turned_down():
    outcome = request_outcome(VRAGEN)
    assert list(outcome) == [
        "onbeslist",
        "afgewezen",
        "goedgekeurd, niet uitgevoerd",
        "gerealiseerd",
        "gerealiseerd",
    ]
    assert tuple(outcome.cat.categories) == OUTCOMES


# o3 en o4 namen deel; o4 en o5 kregen een dienstverlening; o6 niets; o7 is niet erkend
ORGANISATIES = pd.DataFrame(
    {
        "jaar": 2021,
        "organisatie_id": ["o3", "o4", "o5", "o6", "o7"],
        "erkend": yes_no(True, True, True, True, False),
    }
)
AANBOD = pd.DataFrame({"jaar": 2021, "organisatie_id": ["o3", "o3", "o4", "o7", None]})


def test_a_recognised_organisation_is_reached_in_one_way_and_others_are_left_out():
    ways = way_of_reach(ORGANISATIES, AANBOD, VRAGEN)
    assert dict(zip(ways["organisatie_id"], ways["weg"], strict=True)) == {
        "o3": "alleen aanbod",
        "o4": "aanbod en vraag",
        "o5": "alleen vraag",
        "o6": "niet bereikt",
    }
    assert tuple(ways["weg"].cat.categories) == WAYS


def test_a_request_that_does_not_count_reaches_nobody():
    without = VRAGEN.assign(telt_mee=yes_no(True, True, True, True, False))
    ways = way_of_reach(ORGANISATIES, AANBOD, without).set_index("organisatie_id")["weg"]
    assert ways["o5"] == "niet bereikt"


def test_what_reached_an_organisation_in_another_year_does_not_count():
    earlier = AANBOD.assign(jaar=2020)
    ways = way_of_reach(ORGANISATIES, earlier, VRAGEN).set_index("organisatie_id")["weg"]
    assert ways["o3"] == "niet bereikt" and ways["o4"] == "alleen vraag"
