"""A real browser for tests of pages: what axe finds, what the keyboard reaches, what does not fit."""

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is not installed (`sudo apt-get install chromium`)"
)
AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"
TWICE = """() => [...document.querySelectorAll('[id]')].map(e => e.id)
    .filter((id, at, all) => all.indexOf(id) < at)"""
LEAVE_OUT = "which => document.querySelectorAll(which).forEach(e => e.remove())"
# axe takes seconds per thousand elements: of what is made by one line of a template it sees enough.
REPEATED = ".kengetal:nth-of-type(n+60)"
UPRIGHT, ON_SIDE = 680, 1009
"""Pixels of CSS between the margins of an A4 sheet: 180 mm, and 267 mm."""
LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}
PRINT = {"color_scheme": "light", "media": "print"}


def found_by_axe(page, within: str = "document", **options) -> list[str]:
    """What axe finds: the rule and the first element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    rules = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], **options}
    found = page.evaluate(f"options => axe.run({within}, options)", rules)["violations"]
    return [f"{broken['id']}: {broken['nodes'][0]['html'][:200]}" for broken in found]


MARK = """known => {
  const signs = new Set(known), before = signs.size;
  document.querySelectorAll('[data-new]').forEach(e => e.removeAttribute('data-new'));
  for (const e of document.querySelectorAll('body *')) {
    const says = [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim());
    let sign = '';
    for (let at = e; says && at !== document.body; at = at.parentElement)
      sign += at.localName + ['class', 'style', 'fill', 'role'].map(a => at.getAttribute(a)).join('|');
    if (says && !signs.has(sign)) { signs.add(sign); e.setAttribute('data-new', ''); }
  }
  return [...signs].slice(before);
}"""
"""Marks the first element with a text of each style: what it is in, with classes and own style."""


class Contrast:
    """Contrast is most of axe's work, and depends on the style: what has that of before is left out."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {}

    def found_on(self, page, how: dict[str, str]) -> list[str]:
        page.emulate_media(**how)
        known = self.known.setdefault(str(how), [])
        new = page.evaluate(MARK, known)
        known += new
        fresh = "document.querySelectorAll('[data-new]')"
        found = found_by_axe(page, fresh, runOnly=["color-contrast"]) if new else []
        return [f"{how} {what}" for what in found]


def found_on(page, contrast: Contrast, *seen: dict[str, str]) -> list[str]:
    """What axe finds on an opened page, its contrast as it is seen in each of these ways."""
    page.evaluate(OPEN)
    twice = page.evaluate(TWICE)
    page.evaluate(LEAVE_OUT, REPEATED)
    found = found_by_axe(page, rules={"color-contrast": {"enabled": False}})
    return twice + found + [what for how in seen for what in contrast.found_on(page, how)]


TAB = """() => {
  window.reached = new Map();
  window.wanted = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility());
  const width = (e, what) => parseFloat(getComputedStyle(e)[what]);
  const seen = e => e.matches('.knoop')
    ? width(e.querySelector(':scope > rect'), 'strokeWidth') >= 2
    : getComputedStyle(e).outlineStyle === 'solid' && width(e, 'outlineWidth') >= 2;
  document.addEventListener('focusin', e => reached.set(e.target, seen(e.target)));
  return wanted.length;
}"""
MISSED = """() => wanted.filter(e => !reached.get(e))
    .map(e => (reached.has(e) ? 'unseen: ' : 'unreached: ') + e.outerHTML.slice(0, 150))"""


def missed_by_keys(page) -> list[str]:
    """What the tab key does not reach on an opened page, or reaches unseen."""
    page.evaluate(LEAVE_OUT, REPEATED)
    for _ in range(page.evaluate(TAB)):
        page.keyboard.press("Tab")
    return page.evaluate(MISSED)


CUT = """wide => [...document.querySelectorAll('table, img, svg')]
    .filter(e => e.checkVisibility() && Boolean(e.closest('.breed')) === wide)
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.textContent.slice(0, 80))"""


def too_wide(page) -> list[object]:
    """What of a page, opened 320 wide, is wider than that, and on paper than its sheet."""
    aside = page.evaluate("document.documentElement.scrollWidth - 320")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": UPRIGHT, "height": 900})
    cut = page.evaluate(CUT, False)
    page.set_viewport_size({"width": ON_SIDE, "height": 900})
    return [aside] * (aside > 0) + cut + page.evaluate(CUT, True)


def wrong(paths: list[Path], find) -> dict[str, object]:
    """What is found on each page, of the pages with anything."""
    found = {f"{path.parent.name}/{path.name}": find(path) for path in paths}
    return {name: what for name, what in found.items() if what}
