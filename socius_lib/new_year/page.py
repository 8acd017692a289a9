"""The list of what a person must decide on a new year, in order, to be read in JupyterLab or an editor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from socius_lib import store
from socius_lib.format import format_number
from socius_lib.instructions import INSTRUCTIONS, MENUS_DIFFER
from socius_lib.new_year import NewYear, lists
from socius_lib.new_year.likeness import Alias
from socius_lib.process import PROPOSALS, Source
from socius_lib.workspace import DECISIONS, TO_DECIDE, Workspace

MOST = 40
"""Names shown of a list that asks nothing."""


def write_page(ws: Workspace, found: NewYear) -> Path:
    """Write `te_beslissen.md` beside the lists; return its path."""
    path = ws.raw_year(found.jaar) / DECISIONS / TO_DECIDE
    store.write_file(path, "\n".join(_lines(ws, found)) + "\n")
    return path


def open_points(found: NewYear) -> dict[str, int]:
    """Return what a person must still do, in order, each with how many there are of it."""
    return {
        "exports die nog ontbreken": len(found.missing),
        "exports die niet te lezen zijn": len(found.refused),
        "bestanden die van geen export zijn": len(found.strangers),
        "kolomkoppen en waarden te beslissen": found.decided[lists.ALIASES].waiting,
        "organisaties te beslissen": found.decided[lists.CHANGES].waiting,
        "getypte namen te bevestigen": found.names,
        "aantallen rijen na te kijken": sum(bool(row.warning) for row in found.rows),
    }


def _lines(ws: Workspace, found: NewYear) -> Iterator[str]:
    jaar, folder = found.jaar, f"data/raw/{ws.bron}/{found.jaar}"
    again = f"socius new-year {jaar}" + ("" if ws.bron == "voorbeeld" else f" --bron {ws.bron}")
    yield f"# {jaar}: wat een mens moet beslissen"
    yield ""
    yield (
        f"Gemaakt door `{again}`. Doe dat commando opnieuw na elke stap: wat jij invulde, blijft staan. "
        "Schrijf niet in deze bladzijde zelf: ze wordt telkens opnieuw gemaakt."
    )
    yield ""
    yield from (f"- {what}: **{many}**" for what, many in open_points(found).items())
    yield from _missing(found.missing, folder, jaar)
    yield from _section(
        "2. Niet te lezen",
        "Elke export staat hier met wat er fout is en wat je kan doen.",
        found.refused,
    )
    yield from _section(
        "3. Bestanden die niet herkend zijn",
        "De map en een stuk van de naam zeggen wat een bestand is. Verplaats of hernoem het; wat geen "
        "export is, bewaar je beter elders.",
        (_stranger(one.file, one.looks_like, jaar) for one in found.strangers),
    )
    yield from _aliases(found)
    yield from _changes(found)
    yield from _section(
        "6. Getypte namen",
        f"Wie zich inschrijft, typt een organisatie. Vul `reports/{ws.bron}/{jaar}/{PROPOSALS}` aan en "
        f"bewaar het als `{folder}/koppelingen.csv`; bestaat dat al, zet de rijen er dan bij.",
        [f"{found.names} namen die geen regel herkent"] if found.names else [],
    )
    yield from _rows(found)
    yield from _to_know(found)


def _section(title: str, what: str, points: Iterable[str]) -> Iterator[str]:
    points = list(points)
    yield from ("", f"## {title}", "", *([what, ""] if points else []))
    yield from (f"- {point}" for point in points)
    if not points:
        yield "Niets."


def _missing(missing: Sequence[Source], folder: str, jaar: int) -> Iterator[str]:
    yield from ("", "## 1. Exports die nog ontbreken", "")
    if not missing:
        yield "Geen."
        return
    yield (
        "Ontbreekt een export voorgoed, dan zegt wat ervan afhangt dat zelf; al de rest werkt. "
        f"{MENUS_DIFFER}"
    )
    for source in missing:
        how = INSTRUCTIONS[source.name]
        place = "/".join(filter(None, (folder, source.folder, how.file_of(jaar))))
        yield from ("", f"### {source.label}", "", f"Waar: {how.where}.", "")
        yield from (f"{number}. {step}" for number, step in enumerate(how.steps, start=1))
        yield from ("", f"Zet het bestand in `{place}`{_marked(source)}.")
        yield from (f"\nLet op: {text}" for text in how.watch)


def _marked(source: Source) -> str:
    mark = f"'{source.mark}' moet in de naam staan" if source.mark.strip("_") else ""
    endings = " of ".join(source.endings)
    return f" ({mark}; {endings})" if mark else f" ({endings})"


def _stranger(file: str, source: Source | None, jaar: int) -> str:
    if source is None:
        return f"`{file}`: lijkt op geen enkele export."
    place = "/".join(filter(None, (source.folder, INSTRUCTIONS[source.name].file_of(jaar))))
    return f"`{file}`: lijkt op *{source.label}*. Die hoort als `{place}`{_marked(source)}."


def _aliases(found: NewYear) -> Iterator[str]:
    decided = found.decided[lists.ALIASES]
    yield from _section(
        "4. Kolomkoppen en waarden die anders geschreven zijn",
        f"Open `{lists.ALIASES}` in een rekenblad. Klopt het voorstel in 'bedoeld' (of verbeter het), zet "
        "dan `ja` bij 'beslissing' en je initialen bij 'bevestigd door'; zet anders `nee`. Een ja telt "
        "voor dit jaar en voor de volgende; zonder initialen of zonder 'bedoeld' telt ze niet.",
        map(_alias, found.aliases),
    )
    if decided.yes or decided.no:
        yield f"\nAl beslist: {decided.yes} ja, {decided.no} nee."
    yield from (
        f"\nIn `{one.file}`, kolom '{one.header}', staan {one.values} onbekende waarden op {one.rows} "
        "rijen. Er kunnen namen bij zijn, dus ze staan niet hier: kijk in het bestand, en zet zelf een "
        f"rij in `{lists.ALIASES}` (soort: waarde, kolom: {one.column}) waar het nodig is."
        for one in found.unshown
    )


def _alias(alias: Alias) -> str:
    what = "de kolom" if alias.kind == "kolom" else f"in kolom {alias.column} de waarde"
    meant = f"waarschijnlijk **{alias.meant}**" if alias.meant else "**geen voorstel**"
    weight = "" if alias.needed else " (niet nodig om te kunnen lezen)"
    return f"`{alias.file}`: {what} '{alias.written}' is niet gekend; {meant}: {alias.why}{weight}."


def _changes(found: NewYear) -> Iterator[str]:
    decided = found.decided[lists.CHANGES]
    changes = found.organisations.changes if found.organisations else ()
    points = []
    for change in changes:
        now = f"nu **{change.now.name}**" if change.now else "opvolger onbekend"
        points.append(f"{change.kind}: {change.before.name}, {now} ({change.why}).")
    yield from _section(
        "5. Organisaties",
        f"Beslis in `{lists.CHANGES}`, op dezelfde manier. Na een ja telt wie zich nog onder de vroegere "
        "naam inschrijft, mee voor de organisatie van nu. Groei in SISCA blijft over organisaties die in "
        "beide jaren bestaan: wie fusioneerde, valt daar weg. Verdween een organisatie, zet dan ja; "
        "weet je waarin ze opging, vul dan ook 'naam nu' en 'KBO-nummer nu' in.",
        points,
    )
    if decided.yes or decided.no:
        yield f"\nAl beslist: {decided.yes} ja, {decided.no} nee."


def _rows(found: NewYear) -> Iterator[str]:
    yield from ("", "## 7. Rijen naast vorig jaar", "")
    if not found.rows:
        yield "Er is geen jaar om naast te leggen."
        return
    yield (
        "Een sprong is meer dan een derde meer of minder rijen, of tien procentpunten verschil in wat "
        "niet telt; met minder dan twintig rijen zegt een verschil niets. Kijk bij een sprong of de "
        "filters van de export goed stonden."
    )
    yield from ("", f"| Export | {found.before} | {found.jaar} | Kijk na |", "|---|---:|---:|---|")
    for row in found.rows:
        label = f"{row.label}: {row.sheet}" if row.sheet else row.label
        numbers = f"{format_number(row.before)} | {format_number(row.rows)}"
        lost = "" if row.rows is not None else "ontbreekt of niet te lezen"
        yield f"| {label} | {numbers} | {row.warning or lost} |"


def _to_know(found: NewYear) -> Iterator[str]:
    yield from ("", "## Om te weten", "", "Dit vraagt geen beslissing.", "")
    for file, headers in found.extra.items():
        yield f"- `{file}`: niet gelezen, want geen tabel heeft ze nodig: {', '.join(headers)}."
    told: dict[str, tuple[str, ...]] = {}
    if found.organisations:
        told |= {
            "Nieuw in Odoo": found.organisations.new,
            "Niet meer in Odoo": found.organisations.gone,
            "Erkend sinds dit jaar": found.organisations.recognised,
            "Niet meer erkend": found.organisations.no_longer,
        }
    if found.sisca:
        told |= {
            "Nieuw in SISCA": found.sisca.new,
            "Niet meer in SISCA": found.sisca.gone,
            "Erkend, maar niet in SISCA": found.sisca.lacking,
        }
    for what, names in told.items():
        more = f" en nog {len(names) - MOST}" if len(names) > MOST else ""
        yield f"- {what} ({len(names)}): {', '.join(names[:MOST]) or 'niemand'}{more}."
