"""Every text a clerk can read has its English, and says the same with the same values in it."""

import ast
import re

import pytest
from babel.messages import Message
from markupsafe import Markup

from shared.texts import CATALOGUE, Language, Text, said
from tests import clerk_texts
from tests.clerk_texts import JAPANESE, catalogue, forgotten, in_code, in_template, texts

EN, JA = Language.ENGLISH, Language.JAPANESE
MESSAGES = [message for message in catalogue() if message.id]


def ids(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def places(text: str) -> list[str]:
    return sorted(set(re.findall(r"%\(\w+\)[a-z]|%(?!\()", text)))


def test_every_text_there_is_stands_in_the_catalogue_and_no_other() -> None:
    known = {ids(message) for message in MESSAGES}
    missing, left_over = set(texts()) - known, known - set(texts())
    assert not missing, f"without English; ./run texts brings them into {CATALOGUE}: {missing}"
    assert not left_over, f"nobody says this any more; ./run texts takes it out: {left_over}"


def test_every_text_has_its_english() -> None:
    assert len(MESSAGES) > 400
    empty = [ids(message) for message in MESSAGES if not all(strings(message))]
    assert not empty, f"to be translated in {CATALOGUE}: {empty}"
    assert [ids(message) for message in MESSAGES if message.fuzzy] == []


def test_no_text_is_put_together_out_of_pieces() -> None:
    found = forgotten()
    assert not found, f"say it with Text(...) in code, with _(...) in a template: {found}"


def test_english_is_english_but_for_the_marks_around_what_the_visitor_is_told() -> None:
    told = "「%(sentence)s」"
    japanese = [s for m in MESSAGES for s in strings(m) if JAPANESE.search(s) and s != told]
    assert japanese == []


def test_places_agree() -> None:
    wrong = [
        (ids(message), string)
        for message in MESSAGES
        for string in strings(message)
        if places(ids(message)) != places(string)
    ]
    assert wrong == []
    checked = catalogue()
    assert [(message.id, errors) for message, errors in checked.check()] == []


def test_the_file_is_what_the_command_would_write() -> None:
    assert CATALOGUE.read_bytes() == clerk_texts.written(catalogue())


def test_one_and_many() -> None:
    assert said(Text("%(count)s分前", count=1), EN) == "1 minute ago"
    assert said(Text("%(count)s分前", count=5), EN) == "5 minutes ago"
    assert said(Text("%(count)s分前", count=5), JA) == "5分前"


def test_a_text_is_its_japanese_and_still_knows_its_values() -> None:
    fault = Text("%(fault)s（%(holder)s）", fault=Text("カメラが見つかりません"), holder="見本")
    assert fault == "カメラが見つかりません（見本）"
    assert said(fault, EN) == "The camera cannot be found (見本)"


def test_a_name_is_never_translated_and_markup_escapes_the_rest() -> None:
    assert said("見本 580 あ 00-01", EN) == "見本 580 あ 00-01"
    assert said("", EN) == ""
    text = Text("担当：%(clerk)s", clerk=Markup("<b>見本</b>"))
    assert said(text, EN) == Markup("Clerk: <b>見本</b>")
    both = Text("%(way)s：%(works)s", way="<i>", works=Markup("<b>1</b>"))
    assert said(both, EN) == "&lt;i&gt;: <b>1</b>"


@pytest.mark.parametrize(
    "source",
    [
        'notice = f"{count}件あります"',
        'notice = "件数：" + str(count)',
        'title = "受付：" "%d" % n',
        'title = "{}件".format(n)',
    ],
)
def test_a_sentence_put_together_in_code_is_noticed(source: str) -> None:
    ast.parse(source)
    assert [found.whole for found in in_code(source, "sample.py")] == [False]


@pytest.mark.parametrize(
    "source",
    [
        "<p>受付 {{ n }}</p>",
        '{{ "受付" ~ n }}',
        '<p title="受付">{{ n }}</p>',
        "<p>{{ n }}（個別）</p>",
    ],
)
def test_a_sentence_left_in_a_template_is_noticed(source: str) -> None:
    found = list(in_template(source, "sample.html"))
    assert found
    assert not any(one.whole for one in found)


def test_what_is_no_sentence_is_left_alone() -> None:
    code = '"""説明"""\nimport re\nPLATE = re.compile("[ぁ-ん]")\nTITLE = "受付"\n'
    assert [found.text for found in in_code(code, "sample.py")] == ["受付"]
    template = '{{ _("受付") }}{{ name | replace("　", "␣") }}'
    assert [found.text for found in in_template(template, "sample.html")] == ["受付"]
