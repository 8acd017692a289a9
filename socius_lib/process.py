"""From the exports of a year to its processed tables.

Each export is read in turn. One that is refused leaves its tables out and the others go on; what
depends on a missing table says so where it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pandas as pd

from socius_lib import bulk, catalogue, convert, forms, identity, sql, store
from socius_lib.errors import InputError, SociusError
from socius_lib.files import Export
from socius_lib.freshness import (
    Outcome,
    Progress,
    alone,
    fingerprint,
    former_outcome,
    former_outcomes,
    out_of_date,
    silent,
)
from socius_lib.quality import LOOK, NOT_READ, QualityLog
from socius_lib.sources import (
    beslissingen,
    limesurvey,
    mailchimp,
    odoo,
    odoo_bulk,
    overleg,
    refi_qda,
    sisca,
    spss,
    web,
    zakelijk,
)
from socius_lib.workspace import DECISIONS, Workspace

SEGMENTS = [column.name for column in catalogue.SEGMENTEN]
PROPOSALS = "koppelingen_te_bevestigen.csv"


@dataclass
class Year:
    """What is made of one year while it is being processed."""

    ws: Workspace
    jaar: int
    files: dict[str, list[Export]]
    log: QualityLog
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    typed: list[pd.DataFrame] = field(default_factory=list)
    """Typed names that no rule recognises, with `bron`, `naam`, `bestand`, `rij`."""
    large: dict[str, Path] = field(default_factory=dict)
    """Tables that are too large for a frame, as files in `scratch`."""
    scratch: Path = Path()

    def files_of(self, table: str) -> list[Path]:
        """Return the files of a table of all earlier years, oldest first."""
        years = [year for year in store.years_of(self.ws, table) if year < self.jaar]
        return [store.partition(self.ws.processed, table, year) for year in years]

    def earlier(self, table: str) -> pd.DataFrame:
        """Return a table of all earlier years, oldest first; empty when there is none."""
        years = [year for year in store.years_of(self.ws, table) if year < self.jaar]
        frames = [store.read_partition(self.ws, table, year) for year in years]
        columns = [column.name for column in catalogue.table(table).stored]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)

    def names(self) -> identity.OrganisationNames:
        """Return the names under which the year's organisations are known."""
        links = [self.frames["koppelingen"]] if "koppelingen" in self.frames else []
        if "organisatiewijzigingen" in self.frames:
            links.insert(0, beslissingen.links_of(self.frames["organisatiewijzigingen"]))
        return identity.known_names(
            self.frames["organisaties"], pd.concat(links) if links else None
        )


def _read_partners(year: Year, files: Sequence[Export]) -> None:
    frames = odoo.read_partners(files, year.log)
    year.frames["organisaties"], year.frames["contacten"] = frames


def _read_events(year: Year, files: Sequence[Export]) -> None:
    year.frames["activiteiten"] = odoo.read_events(files, year.jaar, year.log)


def _read_leads(year: Year, files: Sequence[Export]) -> None:
    organisaties, contacten = year.frames["organisaties"], year.frames["contacten"]
    year.frames["vragen"] = odoo.read_leads(files, year.jaar, organisaties, contacten, year.log)


def _read_registrations(year: Year, files: Sequence[Export]) -> None:
    """Find the organisation and the person of every registration; what counts becomes a deelname."""
    if bulk.is_large(files, year.files_of("identiteit")):
        _read_many_registrations(year, files)
        return
    organisaties, contacten = year.frames["organisaties"], year.frames["contacten"]
    activiteiten, log = year.frames["activiteiten"], year.log
    own_domains = year.ws.dataset().own_domains
    rows = odoo.read_registrations(files, activiteiten, own_domains, log)
    names = year.names()
    booker = odoo.organisation_of_partner(rows["boeker_id"], organisaties, contacten)
    rows = identity.find_organisations(rows, contacten, names, booker)
    former = (
        store.read_partition(year.ws, "identiteit", year.jaar)
        if year.jaar in store.years_of(year.ws, "identiteit")
        else pd.DataFrame(columns=[column.name for column in catalogue.IDENTITEIT.stored])
    )
    rows["persoon_id"] = identity.find_persons(rows, year.earlier("identiteit"), former)
    counts = rows["reden_niet_geteld"].isna()
    again = rows[counts].duplicated(["activiteit_id", "persoon_id"]).reindex(rows.index)
    rows = convert.leave_out(rows, again, odoo.SAME_PERSON, log, odoo.SYSTEM)
    unknown = rows[rows["reden_niet_geteld"].isna() & rows["organisatie_id"].isna()]
    odoo.note_rows(unknown, odoo.NO_ORGANISATION, log)
    of_others = ~rows["reden_niet_geteld"].isin(["eigen medewerker", "test"])
    by_no_rule = rows["koppelwijze"].isin(["boeker", "onbekend"])
    _propose(year, rows[by_no_rule & of_others], "event.registration")
    year.frames["inschrijvingen"] = convert.mark_counted(rows)
    year.frames["identiteit"] = rows
    deelnames = convert.counted(rows).merge(
        activiteiten[activiteiten["telt_mee"]][["activiteit_id", "begint_op", "vorm", "thema"]],
        on="activiteit_id",
        validate="m:1",
    )
    deelnames = deelnames.merge(
        organisaties[["organisatie_id", *SEGMENTS]], on="organisatie_id", how="left", validate="m:1"
    )
    before = year.earlier("deelnames")
    deelnames["terugkerend"] = (
        deelnames["persoon_id"].isin(before["persoon_id"]) if len(before) else pd.NA
    )
    year.frames["deelnames"] = deelnames
    year.frames["personen"] = _persons(deelnames)


def _read_many_registrations(year: Year, files: Sequence[Export]) -> None:
    """Make the tables of the registrations without ever holding them all in memory."""
    former = store.partition(year.ws.processed, "identiteit", year.jaar)
    known = odoo_bulk.Known(
        year.frames["activiteiten"],
        year.frames["organisaties"],
        year.frames["contacten"],
        year.names(),
        year.ws.dataset().own_domains,
        earlier=year.files_of("identiteit"),
        took_part=year.files_of("deelnames"),
        former=[former] if former.is_file() else [],
    )
    made, typed = odoo_bulk.read_registrations(files, known, year.log, year.scratch)
    year.large |= made
    _propose(year, typed, "event.registration")


def _propose(year: Year, rows: pd.DataFrame, bron: str) -> None:
    """Keep the typed names of rows whose organisation no rule recognised, to propose a link.

    Who typed an address, a telephone number or the own name in place of an organisation is left out:
    the proposals are for people to read.
    """
    written = rows["getypte_organisatie"]
    names = rows["naam"] if "naam" in rows else [None] * len(rows)
    own = [
        isinstance(n, str) and isinstance(t, str) and forms.person_key(n) == forms.person_key(t)
        for n, t in zip(names, written, strict=True)
    ]
    personal = written.str.contains(r"@|^[\d\s+/.()-]{6,}$", regex=True).fillna(False)
    rows = rows[~personal.astype(bool) & ~pd.Series(own, index=rows.index)]
    wanted = [name for name in ("getypte_organisatie", "bestand", "rij", "keer") if name in rows]
    typed = rows[wanted].dropna(subset="getypte_organisatie")
    year.typed.append(typed.rename(columns={"getypte_organisatie": "naam"}).assign(bron=bron))


def _persons(deelnames: pd.DataFrame) -> pd.DataFrame:
    """Return one row per person, with the organisation of the first participation of the year."""
    in_order = deelnames.sort_values(["begint_op", "inschrijving_id"])
    first = in_order.drop_duplicates("persoon_id")
    times = deelnames["persoon_id"].value_counts()
    return first.assign(deelnames=first["persoon_id"].map(times))


def _read_evaluations(year: Year, files: Sequence[Export]) -> None:
    year.frames["evaluaties"] = limesurvey.read_answers(
        files, year.frames["activiteiten"], year.log
    )


def _read_survey(year: Year, files: Sequence[Export]) -> None:
    lists = year.files["survey_list"]
    if not lists:
        raise SociusError(
            f"`{files[0].file}`: de verzendlijst van de bevraging ontbreekt, dus is niet te zeggen "
            "wie niet antwoordde. Zet ze ernaast, met 'verzendlijst' in de naam."
        )
    year.frames["sectorbevraging"] = spss.read_sector_survey(files, lists, year.log)


def _read_meetings(year: Year, files: Sequence[Export]) -> None:
    frames = overleg.read_log(files, year.jaar, year.log)
    year.frames["overleg"], year.frames["actoren"] = frames


def _read_sisca(year: Year, files: Sequence[Export]) -> None:
    year.frames["sisca"] = sisca.read_registration(files, year.log)


def _read_plans(year: Year, files: Sequence[Export]) -> None:
    plannen, codes, fragmenten = refi_qda.read_projects(files, year.log)
    if "organisaties" in year.frames:
        names = year.names()
        title = plannen["naam"].str.removeprefix("Beleidsplan").str.strip()
        plannen["organisatie_id"] = [names.find(name)[0] for name in title]
    year.frames |= {"plannen": plannen, "codes": codes, "fragmenten": fragmenten}


def _read_audience(year: Year, files: Sequence[Export]) -> None:
    """Recognise the typed organisations by name or confirmed link; staff gets the rest proposed."""
    rows = mailchimp.read_audience(files, year.log)
    organisaties, names = year.frames["organisaties"], year.names()
    rows["organisatie_id"] = [names.find(name)[0] for name in rows["getypte_organisatie"]]
    recognised = organisaties[organisaties["erkend"].fillna(False)]["organisatie_id"]
    rows["erkend"] = rows["organisatie_id"].isin(recognised)
    _propose(year, rows[rows["organisatie_id"].isna()], "mailchimp")
    year.frames["abonnees"] = mailchimp.list_rows(rows)


def _read_matomo(year: Year, files: Sequence[Export]) -> None:
    _add_web(year, web.read_websites(files, year.log))


def _read_social(year: Year, files: Sequence[Export]) -> None:
    _add_web(year, web.read_social_media(files, year.log))


def _add_web(year: Year, rows: pd.DataFrame) -> None:
    known = [year.frames["webstatistiek"]] if "webstatistiek" in year.frames else []
    year.frames["webstatistiek"] = pd.concat([*known, rows], ignore_index=True)


def _read_ledger(year: Year, files: Sequence[Export]) -> None:
    year.frames["grootboek"] = zakelijk.read_ledger(files, year.jaar, year.log)


def _read_staff(year: Year, files: Sequence[Export]) -> None:
    year.frames["personeel"] = zakelijk.read_staff(files, year.log)


def _read_fte(year: Year, files: Sequence[Export]) -> None:
    year.frames["vte"] = zakelijk.read_fte_series(files, year.log)


def _read_targets(year: Year, files: Sequence[Export]) -> None:
    year.frames["streefwaarden"] = beslissingen.read_targets(files, year.log)


def _read_links(year: Year, files: Sequence[Export]) -> None:
    year.frames["koppelingen"] = beslissingen.read_links(files, year.log)


def read_aliases(year: Year, files: Sequence[Export]) -> None:
    """Read the confirmed aliases; every export after it is read with those of its tables."""
    aliases = beslissingen.read_aliases(files, year.log)
    year.frames["aliassen"] = aliases
    for source in SOURCES:
        read_as = beslissingen.as_read(aliases, source.tables)
        year.files[source.name] = [replace(e, read_as=read_as) for e in year.files[source.name]]


def _read_changes(year: Year, files: Sequence[Export]) -> None:
    year.frames["organisatiewijzigingen"] = beslissingen.read_changes(
        files, year.frames.get("koppelingen"), year.log
    )


def _read_printed(year: Year, files: Sequence[Export]) -> None:
    year.frames["gedrukt"] = beslissingen.read_printed(files, year.log)


@dataclass(frozen=True)
class Source:
    """One export: what it is, where its files lie, by which mark they are known, who reads them.

    Attributes
    ----------
    folder : folder inside the year; empty for the year's folder itself.
    mark : what the name of the file holds, case and signs aside.
    endings : that the file may have.
    tables : that are made of it.
    needs : tables without which it cannot be read.
    uses : tables that it is read with where they are there.
    read : puts the tables into the year's frames.
    expected : whether every year should have it, so that it is told when it is not there.
    """

    name: str
    label: str
    folder: str
    mark: str
    endings: tuple[str, ...]
    tables: tuple[str, ...]
    read: Callable[[Year, Sequence[Export]], None] | None
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    expected: bool = True

    def holds(self, file: str) -> bool:
        """Tell whether a file, by its path inside the year, is of this export."""
        folder, _, name = OF_EARLIER_YEAR.sub("", file.casefold()).rpartition("/")
        mark = forms.fold(self.mark)  # `event_event` is as good as `(event.event)`
        marked = self.mark in name or (mark != "" and mark in forms.fold(name))
        return folder == self.folder and marked and name.endswith(self.endings)


_TABLE = (".csv", ".xlsx")
OF_EARLIER_YEAR = re.compile(r"^\.\./\d{4}/")
"""How the path of a decision of an earlier year begins, which holds for this year too."""
SOURCES = (
    Source("aliases", "Bevestigde aliassen", DECISIONS, "aliassen", _TABLE, ("aliassen",), read_aliases, expected=False),
    Source("links", "Bevestigde koppelingen", "", "koppelingen", _TABLE, ("koppelingen",), _read_links),
    Source("changes", "Bevestigde wijzigingen van organisaties", DECISIONS, "organisaties", _TABLE, ("organisatiewijzigingen",), _read_changes, (), ("koppelingen",), expected=False),
    Source("targets", "Streefwaarden", "", "streefwaarden", _TABLE, ("streefwaarden",), _read_targets),
    Source("printed", "Cijfers van het gedrukte jaarverslag", "", "jaarverslag", _TABLE, ("gedrukt",), _read_printed),
    Source("partners", "Odoo: organisaties en contacten", "odoo", "(res.partner)", _TABLE, ("organisaties", "contacten"), _read_partners),
    Source("events", "Odoo: activiteiten", "odoo", "(event.event)", _TABLE, ("activiteiten",), _read_events),
    Source("registrations", "Odoo: inschrijvingen", "odoo", "(event.registration)", _TABLE, ("inschrijvingen", "deelnames", "personen", "identiteit"), _read_registrations, ("organisaties", "contacten", "activiteiten"), ("koppelingen", "organisatiewijzigingen")),
    Source("leads", "Odoo: vragen om ondersteuning", "odoo", "(crm.lead)", _TABLE, ("vragen",), _read_leads, ("organisaties", "contacten")),
    Source("evaluations", "LimeSurvey: evaluaties", "bevragingen", "results-survey", (".csv",), ("evaluaties",), _read_evaluations, ("activiteiten",)),
    Source("survey_list", "Sectorbevraging: verzendlijst", "bevragingen", "verzendlijst", _TABLE, ("sectorbevraging",), None),
    Source("survey", "Sectorbevraging: antwoorden (SPSS)", "bevragingen", "sectorbevraging", (".sav", ".zsav"), ("sectorbevraging",), _read_survey),
    Source("meetings", "Logboek van het overleg", "overleg", "overleg", (".xlsx",), ("overleg", "actoren"), _read_meetings),
    Source("sisca", "SISCA", "sisca", "sisca", _TABLE, ("sisca",), _read_sisca),
    Source("plans", "Beleidsplannen (QDA-project)", "beleidsplannen", "", (".qdpx",), ("plannen", "codes", "fragmenten"), _read_plans, (), ("organisaties", "koppelingen", "organisatiewijzigingen")),
    Source("audience", "Mailchimp: abonnees", "mailchimp", "_", (".csv",), ("abonnees",), _read_audience, ("organisaties",), ("koppelingen", "organisatiewijzigingen")),
    Source("matomo", "Matomo: websites", "web", "matomo", (".csv",), ("webstatistiek",), _read_matomo),
    Source("social", "Sociale media", "web", "sociale media", (".csv",), ("webstatistiek",), _read_social),
    Source("ledger", "Grootboek", "zakelijk", "grootboek", _TABLE, ("grootboek",), _read_ledger),
    Source("staff", "Personeel", "zakelijk", "personeel", _TABLE, ("personeel",), _read_staff),
    Source("fte", "Reeks van voltijdse equivalenten", "zakelijk", "vte", _TABLE, ("vte",), _read_fte),
)  # fmt: skip
"""Every export that the workbench knows (bronnen.md), in the order in which they are read."""


def sort_files(exports: Sequence[Export], log: QualityLog) -> dict[str, list[Export]]:
    """Return the files of each export; one that is of none is kept as a finding."""
    files: dict[str, list[Export]] = {source.name: [] for source in SOURCES}
    for export in exports:
        owner = next((source for source in SOURCES if source.holds(export.file)), None)
        if Path(export.file).name == PROPOSALS:
            log.note("werkbank", export.file, "nog niet bevestigd, dus niet gelezen", LOOK)
        elif owner is None:
            reason = "van geen gekende export (map of naam), dus niet gelezen"
            log.note("werkbank", export.file, reason, LOOK)
        else:
            files[owner.name].append(export)
    return files


def open_year(ws: Workspace, jaar: int) -> Year:
    """Return a year with its files, each to be read with the aliases that are confirmed by now."""
    files = sort_files([*ws.earlier_decisions(jaar), *ws.exports(jaar)], QualityLog())
    year = Year(ws, jaar, files, QualityLog())
    if year.files["aliases"]:
        try:
            read_aliases(year, year.files["aliases"])
        except SociusError:  # told where the year is processed
            return year
    return year


def process_year(ws: Workspace, jaar: int, progress: Progress = silent) -> Outcome:
    """Read every export of a year and replace its processed tables, all in one step.

    Earlier years must have been processed: returning persons are known by them (`ensure_processed`).
    """
    with store.scratch(ws) as scratch, store.telling_full(f"wat van {jaar} verwerkt werd"):
        return _process_year(ws, jaar, scratch, progress)


def _process_year(ws: Workspace, jaar: int, scratch: Path, progress: Progress) -> Outcome:
    exports = ws.exports(jaar)
    log = QualityLog()
    of_year = sort_files([*ws.earlier_decisions(jaar), *exports], log)
    year = Year(ws, jaar, of_year, log, scratch=scratch)
    missing, refused = [], []
    for source in SOURCES:
        files = year.files[source.name]
        if not files and source.expected:
            missing.append(source.label)
        if not files or source.read is None:
            continue
        progress(f"{jaar}: {source.label}")
        lost = [need for need in source.needs if need not in year.frames]
        try:
            if lost:
                raise SociusError(
                    f"`{files[0].file}`: niet te lezen zonder de tabel {' en '.join(lost)}. "
                    "Zorg eerst voor die export."
                )
            source.read(year, files)
        except SociusError as wrong:
            refused.append(str(wrong))
            for table in source.tables:
                year.frames.pop(table, None)
                year.large.pop(table, None)
            refused_files = {export.file: None for export in files}
            if isinstance(wrong, InputError):
                refused_files[wrong.file] = None
            log.refuse_files(source.folder or "beslissingen", list(refused_files), str(wrong))
    for export in year.files["survey_list"] if not year.files["survey"] else ():
        log.note(
            "bevragingen", export.file, "verzendlijst zonder antwoorden, niet gelezen", NOT_READ
        )
    if year.typed and "organisaties" in year.frames:
        typed = pd.concat(year.typed, ignore_index=True)
        year.frames["voorstellen"] = identity.propose_links(typed, year.frames["organisaties"])
    year.frames["kwaliteit"] = _quality_table(log)
    if "kwaliteit" in year.large:
        before = year.frames.pop("kwaliteit")
        year.large["kwaliteit"] = sql.put_before(
            before, year.large["kwaliteit"], catalogue.KWALITEIT
        )
    year.frames["bestanden"] = _files_table(log)
    progress(f"{jaar}: tabellen bewaren")
    state = {**fingerprint(ws, jaar, exports), "ontbreekt": missing, "geweigerd": refused}
    rows = {name: len(frame) for name, frame in year.frames.items()}
    if year.large:
        rows |= {name: sql.count_rows(file) for name, file in year.large.items()}
    store.write_year(ws, jaar, year.frames, state, year.large)
    return Outcome(jaar, tuple(missing), tuple(refused), rows)


def _quality_table(log: QualityLog) -> pd.DataFrame:
    frame = pd.DataFrame([asdict(found) for found in log.findings]).rename(
        columns={
            "system": "systeem",
            "file": "bestand",
            "sheet": "blad",
            "row": "rij",
            "column": "kolom",
            "reason": "reden",
            "consequence": "gevolg",
            "value": "waarde",
        }
    )
    return frame.assign(volgnummer=range(1, len(frame) + 1))


def _files_table(log: QualityLog) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "volgnummer": number,
                "systeem": count.system,
                "bestand": count.file,
                "blad": count.sheet,
                "rijen": count.rows_in,
                "rijen_geteld": count.rows_in - count.rows_not_counted,
                "rijen_niet_geteld": count.rows_not_counted,
            }
            for number, count in enumerate(log.files, start=1)
        ]
    )


def ensure_processed(ws: Workspace, jaar: int, progress: Progress = silent) -> list[Outcome]:
    """Process a year and every earlier year that is out of date, oldest first.

    Returns
    -------
    list of Outcome
        for every year up to `jaar`, what came of it now or, where it was up to date, before.
    """
    if known := former_outcomes(ws, jaar):
        return known
    with alone(ws, "verwerkt", progress):
        outcomes = []
        for year in [year for year in ws.years() if year <= jaar]:
            why = out_of_date(ws, year)
            if why:
                progress(f"{year}: {why}")
            outcomes.append(process_year(ws, year, progress) if why else former_outcome(ws, year))
        return outcomes
