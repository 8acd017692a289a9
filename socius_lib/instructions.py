"""Where each export comes from and how it is made, in words for who sits before the screen.

The one place of these texts: `socius new-year` prints them and the handbook is made of them.
"""

from __future__ import annotations

from dataclasses import dataclass

MENUS_DIFFER = "De woorden in de menu's kunnen per versie en per taal een beetje verschillen."


@dataclass(frozen=True)
class Instruction:
    """How one export is made.

    Attributes
    ----------
    where : the system, and the screen in it.
    steps : what is clicked, in order.
    file : name of the file, `{jaar}` being the year; the marks by which it is known are in it.
    watch : what goes wrong most, or what to look at afterwards.
    """

    where: str
    steps: tuple[str, ...]
    file: str
    watch: tuple[str, ...] = ()

    def file_of(self, jaar: int) -> str:
        """Return the name of the file for a year."""
        return self.file.format(jaar=jaar)


def _odoo(where: str, shown: str, fields: str, file: str, *watch: str) -> Instruction:
    return Instruction(
        where,
        (
            "Kies rechtsboven de lijstweergave (het pictogram met streepjes).",
            shown,
            "Vink het vakje linksboven in de kop aan en klik daarna op 'Alles selecteren', anders "
            "krijg je alleen de eerste 80.",
            "Kies Actie (het tandwiel) > Exporteren.",
            "Vink 'Ik wil gegevens bijwerken' (import-compatibele export) aan: dan komen de vaste "
            "id's mee.",
            f"Zet deze velden rechts: {fields}. Bewaar ze als sjabloon 'werkbank': volgend jaar "
            "kies je dat sjabloon.",
            "Kies CSV of XLSX en klik op Exporteren.",
        ),
        file,
        (
            "Groepeer de lijst niet voor je exporteert (haal de filters 'Groeperen op' weg).",
            *watch,
        ),
    )


INSTRUCTIONS = {
    "aliases": Instruction(
        "De werkbank zelf",
        ("`socius new-year JAAR` maakt dit bestand en zet er voorstellen in; jij vult 'beslissing' in.",),
        "aliassen.csv",
        ("Alleen een rij met 'ja' en met initialen bij 'bevestigd door' telt.",),
    ),
    "changes": Instruction(
        "De werkbank zelf",
        ("`socius new-year JAAR` maakt dit bestand en zet er voorstellen in; jij vult 'beslissing' in.",),
        "organisaties.csv",
        ("Alleen een rij met 'ja' en met initialen bij 'bevestigd door' telt.",),
    ),
    "links": Instruction(
        "De werkbank zelf: reports/<bron>/<jaar>/koppelingen_te_bevestigen.csv, na `socius process`",
        (
            "Begin met een kopie van koppelingen.csv van vorig jaar: een naam die toen bevestigd is, "
            "betekent nu nog hetzelfde.",
            "Open koppelingen_te_bevestigen.csv in een rekenblad.",
            "Kijk per naam of het voorstel klopt; verbeter het KBO-nummer waar nodig.",
            "Zet je initialen bij 'bevestigd door' en de dag bij 'bevestigd op'. Verwijder de rijen "
            "die niet kloppen.",
            "Zet de rijen bij die van koppelingen.csv in de map van het jaar, of bewaar ze als "
            "koppelingen 2.csv ernaast.",
        ),
        "koppelingen.csv",
        ("Een rij zonder 'bevestigd door' telt niet.",),
    ),
    "targets": Instruction(
        "Het beleidsplan, tabel met streefwaarden",
        (
            "Kopieer streefwaarden.csv van vorig jaar naar de map van dit jaar.",
            "Pas de kolom 'streefwaarde' aan volgens het beleidsplan; voeg rijen toe of haal ze weg.",
        ),
        "streefwaarden.csv",
        ("'kengetal' is de id uit definities.html, bv. aanbod.activiteiten.totaal.",),
    ),
    "printed": Instruction(
        "Het gedrukte jaarverslag; bestaat pas als het verslag van dit jaar klaar is",
        (
            "Typ elk cijfer van het verslag over op een rij: id, het cijfer met een punt als "
            "decimaalteken, de eenheid en de zin waarin het staat.",
        ),
        "jaarverslag_{jaar}_cijfers.csv",
        ("Zonder dit bestand is er geen aansluiting; al de rest werkt.",),
    ),
    "partners": _odoo(
        "Odoo: Contacten",
        "Haal alle filters weg: je hebt organisaties én contactpersonen nodig. Neem ook de "
        "gearchiveerde mee (filter Actief is ja of nee).",
        "Externe id, Naam, Is een bedrijf, Gerelateerd bedrijf/Externe id, E-mail, Functie, "
        "BTW-nummer, Plaats, Actief, KBO-nummer, Doelgroep, Erkend, Type organisatie, "
        "Werkingsgebied, Instromer, Subsidieschaal, Sector, Ook bekend als",
        "Contact (res.partner).csv",
        "Exporteer begin januari: de lijst moet tonen hoe de organisaties er op het einde van het "
        "jaar uitzagen (erkend of niet).",
    ),
    "events": _odoo(
        "Odoo: Evenementen",
        "Filter op 'Startdatum' tussen 1 januari en 31 december van het jaar; laat geannuleerde staan.",
        "Externe id, Evenement, Sjabloon, Fase, Startdatum, Einddatum, Tijdzone, Labels, "
        "Verantwoordelijke, Thema, Vorm, Duurtijd, Doelstelling, Kostenraming",
        "Evenement (event.event).csv",
        "Duurtijd is het veld dat de medewerker invult, in uren; niet einde min begin.",
    ),
    "registrations": _odoo(
        "Odoo: Evenementen > Rapportage > Deelnemers (inschrijvingen)",
        "Filter op evenementen van het jaar; neem alle statussen mee, ook geannuleerd.",
        "Externe id, Evenement/Externe id, Gereserveerd door/Externe id, Naam deelnemer, E-mail, "
        "Telefoon, Bedrijfsnaam, Functie, Status, Datum bezocht, Aangemaakt op",
        "Evenementinschrijving (event.registration).csv",
        "Zet vóór je exporteert alle aanwezigen op 'Bezocht': wie op 'Bevestigd' blijft staan, telt "
        "niet als deelnemer.",
    ),
    "leads": _odoo(
        "Odoo: CRM > Leads",
        "Filter op 'Aangemaakt op' in het jaar, en neem de gearchiveerde mee (filter Actief is ja of "
        "nee): een afgewezen vraag is gearchiveerd.",
        "Externe id, Verkoopkans, Klant/Externe id, Fase, Actief, Reden verloren, Aangemaakt op, "
        "Thema, Aantal deelnemers",
        "Lead (crm.lead).csv",
    ),
    "evaluations": Instruction(
        "LimeSurvey: de enquête 'Evaluatie van activiteiten'",
        (
            "Kies Antwoorden > Antwoorden & statistieken.",
            "Kies Exporteren > Antwoorden exporteren.",
            "Formaat: CSV. Antwoorden: antwoordcodes. Kolomkoppen: vraagcode.",
            "Voltooiing: alle antwoorden (de werkbank haalt de onvolledige er zelf uit).",
            "Neem de deelnemersvelden mee: token en attribuut 1 (de id van het evenement).",
            "Klik op Exporteren.",
        ),
        "results-survey482913.csv",
        (
            "Staan er hele vragen in de koppen, dan was 'vraagcode' niet gekozen: exporteer opnieuw.",
            "Zijn er meerdere enquêtes, dan is er een bestand per enquête.",
        ),
    ),
    "survey": Instruction(
        "SPSS (of het bureau dat de bevraging deed); alleen in een jaar met een sectorbevraging",
        (
            "Open het bestand met de antwoorden in SPSS.",
            "Kies Bestand > Opslaan als, soort SPSS Statistics (*.sav).",
            "Vink 'Variabelelabels' en 'Waardelabels' niet uit: ze gaan mee in het bestand.",
        ),
        "sectorbevraging_{jaar}.sav",
        ("Weet niet staat op 99 en is als ontbrekend ingesteld (kolom Missing in het variabelenblad).",),
    ),
    "survey_list": Instruction(
        "De lijst waarmee de bevraging verstuurd is",
        (
            "Bewaar de lijst als CSV, met de kolommen KBO-nummer, Organisatie, Type, Instromer en "
            "Verzonden op.",
        ),
        "sectorbevraging_{jaar}_verzendlijst.csv",
        ("Zonder deze lijst is de respons niet te berekenen en worden de antwoorden niet gelezen.",),
    ),
    "meetings": Instruction(
        "Het logboek van het overleg, op de gedeelde schijf",
        (
            "Vraag elke collega om zijn overleg van het jaar aan te vullen.",
            "Bewaar een kopie van het werkboek, met de bladen Overleg en Actoren.",
        ),
        "overlegmomenten {jaar}.xlsx",
        (
            "Een overleg dat niet doorging, begint bij 'Opmerking' met geannuleerd of verplaatst.",
            "Elke actor staat op het blad Actoren, anders telt het overleg zonder categorie.",
        ),
    ),
    "sisca": Instruction(
        "SISCA, de registratie van de sector; Socius krijgt de export van wie SISCA beheert",
        (
            "Vraag of maak de export van alle modules van het jaar, in één werkboek.",
            "Controleer dat het blad Indicatoren erin zit: dat zegt wat elke code betekent.",
        ),
        "SISCA 2.0 - {jaar}.xlsx",
        (
            "De registratie van een jaar sluit pas in het voorjaar: noteer de dag van de export.",
            "Afgeschermde modules mogen mee; de werkbank toont ze nooit per organisatie.",
        ),
    ),
    "plans": Instruction(
        "NVivo: het project met de beleidsplannen; bij een nieuwe beleidsperiode of een nieuwe lezing",
        (
            "Open het project met alle lezers samen (na het samenvoegen).",
            "Kies Delen > Project exporteren > REFI-QDA-project (*.qdpx).",
            "Laat de bronnen mee exporteren.",
        ),
        "beleidsplannen {jaar}.qdpx",
        ("Exporteer het project, niet het codeboek (*.qdc): daarin staan geen coderingen.",),
    ),
    "audience": Instruction(
        "Mailchimp: Audience > All contacts",
        (
            "Klik op Export Audience en wacht op het bericht dat de export klaar is.",
            "Download de zip en pak hem uit.",
            "Zet de drie bestanden (subscribed, unsubscribed, cleaned) in de map.",
        ),
        "subscribed_members_export.csv",
        (
            "Exporteer het hele publiek, geen segment.",
            "Exporteer op of kort na 31 december: Mailchimp toont alleen de toestand van nu.",
        ),
    ),
    "matomo": Instruction(
        "Matomo: Alle websites",
        (
            "Kies rechtsboven de periode Jaar, en het jaar.",
            "Klik onder de tabel op het pictogram Exporteren.",
            "Kies formaat CSV, rijlimiet: alle, en klik op Exporteren.",
        ),
        "Matomo - websites {jaar}.csv",
        (
            "Unieke bezoekers per jaar staan in Matomo soms uit; vraag dan wie Matomo beheert.",
            "Staat er alleen 'No data available', dan was de periode of de website verkeerd.",
        ),
    ),
    "social": Instruction(
        "De pagina's van Socius op de sociale media",
        (
            "Kopieer het bestand van vorig jaar.",
            "Vul per kanaal het aantal volgers in, en de dag van de telling.",
        ),
        "sociale media.csv",
        ("Tel op of kort na 31 december; achteraf is het aantal niet meer te vinden.",),
    ),
    "ledger": Instruction(
        "Het boekhoudprogramma: grootboek van het jaar",
        (
            "Kies het boekjaar, alle rekeningen, na de afsluiting.",
            "Exporteer naar CSV, met datum, soort, post, doelstelling en bedrag.",
        ),
        "grootboek_{jaar}.csv",
        (
            "Terugnames staan er als negatief bedrag in; verwijder ze niet.",
            "Bedragen zoals 1.234,56.",
        ),
    ),
    "staff": Instruction(
        "De personeelsadministratie",
        (
            "Maak een rij per personeelslid, met nummer, functie, kernopdracht, in dienst, uit dienst "
            "en inzetbaarheid in %.",
            "Bewaar als CSV.",
        ),
        "personeel_{jaar}.csv",
        ("Geen namen: het personeelsnummer volstaat.",),
    ),
    "fte": Instruction(
        "De personeelsadministratie",
        ("Kopieer het bestand van vorig jaar en voeg een rij toe voor dit jaar.",),
        "vte_reeks.csv",
    ),
}  # fmt: skip
"""How each export is made, by the name of its source (`process.SOURCES`)."""
