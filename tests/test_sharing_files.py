"""The files of a bundle: tables in every form, codebook, descriptions, letter, archive."""

import csv
import datetime as dt
import io
import json
import stat
import subprocess
import zipfile
from xml.etree.ElementTree import SubElement

import lxml.etree
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from frictionless import Resource

from socius_lib.errors import SociusError
from socius_lib.sharing import archive, codebook, metadata
from socius_lib.sharing.data_files import (
    WITHHELD,
    SharedColumn,
    SharedTable,
    plain_text,
    write_csv,
    write_parquet,
    write_sav,
    write_tables,
    write_workbook,
)
from socius_lib.sharing.metadata import Release

TYPES = {"regionaal": ("regionaal", "regional"), "thema": ("thema", "theme")}
SCALES = {1: ("schaal A", "scale A"), 2: ("schaal B", "scale B")}
COLUMNS = (
    SharedColumn("type", "Type", "Type", "code", codes=TYPES),
    SharedColumn("schaal", "Schaal", "Scale", "code", codes=SCALES),
    SharedColumn("personen", "Personen", "Persons", "whole", "aantal", "number"),
    SharedColumn("nps", "NPS", "NPS", "number", note_nl="tussen -100 en 100"),
    SharedColumn("erkend", "Erkend", "Recognised", "yes_no"),
    SharedColumn("op", "Op", "On", "day"),
    SharedColumn("noot", "Noot", "Note", "text"),
)
FRAME = pd.DataFrame(
    {
        "type": ["regionaal", "thema", "thema"],
        "schaal": [1, 2, 1],
        "personen": pd.array([12, None, 0], dtype="Int64"),
        "nps": [-6.5, None, -99.0],
        "erkend": pd.array([True, None, False], dtype="boolean"),
        "op": pd.to_datetime(["2021-03-01", None, "2021-12-31"]),
        "noot": ['=HYPERLINK("http://x.example")', None, "a;-1+2"],
    }
)
HIDDEN = pd.DataFrame(False, FRAME.index, FRAME.columns)
HIDDEN.loc[1, ["personen", "nps", "erkend", "noot"]] = True
TABLE = SharedTable(
    "bereik", "Bereik", "Reach", "een type", "a type", COLUMNS, FRAME, HIDDEN, ("type", "schaal")
)
RELEASE = Release(
    title="Socius in cijfers & meer, 2021",
    description="Cijfers over het bereik.",
    jaar=2021,
    level="partner",
    recipient="de <universiteit>",
    purpose="onderzoek naar bereik",
    agreement="overeenkomst 12",
    made_on=dt.date(2022, 3, 1),
    version="0.1",
    licence="Alleen voor dit onderzoek.",
    contact="Dienst Data",
    contact_email="data@socius.example",
    made_up=True,
)


# Tables


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


def test_in_text_a_withheld_value_is_a_word_and_a_missing_one_is_empty(tmp_path):
    write_csv(tmp_path / "a.csv", TABLE)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    head, first, second, third = rows_of(tmp_path / "a.csv")
    assert head == ["type", "schaal", "personen", "nps", "erkend", "op", "noot"]
    assert first[:6] == ["regionaal", "1", "12", "-6.5", "ja", "2021-03-01"]
    assert second == ["thema", "2", WITHHELD, WITHHELD, WITHHELD, "", WITHHELD]
    assert third[2:5] == ["0", "-99.0", "nee"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+32 4", "'+32 4"),
        ("-1", "'-1"),
        ("@som", "'@som"),
        ("\t=1", "\t'=1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\r\n=1", "a\r\n'=1"),
        ("2021-2025, a = b", "2021-2025, a = b"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_in_text_no_cell_begins_a_formula(text, written):
    assert plain_text(text) == written


def test_in_a_workbook_a_formula_stays_text_and_a_withheld_value_a_word(tmp_path):
    write_workbook(tmp_path / "a.xlsx", [TABLE], "Bereik & meer")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["bereik"]
    cells = [list(row) for row in sheet.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells[0]] == ["s", "n", "n", "n", "s", "d", "s"]
    assert cells[0][6].value == '=HYPERLINK("http://x.example")'
    assert cells[0][6].quotePrefix
    assert [cell.value for cell in cells[1]][2:] == [WITHHELD, WITHHELD, WITHHELD, None, WITHHELD]
    assert cells[2][2].value == 0


def test_a_workbook_says_nothing_of_who_made_it_or_when_and_is_the_same_every_time(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [TABLE], "Bereik & meer")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as opened:
        about = opened.read("docProps/core.xml") + opened.read("docProps/app.xml")
        assert {member.date_time[0] for member in opened.infolist()} == {1980}
    assert b"Bereik &amp; meer" in about
    for said in (b"creator", b"openpyxl", b"created", b"Application"):
        assert said not in about


def test_parquet_tells_what_was_withheld_beside_the_column_and_nothing_of_pandas(tmp_path):
    frame = FRAME.assign(type=pd.Categorical(FRAME["type"], ["regionaal", "thema", "geheim"]))
    frame = frame.set_index(pd.Index(["x", "y", "z"], name="geheim"))
    table = SharedTable(
        "a", "a", "a", "a", "a", COLUMNS, frame, HIDDEN.set_index(frame.index), ("type",)
    )
    write_parquet(tmp_path / "a.parquet", table)
    read = pq.read_table(tmp_path / "a.parquet")
    assert read.column("personen").to_pylist() == [12, None, 0]
    assert read.column(f"personen_{WITHHELD}").to_pylist() == [False, True, False]
    assert f"op_{WITHHELD}" not in read.column_names
    assert b"geheim" not in (tmp_path / "a.parquet").read_bytes()
    assert read.schema.field("personen").metadata[b"label"] == b"Personen"
    assert b"pandas" not in read.schema.metadata


def test_spss_gets_labels_and_a_withheld_number_no_value_could_be(tmp_path):
    write_sav(tmp_path / "a.sav", TABLE, made_up=True)
    read, meta = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    assert meta.column_names_to_labels["personen"] == "Personen"
    assert meta.variable_value_labels["type"] == {1.0: "regionaal", 2.0: "thema"}
    assert meta.variable_value_labels["schaal"] == {1.0: "schaal A", 2.0: "schaal B"}
    assert list(read["type"]) == [1, 2, 2]
    # -99 occurs, so it cannot stand for withheld.
    assert list(read["nps"]) == [-6.5, -999, -99]
    assert meta.variable_value_labels["nps"] == {-999.0: WITHHELD}
    assert list(read["noot"])[1] == WITHHELD
    missing, _ = pyreadstat.read_sav(tmp_path / "a.sav")
    assert missing["nps"].isna().tolist() == [False, True, False]


def test_spss_files_are_the_same_every_time(tmp_path):
    for name in ("a.sav", "b.sav"):
        write_sav(tmp_path / name, TABLE, made_up=False)
    assert (tmp_path / "a.sav").read_bytes() == (tmp_path / "b.sav").read_bytes()


def changed(**about):
    said = {"frame": FRAME, "columns": COLUMNS, "withheld": HIDDEN, **about}
    return SharedTable("a", "a", "a", "a", "a", said["columns"], said["frame"], said["withheld"])


def test_only_described_columns_and_values_leave():
    with pytest.raises(SociusError, match="andere kolommen"):
        changed(frame=FRAME.assign(naam="iemand"), withheld=None)
    with pytest.raises(SociusError, match="niet beschreven"):
        changed(frame=FRAME.assign(type="iemand"))
    with pytest.raises(SociusError, match="geen naam"):
        SharedColumn("Naam; drop", "", "", "text")
        changed(columns=(SharedColumn("Naam; drop", "", "", "text"), *COLUMNS[1:]))


def test_a_withheld_cell_that_still_has_its_value_is_refused():
    with pytest.raises(SociusError, match="afgeschermd"):
        changed(frame=FRAME.assign(personen=[12, 3, 0]))


# Codebook


def test_the_codebook_tells_each_column_in_both_languages():
    dutch, english = (codebook.codebook_entries([TABLE], of) for of in ("nl", "en"))
    assert list(dutch["naam"]) == list(english["name"]) == [column.name for column in COLUMNS]
    assert dutch["waarden"][0] == "regionaal (SPSS 1); thema (SPSS 2)"
    assert english["values"][1] == "1 = scale A; 2 = scale B"
    assert english["unit"][2] == "number"


def test_the_codebook_is_written_in_dutch_english_and_ddi(example, tmp_path):
    files = codebook.write_codebooks(example, 2021, tmp_path, RELEASE, [TABLE])
    assert list(files) == ["codeboek/codeboek.html", "codeboek/codebook.html", "codeboek/ddi.xml"]
    assert 'lang="en"' in (tmp_path / "codeboek/codebook.html").read_text("utf-8")
    root = lxml.etree.parse(tmp_path / "codeboek/ddi.xml").getroot()
    of = {"d": codebook.NAMESPACE}
    assert root.tag == f"{{{codebook.NAMESPACE}}}codeBook"
    assert (
        root.xpath("string(//d:stdyDscr/d:citation/d:titlStmt/d:titl)", namespaces=of)
        == RELEASE.title
    )
    assert root.xpath("//d:var/@name", namespaces=of) == [column.name for column in COLUMNS]
    withheld = root.xpath("//d:var[d:catgry/@missing='Y']/@name", namespaces=of)
    assert withheld == ["personen", "nps", "erkend", "noot"]
    assert root.xpath("string(//d:caseQnty)", namespaces=of) == "3"


def test_ddi_that_breaks_the_rules_of_its_schema_is_refused():
    def broken(change):
        root = codebook.ddi_codebook(RELEASE, [TABLE])
        change(root)
        with pytest.raises(SociusError) as refused:
            codebook.check_ddi(root)
        return str(refused.value)

    def without_title(root):
        titles = root.find("stdyDscr/citation/titlStmt")
        titles.remove(titles.find("titl"))

    def label_last(root):
        variable = root.find("dataDscr/var")
        label = variable.find("labl")
        variable.remove(label)
        variable.append(label)

    codebook.check_ddi(codebook.ddi_codebook(RELEASE, [TABLE]))
    assert "0 keer <titl>" in broken(without_title)
    assert "niet in volgorde" in broken(label_last)
    assert "<naam> hoort niet" in broken(lambda root: SubElement(root, "naam"))
    assert "zonder naam of bestand" in broken(
        lambda root: root.find("dataDscr/var").set("files", "F9")
    )
    assert "ID komt twee keer" in broken(lambda root: root.find("dataDscr/var").set("ID", "F1"))


# Descriptions


@pytest.fixture
def described(tmp_path):
    files = write_tables(tmp_path, [TABLE], "Bereik", made_up=True)
    metadata.write_datapackage(tmp_path, RELEASE, [TABLE], files)
    metadata.write_crate(tmp_path, RELEASE, files)
    return tmp_path


def test_all_tables_are_there_in_every_form(described):
    assert sorted(path.name for path in (described / "data").iterdir()) == [
        "bereik.csv",
        "bereik.parquet",
        "bereik.sav",
        "tabellen.xlsx",
    ]


def test_the_data_package_and_the_crate_are_true_of_the_files(described):
    metadata.check_datapackage(described)
    metadata.check_crate(described)
    said = json.loads((described / "datapackage.json").read_text("utf-8"))
    assert said["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    table = said["resources"][0]
    assert table["schema"]["primaryKey"] == ["type", "schaal"]
    rows = Resource(table, basepath=str(described)).read_rows()
    assert [row["personen"] for row in rows] == [12, None, 0]
    assert [row["erkend"] for row in rows] == [True, None, False]


def test_a_value_that_is_not_as_described_is_refused_and_not_repeated(described):
    path = described / "data" / "bereik.csv"
    path.write_text(path.read_text("utf-8-sig").replace("regionaal", "iemand"), "utf-8-sig")
    with pytest.raises(SociusError) as refused:
        metadata.check_datapackage(described)
    assert "constraint-error" in str(refused.value)
    assert "iemand" not in str(refused.value)


def test_a_file_that_changed_or_is_gone_is_refused(described):
    path = described / "data" / "bereik.sav"
    path.write_bytes(path.read_bytes() + b"x")
    for check in (metadata.check_datapackage, metadata.check_crate):
        with pytest.raises(SociusError, match=r"bereik\.sav"):
            check(described)
    path.unlink()
    for check in (metadata.check_datapackage, metadata.check_crate):
        with pytest.raises(SociusError, match=r"bereik\.sav"):
            check(described)


def test_a_crate_without_a_licence_or_with_a_loose_end_is_refused(described):
    path = described / metadata.CRATE
    said = json.loads(path.read_text("utf-8"))
    root = next(entity for entity in said["@graph"] if entity["@id"] == "./")
    del root["license"]
    root["publisher"] = {"@id": "#niemand"}
    path.write_text(json.dumps(said), "utf-8")
    with pytest.raises(
        SociusError, match=r"#niemand.*'license' ontbreekt|'license' ontbreekt.*#niemand"
    ):
        metadata.check_crate(described)


def test_the_letter_tells_what_is_in_it_what_not_and_whom_to_ask(tmp_path):
    contents = [("index.html", "waar je begint"), ("data/bereik.csv", "het bereik")]
    steps = ["git clone <adres> werkbank"]
    metadata.write_letter(tmp_path, RELEASE, contents, 1234, steps, css="p { margin: 0 }")
    page = (tmp_path / "brief.html").read_text("utf-8")
    text = (tmp_path / "brief.txt").read_text("utf-8")
    for letter in (page, text):
        assert "1.234 waarden" in letter
        assert "er te weinig achter zitten" in letter and "een andere" in letter
        assert "git clone" in letter
        assert "data/bereik.csv" in letter
        assert "data@socius.example" in letter
        assert "1/3/2022" in letter
        assert "erzonnen" in letter.casefold()
    assert "de &lt;universiteit&gt;" in page
    assert "de <universiteit>" in text


def test_a_letter_without_anything_withheld_says_so(tmp_path):
    metadata.write_letter(tmp_path, RELEASE, [], 0, [], css="")
    assert "We moesten geen enkele waarde weglaten." in (tmp_path / "brief.txt").read_text("utf-8")


# Archive


def fill(folder):
    (folder / "data").mkdir()
    (folder / "data" / "b.csv").write_text("b\r\n1\r\n", "utf-8")
    (folder / "a.html").write_text("<p>a</p>", "utf-8")


def allow(_):
    pass


def test_a_bundle_is_a_folder_and_a_zip_with_checksums_that_hold(tmp_path):
    bundle = archive.make_bundle(tmp_path / "r1", "bundel", fill, allow)
    assert bundle.files == ("SHA256SUMS", "a.html", "data/b.csv")
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=bundle.folder, check=False)
    assert checked.returncode == 0
    packed = archive.read_members(bundle.archive.read_bytes())
    assert packed == {name: (bundle.folder / name).read_bytes() for name in bundle.files}


def test_the_same_files_give_the_same_zip(tmp_path):
    first = archive.make_bundle(tmp_path / "r1", "bundel", fill, allow)
    again = archive.make_bundle(tmp_path / "r2", "bundel", fill, allow)
    assert first.sha256 == again.sha256
    with zipfile.ZipFile(first.archive) as opened:
        assert opened.namelist() == sorted(opened.namelist())
        assert {member.date_time for member in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_bundle_that_is_refused_leaves_nothing_behind(tmp_path):
    def refuse(packed):
        assert packed.is_file()
        raise SociusError("neen")

    with pytest.raises(SociusError, match="neen"):
        archive.make_bundle(tmp_path / "r1", "bundel", fill, refuse)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_checked_before_it_is_there(tmp_path):
    seen = []
    archive.make_bundle(
        tmp_path / "r1", "bundel", fill, lambda _: seen.append((tmp_path / "r1").exists())
    )
    assert seen == [False]


def test_a_release_is_never_replaced(tmp_path):
    archive.make_bundle(tmp_path / "r1", "bundel", fill, allow)
    with pytest.raises(SociusError, match="bestaat al"):
        archive.make_bundle(tmp_path / "r1", "bundel", fill, allow)


@pytest.mark.parametrize(
    "name", ["a.js", "a.py", ".verborgen.html", "a.exe", "zonder", "a.PNG", "a.svg"]
)
def test_a_file_of_another_type_does_not_leave_and_is_not_named(tmp_path, name):
    with pytest.raises(SociusError, match="van een soort") as refused:
        archive.make_bundle(tmp_path / "r1", "b", lambda f: (f / name).write_text("x"), allow)
    assert name not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_link_does_not_leave(tmp_path):
    (tmp_path / "geheim.csv").write_text("x")
    with pytest.raises(SociusError):
        archive.make_bundle(
            tmp_path / "r1", "b", lambda f: (f / "a.csv").symlink_to(tmp_path / "geheim.csv"), allow
        )


def test_the_log_of_releases_grows_and_is_of_its_owner_only(tmp_path):
    path = tmp_path / "logboek" / "vrijgaven.jsonl"
    for number in (1, 2):
        archive.log_release(path, {"jaar": 2021, "nummer": number, "gezocht": {"naam": 3}})
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["nummer"] for line in lines] == [1, 2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_type_that_may_leave_can_be_searched():
    from socius_lib.sharing import layers

    for ending in archive.ALLOWED:
        assert ending in metadata.MEDIA
        sample = {".xml": b"<a/>", ".json": b"{}", ".ipynb": b"{}"}.get(ending, b"tekst")
        if ending in {".pdf", ".xlsx", ".parquet", ".sav"}:
            continue  # known by how they begin
        assert list(layers.layers(f"a{ending}", sample)), io.StringIO()
