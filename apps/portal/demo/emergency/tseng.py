"""曾文雄, 58: mechanical mitral valve, atrial fibrillation, warfarin; a subdural haematoma in spring.

Two institutions give him furosemide; INR is too high.
"""

from apps.portal.demo.emergency.places import CLINIC, DENTIST, HERBS, PEILING, PHARMACY, TAIPEI
from apps.portal.demo.emergency.shape import (
    Patient,
    Visit,
    allergy,
    chronic,
    done,
    drug,
    herbs,
    results,
    stay,
)
from apps.records.models import (
    CoagulationFactor,
    ControlledDrug,
    DentalTreatment,
    Examination,
    Rehabilitation,
    Surgery,
)

VALVE = ("Z95.2", "人工心臟瓣膜之存在")
FIBRILLATION = ("I48.20", "慢性心房顫動")
HAEMATOMA = ("S06.5X0A", "創傷性硬腦膜下出血，未伴有意識喪失")
HEMIPARESIS = ("G81.94", "左側偏癱，影響非慣用側")


def make() -> Patient:
    heart = Visit(TAIPEI, 72, "0014", "AB", FIBRILLATION, "羅彥廷")
    old = Visit(TAIPEI, 160, "0003", "AB", FIBRILLATION, "羅彥廷")
    brain = Visit(PEILING, 110, "0009", "07", HAEMATOMA, "戴立群")
    follow = Visit(PEILING, 12, "0018", "07", HAEMATOMA, "戴立群", card=True)
    legs = Visit(CLINIC, 5, "0020", "01", ("R60.0", "局部水腫"), "吳宗霖")
    limbs = Visit(PEILING, 68, "0015", "14", HEMIPARESIS, "黃冠宇")
    tooth = Visit(DENTIST, 210, "0002", "40", ("K05.31", "慢性牙周炎"), "邱詩涵")
    herbal = Visit(HERBS, 40, "0016", "60", ("I69.354", "偏癱後遺症"), "葉芷晴")
    contrast = Visit(TAIPEI, 1500, "0002", "22", VALVE)
    fetched = [(72, TAIPEI), (46, PHARMACY), (19, PHARMACY)]
    medications = [
        *chronic(heart, "BC23456100", "QD", 28, fetched=fetched),
        *chronic(heart, "BC22981100", "QD", 28, fetched=fetched),
        *chronic(heart, "A000199100", "QD", 28, fetched=fetched),
        *chronic(heart, "BC24771100", "HS", 28, fetched=fetched),
        *chronic(
            old, "BC23456100", "QD", 28, fetched=[(160, TAIPEI), (134, PHARMACY), (106, PHARMACY)]
        ),
        drug(follow, "BC24119100", "BID", 28, 56),
        drug(legs, "AC44120100", "QDAM", 7, 7),
        drug(legs, "AC47810100", "PRN", 3, 9, sequence=2),
    ]
    return Patient(
        "B120334705",
        [
            *medications,
            drug(
                follow,
                "BC21760100",
                "HS",
                14,
                14,
                model=ControlledDrug,
                schedule="4",
                ddd=14,
            ),
            drug(
                brain,
                "AC20331209",
                "Q6HPRN",
                3,
                6,
                model=ControlledDrug,
                route="IVP",
                schedule="2",
                ddd=2,
            ),
            done(
                Examination,
                brain,
                "33070B",
                "電腦斷層造影-無造影劑",
                category="電腦斷層",
                body_site="頭部",
            ),
            done(
                Examination,
                follow,
                "33070B",
                "電腦斷層造影-無造影劑",
                category="電腦斷層",
                body_site="頭部",
            ),
            done(
                Examination,
                heart,
                "18007B",
                "杜卜勒氏彩色心臟血流圖",
                category="超音波檢查",
                body_site="心臟",
            ),
            done(Examination, heart, "18001C", "心電圖", category="心電圖檢查", sequence=2),
            *results(
                follow,
                "08026C",
                "凝血酶原時間",
                "血液學檢驗",
                ("PT", "38.4", "sec", "9.4-12.5", "H"),
                ("INR", "3.9", "", "2.5-3.5", "H"),
            ),
            *results(
                follow,
                "33070B",
                "電腦斷層造影-無造影劑",
                "電腦斷層",
                (
                    "報告",
                    "右側額頂葉硬腦膜下術後變化，殘餘積液4 mm，無新出血，中線無偏移。",
                    "",
                    "",
                    "A",
                ),
            ),
            *results(
                heart,
                "09015C",
                "肌酸酐",
                "生化學檢驗",
                ("Creatinine", "1.3", "mg/dL", "0.7-1.2", "H"),
                ("eGFR", "62", "mL/min/1.73m2", ">60", "N"),
                ("K", "4.1", "mmol/L", "3.5-5.1", "N"),
            ),
            done(
                Surgery,
                brain,
                "83038C",
                "慢性硬腦膜下血腫清除術（鑽孔引流）",
                body_site="頭部-右側",
            ),
            done(DentalTreatment, tooth, "91004C", "牙結石清除-全口", body_site="全口"),
            allergy(contrast, "iohexol", "V08AB02", "3", "蕁麻疹、血壓下降"),
            allergy(
                Visit(PEILING, 105, "0009", "07", HAEMATOMA),
                "phenytoin",
                "N03AB02",
                "2",
                "皮疹、發燒",
            ),
            drug(
                brain,
                "KC00912299",
                "STAT",
                1,
                4,
                model=CoagulationFactor,
                route="IVD",
                dose="2000 IU",
            ),
            stay(
                Visit(PEILING, 101, "0009", "07", HAEMATOMA, "戴立群"),
                9,
                complaint="跌倒三週後頭痛、左側肢體無力。",
                course="頭部CT示右側慢性硬腦膜下血腫2.1 cm，中線偏移8 mm；INR 3.2，予PCC 2000 IU及"
                "維生素K後急行鑽孔引流。術後第3日改以heparin橋接，第7日恢復warfarin。"
                "phenytoin使用後皮疹，改levetiracetam。",
                condition="意識清楚，左側肌力4分",
                advice="INR目標2.5至3.0；復健；頭痛加劇或意識改變立即返診。",
            ),
            done(
                Rehabilitation,
                limbs,
                "43008C",
                "職能治療-複雜",
                category="職能治療",
                intensity="複雜",
                body_site="左側上下肢",
                quantity=18,
                lasted=56,
            ),
            herbs(herbal, "A019920", "補陽還五湯濃縮細粒", "補陽還五湯", "補氣活血通絡", 7, 42),
        ],
    )
