"""The tools that judge every page find what is wrong with a page made badly on purpose."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.accessible import (
    MarkupChecker,
    assert_reflows,
    assert_walkable,
    barriers,
    keyboard_walk,
)

GOOD = """<!doctype html>
<html lang="ja">
<head><meta charset="utf-8"><title>見本の画面</title>
<style>:focus {{ outline: 4px solid #000 }}</style></head>
<body><main><h1>見本</h1>{body}</main></body>
</html>
"""
FORM = """
<p><a href="#a">一つめ</a></p>
<p><label><input type="radio" name="r" value="1"> 一</label>
<label><input type="radio" name="r" value="2"> 二</label></p>
<p><label for="a">日付</label> <input type="date" id="a"></p>
<details><summary>説明</summary><p><a href="#b">中</a></p></details>
<p><button type="button">最後</button></p>
"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


def show(page: Page, body: str) -> str:
    html = GOOD.format(body=body)
    page.set_content(html)
    return html


@pytest.mark.browser
def test_a_good_page_passes_all(page: Page, markup: MarkupChecker) -> None:
    html = show(page, FORM)
    assert barriers(page) == []
    assert markup.slips(html) == []
    assert_walkable(page)
    assert_reflows(page)
    stops, _ = keyboard_walk(page)
    assert [stop.name.split()[0] for stop in stops] == [
        "a", "input", "input#a", "summary", "button",
    ]  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<img src="data:," width="9" height="9">', "image-alt"),
        ('<p style="color: #999; background: #fff">薄い文字</p>', "color-contrast"),
        ('<input type="text">', "label"),
        ('<button style="width: 9px; height: 9px" aria-label="一"></button>'
         '<button style="width: 9px; height: 9px" aria-label="二"></button>', "target-size"),
    ],
)  # fmt: skip
def test_a_barrier_is_named(page: Page, body: str, rule: str) -> None:
    show(page, body)
    assert rule in "".join(barriers(page))


@pytest.mark.browser
@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (FORM + '<button style="outline: none">無</button>', "no visible ring"),
        (FORM + '<a href="#a" tabindex="1">先</a>', "Tab goes to"),
        (FORM + '<div style="position: fixed; inset: 0; background: #fff"></div>', "out of sight"),
    ],
)
def test_a_walk_that_goes_wrong_is_noticed(page: Page, body: str, fault: str) -> None:
    show(page, body)
    with pytest.raises(AssertionError, match=fault):
        assert_walkable(page)


@pytest.mark.browser
def test_a_page_that_sticks_out_is_noticed(page: Page) -> None:
    show(page, '<p style="width: 400px">広い</p>')
    with pytest.raises(AssertionError, match="wider"):
        assert_reflows(page)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<p>開<div>いた</div></p>", "no-implicit-close"),
        ('<p id="x">一</p><p id="x">二</p>', "no-dup-id"),
        ("<ul><p>項</p></ul>", "element-permitted-content"),
    ],
)
def test_a_slip_in_the_markup_is_named(markup: MarkupChecker, body: str, rule: str) -> None:
    assert rule in " ".join(markup.slips(GOOD.format(body=body)))
