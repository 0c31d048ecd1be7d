"""What every page of ours must stand: axe-core, html-validate, and a walk by keyboard alone.

Each function names what is wrong, in words that lead to the place; an empty list is a good page.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe-core@4.14.1" / "axe.min.js"
HTML_VALIDATE = VENDOR / "html-validate@10.17.0" / "html-validate.cjs"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
MARKUP_RULES = {
    "extends": ["html-validate:recommended"],
    "rules": {
        "doctype-style": ["error", {"style": "lowercase"}],
        "no-trailing-whitespace": "off",  # Jinja leaves it; no reader sees it
        "tel-non-breaking": "off",  # nowrap does it in CSS, and a copied number stays dialable
    },
}
MOST_STOPS = 400
"""More presses of Tab than that, and the focus is caught somewhere."""


def barriers(page: "Page") -> list[str]:
    """What axe-core finds on the page as it stands, by the tags of WCAG 2.2 AA."""
    page.evaluate(_axe())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", list(TAGS)
    )
    return [
        f"{rule['id']}: {rule['help']}: {node['html']} ({node.get('failureSummary', '')})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


class MarkupChecker:
    """html-validate in a process of its own; the fixture `markup` of conftest keeps one a run."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def slips(self, html: str) -> list[str]:
        """What is wrong with a page as the server sent it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"html": html}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "html-validate ended; what it said stands above"
        return [
            f"{m['line']}:{m['column']} {m['rule']}: {m['message']}" for m in json.loads(answer)
        ]


@contextmanager
def markup_checker() -> Iterator[MarkupChecker]:
    """Run html-validate for as long as the block; skips where Playwright's Node does not run."""
    node = _node()
    script = Path(__file__).with_name("html_validate.mjs")
    process = subprocess.Popen(
        [node, script, HTML_VALIDATE, json.dumps(MARKUP_RULES)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    with process:
        yield MarkupChecker(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass(frozen=True, slots=True)
class Stop:
    """Where Tab came to rest."""

    name: str
    """Tag, id or text: enough to find it."""
    place: int
    """Number among the page's focusable elements in the order of the document; -1 if not one."""
    ring: bool
    """A ring of at least two pixels is drawn around it."""
    in_sight: bool
    """The element is in the window, and nothing lies over it."""


def keyboard_walk(page: "Page") -> tuple[list[Stop], list[str]]:
    """Press Tab from the top to the end: the stops, and the focusable elements in page order."""
    page.evaluate(_WALK)
    expected: list[str] = page.evaluate("walk.names()")
    stops: list[Stop] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at: dict[str, Any] | None = page.evaluate("walk.here()")
        stop = Stop(**at) if at else None
        if stop is None or (len(stops) > 1 and stop == stops[0]):
            return stops, expected
        if not stops or stops[-1].place != stop.place:  # a date field is several stops in one
            stops.append(stop)
    raise AssertionError(f"the focus never leaves the page; last at {stops[-1].name}")


def assert_walkable(page: "Page") -> None:
    """The keyboard reaches everything, in reading order, and the ring is always to be seen."""
    stops, expected = keyboard_walk(page)
    reached = [stop.name for stop in stops]
    assert reached == expected, f"Tab goes to {reached}, the page reads {expected}"
    bare = [stop.name for stop in stops if not stop.ring]
    assert not bare, f"no visible ring: {bare}"
    unseen = [stop.name for stop in stops if not stop.in_sight]
    assert not unseen, f"focused, but out of sight: {unseen}"


def assert_reflows(page: "Page") -> None:
    """Nothing sticks out sideways (WCAG 1.4.10; set the window to 320 px before)."""
    wide = page.evaluate(_TOO_WIDE)
    assert not wide, f"wider than the window of {page.viewport_size}: {wide}"


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


@cache
def _node() -> Path:
    """The Node of Playwright's wheel; skips, with the reason, where it cannot run."""
    playwright = pytest.importorskip("playwright", reason="Playwright not installed")
    node = Path(playwright.__file__).parent / "driver" / "node"
    try:
        subprocess.run([node, "--version"], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"html-validate needs the Node of Playwright's wheel: {error}")
    return node


_WALK = """
globalThis.walk = (() => {
  const candidates = "a[href], button, input, select, textarea, summary, iframe, [tabindex]";
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const first = (radio) => {
    const group = [...document.querySelectorAll("input[type=radio]")]
      .filter((other) => other.name === radio.name && other.form === radio.form);
    return group.find((other) => other.checked) ?? group[0];
  };
  const reachable = (element) => element.tabIndex >= 0 && !element.disabled && shown(element)
    && (element.type !== "radio" || element === first(element));
  const all = () => [...document.querySelectorAll(candidates)].filter(reachable);
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const typed = element.type === "password" ? "" : element.value;
    const text = (element.ariaLabel || typed || element.textContent || "").trim();
    return `${element.localName}${id} ${text.replace(/\\s+/g, " ").slice(0, 40)}`.trim();
  };
  const ringed = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const inSight = (element) => {
    const boxes = [...element.getClientRects()].filter((rect) => rect.width && rect.height);
    const cut = ({ left, top, right, bottom }) => ({  // to the window
      left: Math.max(left, 0), top: Math.max(top, 0),
      right: Math.min(right, innerWidth), bottom: Math.min(bottom, innerHeight),
    });
    const box = boxes.map(cut).find((rect) => rect.right > rect.left && rect.bottom > rect.top);
    if (!box) return false;
    const x = box.left + Math.min((box.right - box.left) / 2, 20);
    const y = box.top + Math.min((box.bottom - box.top) / 2, 20);
    const top = document.elementFromPoint(x, y);
    return Boolean(top) && (element.contains(top) || top.contains(element));
  };
  const elements = all();
  document.body.tabIndex = -1;  // Tab starts at the top, wherever the focus was before
  document.body.focus();
  document.body.removeAttribute("tabindex");
  return {
    names: () => elements.map(name),
    here: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      return { name: name(element), place: elements.indexOf(element),
               ring: ringed(element), in_sight: inSight(element) };
    },
  };
})();
"""

_TOO_WIDE = """
(() => {
  const limit = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= limit) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > limit + 1)
    .map((element) => `${element.localName}.${element.className}`).slice(0, 10);
})()
"""
