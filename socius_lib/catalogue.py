"""The one description of every table: columns, meaning, unit, values, headers, privacy.

The loaders read by it, pandera checks by it, and the codebook and the docs are made of it. A header
or value that an export writes in a new way is one string more, here and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

from socius_lib.errors import unknown
from socius_lib.schema import Column, Table

VORMEN = {"online": (), "offline": (), "blended": ()}
DOELGROEPEN = {"primair": (), "secundair": ()}
TYPES = {"regionaal": (), "thema": (), "doelgroep": ()}
WERKINGSGEBIEDEN = {"landelijk": (), "regionaal": ()}
BEROEPEN = {
    "directeur": ("Directeur/coördinator",),
    "zakelijk verantwoordelijke": (),
    "sociaal-cultureel werker": (),
    "communicatie/ICT": ("Communicatie/ICT-medewerker",),
    "administratief/logistiek": ("Administratief/logistiek medewerker",),
}
SECTOREN = {
    "Publiek sociaal-cultureel werk": (),
    "Overheden en politiek": (),
    "Bovenbouw CJM": (),
    "Cultuur, jeugd en media": (),
    "Onderwijs en vorming": (),
    "Werk en sociale economie": (),
    "Welzijn, volksgezondheid en gezin": (),
    "Omgeving en mobiliteit": (),
    "Onderzoek en consultancy": (),
    "Toerisme en recreatie": (),
    "Gelijke kansen, integratie en inburgering": (),
    "Mondiaal": (),
    "Lobbygroepen": (),
    "Andere": (),
}
KOPPELWIJZEN = {"e-mail": (), "naam": (), "koppeling": (), "boeker": (), "onbekend": ()}
EENS = {str(score): (f"A{score}",) for score in range(1, 6)}

JAAR = Column("jaar", "Jaar", "Werkjaar waarvan de export is.", "whole")
BESTAND = Column("bestand", "Bestand", "Bestand in de map van het jaar.")
BLAD = Column("blad", "Blad", "Blad van het werkboek; leeg bij een tekstbestand.")
RIJ = Column("rij", "Rij", "Rijnummer zoals een rekenblad het toont (kolomkop = 1).", "whole")
TELT = Column("telt_mee", "Telt mee", "Of de rij meetelt in de kengetallen.", "yes_no")
REDEN = Column("reden_niet_geteld", "Reden", "Waarom de rij niet meetelt; leeg als ze meetelt.")
PLAATS = (BESTAND, BLAD, RIJ)
GETELD = (*PLAATS, TELT, REDEN)

ORGANISATIE = Column(
    "organisatie_id", "Organisatie", "Externe id van de organisatie in Odoo; blijft over de jaren."
)
PERSOON = Column(
    "persoon_id",
    "Persoon",
    "Vast toevalspseudoniem van een persoon, over de jaren gelijk.",
    privacy="indirect",
)

SEGMENTEN = (
    Column(
        "doelgroep",
        "Doelgroep",
        "Primair: civiel sociaal-cultureel werk; secundair: andere sectoren.",
        allowed=DOELGROEPEN,
        aliases=("x_studio_doelgroep", "Doelgroep"),
    ),
    Column(
        "erkend",
        "Erkend",
        "Erkend als sociaal-culturele volwassenenorganisatie in dat jaar.",
        "yes_no",
        form="yes_or_empty",
        aliases=("x_studio_erkend", "Erkend"),
    ),
    Column(
        "type",
        "Type",
        "Type van de erkende organisatie.",
        allowed=TYPES,
        aliases=("x_studio_type", "Type organisatie"),
    ),
    Column(
        "werkingsgebied",
        "Werkingsgebied",
        "Landelijke of regionale werking van de erkende organisatie.",
        allowed=WERKINGSGEBIEDEN,
        aliases=("x_studio_werkingsgebied", "Werkingsgebied"),
    ),
    Column(
        "instromer",
        "Instromer",
        "Nieuw erkend bij het begin van de beleidsperiode.",
        "yes_no",
        form="yes_or_empty",
        aliases=("x_studio_instromer", "Instromer"),
    ),
    Column(
        "subsidieschaal",
        "Subsidieschaal",
        "Schaal van de jaarlijkse subsidie van de erkende organisatie.",
        aliases=("x_studio_subsidieschaal", "Subsidieschaal"),
    ),
    Column(
        "sector",
        "Sector",
        "Sector van een organisatie uit de secundaire doelgroep.",
        allowed=SECTOREN,
        aliases=("x_studio_sector", "Sector"),
    ),
)
SEGMENTEN_AFGELEID = tuple(replace(column, aliases=()) for column in SEGMENTEN)
"""The same segments in tables that take them over from the organisation."""

BEROEP = Column(
    "beroep", "Beroep", "Beroep volgens de inschrijving.", allowed=BEROEPEN, privacy="indirect"
)

ORGANISATIES = Table(
    "organisaties",
    "Organisaties",
    "één organisatie zoals ze er in dat jaar in Odoo stond",
    "odoo",
    ("jaar", "organisatie_id"),
    (
        JAAR,
        Column("organisatie_id", ORGANISATIE.label, ORGANISATIE.meaning, aliases=("id", "ID")),
        Column("naam", "Naam", "Naam van de organisatie in dat jaar.", aliases=("name", "Naam")),
        Column("alias", "Ook bekend als", "Andere naam of afkorting.", aliases=("x_studio_alias", "Ook bekend als")),
        Column("kbo", "KBO-nummer", "Tien cijfers; blijft over de jaren.", form="kbo", aliases=("x_studio_kbo", "KBO-nummer")),
        Column("gemeente", "Gemeente", "Gemeente van de zetel.", aliases=("city", "Plaats")),
        *SEGMENTEN,
        Column("is_organisatie", "Is een organisatie", "Organisatie (ja) of contactpersoon (nee).", "yes_no", form="yes_or_empty", aliases=("is_company", "Is een bedrijf"), stored=False),
        Column("btw", "BTW-nummer", "BTW-nummer; het KBO-nummer met BE ervoor.", aliases=("vat", "BTW-nummer"), optional=True, stored=False),
        Column("actief", "Actief", "Niet gearchiveerd in Odoo.", "yes_no", form="yes_or_empty", aliases=("active", "Actief"), optional=True, stored=False),
        *PLAATS,
    ),
)  # fmt: skip

CONTACTEN = Table(
    "contacten",
    "Contacten",
    "één contactpersoon van een organisatie in Odoo",
    "odoo",
    ("jaar", "contact_id"),
    (
        JAAR,
        Column("contact_id", "Contact", "Externe id van de contactpersoon in Odoo; kan per jaar verschillen.", privacy="indirect"),
        Column("organisatie_id", ORGANISATIE.label, ORGANISATIE.meaning, aliases=("parent_id/id", "Gerelateerd bedrijf/ID")),
        Column("beroep", "Beroep", "Functie van de contactpersoon.", allowed=BEROEPEN, privacy="indirect", aliases=("function", "Functie")),
        Column("email", "E-mail", "E-mailadres van de contactpersoon.", form="email", privacy="direct", aliases=("email", "E-mail"), stored=False),
        *PLAATS,
    ),
)  # fmt: skip

ACTIVITEITEN = Table(
    "activiteiten",
    "Activiteiten",
    "één evenement in Odoo: ondersteuningsaanbod of evenement, ook wat niet meetelt",
    "odoo",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("activiteit_id", "Activiteit", "Externe id in Odoo.", required=True, aliases=("id", "ID")),
        Column("naam", "Naam", "Titel van de activiteit.", aliases=("name", "Evenement")),
        Column("soort", "Soort", "Ondersteuningsaanbod of evenement.", allowed={"ondersteuningsaanbod": (), "evenement": ()}, required=True, aliases=("event_type_id", "Sjabloon")),
        Column("fase", "Fase", "Fase in Odoo; geannuleerd telt niet mee.", required=True, aliases=("stage_id", "Fase")),
        Column("begint_op", "Begint op", "Begin, lokale tijd.", "moment", required=True, aliases=("date_begin", "Startdatum")),
        Column("eindigt_op", "Eindigt op", "Einde, lokale tijd.", "moment", aliases=("date_end", "Einddatum")),
        Column("thema", "Thema", "Thema van de activiteit.", aliases=("x_studio_thema", "Thema")),
        Column("vorm", "Vorm", "Online, offline of blended.", allowed=VORMEN, required=True, aliases=("x_studio_vorm", "Vorm")),
        Column("duur_minuten", "Duurtijd", "Duurtijd die telt (x_studio_duurtijd), niet einde min begin.", "number", unit="minuten", low=0, form="hours", required=True, aliases=("x_studio_duurtijd", "Duurtijd")),
        Column("doelstelling", "Doelstelling", "Operationele doelstelling van het beleidsplan.", aliases=("x_studio_doelstelling", "Doelstelling")),
        Column("kostenraming_eur", "Kostenraming", "Geraamde kost.", "number", unit="euro", privacy="gevoelig", aliases=("x_studio_kostenraming", "Kostenraming")),
        Column("medewerker", "Medewerker", "Initialen van de verantwoordelijke medewerker.", privacy="indirect", aliases=("user_id", "Verantwoordelijke")),
        Column("tijdzone", "Tijdzone", "Tijdzone van de tijden.", aliases=("date_tz", "Tijdzone"), optional=True, stored=False),
        Column("labels", "Labels", "Labels in Odoo.", aliases=("tag_ids", "Labels"), optional=True, stored=False),
        *GETELD,
    ),
)  # fmt: skip

INSCHRIJVINGEN = Table(
    "inschrijvingen",
    "Inschrijvingen",
    "één inschrijving in Odoo, ook wat niet meetelt",
    "odoo",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("inschrijving_id", "Inschrijving", "Externe id in Odoo.", required=True, privacy="indirect", aliases=("id", "ID")),
        Column("activiteit_id", "Activiteit", "Externe id van de activiteit.", required=True, aliases=("event_id/id", "Evenement/ID")),
        PERSOON,
        ORGANISATIE,
        Column("koppelwijze", "Koppelwijze", "Waaraan de organisatie herkend is.", allowed=KOPPELWIJZEN),
        Column("beroep", "Beroep", "Beroep volgens de inschrijving.", allowed=BEROEPEN, privacy="indirect", aliases=("x_studio_functie", "Functie")),
        Column("status", "Status", "Bezocht is deelgenomen.", allowed={"onbevestigd": ("draft",), "bevestigd": ("open",), "bezocht": ("done",), "geannuleerd": ("cancel",)}, required=True, aliases=("state", "Status")),
        Column("ingeschreven_op", "Ingeschreven op", "Dag van de inschrijving.", "moment", privacy="indirect", aliases=("create_date", "Aangemaakt op")),
        Column("boeker_id", "Geboekt door", "Contact of organisatie die boekte; niet altijd wie kwam.", aliases=("partner_id/id", "Gereserveerd door/ID"), stored=False),
        Column("naam", "Naam", "Naam van de deelnemer.", privacy="direct", aliases=("name", "Naam deelnemer"), stored=False),
        Column("email", "E-mail", "E-mailadres van de deelnemer.", form="email", privacy="direct", aliases=("email", "E-mail"), stored=False),
        Column("telefoon", "Telefoon", "Telefoonnummer van de deelnemer.", privacy="direct", aliases=("phone", "Telefoon"), optional=True, stored=False),
        Column("getypte_organisatie", "Bedrijfsnaam", "Organisatie zoals de deelnemer ze typte.", privacy="indirect", aliases=("company_name", "Bedrijfsnaam"), stored=False),
        Column("bezocht_op", "Datum bezocht", "Wanneer de inschrijving op bezocht werd gezet.", "moment", privacy="indirect", aliases=("date_closed", "Datum bezocht"), optional=True, stored=False),
        *GETELD,
    ),
)  # fmt: skip

_ACTIVITEIT = (
    Column("activiteit_id", "Activiteit", "Externe id van de activiteit."),
    Column("begint_op", "Begint op", "Begin van de activiteit, lokale tijd.", "moment"),
    Column("vorm", "Vorm", "Vorm van de activiteit.", allowed=VORMEN),
    Column("thema", "Thema", "Thema van de activiteit."),
)

DEELNAMES = Table(
    "deelnames",
    "Deelnames",
    "één persoon die één activiteit van het ondersteuningsaanbod bijwoonde",
    "odoo",
    ("jaar", "activiteit_id", "persoon_id"),
    (
        JAAR,
        Column("inschrijving_id", "Inschrijving", "De inschrijving die telt.", privacy="indirect"),
        *_ACTIVITEIT,
        PERSOON,
        ORGANISATIE,
        Column("koppelwijze", "Koppelwijze", "Waaraan de organisatie herkend is.", allowed=KOPPELWIJZEN),
        *SEGMENTEN_AFGELEID,
        BEROEP,
        Column("terugkerend", "Terugkerend", "De persoon nam ook in een vroeger jaar van de gegevens deel; leeg in het eerste jaar.", "yes_no", privacy="indirect"),
    ),
)  # fmt: skip

PERSONEN = Table(
    "personen",
    "Personen",
    "één persoon met minstens één deelname in het jaar, zonder naam",
    "odoo",
    ("jaar", "persoon_id"),
    (
        JAAR,
        PERSOON,
        Column("organisatie_id", "Organisatie", "Organisatie bij de eerste deelname van het jaar."),
        *SEGMENTEN_AFGELEID,
        BEROEP,
        Column("deelnames", "Deelnames", "Aantal deelnames in het jaar.", "whole", low=1, privacy="indirect"),
        Column("terugkerend", "Terugkerend", "Nam ook in een vroeger jaar van de gegevens deel; leeg in het eerste jaar.", "yes_no", privacy="indirect"),
    ),
)  # fmt: skip

IDENTITEIT = Table(
    "identiteit",
    "Identiteit",
    "wie achter een inschrijving zit; alleen de laders lezen en schrijven dit",
    "odoo",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("inschrijving_id", "Inschrijving", "Externe id in Odoo.", privacy="indirect"),
        PERSOON,
        ORGANISATIE,
        Column("naam", "Naam", "Naam van de deelnemer.", privacy="direct"),
        Column("email", "E-mail", "E-mailadres van de deelnemer.", privacy="direct"),
        Column("telefoon", "Telefoon", "Telefoonnummer van de deelnemer.", privacy="direct"),
        Column("getypte_organisatie", "Bedrijfsnaam", "Organisatie zoals de deelnemer ze typte.", privacy="indirect"),
        BESTAND,
        RIJ,
    ),
)  # fmt: skip

VRAGEN = Table(
    "vragen",
    "Vragen om ondersteuning",
    "één vraag om ondersteuning (lead in Odoo), ook wat niet meetelt",
    "odoo",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("vraag_id", "Vraag", "Externe id in Odoo.", required=True, aliases=("id", "ID")),
        ORGANISATIE,
        *(column for column in SEGMENTEN_AFGELEID if column.name in {"doelgroep", "erkend", "type", "werkingsgebied"}),
        Column("fase", "Fase", "Nieuw, goedgekeurd of gerealiseerd.", allowed={"nieuw": (), "goedgekeurd": (), "gerealiseerd": ()}, required=True, aliases=("stage_id", "Fase")),
        Column("actief", "Actief", "Nee: gearchiveerd, dus afgewezen.", "yes_no", form="yes_or_empty", aliases=("active", "Actief")),
        Column("goedgekeurd", "Goedgekeurd", "Fase goedgekeurd of gerealiseerd, en actief.", "yes_no"),
        Column("gerealiseerd", "Gerealiseerd", "Fase gerealiseerd.", "yes_no"),
        Column("reden_afwijzing", "Reden van afwijzing", "Waarom de vraag afgewezen werd.", aliases=("lost_reason_id", "Reden verloren")),
        Column("thema", "Thema", "Thema van de vraag.", aliases=("x_studio_thema", "Thema")),
        Column("deelnemers", "Deelnemers", "Aantal deelnemers aan de dienstverlening.", "whole", low=0, aliases=("x_studio_aantal_deelnemers", "Aantal deelnemers")),
        Column("gesteld_op", "Gesteld op", "Wanneer de vraag binnenkwam, lokale tijd.", "moment", required=True, aliases=("create_date", "Aangemaakt op")),
        Column("onderwerp", "Onderwerp", "Vrije omschrijving; kan namen bevatten.", privacy="direct", aliases=("name", "Verkoopkans"), stored=False),
        Column("klant_id", "Klant", "Organisatie of contact dat de vraag stelt.", privacy="indirect", aliases=("partner_id/id", "Klant/ID"), stored=False),
        *GETELD,
    ),
)  # fmt: skip

EVALUATIES = Table(
    "evaluaties",
    "Evaluaties",
    "één ingevulde evaluatie van een activiteit, ook wat niet meetelt",
    "limesurvey",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("antwoord_id", "Antwoord", "Volgnummer van het antwoord in LimeSurvey.", required=True, privacy="indirect", aliases=("id", "Antwoord ID", "Response ID")),
        Column("activiteit_id", "Activiteit", "Externe id van de geëvalueerde activiteit.", required=True, aliases=("attribute_1", "Attribuut 1")),
        Column("vorm", "Vorm", "Vorm van de activiteit.", allowed=VORMEN),
        Column("thema", "Thema", "Thema van de activiteit."),
        Column("ingediend_op", "Ingediend op", "Moment van afronden; leeg is niet afgerond.", "moment", privacy="indirect", aliases=("submitdate", "Datum ingediend")),
        Column("tevredenheid", "Tevredenheid", "Algemene tevredenheid.", "number", unit="0–10", low=0, high=10, aliases=("TEVR",)),
        Column("aanbeveling", "Aanbeveling", "Kans op aanbevelen (NPS-vraag).", "number", unit="0–10", low=0, high=10, aliases=("NPS",)),
        Column("stelling_inhoud", "Inhoud", "Stelling over de inhoud, 1 oneens – 5 eens.", allowed=EENS, aliases=("STEL[SQ001]",)),
        Column("stelling_begeleiding", "Begeleiding", "Stelling over de begeleiding, 1 oneens – 5 eens.", allowed=EENS, aliases=("STEL[SQ002]",)),
        Column("stelling_praktijk", "Bruikbaar in de praktijk", "Stelling over het nut voor de praktijk, 1 oneens – 5 eens.", allowed=EENS, aliases=("STEL[SQ003]",)),
        Column("stelling_organisatie", "Organisatie", "Stelling over de praktische organisatie, 1 oneens – 5 eens.", allowed=EENS, aliases=("STEL[SQ004]",)),
        Column("open_ingevuld", "Open antwoord", "Of er een open antwoord is; de tekst zelf blijft in de export.", "yes_no"),
        Column("open", "Open antwoord (tekst)", "Vrije tekst; kan namen bevatten.", privacy="direct", aliases=("OPEN",), stored=False),
        Column("token", "Token", "Kenmerk van de respondent.", required=True, privacy="direct", aliases=("token", "Toegangscode"), stored=False),
        Column("laatste_pagina", "Laatste pagina", "Tot waar ingevuld werd.", aliases=("lastpage", "Laatste pagina"), optional=True, stored=False),
        Column("taal", "Taal", "Taal van de vragenlijst.", aliases=("startlanguage", "Starttaal"), optional=True, stored=False),
        Column("zaad", "Zaad", "Toevalszaad van LimeSurvey.", aliases=("seed", "Zaad"), optional=True, stored=False),
        Column("begonnen_op", "Begonnen op", "Begin van het invullen.", aliases=("startdate", "Datum gestart"), optional=True, stored=False),
        Column("laatste_actie_op", "Laatste actie", "Laatste wijziging.", aliases=("datestamp", "Datum laatste actie"), optional=True, stored=False),
        *GETELD,
    ),
)  # fmt: skip

STELLINGEN = {
    "wp1": "Deelnemers winnen aan zelfvertrouwen",
    "wp2": "Deelnemers leren vaardigheden die zij elders gebruiken",
    "wp3": "Deelnemers voelen zich gehoord",
    "wp4": "Deelnemers vinden een plek om zich te ontplooien",
    "wg1": "Onze groepen brengen mensen samen die elkaar anders niet ontmoeten",
    "wg2": "Vrijwilligers dragen onze werking",
    "wg3": "We versterken het buurtleven",
    "wg4": "Groepen blijven na onze steun zelf verder werken",
    "ws1": "We brengen vraagstukken op de publieke agenda",
    "ws2": "We oefenen invloed uit op beleid",
    "ws3": "We experimenteren met nieuwe antwoorden",
    "ws4": "We verbinden burgers met instellingen",
}
MAATREGELEN = {
    "maat_1": "digitaal aanbod",
    "maat_2": "uitstel",
    "maat_3": "kleinere groepen",
    "maat_4": "tijdelijke werkloosheid",
}

SECTORBEVRAGING = Table(
    "sectorbevraging",
    "Sectorbevraging",
    "één organisatie van de verzendlijst, of die antwoordde zonder erop te staan",
    "spss",
    ("jaar", "kbo"),
    (
        JAAR,
        Column("kbo", "KBO-nummer", "Tien cijfers.", form="kbo", required=True, aliases=("kbo", "KBO-nummer")),
        Column("verzonden", "Verzonden", "Of de organisatie op de verzendlijst staat.", "yes_no"),
        Column("beantwoord", "Beantwoord", "Of de organisatie antwoordde.", "yes_no", privacy="gevoelig"),
        Column("type_lijst", "Type (lijst)", "Type volgens de verzendlijst.", allowed={**TYPES, "niet-erkend": ()}, aliases=("Type",)),
        Column("instromer_lijst", "Instromer (lijst)", "Instromer volgens de verzendlijst.", "yes_no", aliases=("Instromer",)),
        Column("verzonden_op", "Verzonden op", "Dag van verzending.", "moment", aliases=("Verzonden op",)),
        Column("type", "Type", "Type volgens het antwoord.", allowed={**TYPES, "niet-erkend": ()}, privacy="gevoelig", aliases=("type",)),
        Column("vte", "VTE", "Voltijdse equivalenten volgens het antwoord.", "number", unit="vte", low=0, privacy="gevoelig", aliases=("vte",)),
        *(Column(code, text, f"{text}; 1 helemaal oneens – 5 helemaal eens, leeg bij 'weet niet'.", "whole", low=1, high=5, privacy="gevoelig", aliases=(code,)) for code, text in STELLINGEN.items()),
        Column("impact", "Impact corona", "Impact van de coronacrisis op de werking.", "whole", unit="0–10", low=0, high=10, privacy="gevoelig", aliases=("impact",)),
        *(Column(code, f"Maatregel: {text}", f"Nam de maatregel '{text}'.", "yes_no", privacy="gevoelig", aliases=(code,)) for code, text in MAATREGELEN.items()),
        Column("weet_niet", "Weet niet", "Vragen met het antwoord 'weet niet' (99), met komma's.", privacy="gevoelig"),
        Column("organisatie", "Organisatie", "Naam op de verzendlijst.", aliases=("Organisatie",), stored=False),
        Column("respondent", "Respondentnummer", "Volgnummer in SPSS.", aliases=("respnr",), stored=False),
    ),
)  # fmt: skip

OVERLEG = Table(
    "overleg",
    "Overleg",
    "één regel van het logboek van overlegmomenten, ook wat niet doorging",
    "overleg",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("op", "Datum", "Dag van het overleg.", "moment", required=True, aliases=("Datum", "Date")),
        Column("actor", "Actor", "Actor zoals het blad Actoren hem kent; leeg als hij er niet staat."),
        Column("categorie", "Categorie", "Categorie van de actor."),
        Column("subcategorie", "Subcategorie", "Subcategorie van de actor."),
        Column("thema", "Thema", "Thema van het overleg.", aliases=("Thema",)),
        Column("medewerkers", "Aanwezig", "Initialen van de aanwezige medewerkers, met komma's.", privacy="indirect", aliases=("Aanwezig",)),
        Column("duur_minuten", "Duur", "Duur van het overleg.", "number", unit="minuten", low=0, aliases=("Duur (min)", "Duur")),
        Column("initiatief", "Initiatief", "Eigen initiatief of op vraag.", allowed={"eigen initiatief": (), "op vraag": ()}, aliases=("Initiatief",)),
        Column("getypte_actor", "Actor (getypt)", "Actor zoals hij in het logboek staat; kan een naam zijn.", required=True, privacy="direct", aliases=("Actor",), stored=False),
        Column("opmerking", "Opmerking", "Vrije tekst; kan namen bevatten.", privacy="direct", aliases=("Opmerking",), stored=False),
        *GETELD,
    ),
)  # fmt: skip

ACTOREN = Table(
    "actoren",
    "Actoren",
    "één actor met wie Socius overlegt",
    "overleg",
    ("jaar", "actor"),
    (
        JAAR,
        Column("actor", "Actor", "Naam van de actor.", required=True, aliases=("Actor",)),
        Column("afkorting", "Afkorting", "Afkorting in het logboek.", aliases=("Afkorting",)),
        Column("categorie", "Categorie", "Categorie; staat alleen op de eerste rij van haar blok.", aliases=("Categorie",)),
        Column("subcategorie", "Subcategorie", "Subcategorie.", aliases=("Subcategorie",)),
        *PLAATS,
    ),
)  # fmt: skip

SISCA = Table(
    "sisca",
    "SISCA",
    "één indicator van één organisatie; wat niet ingevuld is, staat er niet",
    "sisca",
    ("jaar", "kbo", "indicator"),
    (
        JAAR,
        Column("kbo", "Ondernemingsnummer", "Tien cijfers.", form="kbo", required=True, aliases=("Ondernemingsnummer", "ondernemingsnr")),
        Column("organisatie", "Organisatie", "Naam in de registratie.", aliases=("Organisatie", "naam")),
        Column("werksoort", "Werksoort", "Werksoort; bestaat alleen in SISCA 1.0 (tot 2020).", aliases=("werksoort",), optional=True),
        Column("registratie", "Registratie", "SISCA 1.0 (tot 2020) of 2.0 (vanaf 2021): een breuk in de reeks.", allowed={"SISCA 1.0": (), "SISCA 2.0": ()}),
        Column("module", "Module", "Module van de registratie.", aliases=("Module",)),
        Column("indicator", "Indicator", "Code van de indicator.", aliases=("Code",)),
        Column("omschrijving", "Omschrijving", "Wat de indicator telt.", aliases=("Omschrijving",)),
        Column("waarde", "Waarde", "Ingevulde waarde; leeg bij een tekst.", "number", privacy="gevoelig"),
        Column("tekst", "Tekst", "Ingevulde tekst; leeg bij een getal.", privacy="gevoelig"),
        Column("eenheid", "Eenheid", "Eenheid van de waarde.", aliases=("Eenheid",)),
        Column("toegangsniveau", "Toegangsniveau", "Afgeschermd verlaat de werkbank nooit per organisatie.", allowed={"publiek": (), "afgeschermd": ()}, aliases=("Toegangsniveau",)),
        Column("dossier", "Dossier", "Dossiernummer in SISCA 1.0.", aliases=("dossier",), optional=True, stored=False),
    ),
)  # fmt: skip

PLANNEN = Table(
    "plannen",
    "Beleidsplannen",
    "één beleidsplan (bron in het QDA-project)",
    "beleidsplannen",
    ("jaar", "plan_id"),
    (
        JAAR,
        Column("plan_id", "Plan", "Guid van de bron, kleine letters zonder accolades."),
        Column("naam", "Naam", "Naam van de bron."),
        Column("organisatie_id", "Organisatie", "Organisatie waarvan het plan is, herkend aan de naam; leeg als ze niet herkend is."),
        Column("hoofdlezer", "Hoofdlezer", "Guid van de lezer die het plan las.", privacy="indirect"),
        Column("tekens", "Lengte", "Lengte van de tekst; leeg als de tekst ontbreekt.", "whole", unit="tekens", low=0),
        Column("lezers", "Lezers", "Aantal lezers met minstens één codering.", "whole", low=0),
        Column("proeflezing", "Proeflezing", "Gecodeerd door meer dan één lezer.", "yes_no"),
        BESTAND,
        RIJ,
    ),
)  # fmt: skip

CODES = Table(
    "codes",
    "Codes",
    "één code van het codeboek; een groep is er ook een, maar niet codeerbaar",
    "beleidsplannen",
    ("jaar", "code_id"),
    (
        JAAR,
        Column("code_id", "Code", "Guid van de code; namen kunnen zich herhalen."),
        Column("naam", "Naam", "Naam van de code."),
        Column("groep", "Groep", "Naam van de code erboven; leeg bovenaan."),
        Column("pad", "Pad", "Namen van boven naar onder, met ' / '."),
        Column("codeerbaar", "Codeerbaar", "Nee bij een groep.", "yes_no"),
        Column("omschrijving", "Omschrijving", "Omschrijving in het codeboek."),
        BESTAND,
        RIJ,
    ),
)  # fmt: skip

FRAGMENTEN = Table(
    "fragmenten",
    "Fragmenten",
    "één codering: één code door één lezer aan één stuk tekst",
    "beleidsplannen",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("fragment_id", "Fragment", "Guid van de codering; leeg als het project er geen geeft."),
        Column("plan_id", "Plan", "Guid van de bron."),
        Column("code_id", "Code", "Guid van de code."),
        Column("lezer", "Lezer", "Guid van wie codeerde; leeg als het project het niet zegt.", privacy="indirect"),
        Column("hoofdlezing", "Hoofdlezing", "Gecodeerd door de hoofdlezer van het plan.", "yes_no"),
        Column("begin", "Begin", "Eerste teken (Unicode-codepunten, vanaf 0); leeg als de plaats niet past.", "whole", low=0),
        Column("einde", "Einde", "Eerste teken erna; leeg als de plaats niet past.", "whole", low=0),
        BESTAND,
        RIJ,
    ),
)  # fmt: skip

ABONNEES = Table(
    "abonnees",
    "Abonnees",
    "één abonnee op één lijst; wie op geen lijst staat, heeft één rij zonder lijst",
    "mailchimp",
    ("jaar", "bestand", "rij", "lijst"),
    (
        JAAR,
        Column("abonnee", "Abonnee", "Volgnummer van de abonnee in de export van het jaar.", "whole", privacy="indirect"),
        Column("lijst", "Lijst", "Mailinglijst; '(geen)' als de abonnee er op geen staat."),
        Column("erkend", "Erkend", "De getypte organisatie is een erkende.", "yes_no"),
        Column("organisatie_id", "Organisatie", "Organisatie die bij de getypte naam hoort; leeg als ze niet herkend is."),
        Column("email", "E-mail", "E-mailadres van de abonnee.", form="email", required=True, privacy="direct", aliases=("Email Address", "E-mailadres"), stored=False),
        Column("lijsten", "Thema's", "Lijsten, met komma's.", aliases=("Thema's", "Thema’s"), stored=False),
        Column("getypte_organisatie", "Organisatie", "Organisatie zoals getypt.", privacy="indirect", aliases=("Organisatie",), stored=False),
        *(Column(f"mc_{number}", header, "Veld van Mailchimp dat niet gebruikt wordt.", privacy="direct", aliases=(header,), optional=True, stored=False) for number, header in enumerate(("First Name", "Last Name", "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "TIMEZONE", "CC", "LAST_CHANGED", "LEID", "EUID", "NOTES", "TAGS", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "REGION", "UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER", "CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID"))),
        BESTAND,
        RIJ,
    ),
)  # fmt: skip

WEBSTATISTIEK = Table(
    "webstatistiek",
    "Webstatistiek",
    "één maat van één website of kanaal",
    "web",
    ("jaar", "kanaal", "maat"),
    (
        JAAR,
        Column("kanaal", "Kanaal", "Website of sociaal medium.", required=True, aliases=("label", "kanaal")),
        Column("soort", "Soort", "Website of sociale media.", allowed={"website": (), "sociale media": ()}),
        Column("maat", "Maat", "Bezoekers worden nooit over websites opgeteld.", allowed={"bezoeken": (), "bezoekers": (), "paginas": (), "volgers": ()}),
        Column("waarde", "Waarde", "Aantal.", "whole", low=0),
        Column("bezoekers", "Unieke bezoekers", "Unieke bezoekers van de website.", "whole", low=0, aliases=("nb_uniq_visitors", "Unieke bezoekers"), stored=False),
        Column("bezoeken", "Bezoeken", "Bezoeken aan de website.", "whole", low=0, aliases=("nb_visits", "Bezoeken"), stored=False),
        Column("paginas", "Pagina's", "Bezochte pagina's.", "whole", low=0, aliases=("nb_actions", "Acties"), stored=False),
        Column("volgers", "Volgers", "Volgers van het kanaal.", "whole", low=0, aliases=("volgers",), stored=False),
        Column("geteld_op", "Geteld op", "Dag van de telling.", "moment", aliases=("geteld op",), stored=False),
        *(Column(f"matomo_{number}", header, "Veld van Matomo dat niet gebruikt wordt.", aliases=(header,), optional=True, stored=False) for number, header in enumerate(("max_actions", "sum_visit_length", "bounce_count"))),
    ),
)  # fmt: skip

GROOTBOEK = Table(
    "grootboek",
    "Grootboek",
    "één boeking; een terugname is een negatief bedrag",
    "zakelijk",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("op", "Datum", "Dag van de boeking.", "moment", required=True, aliases=("datum",)),
        Column("soort", "Soort", "Uitgaven of inkomsten.", allowed={"uitgaven": (), "inkomsten": ()}, required=True, aliases=("soort",)),
        Column("post", "Post", "Post van het financieel verslag.", required=True, aliases=("post",)),
        Column("doelstelling", "Doelstelling", "Strategische doelstelling (SD1 …); leeg als er geen is.", aliases=("doelstelling",)),
        Column("bedrag_eur", "Bedrag", "Bedrag.", "number", unit="euro", required=True, privacy="gevoelig", aliases=("bedrag",)),
        *GETELD,
    ),
)  # fmt: skip

PERSONEEL = Table(
    "personeel",
    "Personeel",
    "één personeelslid, zonder naam",
    "zakelijk",
    ("jaar", "personeelsnummer"),
    (
        JAAR,
        Column("personeelsnummer", "Personeelsnummer", "Nummer van het personeelslid.", required=True, privacy="indirect", aliases=("personeelsnr",)),
        Column("functie", "Functie", "Functie.", privacy="indirect", aliases=("functie",)),
        Column("kernopdracht", "Kernopdracht", "Kernopdracht waarvoor de inzet telt.", required=True, aliases=("kernopdracht",)),
        Column("in_dienst_op", "In dienst", "Dag van indiensttreding.", "moment", privacy="indirect", aliases=("in dienst",)),
        Column("uit_dienst_op", "Uit dienst", "Dag van uitdiensttreding; leeg in dienst.", "moment", privacy="indirect", aliases=("uit dienst",)),
        Column("inzet_pct", "Inzetbaarheid", "Effectieve inzetbaarheid.", "number", unit="% van een voltijdse", low=0, high=100, required=True, privacy="gevoelig", aliases=("inzetbaarheid %",)),
        *PLAATS,
    ),
)  # fmt: skip

VTE = Table(
    "vte",
    "Voltijdse equivalenten",
    "de voltijdse equivalenten van één jaar van de reeks",
    "zakelijk",
    ("jaar", "reeksjaar"),
    (
        JAAR,
        Column("reeksjaar", "Jaar van de reeks", "Jaar waarvoor het getal geldt.", "whole", low=1900, high=2100, required=True, aliases=("jaar",)),
        Column("vte", "VTE", "Voltijdse equivalenten op de loonlijst.", "number", unit="vte", low=0, required=True, aliases=("vte op payroll", "vte")),
        *PLAATS,
    ),
)  # fmt: skip

STREEFWAARDEN = Table(
    "streefwaarden",
    "Streefwaarden",
    "één streefwaarde van het beleidsplan voor het jaar",
    "beslissingen",
    ("jaar", "doelstelling", "kengetal"),
    (
        JAAR,
        Column("doelstelling", "Doelstelling", "Doelstelling van het beleidsplan.", required=True, aliases=("doelstelling",)),
        Column("kengetal", "Kengetal", "Id van het kengetal.", required=True, aliases=("kengetal",)),
        Column("streefwaarde", "Streefwaarde", "Waarde die gehaald moet worden.", "number", required=True, aliases=("streefwaarde",)),
        Column("richting", "Richting", "Minstens of hoogstens.", allowed={"minstens": (), "hoogstens": ()}, required=True, aliases=("richting",)),
        *PLAATS,
    ),
)  # fmt: skip

KOPPELINGEN = Table(
    "koppelingen",
    "Koppelingen",
    "één getypte naam waarvan een medewerker bevestigde welke organisatie het is",
    "beslissingen",
    ("jaar", "bron", "getypte_naam"),
    (
        JAAR,
        Column("bron", "Bron", "Export waarin de naam voorkomt.", required=True, aliases=("bron",)),
        Column("getypte_naam", "Getypte naam", "Naam zoals getypt.", required=True, privacy="indirect", aliases=("naam zoals getypt",)),
        Column("kbo", "KBO-nummer", "Organisatie die bedoeld is.", form="kbo", required=True, aliases=("KBO-nummer",)),
        Column("bevestigd_door", "Bevestigd door", "Initialen van de medewerker; leeg is niet bevestigd.", required=True, privacy="indirect", aliases=("bevestigd door",)),
        Column("bevestigd_op", "Bevestigd op", "Dag van de bevestiging.", "moment", aliases=("bevestigd op",)),
        *(Column(f"voorstel_{number}", header, "Kolom van het voorstel, mag blijven staan.", aliases=(header,), optional=True, stored=False) for number, header in enumerate(("voorstel", "gelijkenis", "komt voor in", "aantal keer"))),
        *PLAATS,
    ),
)  # fmt: skip

_BESLIST = (
    Column("waarom", "Waarom voorgesteld", "Waarop het voorstel steunt.", aliases=("waarom voorgesteld",)),
    Column("beslissing", "Beslissing", "Ja of nee; leeg is nog niet beslist.", allowed={"ja": ("j",), "nee": ("n", "neen")}, aliases=("beslissing",)),
    Column("bevestigd_door", "Bevestigd door", "Initialen van de medewerker.", privacy="indirect", aliases=("bevestigd door",)),
    Column("bevestigd_op", "Bevestigd op", "Dag van de beslissing.", "moment", aliases=("bevestigd op",)),
    *PLAATS,
)  # fmt: skip

ALIASSEN = Table(
    "aliassen",
    "Bevestigde aliassen",
    "één kolomkop of waarde van een export waarvan een medewerker bevestigde wat ze betekent",
    "beslissingen",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("soort", "Soort", "Een kolomkop of een waarde.", allowed={"kolom": ("kolomkop",), "waarde": ("code",)}, required=True, aliases=("soort",)),
        Column("tabel", "Tabel", "Tabel waarvoor de export gelezen wordt.", required=True, aliases=("tabel",)),
        Column("kolom", "Kolom", "Bij een waarde: de kolom waarin ze staat.", aliases=("kolom",)),
        Column("geschreven", "Zoals in de export", "De kolomkop of de waarde zoals ze in de export staat.", required=True, aliases=("zoals in de export",)),
        Column("bedoeld", "Bedoeld", "De kolom of de waarde die bedoeld is.", aliases=("bedoeld",)),
        *_BESLIST,
    ),
)  # fmt: skip

ORGANISATIEWIJZIGINGEN = Table(
    "organisatiewijzigingen",
    "Bevestigde wijzigingen van organisaties",
    "één organisatie die een andere naam kreeg, opging in een andere of verdween, zoals een medewerker bevestigde",
    "beslissingen",
    ("jaar", "bestand", "rij"),
    (
        JAAR,
        Column("soort", "Soort", "Wat er gebeurde.", allowed={"hernoemd": (), "gefusioneerd": (), "verdwenen": ()}, required=True, aliases=("soort",)),
        Column("naam_vroeger", "Vroegere naam", "Naam in het jaar ervoor.", required=True, aliases=("vroegere naam",)),
        Column("kbo_vroeger", "Vroeger KBO-nummer", "KBO-nummer in het jaar ervoor.", form="kbo", aliases=("vroeger KBO-nummer",)),
        Column("naam_nu", "Naam nu", "Naam van wie ze nu is of waarin ze opging.", aliases=("naam nu",)),
        Column("kbo_nu", "KBO-nummer nu", "KBO-nummer van wie ze nu is of waarin ze opging.", form="kbo", aliases=("KBO-nummer nu",)),
        *_BESLIST,
    ),
)  # fmt: skip

GEDRUKT = Table(
    "gedrukt",
    "Gedrukte cijfers",
    "één cijfer zoals het gedrukte jaarverslag het geeft",
    "beslissingen",
    ("jaar", "kengetal"),
    (
        JAAR,
        Column("kengetal", "Kengetal", "Id van het cijfer.", required=True, aliases=("id",)),
        Column("gedrukt", "Gedrukt", "Het cijfer zoals gedrukt, met punt als decimaalteken.", required=True, aliases=("value",)),
        Column("eenheid", "Eenheid", "Eenheid van het cijfer.", aliases=("unit",)),
        Column("omschrijving", "Omschrijving", "Wat het cijfer telt.", aliases=("label_nl",)),
        Column("citaat", "Citaat", "Woorden in het verslag.", aliases=("source_quote",)),
        Column("noot", "Noot", "Plaats in het verslag en wat de scan verloor.", aliases=("note",)),
        Column("verklaring", "Verklaring", "Waarom het gedrukte cijfer van het berekende verschilt.", aliases=("verklaring",), optional=True),
        *(Column(f"verslag_{number}", header, "Kolom van de overtikking die niet gebruikt wordt.", aliases=(header,), optional=True, stored=False) for number, header in enumerate(("section", "dimension", "member", "derivable"))),
        *PLAATS,
    ),
)  # fmt: skip

VOORSTELLEN = Table(
    "voorstellen",
    "Te bevestigen koppelingen",
    "één getypte naam die geen regel herkent, met de organisatie waarop ze lijkt",
    "werkbank",
    ("jaar", "bron", "getypte_naam"),
    (
        JAAR,
        Column("bron", "Bron", "Export waarin de naam voorkomt."),
        Column("getypte_naam", "Getypte naam", "Naam zoals getypt.", privacy="indirect"),
        Column("kbo", "KBO-nummer", "Voorgestelde organisatie; leeg zonder voorstel."),
        Column("voorstel", "Voorstel", "Naam van de voorgestelde organisatie."),
        Column("gelijkenis", "Gelijkenis", "Gelijkenis van de namen.", "number", unit="0–100", low=0, high=100),
        Column("keer", "Aantal keer", "Hoe vaak de naam voorkomt.", "whole", low=1),
        BESTAND,
        RIJ,
    ),
)  # fmt: skip

KWALITEIT = Table(
    "kwaliteit",
    "Kwaliteit",
    "één rij van een export die niet telt of bekeken moet worden",
    "werkbank",
    ("jaar", "volgnummer"),
    (
        JAAR,
        Column("volgnummer", "Volgnummer", "Volgorde waarin het gevonden werd.", "whole"),
        Column("systeem", "Systeem", "Systeem waar het bestand vandaan komt."),
        BESTAND,
        BLAD,
        RIJ,
        Column("kolom", "Kolom", "Kolomkop in het bestand."),
        Column("reden", "Reden", "Wat er is."),
        Column("gevolg", "Gevolg", "Wat ermee gebeurt.", allowed={"telt niet mee": (), "telt mee zonder die waarde": (), "telt mee, nakijken": (), "bestand niet gelezen": ()}),
        Column("waarde", "Waarde", "De waarde; nooit die van een persoon.", privacy="gevoelig"),
    ),
)  # fmt: skip

BESTANDEN = Table(
    "bestanden",
    "Bestanden",
    "één gelezen bestand, of blad ervan: rijen in = geteld + niet geteld",
    "werkbank",
    ("jaar", "bestand", "volgnummer"),
    (
        JAAR,
        Column("volgnummer", "Volgnummer", "Volgorde van lezen.", "whole"),
        Column("systeem", "Systeem", "Systeem waar het bestand vandaan komt."),
        BESTAND,
        BLAD,
        Column("rijen", "Rijen", "Rijen met gegevens in het bestand.", "whole", low=0),
        Column("rijen_geteld", "Geteld", "Rijen die meetellen.", "whole", low=0),
        Column("rijen_niet_geteld", "Niet geteld", "Rijen die niet meetellen; elk staat in kwaliteit.", "whole", low=0),
    ),
)  # fmt: skip

TABLES = {
    table.name: table
    for table in (
        ORGANISATIES, CONTACTEN, ACTIVITEITEN, INSCHRIJVINGEN, DEELNAMES, PERSONEN, VRAGEN,
        EVALUATIES, SECTORBEVRAGING, OVERLEG, ACTOREN, SISCA, PLANNEN, CODES, FRAGMENTEN, ABONNEES,
        WEBSTATISTIEK, GROOTBOEK, PERSONEEL, VTE, STREEFWAARDEN, KOPPELINGEN, ALIASSEN,
        ORGANISATIEWIJZIGINGEN, VOORSTELLEN, GEDRUKT, KWALITEIT,
        BESTANDEN, IDENTITEIT,
    )
}  # fmt: skip


def table(name: str) -> Table:
    """Return the description of a table; a misspelt name tells the nearest."""
    if name not in TABLES:
        raise unknown("tabel", name, TABLES)
    return TABLES[name]


def for_researchers() -> list[Table]:
    """Return the tables that a researcher works with: those without names or addresses of persons."""
    return [
        each
        for each in TABLES.values()
        if all(column.privacy != "direct" for column in each.stored)
    ]
