"""What must not leave is found, wherever it hides in a bundle; what may leave raises no alarm."""

import base64
import html
import io
import json
import re
import shutil
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pyreadstat
import pytest
from canaries import change_csv
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from python_calamine import CalamineWorkbook

from socius_lib import forms, pages, store
from socius_lib.errors import SociusError
from socius_lib.sharing.archive import read_members, write_members
from socius_lib.sharing.matching import Matcher, Needles, fold
from socius_lib.sharing.needles import (
    RawValues,
    organisation_needles,
    person_needles,
    rare_needles,
    read_values,
)
from socius_lib.sharing.search import UNREADABLE, Found, refuse_found, search_bundle
from socius_lib.show import show_table
from socius_lib.workspace import Workspace

NAME = "Zoë Van der Kwikstaert"
MAIL = "zoe.kwikstaert@vogelhuis.example"
ANSWER = "De zaal was koud en Oriol sprak veel te lang over zijn duiventil vond ik"


@pytest.fixture(scope="module")
def needles():
    values = RawValues(
        names=Counter([NAME, MAIL, "Ali Put", "Kwartelmans", "Sociaal", "0497 93 60 69", "An"]),
        said=Counter([ANSWER, "Geannuleerd wegens duizeligheid"]),
        ordinary=set(fold("de zaal was koud en sprak veel te lang over zijn vond ik").split()),
    )
    return person_needles(values)


@pytest.fixture(scope="module")
def matcher(needles):
    return Matcher(needles)


def find(tmp_path, needles, files, **archive):
    path = tmp_path / "bundel.zip"
    write_members(path, files)
    if archive:
        with zipfile.ZipFile(path, "a") as opened:
            opened.comment = archive["comment"]
    return search_bundle(path, needles)


# How it may be written


@pytest.mark.parametrize(
    "written",
    [
        NAME,
        NAME.upper(),
        "zoe van der kwikstaert",
        unicodedata.normalize("NFD", NAME),
        "Zoë  Van\nder\tKwikstaert",
        "Zoë Van der Kwik\u00adstaert",
        "Zoë\u200b Van der\u00a0Kwikstaert",
        "Kwikstaert, Zoë Van der",
        "Van der Kwikstaert Zoë",
        "zoe_van_der_kwikstaert",
        "ZoëVanderKwikstaert",
        MAIL,
        MAIL.upper(),
        "Ali-Put",
        "Kwartelmans",
        "+32 497 93 60 69",
        "0497/93.60.69",
        "0032497936069",
        "+32 (0)497 93 60 69",
        "497936069",
        "en Oriol sprak veel",
        "vooral Oriol",
        "veel te lang over zijn duiventil",
        "Geannuleerd wegens duizeligheid",
    ],
)
def test_a_person_is_found_however_it_is_written(matcher, written):
    assert matcher.kinds_in(f"vooraf {written} achteraf")


def test_a_bare_hash_of_an_identity_is_found(matcher):
    import hashlib

    for name in ("md5", "sha1", "sha256"):
        for identity in (MAIL, NAME, NAME.casefold()):
            digest = hashlib.new(name, identity.encode()).hexdigest()
            assert matcher.kinds_in(f"code {digest}") == {"hash van een persoon"}
    assert not matcher.kinds_in("code " + "a" * 64)


@pytest.mark.parametrize(
    "harmless",
    [
        "Alice Putten, Vali Put-stra en Aliput",  # other words that hold the letters of a name
        "sociaal-cultureel werk",  # a family name that is an ordinary word
        "An, en an is te kort",
        "Van der Kwik",
        "de zaal was koud en",  # four words of an answer, all ordinary
        "sprak veel te lang",
        "0.497936069 en 12497936069 en 4 979 360 69",
        "97 93 60",
    ],
)
def test_what_only_looks_like_a_person_raises_no_alarm(matcher, harmless):
    assert not matcher.kinds_in(harmless)


def test_eight_ordinary_words_of_an_answer_in_a_row_are_a_quotation():
    said = "ik vond dat er te veel werd gezegd en te weinig gedaan"
    values = RawValues(said=Counter([said]), ordinary=set(fold(said).split()))
    matcher = Matcher(person_needles(values))
    assert matcher.kinds_in("men zei: dat er te veel werd gezegd en te veel")
    assert not matcher.kinds_in("dat er te veel werd gezegd")


def test_values_that_cannot_be_searched_are_counted(needles):
    # "An" is too short, "Sociaal" is a word of the workbench itself.
    assert needles.unsearchable["te kort"] == 1
    assert sum(needles.unsearchable.values()) >= 2


def test_needles_in_a_text_that_is_published_on_purpose_are_let_go(needles):
    fewer = needles.without([f"Vragen aan {NAME}, {MAIL}"], "zelf geschreven")
    assert not Matcher(fewer).kinds_in(f"{NAME} {MAIL}")
    assert Matcher(fewer).kinds_in("Ali Put")
    assert fewer.unsearchable["zelf geschreven"] >= 2


def test_needles_of_two_sources_are_searched_together():
    one = person_needles(RawValues(names=Counter(["Ali Put"])))
    other = person_needles(RawValues(said=Counter([ANSWER])))
    assert Matcher(one | other).kinds_in("Ali Put") == {"naam"}
    assert Matcher(one | other).kinds_in(ANSWER) >= {"stuk vrije tekst"}


@given(st.text())
def test_text_is_folded_as_names_are_compared_elsewhere(text):
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    assert fold(visible).split() == forms.fold(visible).encode("utf-8", "replace").split()


# Where it may hide


def png(chunks: bytes = b"", after: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    pixel = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    texts = b"".join(chunk(*part) for part in chunks)
    return b"\x89PNG\r\n\x1a\n" + pixel + texts + data + chunk(b"IEND", b"") + after


def picture(data: bytes) -> str:
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def workbook(change) -> bytes:
    book = openpyxl.Workbook()
    change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def hidden_sheet(book):
    sheet = book.create_sheet("weg")
    sheet["A1"] = NAME
    sheet.sheet_state = "veryHidden"


def remark(book):
    book.active["A1"].comment = Comment(f"gezien door {NAME}", "iemand")


def author(book):
    book.properties.creator = NAME


def side_by_side() -> bytes:
    """A workbook that keeps its texts in the order of their first use: here not beside each other."""
    texts = ["Zoë Van der", "tussenin", "Kwikstaert"]
    rows = [texts[:1], texts[1:2], [texts[0], texts[2]]]
    parts = read_members(workbook(lambda book: [book.active.append(row) for row in rows]))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for place, text in enumerate(texts):
        written = text.encode("ascii", "xmlcharrefreplace").decode()
        sheet = sheet.replace(f't="inlineStr"><is><t>{written}</t></is>', f't="s"><v>{place}</v>')
    assert "inlineStr" not in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{shared}</sst>'.encode()
    link = f'<Relationship Id="r9" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
    relations = parts["xl/_rels/workbook.xml.rels"].decode()
    relations = relations.replace("</Relationships>", f"{link}</Relationships>")
    parts["xl/_rels/workbook.xml.rels"] = relations.encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        for name, data in parts.items():
            opened.writestr(name, data)
    return written.getvalue()


def parquet(table: pa.Table, **how) -> bytes:
    written = io.BytesIO()
    pq.write_table(table, written, **how)
    return written.getvalue()


def dictionary() -> pa.Table:
    return pa.table({"a": pa.DictionaryArray.from_arrays(pa.array([0, 0]), pa.array(["a", NAME]))})


def unused_category() -> bytes:
    column = pd.Series(["a"], dtype=pd.CategoricalDtype(["a", NAME]))
    written = io.BytesIO()
    pd.DataFrame({"soort": column}).to_parquet(written)
    return written.getvalue()


def numbers(value: float) -> pa.Table:
    return pa.table({"getal": [value]})


def sav(tmp_path, frame=None, **about) -> bytes:
    path = tmp_path / "x.sav"
    frame = pd.DataFrame({"a": [1.0]}) if frame is None else frame
    pyreadstat.write_sav(frame, path, **about)
    return path.read_bytes()


def pdf(change=lambda writer: None, text: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    sheet = writer.add_blank_page(200, 200)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font["/Encoding"] = "/WinAnsiEncoding"
    made = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    sheet[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F"): made})}
    )
    stream = pypdf.generic.DecodedStreamObject()
    stream.set_data(f"BT /F 10 Tf 10 10 Td ({text}) Tj ET".encode("latin-1"))
    sheet[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def alt_text(writer):
    figure = {NameObject("/S"): NameObject("/Figure"), NameObject("/Alt"): TextStringObject(NAME)}
    writer.root_object[NameObject("/Bijschrift")] = writer._add_object(DictionaryObject(figure))


NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


def notebook(output: dict) -> bytes:
    cell = {"cell_type": "code", "source": [], "metadata": {}, "outputs": [output]}
    return json.dumps(NOTEBOOK | {"cells": [cell]}).encode()


HIDDEN = {
    "text of a page": ("a.html", lambda _: page(f"<p>{NAME}</p>")),
    "entities": ("a.html", lambda _: page("<p>Zo&euml; Van der Kwikst&#97;ert</p>")),
    "cut by markup": ("a.html", lambda _: page("Zoë Van der Kwik<b>staert</b>")),
    "cells without a space": ("a.html", lambda _: page("<td>Zoë Van der</td><td>Kwikstaert</td>")),
    "attribute": ("a.html", lambda _: page(f'<img alt="foto van {NAME}">')),
    "attribute with entities": ("a.html", lambda _: page('<p title="Zo&#235; Van der Kwikstaert">')),
    "address": ("a.html", lambda _: page(f'<a href="x?van={MAIL.replace("@", "%40")}">x</a>')),
    "comment": ("a.html", lambda _: page(f"<!-- {NAME} -->")),
    "title": ("a.html", lambda _: page("", f"<title>{NAME}</title>")),
    "style": ("a.html", lambda _: page("", f"<style>/* {NAME} */</style>")),
    "table inside JSON of a notebook": (
        "a.ipynb",
        lambda _: notebook({"data": {"text/html": [page("Zoë Van der Kwik<i>staert</i>").decode()]}}),
    ),
    "lines of a notebook": (
        "a.ipynb",
        lambda _: notebook({"text": ["Zoë Van der", " Kwikstaert"]}),
    ),
    "picture in a notebook": (
        "a.ipynb",
        lambda _: notebook(
            {"data": {"image/png": base64.encodebytes(png([(b"tEXt", f"Author\0{NAME}".encode())])).decode()}}
        ),
    ),
    "key of JSON": ("a.json", lambda _: json.dumps({NAME: 1}).encode()),
    "escaped in JSON": ("a.json", lambda _: json.dumps([NAME], ensure_ascii=True).encode()),
    "number in JSON": ("a.json", lambda _: b'{"tel": 497936069}'),
    "base64 in JSON": (
        "a.json",
        lambda _: json.dumps({"x": base64.b64encode(MAIL.encode()).decode()}).encode(),
    ),
    "base64 of UTF-16": (
        "a.txt",
        lambda _: b"code: " + base64.b64encode(NAME.encode("utf-16-le")),
    ),
    "data address": (
        "a.html",
        lambda _: page(f'<a href="data:text/html;base64,{base64.b64encode(page(NAME)).decode()}">x</a>'),
    ),
    "data address in text": (
        "a.html",
        lambda _: page(f'<img src="data:image/svg+xml,%3Csvg%3E{MAIL.replace("@", "%40")}%3C/svg%3E">'),
    ),
    "text of a PNG": (
        "a.html",
        lambda _: page(picture(png([(b"tEXt", b"Author\0" + NAME.encode("latin-1"))]))),
    ),
    "packed text of a PNG": (
        "a.html",
        lambda _: page(picture(png([(b"zTXt", b"Author\0\0" + zlib.compress(NAME.encode("latin-1")))]))),
    ),
    "international text of a PNG": (
        "a.html",
        lambda _: page(
            picture(png([(b"iTXt", b"Author\0\1\0nl\0\0" + zlib.compress(NAME.encode()))]))
        ),
    ),
    "EXIF of a PNG": ("a.html", lambda _: page(picture(png([(b"eXIf", NAME.encode())])))),
    "after a PNG": ("a.html", lambda _: page(picture(png(after=NAME.encode())))),
    "cell of a workbook": ("a.xlsx", lambda _: workbook(lambda b: b.active.append([NAME]))),
    "hidden sheet": ("a.xlsx", lambda _: workbook(hidden_sheet)),
    "remark in a workbook": ("a.xlsx", lambda _: workbook(remark)),
    "properties of a workbook": ("a.xlsx", lambda _: workbook(author)),
    "name of a sheet": ("a.xlsx", lambda _: workbook(lambda b: b.create_sheet(NAME))),
    "two cells of a row": ("a.xlsx", lambda _: side_by_side()),
    "telephone number as a number": ("a.xlsx", lambda _: workbook(lambda b: b.active.append([32497936069]))),
    "value of Parquet": ("a.parquet", lambda _: parquet(pa.table({"a": [NAME]}))),
    "column of Parquet": ("a.parquet", lambda _: parquet(pa.table({NAME: [1]}))),
    "metadata of Parquet": (
        "a.parquet",
        lambda _: parquet(numbers(1).replace_schema_metadata({"maker": NAME})),
    ),
    "metadata of a field of Parquet": (
        "a.parquet",
        lambda _: parquet(
            numbers(1.0).cast(pa.schema([pa.field("getal", pa.float64(), metadata={"x": NAME})]))
        ),
    ),
    "unused category": ("a.parquet", lambda _: unused_category()),
    "dictionary of Parquet without its schema": (
        "a.parquet",
        lambda _: parquet(dictionary(), store_schema=False, compression="gzip"),
    ),
    "number of Parquet": ("a.parquet", lambda _: parquet(numbers(497936069.0))),
    "value of SPSS": ("a.sav", lambda t: sav(t, pd.DataFrame({"a": [NAME]}))),
    "label of SPSS": ("a.sav", lambda t: sav(t, column_labels={"a": f"volgens {NAME}"})),
    "unused value label of SPSS": ("a.sav", lambda t: sav(t, variable_value_labels={"a": {9: NAME}})),
    "note of SPSS": ("a.sav", lambda t: sav(t, note=f"van {NAME}")),
    "title of SPSS": ("a.sav", lambda t: sav(t, file_label=NAME)),
    "XML": ("a.xml", lambda _: f"<a><b>{NAME}</b></a>".encode()),
    "attribute of XML": ("a.xml", lambda _: f'<a b="{NAME}"/>'.encode()),
    "comment of XML": ("a.xml", lambda _: f"<a><!-- {NAME} --></a>".encode()),
    "XML in Latin-1": (
        "a.xml",
        lambda _: f'<?xml version="1.0" encoding="iso-8859-1"?><a>{NAME}</a>'.encode("latin-1"),
    ),
    "CSV": ("a.csv", lambda _: f"a,b\r\n1,{NAME}\r\n".encode()),
    "CSV in UTF-16": ("a.csv", lambda _: f"a;b\r\n1;{NAME}\r\n".encode("utf-16")),
    "CSV in cp1252": ("a.csv", lambda _: f"a;b\r\n1;{NAME}\r\n".encode("cp1252")),
    "text of a PDF": ("a.pdf", lambda _: pdf(text=NAME)),
    "broken off in a PDF": (
        "a.pdf",
        lambda _: pdf(text="Zo\\353 Van der Kwik-) Tj 0 -12 Td (staert"),
    ),
    "properties of a PDF": ("a.pdf", lambda _: pdf(lambda w: w.add_metadata({"/Author": NAME}))),
    "alternative text of a PDF": ("a.pdf", lambda _: pdf(alt_text)),
    "outline of a PDF": ("a.pdf", lambda _: pdf(lambda w: w.add_outline_item(title=NAME, page_number=0))),
    "attachment of a PDF": (
        "a.pdf",
        lambda _: pdf(
            lambda w: w.add_attachment("a.xlsx", workbook(lambda b: b.active.append([NAME])))
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("layer", HIDDEN)
def test_a_name_is_found_in_every_layer_and_nothing_says_it(tmp_path, needles, layer):
    name, make = HIDDEN[layer]
    found = find(tmp_path, needles, {name: make(tmp_path), "schoon.csv": b"a,b\r\n1,2\r\n"})
    assert found
    assert {each.file for each in found} == {name}
    assert UNREADABLE not in {each.kind for each in found}
    assert {each.layer for each in found} != {"rauwe bytes"}
    with pytest.raises(SociusError) as refused:
        refuse_found(found)
    assert name in str(refused.value)
    assert "kwikstaert" not in str(refused.value).casefold()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", page(picture(png()) + "<p>Bereik per type</p>")),
        ("a.xlsx", workbook(lambda b: b.active.append(["type", 12]))),
        ("a.parquet", parquet(numbers(12.5))),
        ("a.pdf", pdf(text="Bereik per type")),
        ("a.ipynb", notebook({"text": ["12"]})),
        ("a.json", b'{"a": [1, 2.5, null, true]}'),
        ("a.xml", b"<a><b c='1'>tekst</b></a>"),
    ],
)
def test_a_file_without_anybody_in_it_raises_no_alarm(tmp_path, needles, name, data):
    assert find(tmp_path, needles, {name: data}) == []


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", [b"\x00\x01", b"\x00\x01\x02"])
@pytest.mark.parametrize("written", [NAME, NAME.upper(), MAIL])
def test_raw_bytes_are_read_in_every_encoding(matcher, encoding, before, written):
    assert matcher.kinds_in_bytes(before + written.encode(encoding) + b"\xff\x00\x00\x03")


def test_short_names_are_not_searched_in_bytes_that_are_no_text(matcher):
    assert matcher.kinds_in("Ali Put")
    assert not matcher.kinds_in_bytes(b"\x00ali put\x00")


def test_a_name_in_the_name_of_a_file_is_found_and_not_repeated(tmp_path, needles):
    found = find(tmp_path, needles, {f"{NAME}.csv": b"a\r\n1\r\n"})
    assert found == [Found("(bestand 1)", "bestandsnaam", "naam")]


def test_a_name_in_a_nested_archive_and_in_the_notes_of_the_zip_is_found(tmp_path, needles):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as opened:
        opened.writestr(f"{NAME}.txt", "leeg")
    assert find(tmp_path, needles, {"a.xlsx": inner.getvalue()})
    assert find(tmp_path, needles, {"a.txt": b"leeg"}, comment=NAME.encode())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"{"),
        ("a.xlsx", b"PK\x03\x04 geen zip"),
        ("a.parquet", b"PAR1 geen parquet"),
        ("a.pdf", b"%PDF-1.7 geen pdf"),
        ("a.sav", b"$FL2 geen spss"),
        ("a.xml", b"<a>"),
        ("a.bin", b"\x00\x01\x02\x03"),
        ("a.html", pdf(text="Bereik")),
        ("a.csv", workbook(lambda b: b.active.append(["Bereik"]))),
        ("a.pdf", b"<p>Bereik</p>"),
        ("a.sav", b"a,b"),
        ("a.html", page('<img src="data:image/png;base64,abcde">')),
    ],
)
def test_a_file_that_cannot_be_searched_does_not_leave(tmp_path, needles, name, data):
    found = find(tmp_path, needles, {name: data})
    assert UNREADABLE in {each.kind for each in found}


def test_an_encrypted_file_does_not_leave(tmp_path, needles):
    locked = pdf(lambda w: w.encrypt("geheim", algorithm="RC4-128"), NAME)
    assert UNREADABLE in {each.kind for each in find(tmp_path, needles, {"a.pdf": locked})}


# What the raw data hold


@pytest.fixture(scope="module")
def example_values(example):
    return read_values(example, example.years())


@pytest.fixture(scope="module")
def of_persons(example_values):
    return person_needles(example_values)


def test_a_bundle_of_the_example_with_nobody_in_it_raises_no_alarm(example, of_persons, tmp_path):
    took_part = store.read_partition(example, "deelnames", 2021)
    counts = took_part.groupby(["thema", "vorm", "sector"], dropna=False).size().reset_index()
    page = pages.codebook_page(example, 2021, {"deelnames": len(took_part)})
    shown = show_table(counts.astype("str"), "Deelnames per thema, vorm en sector")._repr_html_()
    files = {
        "codeboek.html": page.encode(),
        "deelnames.html": shown.encode(),
        "deelnames.csv": counts.to_csv(index=False).encode("utf-8-sig"),
        "deelnames.xlsx": workbook(
            lambda b: [b.active.append(row) for row in counts.astype("str").to_numpy().tolist()]
        ),
    }
    assert find(tmp_path, of_persons, files) == []


def test_the_code_of_the_workbench_names_nobody_of_the_example(of_persons):
    assert of_persons.unsearchable["staat in de werkbank zelf"] < 10


def test_a_family_name_and_a_first_name_in_two_columns_are_one_name(example_values):
    assert "Martijn Vereecken" in example_values.names


def raw(tmp_path, file, text):
    path = tmp_path / "data" / "raw" / "voorbeeld" / "2021" / file
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return read_values(Workspace(tmp_path), [2021])


def test_a_contact_is_a_person_and_an_organisation_is_not(tmp_path):
    text = 'id,name,is_company,x_studio_kbo\n"e1","Huis Boei","True","0999.000.129"\n"e2","Ali Put","",""\n'
    values = raw(tmp_path, "odoo/Contact (res.partner).csv", text)
    assert set(values.names) == {"Ali Put"}
    assert values.organisations == {"0999000129": {"Huis Boei", "0999.000.129"}}
    persons, organisations = (
        Matcher(make(values)) for make in (person_needles, organisation_needles)
    )
    assert persons.kinds_in("Ali Put, Huis Boei") == {"naam"}
    for written in ("HUIS BOEI vzw", "0999.000.129", "BE0999000129", "0999 000 129"):
        assert organisations.kinds_in(written) == {"organisatie"}


def test_a_typed_organisation_that_nobody_knows_may_be_a_person(tmp_path):
    heads = "name,email,company_name\n"
    values = raw(
        tmp_path,
        "odoo/Evenementinschrijving (event.registration).csv",
        f"{heads}x,y@z.be,Ali Put\n",
    )
    assert Matcher(person_needles(values)).kinds_in("Ali Put") == {"naam"}
    values.organisations["0999000129"] = {"Ali Put"}
    assert not Matcher(person_needles(values)).kinds_in("Ali Put")


def test_a_column_that_is_not_described_is_free_text(tmp_path):
    text = (
        "id;submitdate;token;attribute_1;TEVR;G07Q12[other]\n1;;t1;e1;8;Dank aan Oriol voor alles\n"
    )
    values = raw(tmp_path, "bevragingen/results-survey1.csv", text)
    assert Matcher(person_needles(values)).kinds_in("zei: dank aan Oriol voor") >= {
        "stuk vrije tekst"
    }


def test_an_organisation_that_the_recipient_may_see_is_let_go(example_values):
    known = Matcher(organisation_needles(example_values, known={"0999000129"}))
    assert not known.kinds_in("Volkshogeschool Molen Lier, 0999.000.129")
    assert known.kinds_in("Volkshogeschool Baken Tongeren")


def plant_csv(path, canary):
    def plant(_, rows):
        rows[5:] = [[canary() for _ in rows[0]]]

    change_csv(path, plant)


def plant_workbook(path, canary):
    book = openpyxl.Workbook()
    book.remove(book.active)
    with CalamineWorkbook.from_path(path) as read:
        for name in read.sheet_names:
            rows = read.get_sheet_by_name(name).to_python()[:8]
            sheet = book.create_sheet(name)
            for row in [*rows, [canary() for _ in rows[-1]]]:
                sheet.append(row)
            sheet["A1"].comment = Comment(f"{canary()} vroeg dit", canary())
    hidden = book.create_sheet("Verborgen")
    hidden.append([canary(), canary()])
    hidden.sheet_state = "hidden"
    book.properties.creator = canary()
    book.save(path)


def plant_sav(path, canary):
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    frame["opmerking"] = [canary() if row == 3 else "" for row in range(len(frame))]
    pyreadstat.write_sav(frame, path, variable_value_labels=meta.variable_value_labels)


def plant_project(path, canary):
    with zipfile.ZipFile(path) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    user, note, source = canary(), canary(), canary()
    selection = r"(?s)<PlainTextSelection.*?</PlainTextSelection>"
    project = re.sub(selection, "", members["project.qde"].decode())
    project = project.replace('name="Lezer A"', f'name="{user}"')
    noted = (
        f'<Notes><Note name="{note}"><PlainTextContent>{canary()}</PlainTextContent></Note></Notes>'
    )
    members["project.qde"] = project.replace("</Project>", f"{noted}</Project>").encode()
    texts = [name for name in members if name.endswith(".txt")]
    members = {name: members[name] for name in ("project.qde", texts[0])}
    text = texts[0]
    members[text] += f"\nWe danken {source} voor de steun aan het werk van {canary()}.".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name, data)


PLANT = {".csv": plant_csv, ".xlsx": plant_workbook, ".sav": plant_sav, ".qdpx": plant_project}


def test_a_canary_in_any_column_of_any_raw_file_or_in_its_name_is_searched(example, tmp_path):
    root = tmp_path / "werkruimte"
    raw = root / "data" / "raw" / "voorbeeld"
    shutil.copytree(example.raw, raw)
    planted: dict[str, str] = {}

    def canary() -> str:
        text = f"Kanarie{len(planted):04d}x Vogelaer"
        planted[text] = here
        return text

    for path in sorted(raw.rglob("*.*")):
        if path.name == "bron.toml":
            continue
        here = path.relative_to(raw).as_posix()
        PLANT[path.suffix](path, canary)
    here = "namen en nieuwe bestanden"
    (raw / "2021" / "odoo" / f"{canary()}.md").write_text(f"Notitie over {canary()}.", "utf-8")
    (raw / "2021" / "kapot.csv").write_text(f'a,b\n1,"{canary()}\n', "utf-8")

    values = read_values(Workspace(root), Workspace(root).years())
    all_of_them = person_needles(values) | rare_needles(values) | organisation_needles(values)
    matcher = Matcher(all_of_them)
    passed = {
        text: where for text, where in planted.items() if not matcher.kinds_in(f"door {text} hier")
    }
    assert len(planted) > 300
    assert passed == {}


def test_a_theme_that_many_rows_have_may_be_told_and_an_odd_one_may_not():
    values = RawValues(
        others=Counter({"Waterpeil": 12, "Begeleiding van Snoeckx": 1, "Aanbod": 1}),
        ordinary=set(fold("aanbod begeleiding van").split()),
    )
    matcher = Matcher(rare_needles(values))
    assert matcher.kinds_in("thema: begeleiding van snoeckx") == {"zeldzame waarde"}
    assert not matcher.kinds_in("waterpeil, aanbod")


def test_nothing_to_search_finds_nothing():
    assert Matcher(Needles()).kinds_in(html.escape("tekst")) == set()
