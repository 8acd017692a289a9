"""REFI-QDA projects (socius_lib.sources.refi_qda)."""

import io
import zipfile

import pytest

from socius_lib.errors import InputError
from socius_lib.files import Export
from socius_lib.quality import LOOK, NOT_COUNTED, QualityLog
from socius_lib.sources.refi_qda import read_projects

FILE = "beleidsplannen/plan.qdpx"
CODES = """
<Code guid="{G0}" name="Thema" isCodable="false">
  <Code guid="{C1}" name="zorg" isCodable="true"><Description>Zorg voor elkaar.</Description></Code>
  <Code guid="{C2}" name="wonen" isCodable="true"/>
</Code>
<Code guid="{C3}" name="zorg"/>
"""
CODING = '<Coding guid="k" creatingUser="U1"><CodeRef targetGUID="C1"/></Coding>'


def selection(begin, end, codings=CODING) -> str:
    return (
        f'<PlainTextSelection guid="s" startPosition="{begin}" endPosition="{end}" '
        f'creatingUser="U1">{codings}</PlainTextSelection>'
    )


def source(inside="", guid="S1", path="internal://s.txt", user="U1", kind="TextSource") -> str:
    return (
        f'<{kind} guid="{guid}" name="Beleidsplan De Kring" plainTextPath="{path}" '
        f'creatingUser="{user}">{inside}</{kind}>'
    )


def project(sources="", codes=CODES, head="") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}'
        '<Project xmlns="urn:QDA-XML:project:1.0" name="proef">'
        '<Users><User guid="U1" name="A"/><User guid="U2" name="B"/></Users>'
        f"<CodeBook><Codes>{codes}</Codes></CodeBook><Sources>{sources}</Sources></Project>"
    )


def packed(members: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.fixture
def read(tmp_path):
    """Return a function that reads projects, and gives plans, codes, fragments and the log."""

    def read_them(*projects: bytes):
        log, exports = QualityLog(), []
        for number, raw in enumerate(projects):
            path = tmp_path / f"{number}.qdpx"
            path.write_bytes(raw)
            exports.append(Export(path, FILE if number == 0 else f"beleidsplannen/{number}.qdpx"))
        frames = read_projects(exports, log)
        return *map(records, frames), log

    return read_them


@pytest.fixture
def read_text(read):
    """Return a function that reads a project with one plan of this text and these selections."""

    def read_it(text: str | bytes, *inside: str):
        return read(
            packed({"project.qde": project(source("".join(inside))), "sources/s.txt": text})
        )

    return read_it


def records(frame) -> list[dict]:
    whole = frame.convert_dtypes().astype(object)
    return whole.where(frame.notna(), None).to_dict("records")


def reasons(log) -> list[tuple]:
    return [(found.sheet, found.row, found.reason, found.consequence) for found in log.findings]


def counts(log) -> dict:
    return {count.sheet: (count.rows_in, count.rows_not_counted) for count in log.files}


def test_a_project_gives_its_plans_codes_and_fragments(read_text):
    plans, codes, fragments, log = read_text("zorg en wonen", selection(0, 4), selection(8, 13))
    (plan,) = plans
    assert plan == {
        "plan_id": "s1",
        "naam": "Beleidsplan De Kring",
        "hoofdlezer": "u1",
        "tekens": 13,
        "lezers": 1,
        "proeflezing": False,
        "bestand": FILE,
        "rij": 1,
    }
    assert [(f["begin"], f["einde"], f["code_id"], f["rij"]) for f in fragments] == [
        (0, 4, "c1", 1),
        (8, 13, "c1", 2),
    ]
    assert len(codes) == 4
    assert counts(log) == {"codes": (4, 0), "bronnen": (1, 0), "coderingen": (2, 0)}
    assert log.findings == []


def test_a_group_is_no_code_to_code_with_and_a_name_may_repeat(read):
    _, codes, _, _ = read(packed({"project.qde": project()}))
    told = [(c["code_id"], c["pad"], c["groep"], c["codeerbaar"], c["omschrijving"]) for c in codes]
    assert told == [
        ("g0", "Thema", None, False, None),
        ("c1", "Thema / zorg", "Thema", True, "Zorg voor elkaar."),
        ("c2", "Thema / wonen", "Thema", True, None),
        ("c3", "zorg", None, True, None),
    ]


def test_a_position_counts_code_points_so_a_sign_outside_the_first_plane_is_one(read_text):
    text = "😀 zorg"
    (plan,), _, (first, second), log = read_text(text, selection(2, 6), selection(2, 7))
    assert plan["tekens"] == 6
    assert text[first["begin"] : first["einde"]] == "zorg"
    assert (second["begin"], second["einde"]) == (None, None)
    assert [found[1] for found in reasons(log)] == [2]


def test_a_line_end_of_two_signs_counts_as_two_and_the_mark_of_the_text_does_not_count(read_text):
    text = "één\r\nzorg"
    for encoded in (text.encode("utf-8-sig"), text.encode(), text.encode("utf-16")):
        (plan,), _, (fragment,), _ = read_text(encoded, selection(5, 9))
        assert (plan["tekens"], fragment["begin"], fragment["einde"]) == (9, 5, 9)


@pytest.mark.parametrize(
    ("begin", "end"), [(0, 6), (-1, 3), (4, 3), (9, 12), ("", 3), ("x", 3), ("1.0", 3)]
)
def test_a_position_that_does_not_fit_the_text_is_reported_and_not_guessed(read_text, begin, end):
    _, _, (fragment,), log = read_text("wonen", selection(begin, end))
    assert (fragment["begin"], fragment["einde"]) == (None, None)
    reason = "de plaats past niet in de tekst; het fragment telt zonder plaats"
    assert reasons(log) == [("coderingen", 1, reason, LOOK)]


def test_the_whole_text_and_nothing_of_it_are_positions_that_fit(read_text):
    _, _, fragments, log = read_text("wonen", selection(0, 5), selection(5, 5))
    assert [(f["begin"], f["einde"]) for f in fragments] == [(0, 5), (5, 5)]
    assert log.findings == []


@pytest.mark.parametrize(
    ("qde", "member", "path"),
    [
        ("project.qde", "sources/s.txt", "s.txt"),
        ("Project.qde", "Sources/S.TXT", "internal://s.txt"),
        ("PROJECT.QDE", "s.txt", "internal://S.txt"),
    ],
)
def test_names_of_parts_match_in_any_case_and_with_or_without_internal(read, qde, member, path):
    (plan,), *_ = read(packed({qde: project(source(path=path)), member: "wonen"}))
    assert plan["tekens"] == 5


def test_a_text_may_stand_in_the_project_itself(read):
    inside = "<PlainTextContent>wonen</PlainTextContent>" + selection(0, 5)
    (plan,), _, (fragment,), _ = read(packed({"project.qde": project(source(inside, path=""))}))
    assert (plan["tekens"], fragment["einde"]) == (5, 5)


def test_an_empty_text_is_reported(read_text):
    (plan,), _, _, log = read_text(b"")
    assert plan["tekens"] == 0
    assert reasons(log) == [("bronnen", 1, "de tekst is leeg", LOOK)]


@pytest.mark.parametrize(
    "path", ["", "ontbreekt.txt", "absolute:///etc/hostname", "../../etc/hostname", "/etc/hostname"]
)
def test_a_text_outside_the_project_is_never_opened_and_its_lack_is_reported(read, path):
    raw = packed({"project.qde": project(source(selection(0, 1), path=path)), "sources/s.txt": "x"})
    (plan,), _, (fragment,), log = read(raw)
    assert (plan["tekens"], fragment["begin"]) == (None, None)
    (found,) = log.findings
    assert found.reason.startswith("de tekst ontbreekt in het project")


def test_a_plan_that_several_read_is_of_the_test_reading_and_one_is_its_main_reader(read_text):
    other = CODING.replace("U1", "{u2}").replace("C1", "{C2}")
    (plan,), _, fragments, _ = read_text("wonen", selection(0, 5, CODING + other))
    assert (plan["lezers"], plan["proeflezing"]) == (2, True)
    told = [(f["lezer"], f["code_id"], f["hoofdlezing"]) for f in fragments]
    assert told == [("u1", "c1", True), ("u2", "c2", False)]


def test_the_reader_of_a_selection_is_that_of_a_coding_that_names_none(read_text):
    _, _, (fragment,), log = read_text(
        "x", selection(0, 1, CODING.replace('creatingUser="U1"', ""))
    )
    assert (fragment["lezer"], fragment["hoofdlezing"]) == ("u1", True)
    assert log.findings == []


def test_an_unknown_reader_is_reported_and_reads_for_nobody(read):
    inside = selection(0, 1, CODING.replace("U1", "U9"))
    raw = packed({"project.qde": project(source(inside, user="U9")), "sources/s.txt": "x"})
    _, _, _, log = read(raw)
    assert reasons(log) == [
        ("bronnen", 1, "de hoofdlezer is onbekend", LOOK),
        ("coderingen", 1, "de lezer is onbekend", LOOK),
    ]


def test_a_coding_of_the_whole_text_has_no_place_and_a_selection_without_one_is_no_fragment(
    read_text,
):
    _, _, (fragment,), log = read_text("wonen", CODING, selection(0, 5, ""))
    assert (fragment["begin"], fragment["einde"]) == (None, None)
    assert log.findings == []
    assert counts(log)["coderingen"] == (1, 0)


def test_a_coding_with_an_unknown_code_or_none_does_not_count(read_text):
    unknown, none = CODING.replace("C1", "C9"), '<Coding guid="k" creatingUser="U1"/>'
    _, _, fragments, log = read_text("wonen", selection(0, 5, CODING + unknown + none))
    assert [f["rij"] for f in fragments] == [1]
    reason = "de code staat niet in het codeboek"
    assert reasons(log) == [("coderingen", row, reason, NOT_COUNTED) for row in (2, 3)]
    assert counts(log)["coderingen"] == (3, 2)


def test_a_code_with_a_guid_that_was_there_already_or_without_one_does_not_count(read):
    codes = '<Code guid="{C1}" name="a"/><Code guid="c1" name="b"/><Code name="c"/>'
    _, (code,), _, log = read(packed({"project.qde": project(codes=codes)}))
    assert code["naam"] == "a"
    reason = "code zonder guid of met een guid die al voorkomt"
    assert reasons(log) == [("codes", row, reason, NOT_COUNTED) for row in (2, 3)]


def test_a_source_with_a_guid_that_was_there_already_does_not_count_nor_do_its_codings(read):
    sources = source(selection(0, 1)) + source(selection(0, 1), guid="{s1}")
    plans, _, fragments, log = read(packed({"project.qde": project(sources), "sources/s.txt": "x"}))
    assert (len(plans), len(fragments)) == (1, 1)
    assert reasons(log) == [
        ("bronnen", 2, "bron zonder guid of met een guid die al voorkomt", NOT_COUNTED),
        ("coderingen", 2, "de bron van de codering telt niet", NOT_COUNTED),
    ]
    assert counts(log) == {"codes": (4, 0), "bronnen": (2, 1), "coderingen": (2, 1)}


def test_a_plan_in_two_projects_counts_once_and_codes_of_both_are_known(read):
    raw = packed({"project.qde": project(source(selection(0, 1))), "sources/s.txt": "x"})
    renamed = CODES.replace("Thema", "Topic") + '<Code guid="C4" name="sport"/>'
    other = project(source(selection(0, 1)), renamed)
    plans, codes, fragments, log = read(raw, packed({"project.qde": other}))
    assert (len(plans), len(fragments)) == (1, 1)
    assert [c["naam"] for c in codes] == ["Thema", "zorg", "wonen", "zorg", "sport"]
    assert {found.file for found in log.findings} == {"beleidsplannen/1.qdpx"}


def test_a_source_that_is_no_text_does_not_count_nor_do_its_codings(read):
    inside = selection(0, 1).replace("PlainText", "PDF")
    plans, _, fragments, log = read(
        packed({"project.qde": project(source(inside, kind="PDFSource"))})
    )
    assert (plans, fragments) == ([], [])
    assert reasons(log) == [
        ("bronnen", 1, "geen tekst maar PDFSource, niet gelezen", NOT_COUNTED),
        ("coderingen", 1, "de bron van de codering telt niet", NOT_COUNTED),
    ]


def encrypted(raw: bytes) -> bytes:
    at = raw.index(b"PK\x01\x02") + 8
    return raw[:at] + bytes([raw[at] | 1]) + raw[at + 1 :]


def unpressed() -> bytes:
    """Return a project whose parts are not compressed, so that a byte of them can be changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("project.qde", project(source()))
        archive.writestr("sources/s.txt", "wonen")
    return written.getvalue()


GOOD = packed({"project.qde": project(source()), "sources/s.txt": "wonen"})
ENTITIES = '<!DOCTYPE Project [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Project [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
HARMFUL = {
    "../s.txt": "het pad van onderdeel 2 leidt buiten het project",
    "sources/../../s.txt": "het pad van onderdeel 2 leidt buiten het project",
    "/s.txt": "het pad van onderdeel 2 leidt buiten het project",
    "..\\s.txt": "het pad van onderdeel 2 leidt buiten het project",
    "C:\\s.txt": "het pad van onderdeel 2 leidt buiten het project",
    "Project.QDE": "een onderdeel staat er twee keer in",
}
REFUSED = {
    "empty": (b"", "het bestand is leeg"),
    "no zip": (b"geen zip", "geen zip"),
    "cut off": (GOOD[:-30], "geen zip"),
    "no project": (packed({"sources/s.txt": "x"}), "project.qde ontbreekt"),
    "elsewhere": (packed({"sources/project.qde": project()}), "project.qde ontbreekt"),
    "encrypted": (encrypted(GOOD), "onderdeel 1 is versleuteld"),
    "damaged": (unpressed().replace(b"wonen", b"wanen"), "is beschadigd"),
    "bomb": (packed({"project.qde": project(), "s.txt": "a" * 10**7}), "meer dan 100 keer"),
    "entities": (packed({"project.qde": project(head=ENTITIES)}), "DTD of entiteiten"),
    "external": (packed({"project.qde": project(head=OUTSIDE)}), "DTD of entiteiten"),
    "no xml": (packed({"project.qde": project()[:-9]}), "geen geldige XML (regel "),
    "other xml": (packed({"project.qde": "<Project/>"}), "geen REFI-QDA-project"),
    "no text": (
        packed({"project.qde": project(source()), "sources/s.txt": b"a\x81\xff"}),
        "geen tekst in UTF-8",
    ),
}


REFUSED |= {
    name: (packed({"project.qde": project(), name: "x"}), words) for name, words in HARMFUL.items()
}


@pytest.mark.parametrize(("raw", "words"), REFUSED.values(), ids=REFUSED)
def test_an_archive_that_is_none_or_could_do_harm_is_refused_by_name(read, raw, words):
    with pytest.raises(InputError) as error:
        read(raw)
    assert str(error.value).startswith(f"`{FILE}`: ")
    assert words in str(error.value)


def test_a_project_that_unpacks_to_less_than_a_hundred_times_its_size_is_read(read):
    text = str(7**4000) + "a" * 50_000
    raw = packed({"project.qde": project(source()), "sources/s.txt": text})
    assert 10 < 50_000 / len(raw) < 100
    (plan,), *_ = read(raw)
    assert plan["tekens"] == len(text)


def test_texts_of_a_project_are_nowhere_in_what_is_kept(read_text):
    *frames, log = read_text("geheime zin", selection(0, 99))
    assert "geheim" not in repr((frames, log))


@pytest.mark.parametrize("encoding", ["big5", "utf-7", "nonsense", "idna"])
def test_xml_in_an_encoding_that_xml_does_not_have_is_refused(read, encoding):
    text = project().replace("utf-8", encoding)
    with pytest.raises(InputError, match="geen geldige XML"):
        read(packed({"project.qde": text}))


def test_codes_nested_without_end_are_refused(read):
    opened = "".join(f'<Code guid="{n * 7919 % 10007}" name="{n * 31}">' for n in range(500))
    deep = opened + "</Code>" * 500
    with pytest.raises(InputError, match="diep in elkaar"):
        read(packed({"project.qde": project(codes=deep)}))


def test_a_damaged_member_is_refused(read):
    raw = bytearray(packed({"project.qde": project("x" * 5000)}))
    raw[60:90] = b"\xff" * 30
    with pytest.raises(InputError, match=r"beschadigd|geen zip"):
        read(bytes(raw))


def test_the_codings_of_a_source_that_is_no_text_are_counted_wherever_they_stand(read):
    inside = f"<Representation>{selection(0, 1)}</Representation><Transcript>{CODING}</Transcript>"
    *_, log = read(packed({"project.qde": project(source(inside, kind="PDFSource"))}))
    assert counts(log)["coderingen"] == (2, 2)


def test_a_position_in_other_digits_than_ours_is_none(read_text):
    _, _, fragments, _ = read_text("tekst", selection("1_0", 12))
    assert fragments[0]["begin"] is None
