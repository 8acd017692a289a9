"""Projects that NVivo, ATLAS.ti and others wrote; they are not committed."""

import os
import zipfile
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from socius_lib.files import Export
from socius_lib.quality import LOOK, QualityLog
from socius_lib.sources.refi_qda import read_projects

pytestmark = pytest.mark.skipif(
    not os.environ.get("SOCIUS_REAL_FILES"),
    reason="SOCIUS_REAL_FILES does not say where the real files are (not committed)",
)
FOLDER = Path(os.environ.get("SOCIUS_REAL_FILES", "")) / "qda"
PROJECTS = sorted(path.name for path in FOLDER.glob("*.qdpx"))
N = "{urn:QDA-XML:project:1.0}"


def read(name: str):
    log = QualityLog()
    return *read_projects([Export(FOLDER / name, name)], log), log


def counted_apart(name: str) -> dict[str, int]:
    """Return what stands in the project's XML, counted without the workbench."""
    with zipfile.ZipFile(FOLDER / name) as archive:
        (member,) = (name for name in archive.namelist() if name.lower() == "project.qde")
        root = fromstring(archive.read(member))
    texts = root.findall(f"{N}Sources/{N}TextSource")
    return {
        "codes": len(list(root.iter(f"{N}Code"))),
        "plannen": len(texts),
        "bronnen": len(root.findall(f"{N}Sources/*")),
        "fragmenten": sum(len(list(text.iter(f"{N}CodeRef"))) for text in texts),
    }


def test_there_are_real_projects_to_read():
    assert PROJECTS


@pytest.mark.parametrize("name", PROJECTS)
def test_a_real_project_gives_what_stands_in_its_xml(name):
    plans, codes, fragments, log = read(name)
    rows = {count.sheet: count.rows_in for count in log.files}
    assert counted_apart(name) == {
        "codes": len(codes),
        "plannen": len(plans),
        "bronnen": rows["bronnen"],
        "fragmenten": len(fragments),
    }


def test_a_real_export_of_nvivo_has_two_empty_texts_and_says_so():
    plans, codes, fragments, log = read("nvivo_project.qdpx")
    assert (len(plans), len(codes), len(fragments)) == (2, 262, 0)
    assert [(f.reason, f.consequence) for f in log.findings] == [("de tekst is leeg", LOOK)] * 2


def test_every_position_in_a_real_project_with_texts_fits():
    plans, codes, fragments, _ = read("qc_demo.qdpx")
    assert (len(plans), len(codes), len(fragments)) == (2, 262, 205)
    assert fragments["begin"].notna().all()


def test_a_real_project_without_its_texts_tells_which_are_lacking():
    plans, _, fragments, log = read("skyloom_TestProject.qdpx")
    assert plans["tekens"].isna().all()
    assert fragments["begin"].isna().all()
    lacking = [found.row for found in log.findings if "de tekst ontbreekt" in found.reason]
    assert lacking == plans["rij"].tolist()
