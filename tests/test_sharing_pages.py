"""Pages for outside run nothing and ask nothing; pseudonyms say nothing."""

import base64
import hashlib
import io
import json
import re
import secrets
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import lxml.html
import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socius_lib.errors import SociusError
from socius_lib.sharing import pseudonyms
from socius_lib.sharing.safe_html import bare_notebook, refuse_unsafe, safe_page, scrub_png
from socius_lib.show import show_table

mpl.use("Agg")


def drawn() -> bytes:
    from matplotlib.figure import Figure

    written = io.BytesIO()
    Figure(figsize=(0.2, 0.2)).savefig(written, metadata={"Author": "iemand"})
    return written.getvalue()


PNG = drawn()
PICTURE = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def page(body: str, head: str = "<style>p { color: #111 }</style>") -> str:
    return (
        f'<!DOCTYPE html><html lang="nl"><head><title>Cijfers &amp; meer</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def safe(body: str, **about: str) -> str:
    made = safe_page(page(body, **about), "a.html")
    refuse_unsafe(made, "a.html")
    return made


REACHES = {
    "script": "<script>alert(1)</script>",
    "script in svg": "<svg><script>alert(1)</script></svg>",
    "handler": '<p onclick="alert(1)">x</p>',
    "handler of a picture": f'<img src="{PICTURE}" onerror=alert(1) alt="">',
    "javascript link": '<a href="javascript:alert(1)">x</a>',
    "javascript link with a tab": '<a href="java\tscript:alert(1)">x</a>',
    "data link": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "link outside": '<a href="https://elders.example/x">x</a>',
    "link without scheme": '<a href="//elders.example/x">x</a>',
    "link in svg": '<svg><a xlink:href="https://elders.example">x</a></svg>',
    "frame": '<iframe src="https://elders.example"></iframe>',
    "object": '<object data="https://elders.example"></object>',
    "form": '<form action="https://elders.example"><input name="x"></form>',
    "style attribute": '<p style="background:url(https://elders.example)">x</p>',
    "srcset": f'<img src="{PICTURE}" srcset="https://elders.example/x 2x" alt="">',
    "refresh": '<meta http-equiv="refresh" content="0;url=https://elders.example">',
    "base": '<base href="https://elders.example">',
    "stylesheet": '<link rel="stylesheet" href="https://elders.example">',
    "svg image": '<svg><image href="https://elders.example/x.png"/></svg>',
    "foreign object": "<svg><foreignObject><script>alert(1)</script></foreignObject></svg>",
    "math": '<math><mtext><p onclick="alert(1)">x</p></mtext></math>',
}


@pytest.mark.parametrize("what", REACHES)
def test_nothing_on_a_page_runs_or_reaches_outside(what):
    made = safe(REACHES[what] + "<p>Bereik</p>")
    body = made.partition("<body>")[2]
    assert "Bereik" in body
    assert "alert" not in re.sub(r">[^<]*<", "><", body)
    assert "elders.example" not in body
    for word in ("<script", "onclick", "onerror", "javascript:", "<iframe", "<form", "<meta"):
        assert word not in body


@pytest.mark.parametrize("what", REACHES)
def test_the_second_reading_sees_what_the_first_would_let_through(what):
    with pytest.raises(SociusError, match="mag zo niet naar buiten"):
        refuse_unsafe(safe("<p>x</p>").replace("<p>x</p>", REACHES[what]), "a.html")


def test_a_page_without_its_policy_or_with_another_style_is_refused():
    made = safe("<p>x</p>")
    for changed in (
        re.sub(r"<meta http-equiv[^>]*>", "", made),
        made.replace("color: #111", "color: #222"),
        made.replace("default-src &#x27;none&#x27;", "default-src *"),
        made.replace("</head>", "<style>p{}</style></head>"),
    ):
        assert changed != made
        with pytest.raises(SociusError, match=r"beleid|stijl"):
            refuse_unsafe(changed, "a.html")


def test_the_policy_allows_only_this_style_and_pictures_in_the_page():
    made = lxml.html.document_fromstring(safe("<p>x</p>"))
    policy = made.xpath("//meta[@http-equiv]/@content")[0]
    css = made.xpath("string(//style)")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize(
    "kept",
    [
        '<th scope="col" colspan="2">',
        '<th scope="row">',
        "<caption>",
        '<details open="">',
        "<summary>",
        '<h2 id="bereik">',
        '<section aria-labelledby="bereik">',
        '<div tabindex="0" role="region" aria-label="tabel">',
        '<a href="#bereik">',
        '<a href="../index.html">',
        '<a href="mailto:data@socius.example">',
        '<svg viewBox="0 0 9 9" role="img" aria-label="net">',
        '<path d="M0 0L9 9" fill="none">',
        '<text x="1" y="2" text-anchor="middle">',
        "<figcaption>",
        '<span lang="en">',
    ],
)
def test_what_makes_a_page_readable_stays(kept):
    body = (
        '<section aria-labelledby="bereik"><h2 id="bereik">Bereik</h2><div tabindex="0" role="region" '
        'aria-label="tabel"><table><caption>t</caption><tr><th scope="col" colspan="2">a</th></tr><tr>'
        '<th scope="row">1</th><td>2</td></tr></table></div><details open><summary>s</summary>d</details>'
        '<a href="#bereik">in</a><a href="../index.html">op</a><a href="mailto:data@socius.example">m</a>'
        '<figure><svg viewBox="0 0 9 9" role="img" aria-label="net"><path d="M0 0L9 9" fill="none"/>'
        '<text x="1" y="2" text-anchor="middle">t</text></svg><figcaption>f</figcaption></figure>'
        '<span lang="en">reach</span></section>'
    )
    assert kept in safe(body)


def test_language_title_and_style_stay_and_a_style_in_the_body_too():
    made = lxml.html.document_fromstring(safe("<figure><style>g { fill: red }</style></figure>"))
    assert made.get("lang") == "nl"
    assert made.xpath("string(//title)") == "Cijfers & meer"
    assert "p { color: #111 }" in made.xpath("string(//head/style)")
    assert "g { fill: red }" in made.xpath("string(//head/style)")


@pytest.mark.parametrize(
    "css", ["@import 'x';", "p { background: url(x) }", "p { background: u\\72l(x) } @IMPORT 'x'"]
)
def test_a_style_that_asks_something_of_elsewhere_is_refused(css):
    with pytest.raises(SociusError, match="stijl"):
        safe_page(page("<p>x</p>", f"<style>{css}</style>"), "a.html")


@pytest.mark.parametrize(
    "address",
    [
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,PHA+",
        "data:image/png;base64,PHA+",
        "figuur.png",
        "https://elders.example/x.png",
    ],
)
def test_a_picture_that_is_no_png_in_the_page_is_refused_and_not_lost_silently(address):
    with pytest.raises(SociusError, match="1 afbeeldingen"):
        safe(f'<img alt="x" src="{address}">')


def test_a_picture_keeps_its_points_and_loses_what_its_maker_noted():
    made = lxml.html.document_fromstring(safe(f'<img alt="bereik" src="{PICTURE}">'))
    (picture,) = made.iter("img")
    data = base64.b64decode(picture.get("src").partition(",")[2])
    assert picture.get("alt") == "bereik"
    assert b"iemand" in PNG
    assert b"Software" in PNG
    assert b"iemand" not in data
    assert b"Software" not in data
    assert mpl.image.imread(io.BytesIO(data)).shape == mpl.image.imread(io.BytesIO(PNG)).shape


def test_half_a_png_is_refused():
    with pytest.raises(SociusError):
        scrub_png(PNG[:-20])


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(str.strip))
def test_what_stands_in_the_data_stays_text(text):
    table = show_table(pd.DataFrame({"naam": [text]}), text)
    made = safe(table._repr_html_())
    assert lxml.html.document_fromstring(made).xpath("string(//tbody//th)") == text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=1+1"]
)
def test_markup_in_the_data_is_shown_as_it_was_typed(text):
    made = lxml.html.document_fromstring(
        safe(show_table(pd.DataFrame({"a": [text]}), "t")._repr_html_())
    )
    assert made.xpath("string(//tbody//th)") == text
    assert not made.xpath("//script | //img")


def test_a_notebook_leaves_without_outputs_and_what_programs_noted_in_it():
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": ["1 + 1"],
        "execution_count": 3,
        "metadata": {"tags": ["parameters"], "papermill": {"start": "2021"}},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "iemand"}],
    }
    prose = {"cell_type": "markdown", "source": "# Bereik", "metadata": {"naam": "iemand"}}
    about = {"kernelspec": {"name": "van iemand"}, "widgets": {"a": "iemand"}}
    bare = bare_notebook(json.dumps({"cells": [cell, prose], "metadata": about, "nbformat": 4}))
    assert "iemand" not in bare
    assert "papermill" not in bare
    made = json.loads(bare)
    assert made["cells"][0]["source"] == ["1 + 1"]
    assert made["cells"][0]["metadata"] == {"tags": ["parameters"]}
    assert made["cells"][0]["outputs"] == []


# Pseudonyms

KEYS = pd.Series(["p1", "p2", None, "p1"], index=[5, 6, 7, 8], name="persoon_id")


@pytest.fixture
def vault(tmp_path):
    return tmp_path / "kluis" / "pseudoniemen.sqlite"


def give(vault, recipient="KU", kind="persoon", keys=KEYS):
    return pseudonyms.give_tokens(vault, recipient, kind, keys)


def test_the_same_person_has_the_same_token_in_a_later_release_to_the_same_recipient(vault):
    first = give(vault)
    assert first[5] == first[8] != first[6]
    assert pd.isna(first[7])
    assert list(first.index) == [5, 6, 7, 8]
    later = give(vault, keys=pd.Series(["p3", "p1"]))
    assert later[1] == first[5]
    assert later[0] not in set(first)


def test_another_recipient_and_another_kind_get_other_tokens(vault):
    tokens = [give(vault), give(vault, "UGent"), give(vault, kind="organisatie")]
    assert len({token for of in tokens for token in of.dropna()}) == 6


def test_a_token_says_nothing_of_whom_it_stands_for(tmp_path):
    one, other = (give(tmp_path / name / "kluis.sqlite") for name in ("a", "b"))
    assert set(one.dropna()).isdisjoint(other.dropna())
    for token in one.dropna():
        assert re.fullmatch(r"p[0-9a-f]{16}", token)
        for name in ("md5", "sha1", "sha256"):
            assert token[1:] not in hashlib.new(name, b"p1").hexdigest()


def test_only_its_owner_can_read_the_vault(vault):
    give(vault)
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600
    assert stat.S_IMODE(vault.parent.stat().st_mode) == 0o700
    vault.chmod(0o640)
    with pytest.raises(SociusError, match="leesbaar voor anderen"):
        give(vault)


def test_what_is_forgotten_is_gone_from_the_file_and_gets_another_token(vault):
    before = give(vault, keys=pd.Series(["sleutel-van-iemand", "p2"]))
    give(vault, "UGent", keys=pd.Series(["sleutel-van-iemand"]))
    assert b"sleutel-van-iemand" in vault.read_bytes()
    assert pseudonyms.forget_keys(vault, "persoon", ["sleutel-van-iemand"]) == 2
    assert b"sleutel-van-iemand" not in vault.read_bytes()
    after = give(vault, keys=pd.Series(["sleutel-van-iemand", "p2"]))
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_a_recipient_can_be_forgotten_whole(vault):
    before = give(vault)
    give(vault, "UGent")
    assert pseudonyms.forget_recipient(vault, "KU") == 2
    assert set(give(vault).dropna()).isdisjoint(before.dropna())


def test_two_that_give_tokens_at_once_agree(vault, monkeypatch):
    drawn = secrets.token_hex

    def slowly(size: int) -> str:
        time.sleep(0.002)  # lets the other thread go on between what is read and what is written
        return drawn(size)

    monkeypatch.setattr(pseudonyms.secrets, "token_hex", slowly)
    keys = pd.Series([str(number) for number in range(50)])
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: list(give(vault, keys=keys)), range(2))
    assert one == other
    assert len(set(one)) == 50


def test_a_vault_that_is_broken_is_refused_and_not_replaced(vault):
    vault.parent.mkdir()
    vault.write_bytes(b"geen kluis, maar wel lang genoeg om er een te lijken" * 40)
    vault.chmod(0o600)
    before = vault.read_bytes()
    with pytest.raises(SociusError, match="niet te lezen"):
        give(vault)
    assert vault.read_bytes() == before
