"""The A4 sheet as a file: PDF, SVG or PNG, all from the same marks on the page."""

import io

import pypdfium2

from issuer import pdf, svg
from issuer.kinds import KINDS
from issuer.layout import SheetFacts, lay_out, parts

PNG_DPI = 300


def title(facts: SheetFacts) -> str:
    """The title of the document: what the code is, never whose."""
    return KINDS[facts.purpose].name


def as_pdf(facts: SheetFacts) -> bytes:
    """One page, fonts embedded, tagged. Raises UndrawableCharacters or SymbolTooDense."""
    return pdf.draw(lay_out(facts), title(facts))


def as_svg(facts: SheetFacts) -> str:
    """The page as one `svg` element, letters as outlines. Raises as `as_pdf` does."""
    return svg.draw(parts(facts), title(facts))


def as_png(facts: SheetFacts) -> bytes:
    """The PDF's page in grey at 300 dots per inch. Raises as `as_pdf` does."""
    document = pypdfium2.PdfDocument(as_pdf(facts))
    try:
        picture = document[0].render(scale=PNG_DPI / 72, grayscale=True).to_pil()
        out = io.BytesIO()
        picture.save(out, "PNG", dpi=(PNG_DPI, PNG_DPI), optimize=True)
        return out.getvalue()
    finally:
        document.close()
