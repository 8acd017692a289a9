"""From the cells of a sheet to typed columns, and what is kept of the rest (socius_lib.convert)."""

from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socius_lib.convert import (
    convert,
    counted,
    leave_out,
    leave_out_duplicates,
    mark_counted,
    read_rows,
)
from socius_lib.errors import InputError
from socius_lib.files import Export, Sheet
from socius_lib.quality import LOOK, NOT_COUNTED, NOT_READ, VALUE_DROPPED, QualityLog
from socius_lib.schema import Column

settings.register_profile("the same each run", derandomize=True, deadline=None, database=None)
settings.load_profile("the same each run")

VORMEN = {"online": ("Digitaal",), "offline": ()}
COLUMNS = (
    Column("jaar", "Jaar", "Komt niet uit de export.", "whole"),
    Column("id", "Id", "", required=True, aliases=("id", "ID")),
    Column("email", "E-mail", "", form="email", privacy="direct", aliases=("email", "E-mail")),
    Column("aantal", "Aantal", "", "whole", low=0, high=10, aliases=("Aantal deelnemers",)),
    Column("vorm", "Vorm", "", allowed=VORMEN, aliases=("Vorm",)),
    Column("erkend", "Erkend", "", "yes_no", form="yes_or_empty", aliases=("Erkend",)),
    Column("op", "Datum", "", "moment", aliases=("Datum",)),
    Column("noot", "Noot", "", aliases=("Noot",), optional=True),
)
HEADERS = ("ID", "E-mail", "Aantal deelnemers", "Vorm", "Erkend", "Datum")
GOOD = ("a", "an@x.be", "3", "Online", "ja", "1/2/2021")


def sheet_of(*rows, headers=HEADERS, name=None, file="odoo/x.csv") -> Sheet:
    return Sheet(file, name, "nl", 1, headers, dict(enumerate(rows, start=2)))


def read(*rows, headers=HEADERS):
    """Return the typed rows and the log."""
    log = QualityLog()
    return convert(sheet_of(*rows, headers=headers), COLUMNS, log, "odoo"), log


def row(**changed) -> tuple:
    names = ("id", "email", "aantal", "vorm", "erkend", "op")
    return tuple(changed.get(name, cell) for name, cell in zip(names, GOOD, strict=True))


def refusal(headers) -> str:
    with pytest.raises(InputError) as error:
        read(headers=headers)
    return str(error.value)


def test_a_row_gets_the_types_of_its_columns_and_the_place_where_it_stood():
    frame, log = read(GOOD)
    assert frame.iloc[0].dropna().to_dict() == {
        "id": "a",
        "email": "an@x.be",
        "aantal": 3,
        "vorm": "online",
        "erkend": True,
        "op": pd.Timestamp("2021-02-01"),
        "bestand": "odoo/x.csv",
        "rij": 2,
    }
    types = {"aantal": "Int64", "erkend": "boolean", "op": "datetime64[us]", "noot": "str"}
    assert {name: str(frame[name].dtype) for name in types} == types
    assert log.findings == []


def test_headers_match_without_case_marks_and_signs_and_columns_may_be_in_any_order():
    order = (5, 4, 3, 2, 1, 0)
    written = ("id ", "e-Mail", "AANTAL_DEELNEMERS", "vòrm", "Erkend?", "Datum:")
    frame, _ = read(tuple(GOOD[at] for at in order), headers=tuple(written[at] for at in order))
    assert frame[["id", "aantal", "vorm"]].iloc[0].tolist() == ["a", 3, "online"]


def test_a_missing_column_is_named_with_the_header_that_looks_like_it():
    text = refusal(("ID", "E-mail", "Antal deelnemers", "Vorm", "Erkend", "Datum"))
    assert text.startswith("`odoo/x.csv`, rij 1: de kolom 'Aantal deelnemers' (Aantal) ontbreekt.")
    assert "Is het 'Antal deelnemers'?" in text
    assert "`socius new-year JAAR`" in text


def test_a_header_that_has_a_column_of_its_own_is_not_taken_for_a_missing_one():
    begin, end = (Column(n, n, "", aliases=(f"Datum {n}",)) for n in ("begin", "einde"))
    with pytest.raises(InputError, match=r"ontbreekt\. Voeg"):
        convert(sheet_of(headers=("Datum begin",)), (begin, end), QualityLog(), "odoo")


def test_two_headers_with_one_meaning_are_refused():
    text = refusal(("ID", "E-mail", "email", *HEADERS[2:]))
    assert "de kolommen 'E-mail' en 'email' betekenen hetzelfde" in text


def test_an_unknown_column_is_kept_as_a_finding_and_an_optional_one_may_lack():
    frame, log = read((*GOOD, "x", None), headers=(*HEADERS, "Noott", ""))
    (found,) = log.findings
    assert (found.column, found.row, found.consequence) == ("Noott", 1, LOOK)
    assert found.reason == "onbekende kolom, wordt niet gelezen; lijkt op 'Noot'"
    assert found.value is None
    assert frame["noot"].isna().all()


def test_a_row_with_a_required_cell_that_is_empty_does_not_count_and_is_kept_with_the_reason():
    frame, log = read(GOOD, row(id=None), row(id=" "))
    assert frame["rij"].tolist() == [2, 3, 4]
    assert frame["reden_niet_geteld"].fillna("telt").tolist() == [
        "telt",
        "Id: de waarde is leeg",
        "Id: de waarde is leeg",
    ]
    assert [(f.row, f.column, f.consequence) for f in log.findings] == [
        (3, "ID", NOT_COUNTED),
        (4, "ID", NOT_COUNTED),
    ]
    assert counted(frame)["id"].tolist() == ["a"]
    assert mark_counted(frame)["telt_mee"].tolist() == [True, False, False]


def test_a_row_with_a_required_cell_of_a_wrong_form_does_not_count():
    kbo = Column("kbo", "KBO", "", form="kbo", required=True, aliases=("kbo",))
    log = QualityLog()
    sheet = sheet_of(("0999.000.129",), ("0999.000.128",), headers=("kbo",))
    frame = convert(sheet, (kbo,), log, "odoo")
    assert frame["kbo"].fillna("").tolist() == ["0999000129", ""]
    assert "controlecijfers" in frame["reden_niet_geteld"][1]
    assert [(f.row, f.value) for f in log.findings] == [(3, "0999.000.128")]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"aantal": "drie"}, "Aantal: de waarde is geen getal als 1.234,56"),
        ({"aantal": "2,5"}, "Aantal: de waarde is geen geheel getal"),
        ({"aantal": "11"}, "Aantal: de waarde valt buiten het bereik (0 tot 10)"),
        ({"aantal": -1.0}, "Aantal: de waarde valt buiten het bereik (0 tot 10)"),
        ({"vorm": "onlien"}, "Vorm: de waarde is geen gekende waarde (bedoeld is misschien 'online')"),
        ({"vorm": "x"}, "Vorm: de waarde is geen gekende waarde (gekend zijn: online, offline)"),
        ({"erkend": "misschien"}, "Erkend: de waarde is geen ja of nee"),
        ({"op": "31/2/2021"}, "Datum: de waarde is geen dag die bestaat (dag/maand/jaar)"),
    ],
)  # fmt: skip
def test_a_row_with_an_optional_cell_that_is_wrong_counts_without_that_value(changed, problem):
    frame, log = read(GOOD, row(**changed))
    ((name, cell),) = changed.items()
    assert pd.isna(frame[name][1])
    assert frame["reden_niet_geteld"].isna().all()
    (found,) = log.findings
    assert (found.reason, found.consequence, found.row) == (problem, VALUE_DROPPED, 3)
    assert found.value == str(cell)


def test_bounds_and_other_forms_of_a_value_are_accepted():
    rows = [row(aantal="0", vorm="Digitaal"), row(aantal=10.0, vorm=" OFFLINE")]
    frame, log = read(*rows)
    assert frame["aantal"].tolist() == [0, 10]
    assert frame["vorm"].tolist() == ["online", "offline"]
    assert log.findings == []


def test_a_cell_that_equals_another_but_is_of_another_kind_is_read_for_itself():
    frame, log = read(row(id="a", aantal=1.0), row(id="b", aantal=True))
    assert frame["aantal"].fillna(-1).tolist() == [1, -1]
    assert [f.row for f in log.findings] == [3]


def test_an_empty_optional_cell_is_missing_but_an_empty_tick_box_is_no():
    frame, log = read(row(email=None, aantal="", vorm=None, erkend=None, op=None))
    assert frame.loc[0, ["email", "aantal", "vorm", "op"]].isna().all()
    assert frame["erkend"].tolist() == [False]
    assert log.findings == []


def test_a_value_that_identifies_a_person_is_never_in_a_finding():
    person = "An Peeters, Kerkstraat 1"
    required = Column("naam", "Naam", "", "moment", privacy="direct", required=True, aliases=("n",))
    log = QualityLog()
    convert(sheet_of((person, person), headers=("n", "email")), (required, COLUMNS[2]), log, "odoo")
    assert [f.consequence for f in log.findings] == [NOT_COUNTED, VALUE_DROPPED]
    assert "Peeters" not in repr(log.findings)


def test_the_second_row_with_one_id_does_not_count():
    frame, log = read(row(id="a"), row(id="b"), row(id="a"), row(id=None), row(id=None))
    frame = leave_out_duplicates(frame, "id", "ID", log, "odoo")
    assert counted(frame)["rij"].tolist() == [2, 3]
    assert frame["reden_niet_geteld"][2] == "ID komt al voor: eerste rij telt"
    assert [(f.row, f.value) for f in log.findings if "komt al voor" in f.reason] == [(4, "a")]
    assert (log.files[0].rows_in, log.files[0].rows_not_counted) == (5, 3)


def test_rows_without_a_key_are_no_duplicates_of_each_other():
    frame, log = read(row(vorm=None), row(vorm=None))
    assert len(counted(leave_out_duplicates(frame, "vorm", "Vorm", log, "odoo"))) == 2


def test_a_row_that_did_not_count_keeps_its_first_reason_and_is_not_left_out_again():
    frame, log = read(GOOD, row(id=None), row(id="c"))
    left = leave_out(frame, pd.Series([False, True, True]), "test", log, "odoo")
    assert left["reden_niet_geteld"].fillna("").tolist() == ["", "Id: de waarde is leeg", "test"]
    assert [f.row for f in log.findings if f.reason == "test"] == [4]


def test_a_truth_that_is_missing_leaves_no_row_out():
    frame, log = read(GOOD)
    left = leave_out(frame, pd.Series([None], dtype="boolean"), "test", log, "odoo")
    assert (len(counted(left)), log.findings) == (1, [])


def test_several_findings_on_a_row_are_one_row_not_counted():
    frame, log = read(GOOD, row(id=None, aantal="x", vorm="y"))
    leave_out(frame, pd.Series([False, True]), "test", log, "odoo")
    assert len(log.findings) == 3
    (count,) = log.files
    assert (count.rows_in, count.rows_not_counted) == (2, 1)


def test_sheets_of_one_workbook_are_counted_apart_and_parts_of_one_sheet_together():
    log = QualityLog()
    for name in ("A", "B"):
        convert(sheet_of(row(id=None), GOOD, name=name, file="x.xlsx"), COLUMNS, log, "odoo")
    log.count_file("odoo", "x.xlsx", "A", [9])
    assert [(c.sheet, c.rows_in, c.rows_not_counted) for c in log.files] == [
        ("A", 3, 1),
        ("B", 2, 1),
    ]


def test_what_was_found_in_a_refused_file_makes_place_for_the_refusal():
    _, log = read(row(id=None))
    log.note("odoo", "odoo/y.csv", "blijft", LOOK)
    log.refuse_files("odoo", ["odoo/x.csv"], "geweigerd")
    assert [(f.file, f.consequence) for f in log.findings] == [
        ("odoo/y.csv", LOOK),
        ("odoo/x.csv", NOT_READ),
    ]
    assert log.files == []


def test_the_rows_of_several_files_follow_each_other(tmp_path):
    exports = []
    for name, number in (("a.csv", "1.5"), ("b.csv", "2.5")):
        (tmp_path / name).write_text(f"id;n\n{name};{number}\n", encoding="utf-8")
        exports.append(Export(tmp_path / name, name))
    columns = (COLUMNS[1], Column("n", "N", "", "number", aliases=("n",)))
    frame = read_rows(exports, columns, QualityLog(), "odoo", style="en")
    assert frame[["bestand", "rij", "n"]].to_numpy().tolist() == [
        ["a.csv", 2, 1.5],
        ["b.csv", 2, 2.5],
    ]
    dutch = QualityLog()
    assert read_rows(exports, columns, dutch, "odoo")["n"].isna().all()
    assert len(dutch.findings) == 2


CELLS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(GOOD + ("", " ", "Peeters", "0")),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
)


@given(st.lists(st.tuples(*[CELLS] * len(HEADERS)), max_size=10))
def test_every_row_of_any_sheet_is_kept_and_rows_in_are_those_that_count_and_those_that_do_not(
    rows,
):
    frame, log = read(*rows)
    frame = leave_out_duplicates(frame, "id", "ID", log, "odoo")
    assert frame["rij"].tolist() == list(range(2, len(rows) + 2))
    left_out = set(frame.loc[frame["reden_niet_geteld"].notna(), "rij"])
    assert left_out == {f.row for f in log.findings if f.consequence == NOT_COUNTED}
    (count,) = log.files
    assert count.rows_in == len(rows) == len(counted(frame)) + count.rows_not_counted
    assert all(f.value is None for f in log.findings if f.column == "E-mail")


def test_a_row_that_does_not_count_does_not_make_the_next_with_its_id_a_duplicate():
    frame, log = read(row(id="a"), row(id="a"))
    frame = leave_out(frame, pd.Series([True, False]), "test", log, "odoo")
    frame = leave_out_duplicates(frame, "id", "ID", log, "odoo")
    assert counted(frame)["rij"].tolist() == [3]
