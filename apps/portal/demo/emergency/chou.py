"""周志偉, 45: haemophilia A (mild), asthma that aspirin makes worse; back from abroad, with fever.

A clinic gave him diclofenac, of the group he does not tolerate.
"""

from apps.portal.demo.emergency.places import (
    CLINIC,
    DENTIST,
    HERBS,
    NTUH,
    OTHER_PHARMACY,
    PEILING,
    VGH,
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

HAEMOPHILIA = ("D66", "遺傳性第八凝血因子缺乏症")
ASTHMA = ("J45.40", "中度持續性氣喘")
KNEE = ("M25.061", "右側膝部關節血腫")


def make() -> Patient:
    lung = Visit(VGH, 33, "0010", "AC", ASTHMA, "潘柏翰")
    blood = Visit(NTUH, 26, "0011", "AF", HAEMOPHILIA, "鄭凱文")
    ward = Visit(NTUH, 120, "0006", "06", KNEE, "范哲維")
    knee = Visit(PEILING, 74, "0008", "14", KNEE, "黃冠宇")
    tooth = Visit(DENTIST, 50, "0009", "40", ("K05.31", "慢性牙周炎"), "邱詩涵")
    back = Visit(CLINIC, 6, "0013", "01", ("M54.50", "下背痛"), "吳宗霖", card=True)
    herbal = Visit(HERBS, 58, "0007", "60", ("J45.40", "氣喘"), "葉芷晴")
    upload = Visit(VGH, 800, "0003", "22", ASTHMA)
    fetched = [(33, VGH), (7, OTHER_PHARMACY)]
    medications = [
        *chronic(lung, "BC24650151", "BID", 1, fetched=fetched),
        *chronic(lung, "BC23901100", "HS", 28, fetched=fetched),
        drug(lung, "AC38890151", "PRN", 28, 1, route="INHL", sequence=3),
        drug(back, "AC33421100", "TID", 7, 21),
        drug(back, "BC21544100", "PRN", 7, 14, sequence=2),
        drug(blood, "AC40125100", "TID", 7, 42),
        drug(knee, "AC47810100", "QID", 7, 28),
    ]
    return Patient(
        "H125617303",
        [
            *medications,
            drug(
                back,
                "BC21544100",
                "PRN",
                7,
                14,
                model=ControlledDrug,
                schedule="4",
                ddd=2.33,
            ),
            drug(
                ward,
                "AC20331209",
                "PRN",
                2,
                3,
                model=ControlledDrug,
                route="IM",
                schedule="2",
                ddd=1,
            ),
            done(Examination, lung, "17003C", "肺功能檢查", category="呼吸功能檢查"),
            done(
                Examination,
                knee,
                "19012C",
                "膝關節超音波",
                category="超音波檢查",
                body_site="右膝",
            ),
            done(Examination, blood, "08026C", "活化部分凝血活酶時間", category="血液學檢驗"),
            *results(
                blood,
                "08026C",
                "活化部分凝血活酶時間",
                "血液學檢驗",
                ("APTT", "48.6", "sec", "25.0-35.0", "H"),
                ("APTT control", "29.8", "sec", "", "N"),
            ),
            *results(
                blood,
                "08036B",
                "第八凝血因子活性",
                "血液學檢驗",
                ("FVIII:C", "14", "%", "50-150", "L"),
                ("FVIII inhibitor", "0.2", "BU/mL", "<0.6", "N"),
            ),
            *results(
                lung,
                "17003C",
                "肺功能檢查",
                "呼吸功能檢查",
                ("FEV1", "71", "% pred", ">80", "L"),
                ("FEV1/FVC", "66", "%", ">70", "L"),
            ),
            done(Surgery, ward, "64250B", "關節鏡下滑膜切除術", body_site="右膝"),
            done(
                DentalTreatment,
                tooth,
                "91006C",
                "齒齦下刮除術-每四分之一顎",
                body_site="右上",
            ),
            allergy(upload, "acetylsalicylic acid", "N02BA01", "4", "嚴重支氣管痙攣"),
            allergy(
                Visit(VGH, 799, "0003", "22", ASTHMA),
                "ibuprofen",
                "M01AE01",
                "3",
                "喘鳴、鼻塞、顏面潮紅",
            ),
            drug(
                ward,
                "KC00755299",
                "BID",
                5,
                20,
                model=CoagulationFactor,
                route="IVP",
                dose="2000 IU",
            ),
            drug(
                tooth_cover(),
                "KC00755299",
                "ONCE",
                1,
                2,
                model=CoagulationFactor,
                route="IVP",
                dose="2000 IU",
            ),
            stay(
                ward,
                6,
                complaint="右膝反覆腫痛二個月，三日前搬重物後加劇。",
                course="MRI示右膝慢性滑膜炎併關節血腫。FVIII補充下行關節鏡滑膜切除，"
                "術後第一日開始被動活動，無再出血。",
                condition="穩定，需拄拐杖",
                advice="復健每週三次；禁用aspirin及NSAID；任何創傷後即刻補充FVIII。",
            ),
            done(
                Rehabilitation,
                knee,
                "42008C",
                "物理治療-複雜",
                category="物理治療",
                intensity="複雜",
                body_site="右膝",
                quantity=12,
                lasted=42,
            ),
            herbs(herbal, "A005533", "定喘湯濃縮細粒", "定喘湯", "宣肺降氣", 7, 42),
        ],
    )


def tooth_cover() -> Visit:
    """The factor given before the gums were treated."""
    return Visit(NTUH, 50, "0012", "AF", HAEMOPHILIA, "鄭凱文")
