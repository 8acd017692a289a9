"""Large exports give what small ones give, row for row and reason for reason (socius_lib.bulk)."""

import shutil
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import exports
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import socius_lib as socius
from socius_lib import bulk, catalogue, schema, sql, store
from socius_lib import convert as c
from socius_lib.errors import InputError
from socius_lib.files import Export
from socius_lib.process import Year, _read_registrations, process_year, sort_files
from socius_lib.quality import QualityLog
from socius_lib.sources import odoo
from socius_lib.sources.odoo_bulk import NAME
from socius_lib.workspace import EXAMPLE, Workspace

MADE = ("inschrijvingen", "deelnames", "personen", "identiteit", "kwaliteit", "bestanden")


@pytest.fixture
def all_is_large(monkeypatch):
    """Read every text file as if it were too large to read row by row."""
    monkeypatch.setattr(bulk, "LARGE", 0)


def sorted_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in one order, without the numbers and pseudonyms that differ from run to run."""
    frame = frame.drop(columns=["volgnummer", "persoon_id"], errors="ignore")
    return frame.sort_values(list(frame), ignore_index=True)


def persons(frame: pd.DataFrame) -> set[frozenset]:
    """Which registrations are of one person."""
    return {frozenset(same) for _, same in frame.groupby("persoon_id")["rij"]}


def assert_same(found: Mapping[str, pd.DataFrame], expected: Mapping[str, pd.DataFrame]) -> None:
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(sorted_rows(found[name]), sorted_rows(frame), obj=name)
    assert persons(found["identiteit"]) == persons(expected["identiteit"])


# --- the whole of a year --------------------------------------------------------------------------


@pytest.mark.usefixtures("all_is_large")
def test_the_example_gives_the_same_tables_row_by_row_and_through_duckdb(example, tmp_path):
    ws = Workspace(tmp_path)
    shutil.copytree(example.raw, ws.raw)
    shutil.copytree(example.processed, ws.processed)  # of the earlier years, and of a former run
    assert process_year(ws, 2021).refused == ()
    names = [name for name in catalogue.TABLES if 2021 in store.years_of(example, name)]
    found, expected = (
        {name: store.read_partition(one, name, 2021) for name in names} for one in (ws, example)
    )
    assert_same(found, expected)
    # pseudonyms too: those of earlier years hold, and the former run's are given back
    together = [each["identiteit"].set_index("rij")["persoon_id"] for each in (found, expected)]
    pd.testing.assert_series_equal(*(one.sort_index() for one in together))
    assert [path.name for path in ws.processed.parent.glob(".*") if not path.is_symlink()] == [
        ws.processed.resolve().name
    ]


# --- any rows -------------------------------------------------------------------------------------

NOISE = st.text("aA1é'-. ,@=\t", max_size=4)
CELLS = {
    "id": st.sampled_from(["r1", "r2", "r3", "r4", " r5", "", "'=r6"]),
    "event_id/id": st.sampled_from(["e1", "e2", "e3", "e4", "e9", ""]),
    "partner_id/id": st.sampled_from(["", "c1", "o2", "c9"]),
    "name": st.sampled_from(
        [
            "Noor Aerts",
            "Aerts, Noor",
            " NOOR  aerts",
            "Zoë D'Hondt",
            "'t Hart An",
            "TEST, test",
            "Test",
        ]
        + ["testtest", "Noor-Aerts", "An, Noor, Aerts", ",", "'=Noor", ""]
    )
    | NOISE,
    "email": st.sampled_from(
        ["noor.aerts@zonnebloem.example", " NOOR.aerts@zonnebloem.example ", "zoe@post.example"]
        + [
            "info@post.example",
            "test@post.example",
            "an@socius.example",
            "zoé@post.example",
            "geen",
        ]
        + ["noor @post.example", "a@b@c.example", "noor@post", ""]
    ),
    "phone": st.sampled_from(["", "'+32 470 00 00 01", "0470/00 00 02"]),
    "company_name": st.sampled_from(
        [
            "De Zonnebloem",
            "café ecluse v.z.w.",
            "Bibliotek Duinrand",
            "DZB",
            "noor@post.example",
            "",
        ]
        + ["Noor Aerts", "  ", "vzw De Zonnebloem"]
    ),
    "x_studio_functie": st.sampled_from(["", "Directeur/coördinator", "directeur", "Kok", " "]),
    "state": st.sampled_from(
        ["done", "done", "done", "Bezocht", "open", "cancel", "draft", "", "??"]
    ),
    "date_closed": st.sampled_from(["", "2021-02-02 16:15:00", "2021-02-30 10:00:00", "straks"]),
    "create_date": st.sampled_from(
        ["2021-01-10 08:00:00", "10/1/2021", "2021-01-10", "2021-01-10 24:00:00", "1899-01-01", ""]
        + ["2101-01-01 10:00:00", "2021-1-1 8:00"]
    ),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)


def write_registrations(root: Path, rows: exports.Rows) -> Path:
    path = exports.path(root, "registrations")
    form = exports.TEXT_FILES["registrations"][1]
    exports.write_text(path, rows, list(exports.rows("registrations")[0]), **form)
    return path


@pytest.fixture(scope="module")
def around(tmp_path_factory) -> Year:
    """The year that registrations are read in, after a year in which Noor took part."""
    ws = exports.workspace(tmp_path_factory.mktemp("rond"))
    events = exports.rows("events")
    for row in events:
        row["date_begin"] = row["date_begin"].replace("2021", "2020")
    exports.write(ws.root, events=events)
    ws.raw_year(exports.JAAR).rename(ws.raw_year(exports.JAAR - 1))
    exports.write(ws.root)
    assert process_year(ws, exports.JAAR - 1).refused == ()
    files = sort_files(ws.exports(exports.JAAR), QualityLog())
    year = Year(ws, exports.JAAR, files, QualityLog())
    frames = odoo.read_partners(files["partners"], year.log)
    year.frames["organisaties"], year.frames["contacten"] = frames
    year.frames["activiteiten"] = odoo.read_events(files["events"], year.jaar, year.log)
    return year


def registrations(around: Year, folder: Path) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The tables of the registrations, and the typed names to be confirmed."""
    year = replace(around, log=QualityLog(), typed=[], large={}, scratch=folder)
    year.frames = dict(around.frames)
    _read_registrations(year, year.files["registrations"])
    found = {name: schema.fit(frame, catalogue.table(name)) for name, frame in year.frames.items()}
    log = pd.DataFrame([vars(finding) for finding in year.log.findings])
    columns = ("systeem", "bestand", "blad", "rij", "kolom", "reden", "gevolg", "waarde")
    names = dict(zip(log, columns, strict=False))
    found["kwaliteit"] = schema.fit(log.rename(columns=names), catalogue.KWALITEIT)
    for name, path in year.large.items():
        frame = schema.fit(pd.read_parquet(path), catalogue.table(name))
        found[name] = frame if name != "kwaliteit" else pd.concat([found[name], frame])
    counts = pd.DataFrame([vars(count) for count in year.log.files])
    typed = year.typed[0].assign(keer=year.typed[0].get("keer", 1)).groupby("naam", sort=False)
    typed = typed.agg({"bestand": "first", "rij": "first", "keer": "sum"}).reset_index()
    return {name: found[name] for name in MADE[:-1]} | {"bestanden": counts}, typed


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_any_registrations_give_the_same_tables_row_by_row_and_through_duckdb(
    around, tmp_path_factory, rows
):
    write_registrations(around.ws.root, rows)
    by_row = registrations(around, Path())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "LARGE", 0)
        in_bulk = registrations(around, tmp_path_factory.mktemp("groot"))
    assert_same(in_bulk[0], by_row[0])
    pd.testing.assert_frame_equal(in_bulk[1], by_row[1], check_dtype=False)


# --- cells ----------------------------------------------------------------------------------------

CELL = st.text("aZ9é.-_+@' ,\t=0:\u00a0", max_size=12)
LIKE = {
    "naam": st.from_regex(
        NAME.plain.pattern, fullmatch=True, alphabet=st.characters(codec="ascii")
    ),
    "email": st.from_regex(
        bulk.EMAIL.pattern, fullmatch=True, alphabet=st.characters(codec="ascii")
    ),
    "inschrijving_id": st.from_regex(bulk.TEXT.pattern, fullmatch=True),
    "ingeschreven_op": st.from_regex(bulk.MOMENT.pattern, fullmatch=True),
}


@pytest.mark.parametrize("name", LIKE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_plain_is_read_in_sql_as_the_parser_reads_it(name, data):
    cells = data.draw(st.lists(LIKE[name] | CELL, min_size=20, max_size=60))
    column = catalogue.INSCHRIJVINGEN.column(name)
    plain = NAME.plain if name == "naam" else bulk.plain_cells(column)
    more = NAME.columns if name == "naam" else {}
    wanted = ", ".join(made.format("cel") for made in (plain.value, *more.values()))
    con = duckdb.connect()
    con.register("cellen", pa.table({"cel": cells}))
    matches = f"regexp_full_match(cel, {sql.literal(plain.pattern)})"
    found = con.execute(f"SELECT cel, {wanted} FROM cellen WHERE {matches}").fetchall()
    parse = c.parser_of(column, "en")
    for cell, value, *others in found:
        assert (value, None) == c.read_cell(column, parse, odoo.unguard(cell))
        assert others == [*(NAME.make(value).values() if more else ())]
    assert {f for f, *_ in found} <= set(cells)


def test_most_cells_of_the_example_are_plain():
    """What is not plain is right all the same, but slow: this keeps the patterns from being useless."""
    file = (
        Path(__file__).parents[1] / "data/raw" / EXAMPLE / "2021" / exports.FILES["registrations"]
    )
    cells = pd.read_csv(file, dtype="str")
    headers = {"name": NAME.plain, "email": bulk.EMAIL, "id": bulk.TEXT, "create_date": bulk.MOMENT}
    for header, plain in headers.items():
        assert cells[header].str.fullmatch(plain.pattern.replace("(", "(?:")).mean() > 0.95, header


# --- files ----------------------------------------------------------------------------------------

HEADERS = list(exports.rows("registrations")[0])
WHOLE = ",".join(f'"{header}"' for header in HEADERS) + "\r\n"


def row(number: int, name: str = "Noor Aerts", width: int = len(HEADERS)) -> str:
    cells = [f"r{number}", "e1", "", name, "noor@post.example", "", "", "", "done", "", ""]
    return ",".join(f'"{cell}"' for cell in [*cells, *[""] * width][:width]) + "\r\n"


def read(folder: Path, content: str | bytes, name: str = "in.csv") -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    log, columns = QualityLog(), catalogue.INSCHRIJVINGEN.columns
    return bulk.read_frame([Export(path, name)], columns, log, "odoo", clean=odoo.unguard)


@pytest.mark.parametrize(
    ("content", "line"),
    {
        "a quote that is not closed": (WHOLE + row(1) + row(2).replace('Aerts"', "Aerts"), 3),
        "too many fields": (WHOLE + row(1) + row(2)[:-2] + ',"x"\r\n', 3),
        "another encoding": ((WHOLE + row(1) + row(2, "Zoë Aerts")).encode("cp1252"), 3),
        "two bytes a sign": ((WHOLE + row(1)).encode("utf-16"), None),
        "nothing": ("", None),
    }.values(),
)
def test_a_file_that_cannot_be_read_is_refused_with_its_row_and_without_a_person(
    tmp_path, content, line
):
    with pytest.raises(InputError) as refused:
        read(tmp_path, content)
    assert "`in.csv`" in str(refused.value) and "Aerts" not in str(refused.value)
    assert (f"rij {line}:" in str(refused.value)) == (line is not None)


def test_a_row_keeps_the_number_that_a_spreadsheet_shows(tmp_path):
    empty = ",".join(['""'] * len(HEADERS)) + "\r\n"
    text = WHOLE + row(1, "Noor\r\nAerts") + empty + row(2, width=9) + row(3) + "\r\n"
    found = read(tmp_path, text)
    assert found[["inschrijving_id", "rij"]].to_numpy().tolist() == [
        ["r1", 2],
        ["r2", 4],
        ["r3", 5],
    ]
    assert found["naam"][0] == "Noor Aerts"


def test_only_text_files_are_read_in_bulk_and_only_large_ones(tmp_path, monkeypatch):
    small, large = (Export(tmp_path / name, name) for name in ("klein.csv", "groot.CSV"))
    small.path.write_bytes(b"x" * 10)
    large.path.write_bytes(b"x" * 200)
    book = Export(tmp_path / "groot.xlsx", "groot.xlsx")
    book.path.write_bytes(b"x" * 200)
    monkeypatch.setattr(bulk, "LARGE", 100)
    assert bulk.is_large([small, large]) and not bulk.is_large([small])
    assert not bulk.is_large([book]) and not bulk.is_large([large, book])
    assert bulk.is_large([small], beside=[book.path])  # what the rows are laid beside counts too


# --- tables ---------------------------------------------------------------------------------------

ROW = {"koppelwijze": "naam", "vorm": "online", "activiteit_id": "a1", "persoon_id": "p1"}


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([ROW, ROW], "activiteit_id"),
        ([ROW | {"persoon_id": None}], "persoon_id: leeg"),
        ([ROW | {"vorm": "ergens"}], "vorm: andere waarde"),
    ],
)
def test_a_table_that_does_not_keep_to_its_description_is_not_written(tmp_path, rows, rule):
    table = catalogue.DEELNAMES
    frame = schema.fit(pd.DataFrame(rows), table)
    with sql.connect(tmp_path) as con:
        con.register("rijen", pa.Table.from_pandas(frame))
        with pytest.raises(socius.SociusError, match=f"deelnames.*{rule}"):
            sql.write(con, "FROM rijen", table, tmp_path / "uit.parquet")
        con.register("goed", pa.Table.from_pandas(schema.fit(pd.DataFrame([ROW]), table)))
        assert sql.count_rows(sql.write(con, "FROM goed", table, tmp_path / "uit.parquet")) == 1


@pytest.mark.usefixtures("all_is_large")
def test_what_a_killed_run_left_goes_and_nothing_else_stays(tmp_path):
    ws = exports.write(tmp_path)
    left = ws.processed.parent / f"{store.HALF}{ws.bron}"
    left.mkdir(parents=True)
    (left / "cellen_0.parquet").write_text("Noor Aerts")
    assert process_year(ws, exports.JAAR).refused == ()
    assert not left.exists()
    assert store.years_of(ws, "deelnames") == [exports.JAAR]


FULL = """
import resource, sys
from pathlib import Path
from socius_lib import bulk
from socius_lib.errors import SociusError
from socius_lib.process import process_year
from socius_lib.workspace import Workspace

bulk.LARGE = 0
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))  # bytes that a file may have
try:
    process_year(Workspace(Path(sys.argv[1]), sys.argv[2]), 2021)
except SociusError as refused:
    print(refused)
"""


def test_a_full_disk_is_told_and_the_former_tables_stay(tmp_path):
    ws = exports.write(tmp_path)
    assert process_year(ws, exports.JAAR).refused == ()
    before = store.read_partition(ws, "deelnames", exports.JAAR)
    write_registrations(
        tmp_path, [{**exports.rows("registrations")[0], "id": f"r{n}"} for n in range(5000)]
    )
    command = [sys.executable, "-c", FULL, str(tmp_path), ws.bron]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("De schijf is vol"), said
    pd.testing.assert_frame_equal(store.read_partition(ws, "deelnames", exports.JAAR), before)
    assert not list(ws.processed.parent.glob(f"{store.HALF}*"))


# --- tables that are opened, not loaded -----------------------------------------------------------


@pytest.mark.parametrize("name", ["deelnames", "organisaties", "kwaliteit"])
@pytest.mark.parametrize("jaar", [None, 2021, [2020, 2021]])
def test_a_table_that_is_opened_has_the_rows_of_one_that_is_loaded(example, name, jaar):
    loaded = socius.load_table(name, jaar, root=example.root)
    opened = socius.open_table(name, jaar, root=example.root)
    assert isinstance(opened, duckdb.DuckDBPyRelation)
    types = [bulk.SQL_TYPES[column.dtype] for column in catalogue.table(name).stored]
    assert [str(kind) for kind in opened.types] == types
    pd.testing.assert_frame_equal(schema.fit(opened.df(), catalogue.table(name)), loaded)


def test_tables_that_are_opened_can_be_joined(example):
    deelnames, organisaties = (
        socius.open_table(name, 2021, root=example.root) for name in ("deelnames", "organisaties")
    )
    joined = deelnames.join(organisaties.select("organisatie_id, naam"), "organisatie_id")
    known = socius.load_table("deelnames", 2021, root=example.root)["organisatie_id"].notna()
    assert joined.shape[0] == known.sum()


def test_a_table_can_be_opened_for_a_cluster(example):
    with warnings.catch_warnings(action="ignore"):
        opened = socius.open_table("deelnames", [2020, 2021], engine="dask", root=example.root)
        loaded = socius.load_table("deelnames", [2020, 2021], root=example.root)
        pd.testing.assert_frame_equal(opened.compute().reset_index(drop=True), loaded)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"name": "deelname"}, "Bedoel je 'deelnames'"),
        ({"name": "deelnames", "engine": "duckbd"}, "Bedoel je 'duckdb'"),
        ({"name": "deelnames", "engine": "spark"}, "Er is: duckdb, dask"),
        ({"name": "deelnames", "jaar": 2031}, "geen exports van 2031"),
        ({"name": "deelnames", "jaar": 2018}, "geen tabel 'deelnames' van 2018"),
        ({"name": "deelnames", "jaar": []}, "minstens één jaar"),
    ],
)
def test_what_cannot_be_opened_is_told_with_what_can(example, asked, told):
    with pytest.raises(socius.SociusError, match=told):
        socius.open_table(**asked, root=example.root)
