"""The practice register, unified lists, eligibility and vaccination records."""

from datetime import date

import pytest

from apps.access.models import Practice, UnifiedListEntry
from apps.booking.models import EligibilityEntry
from apps.identities.models import Identity
from apps.identities.services import find, identify
from apps.identities.terms import IdentifierKind
from apps.immunizations.models import VaccinationRecord
from apps.imports.models import ImportRun
from apps.imports.terms import RunState
from tests.imports.conftest import Import, errors
from tests.support.booking import make_campaign
from tests.support.world import in_days, make_institution

WANG, CHEN = "C121103509", "A223456781"


def person(number: str) -> object:
    return find(kind=IdentifierKind.NATIONAL_ID, value=number)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    assert run.state == RunState.PUBLISHED, errors(run)
    return run.made, run.changed, run.removed, run.unchanged


class TestPractices:
    HEADER = "institution_code,national_id,name,profession,valid_from,valid_until\n"

    def test_a_line_says_who_practises_what_where(self, import_text: Import) -> None:
        place = make_institution()
        run = import_text("practices", f"{self.HEADER}{place.code},{CHEN},陳怡君,D,1100301,\n")
        assert counts(run) == (1, 0, 0, 0)
        practice = Practice.objects.in_force(in_days(0)).get()
        assert (practice.practitioner_id, practice.institution) == (person(CHEN), place)
        assert (practice.profession, practice.name) == ("D", "陳怡君")
        assert (practice.valid_from, practice.valid_until) == (date(2021, 3, 1), None)

    def test_a_later_file_ends_a_practice_or_takes_it_back(self, import_text: Import) -> None:
        place = make_institution()
        import_text("practices", f"{self.HEADER}{place.code},{CHEN},陳怡君,D,2021-03-01,\n")
        run = import_text(
            "practices", f"{self.HEADER}{place.code},{CHEN},陳怡君,D,2021-03-01,2022/01/31\n"
        )
        assert counts(run) == (0, 1, 0, 0)
        assert not Practice.objects.in_force(in_days(0)).exists()
        text = f"醫事機構代碼,身分證號,醫事人員類別,在名單\n{place.code},{CHEN},D,N\n"
        assert counts(import_text("practices", text)) == (0, 0, 1, 0)
        assert not Practice.objects.exists()
        assert counts(import_text("practices", text)) == (0, 0, 0, 1)

    def test_wrong_lines_say_what_is_wrong(self, import_text: Import) -> None:
        place = make_institution()
        lines = (
            f"9999999999,{CHEN},陳怡君,D,,",
            f"{place.code},A223456782,陳怡君,D,,",
            f"{place.code},,陳怡君,D,,",
            f"{place.code},{CHEN},陳怡君,D,2021-02-30,",
            f"{place.code},{CHEN},陳怡君,D,2021-03-02,2021-03-01",
        )
        run = import_text("practices", self.HEADER + "\n".join(lines))
        assert errors(run) == [
            (2, "institution_code", "IMP-REFERENCE"),
            (3, "national_id", "ID-CHECKSUM"),
            (4, "national_id", "IMP-EMPTY"),
            (5, "valid_from", "IMP-DAY"),
            (6, "valid_until", "IMP-PERIOD"),
        ]


class TestUnifiedList:
    HEADER = "list,service,institution_code,national_id,name\n"

    def test_it_names_institutions_and_who_is_responsible(self, import_text: Import) -> None:
        first, second = make_institution(), make_institution()
        text = f"{self.HEADER}115-1,VBK,{first.code},{CHEN},陳怡君\n115-1,VBK,{second.code},,\n"
        assert counts(import_text("unified-list", text)) == (2, 0, 0, 0)
        assert UnifiedListEntry.objects.get(institution=first).responsible_id == person(CHEN)
        assert UnifiedListEntry.objects.get(institution=second).responsible_id is None
        assert counts(import_text("unified-list", text)) == (0, 0, 0, 2)

    def test_another_responsible_person_replaces_the_first(self, import_text: Import) -> None:
        place = make_institution()
        import_text("unified-list", f"{self.HEADER}115-1,VBK,{place.code},{CHEN},陳怡君\n")
        text = f"{self.HEADER}115-1,VBK,{place.code},{WANG},王大明\n"
        assert counts(import_text("unified-list", text)) == (0, 1, 0, 0)
        entry = UnifiedListEntry.objects.get()
        assert (entry.responsible_id, entry.name) == (person(WANG), "王大明")

    def test_an_unknown_service_is_refused(self, import_text: Import) -> None:
        place = make_institution()
        run = import_text("unified-list", f"{self.HEADER}115-1,XXX,{place.code},,\n")
        assert errors(run) == [(2, "service", "IMP-REFERENCE")]


class TestEligibility:
    def test_intent_and_groups_of_a_campaign(self, import_text: Import) -> None:
        campaign = make_campaign()
        text = (
            f"期別,身分證號,類別\n{campaign.code},{WANG},意願登記\n{campaign.code},{WANG},GROUP\n"
        )
        assert counts(import_text("eligibility", text)) == (2, 0, 0, 0)
        assert set(EligibilityEntry.objects.values_list("patient", "kind")) == {
            (person(WANG), "INTENT"),
            (person(WANG), "GROUP"),
        }
        text = f"campaign,national_id,kind,listed\n{campaign.code},{WANG},GROUP,N\n"
        assert counts(import_text("eligibility", text)) == (0, 0, 1, 0)

    def test_an_unknown_campaign_is_refused(self, import_text: Import) -> None:
        run = import_text("eligibility", f"campaign,national_id,kind\nNONE,{WANG},INTENT\n")
        assert errors(run) == [(2, "campaign", "IMP-REFERENCE")]


class TestVaccinations:
    HEADER = "national_id,vaccine,brand,dose,given_on,institution_code,lot\n"

    def line(self, number: str = WANG, **changes: str) -> str:
        values = {
            "vaccine": "FLU",
            "brand": "GSK",
            "dose": "1",
            "given_on": "2025-10-02",
            "institution_code": "1101010021",
            "lot": "L-1",
        }
        return ",".join([number, *(values | changes).values()]) + "\n"

    def test_a_dose_is_found_under_the_person(self, import_text: Import) -> None:
        known = identify(kind=IdentifierKind.NATIONAL_ID, value=WANG)
        run = import_text("vaccinations", self.HEADER + self.line() + self.line(CHEN.lower()))
        assert counts(run) == (2, 0, 0, 0)
        record = VaccinationRecord.objects.get(patient=known)
        assert (record.vaccine_id, record.brand, record.dose_number) == ("FLU", "GSK", 1)
        assert (record.given_on, record.lot, record.source) == (date(2025, 10, 2), "L-1", "NIIS")
        assert VaccinationRecord.objects.filter(patient=person(CHEN)).exists()

    def test_a_later_file_corrects_and_withdraws(self, import_text: Import) -> None:
        import_text("vaccinations", self.HEADER + self.line() + self.line(dose="2"))
        assert counts(import_text("vaccinations", self.HEADER + self.line(lot="L-2"))) == (
            0,
            1,
            0,
            0,
        )
        assert VaccinationRecord.objects.get(dose_number=1).lot == "L-2"
        withdrawn = self.HEADER.rstrip() + ",withdrawn\n" + self.line(dose="2").rstrip() + ",Y\n"
        assert counts(import_text("vaccinations", withdrawn)) == (0, 0, 1, 0)
        assert VaccinationRecord.objects.get().dose_number == 1

    def test_a_file_does_not_withdraw_what_another_source_recorded(
        self, import_text: Import
    ) -> None:
        import_text("vaccinations", self.HEADER + self.line())
        VaccinationRecord.objects.update(source="site")
        import_text("vaccinations", self.HEADER + self.line(lot="L-9"))
        text = self.HEADER.rstrip() + ",withdrawn\n" + self.line().rstrip() + ",Y\n"
        assert counts(import_text("vaccinations", text)) == (0, 0, 0, 1)
        record = VaccinationRecord.objects.get()
        assert (record.source, record.lot) == ("site", "L-9")

    @pytest.mark.parametrize(
        ("changes", "column", "code"),
        [
            ({"vaccine": "NONE"}, "vaccine", "IMP-REFERENCE"),
            ({"vaccine": ""}, "vaccine", "IMP-EMPTY"),
            ({"dose": "0"}, "dose", "IMP-NUMBER"),
            ({"dose": "21"}, "dose", "IMP-NUMBER"),
            ({"dose": "one"}, "dose", "IMP-FORMAT"),
            ({"dose": "１"}, "dose", "IMP-FULLWIDTH"),
            ({"dose": "9" * 30}, "dose", "IMP-FORMAT"),
            ({"given_on": "infinity"}, "given_on", "IMP-DAY"),
            ({"given_on": "today"}, "given_on", "IMP-DAY"),
            ({"given_on": "2025-13-01"}, "given_on", "IMP-DAY"),
            ({"given_on": "2025/02-01"}, "given_on", "IMP-DAY"),
            ({"given_on": "1141302"}, "given_on", "IMP-DAY"),
            ({"institution_code": "１１０１０１００２１"}, "institution_code", "IMP-FULLWIDTH"),
            ({"institution_code": "110101002"}, "institution_code", "IMP-ZERO"),
            ({"institution_code": "1101010"}, "institution_code", "IMP-FORMAT"),
            ({"brand": "=1+1"}, "brand", "IMP-FORMULA"),
            ({"brand": "＝cmd"}, "brand", "IMP-FORMULA"),
            ({"brand": "B" * 21}, "brand", "IMP-LENGTH"),
            ({"brand": "\ufffd\ufffd"}, "brand", "IMP-REPLACED"),
            ({"lot": '"a\nb"'}, "lot", "IMP-CONTROL"),
        ],
    )
    def test_a_wrong_field_has_its_code(
        self, import_text: Import, changes: dict[str, str], column: str, code: str
    ) -> None:
        run = import_text("vaccinations", self.HEADER + self.line(**changes))
        assert (run.state, errors(run)) == (RunState.REFUSED, [(2, column, code)])

    def test_a_day_to_come_is_refused(self, import_text: Import) -> None:
        run = import_text("vaccinations", self.HEADER + self.line(given_on=in_days(1).isoformat()))
        assert errors(run) == [(2, "given_on", "IMP-FUTURE")]

    @pytest.mark.parametrize("written", ["20251002", "1141002", "114/10/02", "2025/10/02"])
    def test_days_as_the_agencies_write_them(self, import_text: Import, written: str) -> None:
        run = import_text("vaccinations", self.HEADER + self.line(given_on=written))
        assert counts(run) == (1, 0, 0, 0)
        assert VaccinationRecord.objects.get().given_on == date(2025, 10, 2)

    def test_a_second_line_about_the_same_is_refused(self, import_text: Import) -> None:
        text = self.HEADER + self.line() + self.line(dose="2") + self.line(lot="L-2")
        assert errors(import_text("vaccinations", text)) == [(4, "given_on", "IMP-DUPLICATE")]

    def test_a_refused_file_makes_nobody_known(self, import_text: Import) -> None:
        before = Identity.objects.count()
        import_text("vaccinations", self.HEADER + self.line() + self.line(CHEN, dose="x"))
        assert Identity.objects.count() == before
        assert person(WANG) is None
