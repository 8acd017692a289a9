"""Reading text files of any encoding, and workbooks (socius_lib.files)."""

import codecs
import io
import zipfile
from datetime import datetime, time, timedelta

import openpyxl
import pytest

from socius_lib.errors import InputError
from socius_lib.files import Export, open_workbook, read_any, read_csv, read_sheet
from socius_lib.forms import FormError, parse_number

TEXT = "id;naam;prijs\r\n1;Zoë Coördinaat;€ 5\r\n"


@pytest.fixture
def export(tmp_path):
    """Return a function that writes a file among the exports of a year."""

    def write(content: str | bytes, name: str = "deelnemers.csv") -> Export:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Export(path, f"odoo/{name}")

    return write


def workbook(*rows, sheet="Overleg", at=None) -> bytes:
    """Return a workbook with these rows on one sheet, or with cells at these addresses."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for address, value in (at or {}).items():
        book.active[address] = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def refusal(read, *args, **named) -> str:
    with pytest.raises(InputError) as error:
        read(*args, **named)
    return str(error.value)


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 bom", "le bom", "be bom", "le", "be", "cp1252"],
)
def test_a_text_is_the_same_in_every_encoding_and_without_its_mark(export, raw):
    sheet = read_csv(export(raw))
    assert sheet.headers == ("id", "naam", "prijs")
    assert sheet.rows == {2: ("1", "Zoë Coördinaat", "€ 5")}


def test_bytes_that_are_no_text_are_refused_with_the_place(export):
    assert "`odoo/deelnemers.csv`" in refusal(read_csv, export(b"id;naam\r\n1;\x81\r\n"))
    assert "byte 11" in refusal(read_csv, export(b"id;naam\r\n1;\x81\r\n"))


@pytest.mark.parametrize(("sign", "style"), [(";", "nl"), (",", "en"), ("\t", "en")])
def test_the_delimiter_is_found_and_tells_how_numbers_are_written(export, sign, style):
    sheet = read_csv(export(f"id{sign}naam\n1{sign}x\n"))
    assert (sheet.headers, sheet.rows, sheet.style) == (("id", "naam"), {2: ("1", "x")}, style)


def test_signs_inside_a_quoted_header_do_not_count_as_delimiters(export):
    sheet = read_csv(export('"a, b, c, d";e\n1;2\n'))
    assert (sheet.headers, sheet.style) == (("a, b, c, d", "e"), "nl")


def test_the_way_of_writing_numbers_can_be_given(export):
    assert read_csv(export("id;n\n1;2.5\n"), style="en").style == "en"


def test_spaces_at_the_ends_of_headers_are_left_out(export):
    assert read_csv(export(" id ;naam \n1;x\n")).headers == ("id", "naam")


def test_a_quoted_line_break_and_doubled_quotes_are_part_of_the_value(export):
    sheet = read_csv(export('"id","tekst"\r\n"1","a\r\nb, ""c"""\r\n"2","d"\r\n'))
    assert sheet.rows == {2: ("1", 'a\r\nb, "c"'), 3: ("2", "d")}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_have_the_numbers_of_a_spreadsheet_and_empty_rows_are_no_rows(export, end):
    sheet = read_csv(export(end.join(["id;n", "1;a", "", " ; ", '"2";"b"', "", ""])))
    assert sheet.rows == {2: ("1", "a"), 5: ("2", "b")}


def test_a_row_with_too_many_values_is_refused_with_file_and_row(export):
    text = refusal(read_csv, export('id,naam\n1,"a\nb"\n\n2,Peeters, An\n'))
    assert text.startswith("`odoo/deelnemers.csv`, rij 4: er zijn 3 velden voor 2 kolommen")
    assert "Peeters" not in text


def test_empty_fields_at_the_end_of_a_row_may_be_too_many_or_lacking(export):
    sheet = read_csv(export("id;naam;plaats\n1;a;b;;\n2\n"))
    assert sheet.rows == {2: ("1", "a", "b"), 3: ("2", None, None)}


@pytest.mark.parametrize("raw", [b"", b" \r\n\r\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_an_empty_text_file_is_refused(export, raw):
    assert "`odoo/leeg.csv`: het bestand is leeg." in refusal(read_any, export(raw, "leeg.csv"))


def test_a_text_file_with_headers_only_has_no_rows(export):
    assert read_csv(export("id;naam\r\n")).rows == {}


def test_a_file_that_only_has_the_ending_of_a_workbook_is_refused(export):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("brief.txt", "geen werkboek")
    for raw in (b"id;naam\n1;x\n", b"PK\x03\x04", archive.getvalue()):
        text = refusal(read_any, export(raw, "overleg.xlsx"))
        assert text.startswith("`odoo/overleg.xlsx`: dit is geen Excel-werkboek")


def test_an_empty_workbook_and_an_empty_sheet_are_refused(export):
    assert "het bestand is leeg" in refusal(read_any, export(b"", "a.xlsx"))
    assert "blad Overleg: het blad is leeg" in refusal(read_any, export(workbook(), "a.xlsx"))
    blank = workbook(at={"B2": "  "})
    assert "het blad is leeg" in refusal(read_any, export(blank, "a.xlsx"))


def test_a_workbook_is_read_whatever_the_case_of_its_ending(export):
    sheet = read_any(export(workbook(["id "], ["a"]), "A.XLSX"))
    assert (sheet.headers, sheet.rows, sheet.name) == (("id",), {2: ("a",)}, "Overleg")


def test_the_header_row_is_found_under_titles_and_rows_keep_their_numbers(export):
    at = {"B2": "Logboek 2021", "B4": "Datum ", "C4": "Actor", "B5": "x", "C8": "y", "C9": " "}
    file = export(workbook(at=at), "overleg.xlsx")
    sheet = read_sheet(open_workbook(file), file.file, "overleg", header="datum")
    assert (sheet.header_row, sheet.headers) == (4, ("", "Datum", "Actor"))
    assert sheet.rows == {5: (None, "x", None), 8: (None, None, "y")}


def test_without_a_named_header_the_first_filled_row_holds_the_headers(export):
    sheet = read_any(export(workbook(at={"A3": "id", "A5": "x"}), "a.xlsx"))
    assert (sheet.header_row, sheet.headers, sheet.rows) == (3, ("id",), {5: ("x",)})


def test_a_header_or_sheet_that_is_not_there_is_named_with_what_there_is(export):
    book = open_workbook(export(workbook(["Dag", "Actor"]), "overleg.xlsx"))
    text = refusal(read_sheet, book, "overleg.xlsx", header="Datum")
    assert "`overleg.xlsx`, blad Overleg" in text
    assert "'Datum'" in text
    text = refusal(read_sheet, book, "overleg.xlsx", "Actoren")
    assert "'Actoren' ontbreekt; er is Overleg" in text


def test_cells_of_a_workbook_keep_their_kind(export):
    row = ["tekst", 1.5, True, datetime(2021, 3, 4, 10, 30), time(6, 30), None]
    sheet = read_any(export(workbook(["a", "b", "c", "d", "e", "f"], row), "a.xlsx"))
    assert sheet.rows == {2: tuple(row)}
    assert sheet.style == "nl"


def test_a_duration_cell_is_not_taken_for_a_number(export):
    sheet = read_any(export(workbook(["duur"], [timedelta(hours=30)]), "a.xlsx"))
    with pytest.raises(FormError):
        parse_number(sheet.rows[2][0], sheet.style)


def test_a_quote_that_is_not_closed_is_refused_and_swallows_no_rows(export):
    message = refusal(read_csv, export('id;naam\r\n1;"Jan\r\n2;Piet\r\n3;An\r\n'))
    assert "geen leesbaar CSV-bestand" in message and "Jan" not in message


def test_a_line_break_within_quotes_in_the_header_does_not_hide_the_delimiter(export):
    sheet = read_csv(export('"Naam\n(kort)","B"\n"x","y"\n'))
    assert sheet.headers == ("Naam\n(kort)", "B")


def test_a_sheet_that_is_damaged_within_a_sound_archive_is_refused(export):
    whole = io.BytesIO(workbook(["id"], ["a"]))
    damaged = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<worksheet><" if "sheet1" in name else old.read(name))
    file = export(damaged.getvalue(), "overleg.xlsx")
    assert "beschadigd" in refusal(read_sheet, open_workbook(file), file.file)


def test_a_text_with_zero_bytes_is_damaged(export):
    raw = codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")
    assert "beschadigd" in refusal(read_csv, export(raw[:-1]))
