"""Menus and texts: the way to the codes and to the inquiry, and what explains them."""

from flask import Blueprint, abort, render_template

bp = Blueprint("pages", __name__)

ELSEWHERE = {"payment": "納付を行う", "correction": "申請の補正"}


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
    return render_template("issuer/elsewhere.html", heading=ELSEWHERE[subject])


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
    return render_template("issuer/glossary.html")


@bp.get("/sitemap")
def sitemap() -> str:
    """サイトマップ."""
    return render_template("issuer/sitemap.html")


@bp.get("/contact")
def contact() -> str:
    """お問い合わせ."""
    return render_template("issuer/contact.html")
