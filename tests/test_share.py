"""A release from end to end: what leaves, what is refused, what is remembered."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import lxml.html
import nbformat
import openpyxl
import pandas as pd
import pypdf
import pytest
from canaries import canaries_in, plant_all
from in_browser import (
    DARK,
    LIGHT,
    PRINT,
    Contrast,
    found_on,
    missed_by_keys,
    needs_chromium,
    too_wide,
    wrong,
)
from typer.testing import CliRunner

import socius_lib as socius
from socius_lib import SociusError, disclosure, store
from socius_lib.cli import app
from socius_lib.process import ensure_processed
from socius_lib.share import OF_ONE, REPORTS, ROOT, Request, Shared, share, vault
from socius_lib.sharing.archive import read_members
from socius_lib.sharing.layers import layers
from socius_lib.sharing.needles import read_values
from socius_lib.workspace import Workspace

NOTEBOOKS = ROOT / "notebooks"
DAY = date(2022, 2, 1)
PARTNER = Request("partner", "Universiteit Voorbeeld", "waardenonderzoek", "2021-04")
BOTH = "import socius_lib as socius\nfrom socius_lib.show import say\n"
REACH = (
    BOTH + "deelnames = socius.load_table('deelnames', jaar, bron=bron)\n"
    "bereik = socius.register('bereik', deelnames, by=['vorm'], title='Bereik',\n"
    "    measures={'personen': socius.Count('persoon_id')})\n"
)


def with_reports(ws: Workspace, **reports: str) -> Workspace:
    """The workspace with these reports for outside, each of one cell."""
    for name, code in reports.items():
        parameters = nbformat.v4.new_code_cell('jaar = 2021\nbron = "voorbeeld"')
        parameters.metadata["tags"] = ["parameters"]
        title = nbformat.v4.new_markdown_cell(f"# Deelrapport {name}")
        cells = [title, parameters, nbformat.v4.new_code_cell(code)]
        ws.notebooks.mkdir(exist_ok=True)
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells), ws.notebooks / f"deelrapport_{name}.ipynb"
        )
    return ws


def nothing_left(ws: Workspace) -> bool:
    return not any((ws.root / "share").rglob("*.zip")) and not disclosure.open_ledger(ws).releases()


@pytest.fixture(scope="module")
def planted(example, tmp_path_factory) -> tuple[Workspace, dict[str, str]]:
    """The example with a canary in every column, name and remark of every raw file of every year."""
    root = tmp_path_factory.mktemp("kanaries") / "ws"
    shutil.copytree(example.raw, root / "data" / "raw" / "voorbeeld")
    ws = Workspace(root)
    shutil.copytree(NOTEBOOKS, ws.notebooks, ignore=shutil.ignore_patterns("[0-9]*", ".*"))
    return ws, plant_all(ws)


def test_canaries_stand_in_every_source_and_nothing_was_refused_for_them(planted, example):
    ws, canaries = planted
    outcomes = ensure_processed(ws, 2021)
    assert len(canaries) > 300 and not any(outcome.refused for outcome in outcomes)
    for table in ("deelnames", "evaluaties", "sisca", "fragmenten", "abonnees", "overleg"):
        now, before = (store.read_partition(of, table, 2021) for of in (ws, example))
        assert abs(len(now) - len(before)) < 5, table


OWN = "0999000129"


@pytest.fixture(scope="module")
def bundle(planted) -> Callable[[str], Shared]:
    """The bundle of a level, with a canary in all that it was made from."""
    ws, _ = planted

    @cache
    def made(niveau: str) -> Shared:
        of = OWN if niveau == "organisatie" else None
        return share(ws, 2021, Request(niveau, f"Lezer {niveau}", "onderzoek", "2021-04", of), DAY)

    return made


@pytest.mark.parametrize("niveau", ["publiek", "partner", "organisatie"])
def test_no_canary_of_the_raw_data_is_in_any_layer_of_a_bundle(planted, bundle, niveau):
    ws, _ = planted
    made = bundle(niveau)
    organisatie = OWN if niveau == "organisatie" else None
    numbers = set(store.read_partition(ws, "organisaties", 2021)["kbo"].dropna()) - {organisatie}
    members = read_members(made.bundle.archive.read_bytes())
    for name, data in members.items():
        assert not canaries_in(name)
        for layer in layers(name, data):
            assert not canaries_in(layer.text), name
            assert not numbers & set(re.findall(r"\d{10}", layer.text.replace(".", ""))), name
    expected = len(list(ws.notebooks.glob(REPORTS))) - (niveau != "organisatie")
    reports = [name for name in members if name.startswith("rapporten/") and name.endswith(".html")]
    assert len(reports) == expected
    for name in (
        "index.html",
        "brief.html",
        "datapackage.json",
        "ro-crate-metadata.json",
        "SHA256SUMS",
    ):
        assert name in members


def test_a_withheld_cell_shows_as_withheld_on_the_page_and_in_the_file(bundle):
    folder = bundle("publiek").bundle.folder
    page = (folder / "rapporten" / "deelrapport_aanbod.html").read_text(encoding="utf-8")
    table = pd.read_csv(
        folder / "data" / "deelnames_erkend_per_type.csv", encoding="utf-8-sig", dtype="str"
    )
    assert disclosure.WITHHELD in page
    assert table["organisaties"].eq(disclosure.WITHHELD).any()
    assert not table["personen"].eq("0").any()


def test_public_counts_of_persons_are_rounded_to_five(bundle):
    folder = bundle("publiek").bundle.folder
    table = pd.read_csv(
        folder / "data" / "deelnames_per_thema.csv", encoding="utf-8-sig", dtype="str"
    )
    shown = pd.to_numeric(table["personen"], errors="coerce").dropna()
    assert len(shown) and (shown % 5 == 0).all()


@needs_chromium
def test_the_pages_of_a_bundle_can_be_used_by_everybody_on_every_screen_and_on_paper(show, bundle):
    pages = sorted(bundle("organisatie").bundle.folder.rglob("*.html"))
    assert {"index", "brief", "codeboek", "codebook", OF_ONE} <= {page.stem for page in pages}
    contrast = Contrast()
    assert wrong(pages, lambda page: found_on(show(page), contrast, LIGHT, DARK, PRINT)) == {}
    assert wrong(pages, lambda page: missed_by_keys(show(page))) == {}
    assert wrong(pages, lambda page: too_wide(show(page, width=320))) == {}


@needs_chromium
def test_every_report_of_a_bundle_is_a_tagged_pdf_with_an_outline_and_texts_of_its_pictures(bundle):
    printed = sorted((bundle("organisatie").bundle.folder / "rapporten").glob("*.pdf"))
    assert len(printed) == len(list(NOTEBOOKS.glob(REPORTS)))
    for path in printed:
        read = pypdf.PdfReader(path)
        assert read.trailer["/Root"]["/MarkInfo"]["/Marked"], path.name
        assert read.outline, path.name
        page = path.with_suffix(".html").read_text("utf-8")
        objects = [read.get_object(n) for n in range(1, read.trailer["/Size"])]
        tagged = [o for o in objects if isinstance(o, dict) and o.get("/S") == "/Figure"]
        assert len(tagged) == page.count("<img") and all(o.get("/Alt") for o in tagged), path.name


def test_a_report_that_shows_a_name_is_refused_without_telling_it(own_example):
    typed = next(iter(read_values(own_example, [2021]).names))
    ws = with_reports(own_example, lek=REACH + f"say('gesproken met {typed}')")
    with pytest.raises(SociusError) as refused:
        share(ws, 2021, PARTNER, DAY)
    assert "deelrapport_lek" in str(refused.value) and typed not in str(refused.value)
    assert nothing_left(ws)


def test_markup_and_formulas_in_the_data_stay_text_in_every_file(own_example):
    script, formula = "<script>alert(1)</script>", '=HYPERLINK("http://elders.example")'
    typed = f"deelnames['vorm'] = deelnames['vorm'].map({{'online': {script!r}, 'offline': {formula!r}}})\n"
    load, _, rest = REACH.partition("bereik = ")
    code = load + typed + "bereik = " + rest + "socius.show_bars(bereik, 'personen', 'Vooral {}')"
    folder = share(with_reports(own_example, tekst=code), 2021, PARTNER, DAY).bundle.folder
    page = (folder / "rapporten" / "deelrapport_tekst.html").read_text("utf-8")
    shown = lxml.html.document_fromstring(page)
    cells = shown.xpath("//tbody//th/text()")
    assert {script, formula} <= set(cells) and not shown.xpath(
        "//script | //a[contains(@href, '//')]"
    )
    table = pd.read_csv(folder / "data" / "bereik.csv", encoding="utf-8-sig")["vorm"]
    assert script in set(table) and f"'{formula}" in set(table)
    sheet = openpyxl.load_workbook(folder / "data" / "tabellen.xlsx")["bereik"]
    kinds = {cell.value: cell.data_type for cell in sheet["A"]}
    assert kinds[script] == kinds[formula] == "s"


def test_what_is_not_registered_has_no_rows_when_it_leaves(own_example):
    ws = with_reports(own_example, rest=REACH + "say(f'{len(deelnames)} rijen')")
    made = share(ws, 2021, PARTNER, DAY)
    page = (made.bundle.folder / "rapporten" / "deelrapport_rest.html").read_text("utf-8")
    assert "0 rijen" in page and "1.218 rijen" not in page and "1218 rijen" not in page


def test_a_report_that_asks_for_figures_is_refused(own_example):
    ws = with_reports(own_example, cijfers=REACH + "socius.load_figures(jaar, bron=bron)")
    with pytest.raises(SociusError, match="deelrapport_cijfers mislukte"):
        share(ws, 2021, PARTNER, DAY)
    assert nothing_left(ws)


def test_a_report_that_fails_leaves_nothing(own_example):
    ws = with_reports(own_example, goed=REACH, stuk=REACH.replace("'bereik'", "'ander'") + "1 / 0")
    with pytest.raises(SociusError, match="deelrapport_stuk mislukte"):
        share(ws, 2021, PARTNER, DAY)
    assert nothing_left(ws)


def test_what_the_letter_says_does_the_analyses_again_on_the_made_up_data(own_example, tmp_path):
    ws = with_reports(own_example, bereik=REACH + "say(socius.write_value(bereik, 'personen'))")
    made = share(ws, 2021, PARTNER, DAY)
    zipfile.ZipFile(made.bundle.archive).extractall(tmp_path / made.bundle.folder.name)
    letter = (tmp_path / made.bundle.folder.name / "brief.txt").read_text(encoding="utf-8")
    steps = [line.strip() for line in letter.splitlines() if line.startswith("    ")]
    assert [step.split()[0] for step in steps if not step.startswith(("cp", ".venv"))] == [
        "git", "cd", *["git"] * any(step.startswith("git checkout") for step in steps), "make", "make",
    ]  # fmt: skip
    workbench = tmp_path / "werkbank"  # as `git clone` and `make setup` leave it
    (workbench / "notebooks").mkdir(parents=True)
    (workbench / ".venv").symlink_to(sys.prefix)
    for name in ("data/raw/voorbeeld", "pyproject.toml"):
        there = ROOT / name
        (shutil.copytree if there.is_dir() else shutil.copy)(there, workbench / name)
    for step in steps:
        if step.startswith(("cp", ".venv")):
            subprocess.run(step, shell=True, cwd=workbench, check=True, capture_output=True)  # noqa: S602
    again = (workbench / "deelrapport_bereik.ipynb").read_text(encoding="utf-8")
    assert "972" in again and (workbench / "requirements.lock").is_file()


PEOPLE = (
    BOTH + "import pandas as pd\nrijen = ''\n"
    "personen = pd.read_csv(rijen) if rijen else socius.load_table('personen', jaar, bron=bron)\n"
    "socius.register('bereik', personen, by=['beroep', 'terugkerend'], title='Bereik',\n"
    "    rows_too=True, measures={'personen': socius.Count('persoon_id')})\n"
)


def test_rows_per_person_carry_random_tokens_of_which_the_office_can_forget_who_it_was(own_example):
    ws = with_reports(own_example, wie=PEOPLE)
    made = share(ws, 2021, replace(PARTNER, rijen=True), DAY)
    data = made.bundle.folder / "data"
    rows, table = (
        pd.read_csv(data / f"{name}.csv", encoding="utf-8-sig", dtype="str")
        for name in ("bereik_rijen", "bereik")
    )
    known = set(store.read_partition(ws, "personen", 2021)["persoon_id"])
    assert rows["persoon_id"].is_unique and not known & set(rows["persoon_id"])
    assert rows["persoon_id"].str.fullmatch("p[0-9a-f]{16}").all()
    told = table.set_index(["beroep", "terugkerend"])["personen"]
    assert all(
        told[of] == str(size) for of, size in rows.groupby(["beroep", "terugkerend"]).size().items()
    )
    for ending in ("parquet", "sav"):
        assert (data / f"bereik_rijen.{ending}").is_file()
    assert "RIJEN PER PERSOON" in (made.bundle.folder / "brief.txt").read_text("utf-8")
    # A notebook does the same on the rows as on the data, as far as there are rows.
    again = socius.register(
        "bereik", rows, by=["beroep", "terugkerend"], title="Bereik",
        measures={"personen": socius.Count("persoon_id")},
    ).parts  # fmt: skip
    assert len(again) and all(told[b, t] == str(n) for b, t, n in again.iloc[:, :3].to_numpy())
    gone = CliRunner().invoke(
        app, ["forget", "--ontvanger", PARTNER.ontvanger, "--root", str(ws.root)]
    )
    assert f"{len(rows)} tekens gewist" in gone.output
    assert not {token.encode() for token in rows["persoon_id"][:5]} & set(
        re.findall(rb"p[0-9a-f]{16}", vault(ws).read_bytes())
    )


def test_a_release_is_remembered_and_not_made_twice(own_example):
    ws = with_reports(own_example, bereik=REACH)
    share(ws, 2021, PARTNER, DAY)
    [release] = disclosure.open_ledger(ws).releases()
    assert (release.ontvanger, release.niveau, release.dag) == (
        "Universiteit Voorbeeld",
        "partner",
        "2022-02-01",
    )
    assert set(release.shown) == {"bereik"}
    with pytest.raises(SociusError, match="bestaat al"):
        share(ws, 2021, PARTNER, DAY)
    log = (ws.root / "share" / "voorbeeld" / "uitgaven.log").read_text(encoding="utf-8")
    assert "Universiteit Voorbeeld" in log and "972" not in log


def test_last_years_release_protects_who_came_after_it(own_example):
    without_one = (
        BOTH + "deelnames = socius.load_table('deelnames', jaar, bron=bron)\n"
        "deelnames = deelnames[deelnames['persoon_id'] != deelnames['persoon_id'].max()]\n"
        "socius.register('bereik', deelnames, title='Bereik',\n"
        "    measures={'personen': socius.Count('persoon_id')})\n"
    )
    whole = without_one.replace(
        "deelnames = deelnames[deelnames['persoon_id'] != deelnames['persoon_id'].max()]\n", ""
    )
    share(with_reports(own_example, bereik=without_one), 2021, PARTNER, DAY)
    ws = with_reports(own_example, bereik=whole)
    alike = share(ws, 2021, replace(PARTNER, ontvanger="Universiteit Voorbeelt"), date(2022, 3, 1))
    assert sum(alike.withheld.values()) == 0
    assert any("'Universiteit Voorbeeld' kreeg al een bundel" in flag for flag in alike.flags)
    respelt = replace(PARTNER, ontvanger="UNIVERSITEIT-VOORBEELD")
    made = share(ws, 2021, respelt, date(2022, 3, 1))
    assert sum(made.withheld.values()) == 1 and not made.flags


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request("partners", "A", "b", "c"), "Bedoel je 'partner'"),
        (Request("partner", " ", "b", "c"), "ontvanger"),
        (Request("partner", "A", "b", "c", "0999000129"), "organisatie"),
        (Request("organisatie", "A", "b", "c"), "organisatie"),
        (Request("publiek", "A", "b", "c", rijen=True), "Rijen per persoon"),
        (Request("organisatie", "A", "b", "c", "9999999999"), "Onbekende"),
    ],
)
def test_a_request_that_is_not_complete_is_refused(example, request_, why):
    with pytest.raises(SociusError, match=why):
        share(example, 2021, request_, DAY)
