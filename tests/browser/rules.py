"""What every page must keep: axe's rules, and those of ours that axe does not know."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Django's own admin pages break these; everything else counts there as well. Ours break none.
ADMIN_ONLY = {
    "link-in-text-block": "links of the breadcrumbs differ from the text beside them by colour only",
    "label-title-only": "a search field with a help text beside it is labelled by a picture's words",
    "target-size": "links of the filter beside a list are 17 px high",
}

AXE_OPTIONS = {
    # Preloading style sheets with @import makes axe insert styles, which the admin's CSP reports.
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}

GROUPS_WITHOUT_LEGEND = """
() => [...document.querySelectorAll('input[type=radio], input[type=checkbox]')]
  .filter(box => box.type === 'radio'
    || document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`).length > 1)
  .filter(box => !box.closest('fieldset')?.querySelector(':scope > legend')?.innerText.trim())
  .map(box => `${box.type} ${box.name} stands in no fieldset with a legend`)
"""
DANGLING_IDS = """
() => [...document.querySelectorAll('[aria-describedby], [aria-labelledby], [aria-controls]')]
  .flatMap(e => ['aria-describedby', 'aria-labelledby', 'aria-controls'].flatMap(name =>
    (e.getAttribute(name) || '').split(/\\s+/).filter(id => id && !document.getElementById(id))
      .map(id => `${name} of ${e.tagName} ${e.name || e.id} points at ${id}, which is not there`)))
"""
DOUBLE_IDS = """
() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
        return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))]
          .map(id => `the id ${id} stands twice`); }
"""
HIDDEN_ERRORS = """
() => [...document.querySelectorAll('.invalid-feedback, .errorlist li, [data-error-summary] li')]
  .filter(e => !e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .map(e => `this error is not to be seen: ${e.innerText || e.textContent}`)
"""
SILENT_INVALID = """
() => [...document.querySelectorAll('[aria-invalid=true]')]
  .filter(e => !(e.getAttribute('aria-describedby') || e.closest('fieldset')
      ?.getAttribute('aria-describedby')))
  .map(e => `${e.name} is invalid, and nothing says why`)
"""
TOO_WIDE = """
() => { const width = document.documentElement.clientWidth;
  const scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)) return true;
    return false; };
  const wide = [...document.body.querySelectorAll('*')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 1 && !scrolls(e)
      && getComputedStyle(e).position !== 'absolute')
    .map(e => `${e.tagName}.${e.className} ends at ${e.getBoundingClientRect().right} of ${width}`);
  const page = document.documentElement.scrollWidth;
  return page > width ? [`the page is ${page} wide on a screen of ${width}`, ...wide] : wide; }
"""
SMALL_TARGETS = """
() => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1)
  .filter(e => Math.min(e.getBoundingClientRect().height, e.getBoundingClientRect().width) < 24)
  .map(e => `${e.tagName} ${e.name || e.innerText} is smaller than 24 px`)
"""
DOM_RULES = (GROUPS_WITHOUT_LEGEND, DANGLING_IDS, DOUBLE_IDS, HIDDEN_ERRORS, SILENT_INVALID)


def axe_violations(page: Page, *, admin: bool = False) -> list[str]:
    """Each violation with its first node, so that the message alone leads to the place."""
    results: dict[str, Any] = Axe().run(page, options=AXE_OPTIONS).response
    return [
        f"{found['id']}: {found['help']} ({len(found['nodes'])}×, {found['nodes'][0]['html'][:160]})"
        for found in results["violations"]
        if not (admin and found["id"] in ADMIN_ONLY)
    ]


def broken_rules(page: Page) -> list[str]:
    return [found for rule in DOM_RULES for found in page.evaluate(rule)]


def small_targets(page: Page) -> list[str]:
    """Controls below 24 CSS pixels (WCAG 2.5.8); links in running text are exempt there."""
    return page.evaluate(SMALL_TARGETS)


def too_wide(page: Page, width: int) -> list[str]:
    """What sticks out of a screen of `width` pixels, outside regions that scroll by themselves."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 844})
    found: list[str] = page.evaluate(TOO_WIDE)
    if before:
        page.set_viewport_size(before)
    return found
