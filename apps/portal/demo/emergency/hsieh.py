"""謝佩珊, 41: von Willebrand disease, depression; her card has a password.

Two institutions give her alprazolam; a clinic has just given her a penicillin, which she does not
tolerate.
"""

from apps.portal.demo.emergency.places import (
    CLINIC,
    DENTIST,
    HERBS,
    MIND,
    NTUH,
    PEILING,
    PHARMACY,
    TAIPEI,
)
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

VWD = ("D68.0", "溫韋伯氏疾病")
DEPRESSION = ("F33.1", "復發性鬱症，中度")
BLEEDING = ("N92.0", "月經過多，週期規律")
SHOULDER = ("M75.01", "右側肩部沾黏性囊炎")


def make() -> Patient:
    psychiatry = Visit(TAIPEI, 61, "0012", "13", DEPRESSION, "許育誠")
    mind = Visit(MIND, 9, "0021", "13", ("G47.00", "失眠症"), "賴佳玲")
    throat = Visit(CLINIC, 2, "0023", "01", ("J03.90", "急性扁桃腺炎"), "吳宗霖", card=True)
    bleeding = Visit(NTUH, 97, "0008", "05", BLEEDING, "沈怡安")
    ward = Visit(NTUH, 92, "0009", "05", BLEEDING, "沈怡安")
    blood = Visit(NTUH, 20, "0019", "AF", VWD, "鄭凱文")
    tooth = Visit(DENTIST, 45, "0015", "40", ("K04.7", "根尖膿瘍"), "邱詩涵")
    shoulder = Visit(PEILING, 30, "0017", "14", SHOULDER, "黃冠宇")
    herbal = Visit(HERBS, 16, "0020", "60", ("N94.3", "經前緊張症候群"), "葉芷晴")
    upload = Visit(TAIPEI, 400, "0001", "22", VWD)
    fetched = [(61, TAIPEI), (35, PHARMACY), (8, PHARMACY)]
    medications = [
        *chronic(psychiatry, "BC23890100", "QDAM", 28, fetched=fetched),
        *chronic(psychiatry, "AC36710100", "BID", 56, fetched=fetched),
        drug(mind, "BC20011100", "HS", 14, 14),
        drug(throat, "BC22345100", "BID", 7, 14),
        drug(throat, "AC47810100", "QID", 3, 12, sequence=2),
        drug(bleeding, "AC40125100", "TID", 5, 30),
        drug(blood, "AC30072100", "QD", 28, 28),
    ]
    controlled = [
        drug(
            psychiatry,
            "AC36710100",
            "BID",
            28,
            56,
            model=ControlledDrug,
            schedule="4",
            ddd=28,
        ),
        drug(mind, "BC20011100", "HS", 14, 14, model=ControlledDrug, schedule="4", ddd=7),
        drug(
            mind,
            "BC21760100",
            "HS",
            14,
            14,
            model=ControlledDrug,
            schedule="4",
            ddd=14,
            sequence=2,
        ),
    ]
    return Patient(
        "A227081940",
        [
            *medications,
            *controlled,
            done(
                Examination,
                bleeding,
                "19003C",
                "婦科超音波",
                category="超音波檢查",
                body_site="骨盆腔",
            ),
            done(
                Examination,
                shoulder,
                "32014C",
                "肩關節X光",
                category="一般X光檢查",
                body_site="右肩",
            ),
            done(Examination, blood, "08011C", "全套血液檢查", category="血液學檢驗"),
            *results(
                blood,
                "08011C",
                "全套血液檢查",
                "血液學檢驗",
                ("Hb", "10.4", "g/dL", "12.0-16.0", "L"),
                ("MCV", "74.2", "fL", "80-100", "L"),
                ("PLT", "268", "10^3/uL", "150-400", "N"),
            ),
            *results(
                blood,
                "08039B",
                "溫韋伯氏因子活性",
                "血液學檢驗",
                ("vWF:RCo", "24", "%", "50-150", "L"),
                ("FVIII:C", "46", "%", "50-150", "L"),
            ),
            *results(
                bleeding,
                "19003C",
                "婦科超音波",
                "超音波檢查",
                ("報告", "子宮內膜厚18 mm，內有1.6 cm高回音病灶，疑似瘜肉。", "", "", "A"),
            ),
            done(Surgery, ward, "80408B", "子宮鏡子宮內膜瘜肉切除術", body_site="子宮"),
            done(DentalTreatment, tooth, "92014C", "複雜性拔牙", body_site="36"),
            done(
                DentalTreatment,
                tooth,
                "91003C",
                "牙結石清除-局部",
                body_site="左下",
                sequence=2,
            ),
            allergy(upload, "amoxicillin", "J01CA04", "3", "全身性蕁麻疹、呼吸困難"),
            drug(
                ward,
                "KC00801299",
                "QD",
                3,
                9,
                model=CoagulationFactor,
                route="IVP",
                dose="1500 IU",
            ),
            drug(
                Visit(NTUH, 45, "0014", "AF", VWD, "鄭凱文"),
                "KC00801299",
                "ONCE",
                1,
                2,
                model=CoagulationFactor,
                route="IVP",
                dose="1000 IU",
            ),
            stay(
                ward,
                5,
                complaint="月經量多二週，頭暈、疲倦。",
                course="入院時Hb 7.6 g/dL，輸注濃厚紅血球2單位。術前給予vWF/FVIII濃縮製劑，"
                "行子宮鏡瘜肉切除，術後無異常出血，病理為良性內膜瘜肉。",
                condition="穩定",
                advice="口服鐵劑；血液科門診追蹤；拔牙或手術前須先補充凝血因子。避免使用NSAID。",
            ),
            done(
                Rehabilitation,
                shoulder,
                "42006C",
                "物理治療-中度",
                category="物理治療",
                intensity="中度",
                body_site="右肩",
                quantity=6,
                lasted=21,
            ),
            herbs(herbal, "A034512", "加味逍遙散濃縮細粒", "加味逍遙散", "調和肝脾", 7, 42),
            herbs(herbal, "A021177", "香附濃縮細粒", "", "理氣解鬱", 7, 10.5, compound=False),
        ],
        has_password=True,
    )
