"""The sheet as people and cameras get it: rendered, measured and read back."""

import io
from itertools import pairwise

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pyzbar import pyzbar

from issuer import a4
from issuer import geometry as g
from issuer.glyphs import UndrawableCharacters, undrawable
from issuer.kinds import KINDS
from issuer.layout import issued_text, lay_out, symbol
from issuer.marks import Symbol, SymbolTooDense, Text, extent
from shared.domain import Purpose
from shared.sheet_places import KEY_PITCH, SYMBOL_SIDE
from tests.measuring import qr_codes, symbol_sides_mm
from tests.paper import LONG_NAME, digits, facts, rendered


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("dpi", [150, 300])
def test_the_printed_code_reads_back_to_its_text(purpose: Purpose, dpi: int) -> None:
    sheet = facts(purpose)
    [code] = qr_codes(rendered(a4.as_pdf(sheet), dpi))
    assert code.text == sheet.payload


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_symbol_measures_sixty_millimetres(purpose: Purpose) -> None:
    sides = symbol_sides_mm(rendered(a4.as_pdf(facts(purpose)), 600), 600)
    assert sides == pytest.approx((60, 60), abs=0.1)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("name", ["見本　太郎", LONG_NAME])
def test_all_ink_keeps_away_from_the_edges_and_from_other_ink(purpose: Purpose, name: str) -> None:
    marks = lay_out(facts(purpose, name))
    ink = extent(marks)
    assert min(ink.left, g.PAGE_WIDTH - ink.right, g.PAGE_HEIGHT - ink.bottom) >= g.EDGE
    assert ink.top >= g.TOP
    [code] = [mark for mark in marks if isinstance(mark, Symbol)]
    for mark in marks:
        if mark is not code:
            ink, quiet = extent([mark]), code.quiet_zone
            clear = ink.right <= quiet.left or ink.top >= quiet.bottom
            assert clear, f"{mark} lies in the quiet zone"


@pytest.mark.parametrize("length", [223, 402, 516, 700, 1198])
def test_folds_that_people_make_miss_the_code_and_its_quiet_zone(length: int) -> None:
    quiet = symbol(digits(length)).quiet_zone
    for crease in (*g.HALVES, *g.THIRDS, *g.QUARTERS):
        assert not quiet.top < crease < quiet.bottom
    assert not quiet.left < g.LENGTHWISE_HALF < quiet.right
    assert quiet.top >= 0


def test_no_place_on_the_page_is_clear_of_lengthwise_thirds_and_quarters_too() -> None:
    lengthwise = (*g.LENGTHWISE_THIRDS, g.LENGTHWISE_HALF, *g.LENGTHWISE_QUARTERS)
    creases = sorted((0.0, *lengthwise, g.PAGE_WIDTH))
    assert max(after - before for before, after in pairwise(creases)) < SYMBOL_SIDE


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("crease", [140.0, 157.5])
def test_a_crease_lengthwise_that_rubbed_off_a_millimetre_of_toner_still_reads(
    purpose: Purpose, crease: float
) -> None:
    sheet, dots = facts(purpose), 300 / 25.4
    page = rendered(a4.as_pdf(sheet), 300)
    page[:, round((crease - 0.5) * dots) : round((crease + 0.5) * dots)] = 255
    assert [code.text for code in qr_codes(page)] == [sheet.payload]
    assert [code.data.decode() for code in pyzbar.decode(page)] == [sheet.payload]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_search_key_fills_its_place_and_nothing_else_lies_there(purpose: Purpose) -> None:
    dots, box = 600 / 25.4, g.SEARCH_KEY
    page = rendered(a4.as_pdf(facts(purpose)), 600)

    def ink(around: g.Box) -> tuple[float, float, float, float]:
        rows = slice(round(around.top * dots), round(around.bottom * dots))
        columns = slice(round(around.left * dots), round(around.right * dots))
        left, top, right, bottom = Image.fromarray(page[rows, columns] < 128).getbbox() or (0,) * 4
        return (around.left + left / dots, around.top + top / dots,
                around.left + right / dots, around.top + bottom / dots)  # fmt: skip

    inside = ink(box)
    assert inside == pytest.approx((box.left, box.top, box.right, box.bottom), abs=2)
    assert ink(box.grown(0.5)) == pytest.approx(inside, abs=0.05)
    digit = g.Box(box.left + 15 * KEY_PITCH, box.top, KEY_PITCH, box.height)
    assert ink(digit)[2] - ink(digit)[0] < KEY_PITCH


@pytest.mark.parametrize(("length", "version"), [(223, 6), (402, 9), (516, 11), (623, 12)])
def test_another_library_reads_a_numeric_code_of_level_m_and_the_least_version(
    length: int, version: int
) -> None:
    text = digits(length)
    rows = np.array([list(row) for row in symbol(text).rows], np.uint8)
    assert len(rows) == 17 + 4 * version
    light = np.pad(255 * (1 - rows), 4, constant_values=255)
    [code] = qr_codes(light.repeat(4, axis=0).repeat(4, axis=1))
    assert (code.text, code.ec_level) == (text, "M")


def test_a_payload_with_modules_too_small_for_paper_is_refused() -> None:
    with pytest.raises(SymbolTooDense):
        symbol(digits(2400))


def test_there_is_no_colour() -> None:
    document = pypdfium2.PdfDocument(a4.as_pdf(facts(Purpose.REGISTRATION)))
    content = document[0].render(scale=2).to_numpy()
    document.close()
    assert (content[..., 0] == content[..., 1]).all()
    assert (content[..., 1] == content[..., 2]).all()


def test_the_whole_page_can_be_copied_out_even_rare_kanji() -> None:
    name = "𠮷田髙﨑　太郎（00000001）"
    document = pypdfium2.PdfDocument(a4.as_pdf(facts(name=name)))
    page = document[0].get_textpage()
    text = page.get_text_bounded()
    page.close()
    document.close()
    assert name in text.replace("\r\n", "")
    assert "2111 1111 1111 1111" in text


@pytest.mark.parametrize("kanji", ["𠮷", "髙", "﨑", "德", "①", "Ⅲ", "㈱", "～", "𩸽", "祥"])
def test_rare_characters_are_drawn_and_not_as_boxes(kanji: str) -> None:
    with_it = rendered(a4.as_pdf(facts(name=kanji)), 150)
    blank = rendered(a4.as_pdf(facts(name="　")), 150)
    ink = (blank.astype(int) - with_it.astype(int)) > 100
    box = Image.fromarray(ink).getbbox()
    assert box is not None
    inside = ink[box[1] : box[3], box[0] : box[2]]
    centre = inside[inside.shape[0] // 4 : -inside.shape[0] // 4, inside.shape[1] // 4 :]
    assert centre.any(), "an empty frame stands for a missing glyph"


def test_a_variation_selector_draws_the_base_character() -> None:
    plain, varied = facts(name="葛城"), facts(name="葛\U000e0100城")
    assert (rendered(a4.as_pdf(plain), 100) == rendered(a4.as_pdf(varied), 100)).all()


def test_a_character_without_a_glyph_is_an_error_before_anything_is_drawn() -> None:
    with pytest.raises(UndrawableCharacters) as caught:
        a4.as_pdf(facts(name="見本𓀀ก"))
    assert caught.value.characters == ("𓀀", "ก")
    assert undrawable("見本　太郎") == ()


def test_sixty_characters_without_a_break_wrap_and_the_number_stays_whole() -> None:
    lines = [m.content for m in lay_out(facts(name=LONG_NAME)) if isinstance(m, Text)]
    name_lines = [line for line in lines if "齋" in line or "0000" in line]
    assert "".join(name_lines) == LONG_NAME
    assert sum("（00000001）" in line for line in name_lines) == 1


def test_the_number_stays_whole_even_where_the_line_ends() -> None:
    for length in range(10, 30):
        texts = [m.content for m in lay_out(facts(name="齋" * length + "（00000001）"))
                 if isinstance(m, Text)]  # fmt: skip
        assert any("（00000001）" in text for text in texts)


def test_dates_are_japanese_time_and_the_individual_code_has_the_time_of_day() -> None:
    assert issued_text(facts()) == "2026年 11月 23日"
    assert issued_text(facts(Purpose.INDIVIDUAL)) == "2026年 11月 23日 00時 05分 00秒"


def test_each_kind_shows_its_letter_and_only_two_have_an_office_box() -> None:
    for purpose, kind in KINDS.items():
        texts = {m.content for m in lay_out(facts(purpose)) if isinstance(m, Text)}
        assert kind.letter in texts
        assert ("窓口使用欄" in texts) == (
            purpose in (Purpose.REGISTRATION, Purpose.PASSWORD_CHANGE)
        )


def test_the_picture_file_is_three_hundred_dots_per_inch_and_reads_back() -> None:
    picture = Image.open(io.BytesIO(a4.as_png(facts())))
    assert picture.size == (2481, 3508) or picture.size == (2480, 3508)
    assert qr_codes(np.asarray(picture))[0].text == facts().payload


def test_the_vector_picture_has_the_same_page_and_no_style_or_text() -> None:
    drawing = a4.as_svg(facts())
    assert 'width="210mm" height="297mm"' in drawing
    assert "<text" not in drawing
    assert "style=" not in drawing
    assert drawing.count("<path") > 30


def test_the_same_facts_give_the_same_bytes() -> None:
    assert a4.as_pdf(facts()) == a4.as_pdf(facts())
