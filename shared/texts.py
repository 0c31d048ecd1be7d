"""Texts for staff in the language of the person who reads: Japanese as written, or English.

A Japanese text is its own name (gettext's msgid); its English stands in one catalogue, which is
read as it is: nothing is compiled, so nothing can be out of date. Codes are never translated.
"""

import io
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

CATALOGUE = Path(__file__).parent / "locale" / "en" / "LC_MESSAGES" / "staff.po"


class Language(StrEnum):
    """Values are those of the attribute ``lang``."""

    JAPANESE = "ja"
    ENGLISH = "en"


class Text(str):
    """A Japanese sentence that still knows its values, so that it can be said in English too."""

    __slots__ = ("source", "values")
    source: str
    """With places ``%(name)s``; a value called `count` chooses between one and many."""
    values: Mapping[str, object]

    def __new__(cls, source: str, **values: object) -> "Text":
        """Raises KeyError when a place has no value."""
        text = super().__new__(cls, source % values if values else source)
        text.source, text.values = source, values
        return text


def said(text: str, language: Language) -> str:
    """A text in a language; what the catalogue does not know, such as a name, stays as it is.

    Values that are themselves a Text are said in that language as well. Markup among the values
    makes markup of the whole, and escapes the rest.
    """
    if not isinstance(text, Text):
        return translation(text, language)
    values = {
        name: said(value, language) if isinstance(value, Text) else value
        for name, value in text.values.items()
    }
    found = translation(text.source, language, values.get("count"))
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(found) % values  # noqa: S704 - a text of ours
    return found % values if values else found


def translation(source: str, language: Language, count: object = None) -> str:
    """What the catalogue says for a source text, its places not filled in yet."""
    catalogue = catalogue_of(language)
    if isinstance(count, int):
        found = catalogue.ngettext(source, source, count)
        if found != source:
            return found
    return catalogue.gettext(source) if source else source  # the empty one is gettext's own head


@cache
def catalogue_of(language: Language) -> NullTranslations:
    """The texts of a language, by their Japanese."""
    if language is Language.JAPANESE:
        return NullTranslations()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale=language.value, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
