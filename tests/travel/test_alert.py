"""The first rules as a truth table: what is known, and what each service says about it on that day."""

from datetime import date, timedelta

import pytest

from apps.travel.alerts import Alert, evaluate
from apps.travel.facts import Fact
from apps.travel.models import RuleSet
from apps.travel.rules import read_rules
from apps.travel.terms import FactKind

pytestmark = pytest.mark.django_db

TODAY = date(2020, 4, 24)
TCH, IMQ = "TCH", "IMQ"
BOTH = (TCH, IMQ)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def contact(days: int) -> Fact:
    return Fact(kind=FactKind.CONTACT, day=ago(days))


def entry(days: int, level: int | None = None, name: str = "美國") -> Fact:
    return Fact(kind=FactKind.TRAVEL, day=ago(days), name=name, detail="ENTRY", level=level)


def leaving(days: int) -> Fact:
    return Fact(kind=FactKind.TRAVEL, day=ago(days), name="日本", detail="EXIT")


def release(day: date) -> Fact:
    return Fact(kind=FactKind.RELEASE, day=day, detail="QUARANTINE")


def label(name: str, kind: str = "OCCUPATION") -> Fact:
    return Fact(kind=FactKind.LABEL, name=name, detail=kind)


def referral(days: int) -> Fact:
    return Fact(kind=FactKind.REFERRAL, day=ago(days), name="聯醫")


def antiviral(days: int) -> Fact:
    return Fact(kind=FactKind.ANTIVIRAL, day=ago(days))


def listed(name: str, days: int = 0) -> Fact:
    return Fact(kind=FactKind.LISTED, day=ago(days), name=name)


def said(*facts: Fact, service: str = TCH, on: date = TODAY) -> Alert:
    rules = read_rules(RuleSet.objects.get())
    return evaluate(rules, facts, service=service, number_kind="NATIONAL_ID", on=on)


STATUS = [
    # contact
    ([contact(0)], BOTH, "居家隔離個案"),
    ([contact(14)], BOTH, "居家隔離個案"),
    ([contact(15)], [TCH], "109/04/09 曾與確定個案接觸。"),
    ([contact(15)], [IMQ], ""),
    ([contact(30)], [TCH], "109/03/25 曾與確定個案接觸。"),
    ([contact(31)], BOTH, ""),
    # entry from a country of the third level
    ([entry(14, level=3)], BOTH, "居家檢疫個案"),
    ([entry(15, level=3)], BOTH, ""),
    ([entry(1, level=2)], BOTH, ""),
    ([entry(1)], BOTH, ""),
    # seven days after a release, for releases from 109/4/5 on
    ([release(date(2020, 4, 24))], BOTH, "自主健康管理個案"),
    ([release(date(2020, 4, 17))], BOTH, "自主健康管理個案"),
    ([release(date(2020, 4, 16))], BOTH, ""),
    # named lists
    ([listed("部桃專案名單")], [IMQ], "部桃專案名單-自主健康管理"),
    ([listed("臺帛旅遊泡泡")], [IMQ], "臺帛旅遊泡泡-加強自主健康管理"),
    ([listed("部桃專案名單")], [TCH], ""),
    ([listed("別的名單")], BOTH, ""),
    # one of the highest priority
    ([release(TODAY), contact(3)], BOTH, "居家隔離個案"),
    ([entry(3, level=3), contact(3)], BOTH, "居家隔離個案"),
    ([release(TODAY), entry(3, level=3)], BOTH, "居家檢疫個案"),
    ([contact(20), contact(25)], [TCH], "109/04/04 曾與確定個案接觸。"),
]


@pytest.mark.parametrize(("facts", "services", "status"), STATUS)
def test_status(facts, services, status) -> None:
    assert {said(*facts, service=service).status for service in services} == {status}


@pytest.mark.parametrize(
    ("released", "on", "status"),
    [
        (date(2020, 4, 4), date(2020, 4, 6), ""),
        (date(2020, 4, 5), date(2020, 4, 6), "自主健康管理個案"),
        (date(2020, 4, 5), date(2020, 4, 12), "自主健康管理個案"),
        (date(2020, 4, 5), date(2020, 4, 13), ""),
        (date(2020, 4, 6), date(2020, 4, 5), ""),  # not yet
    ],
)
def test_self_health_management_counts_for_releases_from_5_april(released, on, status) -> None:
    assert said(release(released), on=on).status == status


TRAVEL = [
    ([entry(30)], TCH, "109/03/25 由美國入境。"),
    ([entry(31)], TCH, ""),
    ([entry(14)], IMQ, "109/04/10 由美國入境。"),
    ([entry(15)], IMQ, ""),
    ([leaving(3)], TCH, "109/04/21 出境前往日本。"),
    ([leaving(3), entry(10)], TCH, "109/04/14 由美國入境。"),
    ([entry(20), entry(10, name="英國")], TCH, "109/04/14 由英國入境。"),
]


@pytest.mark.parametrize(("facts", "service", "line"), TRAVEL)
def test_travel_history(facts, service, line) -> None:
    alert = said(*facts, service=service)
    assert alert.travel == line
    assert alert.travel_heading == ("【旅遊史參考】" if line else "")


@pytest.mark.parametrize(
    ("days", "service", "shown"),
    [(0, TCH, True), (30, TCH, True), (31, TCH, False), (30, IMQ, True), (31, IMQ, False)],
)
def test_outstanding_referrals_of_30_days(days, service, shown) -> None:
    assert bool(said(referral(days), service=service).referrals) == shown


@pytest.mark.parametrize(
    ("days", "service", "shown"),
    [(0, IMQ, True), (10, IMQ, True), (11, IMQ, False), (0, TCH, False)],
)
def test_antivirals_of_10_days_in_imq(days, service, shown) -> None:
    assert bool(said(antiviral(days), service=service).antiviral) == shown


def test_occupation_and_cluster_are_both_told() -> None:
    alert = said(label("醫事人員"), label("某醫院", "CLUSTER"))
    assert alert.labels == ("此個案為醫事人員。", "此個案具群聚史：某醫院。")
    assert (alert.found, alert.nothing) == (True, "")


def test_nothing_found_in_imq_is_manual_3_version_2_5() -> None:
    alert = said(service=IMQ)
    assert alert.nothing == "※ 查無此身分證號之旅遊史或接觸史資料！"
    assert alert.prompt.startswith(
        "病人如有「發燒或有呼吸道症狀、嗅覺、味覺異常或不明原因之腹瀉」等症狀，"
    )
    assert [link.label for link in alert.links] == [
        "法定傳染病通報定義",
        "社區監測通報定義",
        "COVID-19病人風險評估表",
        "具感染風險民眾追蹤管理機制",
    ]


def test_braces_in_a_text_are_only_text() -> None:
    rules = RuleSet.objects.get()
    for each in rules.content["rules"]:
        each["text"] = "{0.__class__} {x} {date} %s"
    rules.save()
    assert said(contact(3)).status == "{0.__class__} {x} 109/04/21 %s"
