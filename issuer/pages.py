"""Menus and texts: the way to the codes and to the inquiry, and what explains them."""

from flask import Blueprint, abort, render_template

from issuer.glossary import TERMS

bp = Blueprint("pages", __name__)

ELSEWHERE = {
    "payment": (
        "納付を行う",
        "検査手数料や自動車重量税などの納付は、申請に使った一括利用者システムから行ってください。"
        "納付が済むと、申請の状況が「納付待ち」から先へ進みます。",
    ),
    "correction": (
        "申請の補正",
        "申請した内容の補正は、申請に使った一括利用者システムから行ってください。"
        "補正が必要な申請の状況は「補正待ち」と表示されます。",
    ),
}


@bp.get("/")
def top() -> str:
    """トップページ."""
    return render_template("issuer/top.html")


@bp.get("/first")
def first() -> str:
    """はじめての方, with 事前の準備（一括申請）."""
    return render_template("issuer/first.html")


@bp.get("/bulk")
def bulk() -> str:
    """P4 一括申請メニュー."""
    return render_template("issuer/bulk.html")


@bp.get("/bulk/<subject>")
def elsewhere(subject: str) -> str:
    """What this portal does not do, and where to do it."""
    if subject not in ELSEWHERE:
        abort(404)
    heading, text = ELSEWHERE[subject]
    return render_template("issuer/elsewhere.html", heading=heading, text=text)


@bp.get("/terms")
def terms() -> str:
    """利用規約."""
    return render_template("issuer/terms.html")


@bp.get("/faq")
def faq() -> str:
    """よくあるご質問."""
    return render_template("issuer/faq.html")


@bp.get("/glossary")
def glossary() -> str:
    """用語集."""
    return render_template("issuer/glossary.html", terms=TERMS)


@bp.get("/sitemap")
def sitemap() -> str:
    """サイトマップ."""
    return render_template("issuer/sitemap.html")


@bp.get("/contact")
def contact() -> str:
    """お問い合わせ."""
    return render_template("issuer/contact.html")
