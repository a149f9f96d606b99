"""The services of the manuals with their first rules; from then on they are the operators' data.

An existing service is left alone: what operators changed must survive an update.
"""

from apps.access.models import Service
from apps.access.terms import Facility, ProofRecency
from apps.accounts.terms import CardKind
from apps.institutions.terms import InstitutionKind

PHARMACIST, ASSISTANT_PHARMACIST, NURSE, REGISTERED_NURSE, PHYSICIAN = "D", "E", "G", "F", "A"

SERVICES = [
    Service(
        code="VBK",
        name="公費疫苗接種預約",
        name_en="Vaccination booking",
        permits="勾選者可讀取民眾健保卡，查詢其施打資格，並為其預約、變更或取消公費疫苗接種；每次使用均留存紀錄。",
        permits_en="Whoever is ticked may read citizens' NHI cards, see whether they may be vaccinated,"
        " and book, change or cancel for them; every use is recorded.",
        url_name="start_booking",
        audience_kinds=[InstitutionKind.PHARMACY, InstitutionKind.HEALTH_STATION],
        professions=[PHARMACIST, ASSISTANT_PHARMACIST, REGISTERED_NURSE, NURSE, PHYSICIAN],
        card_kinds=[CardKind.HPC],  # manual 1: 請使用健保卡讀卡機執行此登入操作
        recency=ProofRecency.SESSION,
        position=1,
    ),
    Service(
        # Ours: the manuals show only the counter's side of booking.
        code="VBS",
        name="疫苗施打站管理",
        name_en="Vaccination site",
        url_name="show_sites",
        card_kinds=[CardKind.HPC, CardKind.CITIZEN],
        recency=ProofRecency.SESSION,
        position=2,
    ),
    Service(
        # Ours: for whoever has no card to read (FEATURES C17).
        code="VBX",
        name="疫苗預約例外櫃檯",
        name_en="Exception desk of vaccination booking",
        permits="勾選者可為未帶卡、新生兒、未成年人及無健保卡之外籍人士登打身分後預約；每件須填寫原因，並列入稽核覆核。",
        permits_en="Whoever is ticked may type the identity of people without a card, newborns, minors"
        " and foreigners and book for them; each case needs a reason and is reviewed by auditors.",
        url_name="open_exception",
        audience_kinds=[
            InstitutionKind.PHARMACY,
            InstitutionKind.HEALTH_STATION,
            InstitutionKind.HOSPITAL,
            InstitutionKind.CLINIC,
        ],
        professions=[PHARMACIST, ASSISTANT_PHARMACIST, REGISTERED_NURSE, NURSE, PHYSICIAN],
        card_kinds=[CardKind.HPC],
        recency=ProofRecency.SESSION,
        position=8,
    ),
    Service(
        code="HIQS",
        name="預防接種紀錄查詢",
        name_en="Vaccination record query",
        permits="勾選者可讀取個案健保卡並查詢其預防接種紀錄；每次查詢及列印均留存紀錄。",
        permits_en="Whoever is ticked may read a patient's NHI card and look up their vaccination"
        " records; every query and printout is recorded.",
        url_name="start_vaccination_query",
        card_kinds=[CardKind.HPC],  # manual 0: 醫事人員卡
        recency=ProofRecency.SLIDING,  # manual 0: 只要於 30 分鐘內有再次執行查詢動作
        recency_seconds=1800,
        position=3,
    ),
    Service(
        code="TCH",
        name="特定地區旅遊及接觸史查詢",
        name_en="Travel and contact history query",
        permits="勾選者可輸入證號或讀取健保卡，查詢就醫民眾之旅遊及接觸史；每次查詢及列印均留存紀錄。",
        permits_en="Whoever is ticked may look up patients' travel and contact history by number or NHI"
        " card; every query and printout is recorded.",
        url_name="ask_travel_history",
        # Manual 2, 四(一): 「晶片讀卡機」「憑證登入」(醫事人員卡或自然人憑證): through any agent.
        card_kinds=[CardKind.HPC, CardKind.CITIZEN],
        needs_workstation=False,
        recency=ProofRecency.SESSION,
        position=4,
    ),
    Service(
        code="IMQ",
        name="因應天災及緊急醫療查詢作業",
        name_en="Emergency medical query",
        permits="勾選者可於視訊診療或檢傷分類第一至三級急診時，查詢病患之雲端藥歷、檢查檢驗、手術、過敏藥等資料；"
        "每次查詢均須讀取醫事人員卡，並留存紀錄。",
        permits_en="Whoever is ticked may look up a patient's medicines, examinations, operations and"
        " allergies in a video consultation or an emergency of triage levels 1 to 3; each query needs"
        " the health professional card and is recorded.",
        url_name="start_emergency_query",
        facilities=[Facility.EMERGENCY, Facility.VIDEO],
        # Manual 3: the physician; V2.2 added pharmacists, 視疫情需要滾動式調整. Operators switch it.
        professions=[PHYSICIAN, PHARMACIST],
        card_kinds=[CardKind.HPC],
        # Manual 3, 系統目的: video consultation, and emergencies of triage levels 1 to 3.
        purposes=["VIDEO", "TRIAGE_1", "TRIAGE_2", "TRIAGE_3"],
        recency=ProofRecency.EACH,  # manual 3, 四(一): read again at each query
        position=5,
    ),
    Service(
        # Ours: an institution's own programs; nobody uses it by card (docs/reference/fhir.md).
        code="FHIR",
        name="FHIR 資料介接",
        name_en="Reading over FHIR",
        permits="供機構的資訊系統自已註冊的工作站讀取本機構的預約、時段與接種紀錄；不需勾選人員。",
        permits_en="The institution's programs at enrolled workstations read its bookings, slots and"
        " doses; nobody needs to be ticked.",
        recency=ProofRecency.SESSION,
        position=90,
    ),
]


def load() -> None:
    Service.objects.bulk_create(SERVICES, ignore_conflicts=True)
