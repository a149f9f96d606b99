"""Announcements and downloads to look at in the demo."""

import hashlib

from apps.core import clock
from apps.portal.models import Announcement, Download
from apps.portal.terms import Board, Shelf

STEPS = """安康 首次使用檢核表

[ ] 讀卡機已連接，燈號亮起
[ ] 讀卡元件已啟動（能開啟讀卡元件頁面）
[ ] 機構代表已設定機構管理者
[ ] 機構管理者已設定機構使用者並授權
[ ] 使用者知道自己的 PIN 碼
"""


def load_texts() -> None:
    if Announcement.objects.exists():
        return  # an operator who took one away in the demo does not get it back
    Announcement.objects.bulk_create(_announcements())
    content = STEPS.encode()
    Download.objects.create(
        shelf=Shelf.DOCUMENTS,
        name="首次使用檢核表",
        name_en="Checklist for the first use",
        version="1",
        file_name="checklist.txt",
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _announcements() -> list[Announcement]:
    today = clock.today()
    return [
        Announcement(
            title="展示環境公告",
            title_en="This is a demo",
            body="本環境的人員、卡片與機構均為虛構，可放心操作。",
            body_en="People, cards and institutions here are invented; try whatever you like.",
            shown_from=today,
        ),
        Announcement(
            service_id="VBK",
            title="COVID-19 公費疫苗預約開放中",
            title_en="COVID-19 vaccinations can be booked",
            body="各藥局與衛生所可協助民眾登錄預約，民眾請攜帶健保卡。",
            body_en="Pharmacies and health stations book for citizens, who bring their NHI card.",
            shown_from=today,
        ),
        Announcement(
            board=Board.SECURITY,
            title="請勿共用卡片",
            title_en="Do not share cards",
            body="每一次操作都以插入的卡片記名。共用卡片者，紀錄上的行為人即為持卡人。",
            body_en="Every action is recorded under the card in the reader. Who lends a card signs for "
            "whatever is done with it.",
            shown_from=today,
        ),
    ]
