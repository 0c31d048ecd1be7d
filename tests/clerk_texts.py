"""Finds every text that a clerk can read, so that none can be without its English.

A Japanese literal in the code of the counter is such a text, marked or not; what is put together
out of pieces cannot be translated, and is named by `forgotten`. ``python -m tests.clerk_texts``
(also ``./run texts``) writes the catalogue anew: new texts come in empty, what is gone leaves it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from shared.texts import CATALOGUE
from verifier import words
from verifier.decision.catalogue import CATALOGUE as REASONS

ROOT = Path(__file__).parents[1]
JAPANESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
NOT_THE_CLERKS = {
    "kiosk/cli.py", "kiosk/read_command.py",  # on a terminal, for administrators
    "kiosk/visitor.py",  # says everything in both languages
    "kiosk/templates/kiosk/visitor.html",
    "kiosk/templates/kiosk/_other_language.html",  # each language named in itself
    "kiosk/templates/kiosk/_receipt_paper.html", "kiosk/templates/kiosk/_slip_paper.html",
    "kiosk/templates/kiosk/_number_paper.html",
}  # fmt: skip
CODE = (
    *sorted((ROOT / "kiosk").glob("*.py")),
    ROOT / "kiosk/reading/guidance.py",
    ROOT / "shared/web/errors.py",
    ROOT / "shared/web/bodies.py",
    ROOT / "shared/web/text_size.py",
    ROOT / "hardware/pictures.py",
)
TEMPLATES = (
    *sorted((ROOT / "kiosk/templates/kiosk").glob("*.html")),
    ROOT / "shared/web/templates/base.html",
    ROOT / "shared/web/templates/error.html",
)
LISTS = (
    words.PURPOSES, words.STATUSES, words.TYPED_REASONS, words.DECLINE_REASONS, words.HOLD_REASONS,
)  # fmt: skip
HEAD = r"""# What staff read at the counter, in English. The Japanese is the original.
# Written by ./run texts: fill in what is empty; do not change what stands in msgid.
msgid ""
msgstr ""
"Language: en\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


@dataclass(frozen=True, slots=True)
class Found:
    """A text, or a piece of one, and the file it stands in."""

    text: str
    place: str
    whole: bool = True
    """False: it is put together with something else, so no catalogue can know it."""


def texts() -> dict[str, list[str]]:
    """Every text a clerk can read → the files it stands in."""
    places: dict[str, list[str]] = {}
    for found in _all():
        if found.whole and found.place not in places.setdefault(found.text, []):
            places[found.text].append(found.place)
    return places


def forgotten() -> list[str]:
    """Japanese that no catalogue can translate, as ``file: text``."""
    return [f"{found.place}: {found.text.strip()}" for found in _all() if not found.whole]


def _all() -> Iterator[Found]:
    yield from _of_the_registry()
    for path in (*CODE, *TEMPLATES):
        place = path.relative_to(ROOT).as_posix()
        if place in NOT_THE_CLERKS:
            continue
        find = in_template if path.suffix == ".html" else in_code
        yield from find(path.read_text("utf-8"), place)


def _of_the_registry() -> Iterator[Found]:
    """By their values: reasons and lists that grow are found whatever their code looks like."""
    for explanation in REASONS.values():
        for text in (explanation.title, *explanation.next_steps):
            yield Found(text, "verifier/decision/catalogue.py")
    for labels in LISTS:
        for text in labels.values():
            yield Found(text, "verifier/words.py")


def in_code(source: str, place: str) -> Iterator[Found]:
    """Japanese literals of a module that are not documentation and no pattern."""
    tree = ast.parse(source)
    ignored = {id(part) for node in ast.walk(tree) for part in _unread(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in ignored and _japanese(node.value):
            yield Found(str(node.value), place)
        elif _joins(node) and (pieces := _pieces(node)):
            yield Found("…".join(pieces), place, whole=False)


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, patterns, and the pieces of what is named as put together."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif _joins(node) or _is_of_re(node):
        yield from ast.walk(node)


def _is_of_re(node: ast.AST) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return called and getattr(node.func.value, "id", "") == "re"


def _joins(node: ast.AST) -> bool:
    """An f-string, a sum, a product with ``%``, or a call of ``format``."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    formats = called and node.func.attr == "format" and isinstance(node.func.value, ast.Constant)
    return formats or isinstance(node, ast.JoinedStr | ast.BinOp)


def _pieces(node: ast.AST) -> list[str]:
    constants = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return [str(value) for value in constants if _japanese(value)]


def in_template(source: str, place: str) -> Iterator[Found]:
    """Japanese literals of a template; outside of an expression they cannot be translated."""
    tree = Environment(autoescape=True).parse(source)
    filters = [node for node in tree.find_all(nodes.Filter) if node.name == "replace"]
    ignored = {id(part) for node in filters for part in node.find_all(nodes.Const)}
    for joined in tree.find_all((nodes.Concat, nodes.Add, nodes.Mod)):
        for const in joined.find_all(nodes.Const):
            if _japanese(const.value) and id(const) not in ignored:
                ignored.add(id(const))
                yield Found(const.value, place, whole=False)
    for const in tree.find_all(nodes.Const):
        if id(const) not in ignored and _japanese(const.value):
            yield Found(const.value, place)
    for data in tree.find_all(nodes.TemplateData):
        if _japanese(data.data):
            yield Found(data.data, place, whole=False)


def _japanese(value: object) -> bool:
    return isinstance(value, str) and bool(JAPANESE.search(value))


def catalogue() -> Catalog:
    """The English texts as they stand in the file."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def written(known: Catalog) -> bytes:
    """The catalogue of exactly the texts there are, with the English that is known."""
    new = Catalog(locale="en", fuzzy=False)
    for text, places in sorted(texts().items(), key=lambda item: (item[1][0], item[0])):
        before = known.get(text)
        flags = before.flags - {"fuzzy"} if before else ()
        new.add(
            before.id if before else text, before.string if before else "",
            [(place, None) for place in places], flags=flags,
        )  # fmt: skip
    file = BytesIO()
    write_po(file, new, width=100, omit_header=True, include_lineno=False)
    return HEAD.encode() + file.getvalue()


if __name__ == "__main__":
    CATALOGUE.write_bytes(written(catalogue()))
