"""The Japanese words that portal, counter, console and files of filings have in common."""

from shared.domain import FilingStatus

STATUSES = {
    FilingStatus.ACCEPTED: "受付済",
    FilingStatus.EXAMINING: "審査中",
    FilingStatus.CORRECTION: "補正待ち",
    FilingStatus.PAYMENT: "納付待ち",
    FilingStatus.READY: "交付可",
    FilingStatus.HANDING: "交付処理中",
    FilingStatus.RELEASED: "交付済",
    FilingStatus.WITHDRAWN: "取下げ",
}
