"""Shapes of the HIS interface's JSON; meaning is the services'.

Agents send `SignedCall`; the other serializers describe the payload that they sign.
"""

from typing import Any

from rest_framework import serializers

from apps.core.roc import parse_roc
from apps.visits.moments import read_moment
from apps.visits.orders import MOST
from apps.visits.terms import MAKE_UP, NEWBORN, SAM_CARD, TREAT_ITEMS, WEB_SERVICE


class SignedCallSerializer(serializers.Serializer):
    """`agent` is a compact EdDSA JWS of the agent's key (docs/reference/card-protocol.md, 2).

    Its payload: `{"origin", "step": "his", "call": "<last part of the address>", "challenge", …}`
    with the fields of the call.
    """

    agent = serializers.CharField(max_length=40000)
    version = serializers.CharField(max_length=20)
    demo = serializers.BooleanField(default=False)


class MomentField(serializers.CharField):
    """就診日期時間: 13 digits YYYMMDDhhmmss of the Republic."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return read_moment(super().to_internal_value(data))
        except ValueError:
            raise serializers.ValidationError("YYYMMDDhhmmss", code="moment") from None


class PatternField(serializers.RegexField):
    """What does not fit is told by the pattern itself, which is the same in every language."""

    def __init__(self, pattern: str, **options: Any) -> None:
        super().__init__(pattern, error_messages={"invalid": pattern.strip("^$")}, **options)


class DayField(serializers.CharField):
    """A day that there is, as YYYMMDD of the Republic; stays text."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            if len(text) != 7 or not text.isascii():
                raise ValueError(text)
            parse_roc(text)
        except ValueError:
            raise serializers.ValidationError("YYYMMDD", code="day") from None
        return text


class CardCallSerializer(serializers.Serializer):
    """`card` is the reading of the card protocol; `function` the manual's number, for the log."""

    card = serializers.DictField()
    function = serializers.RegexField(r"^1\.[0-9]{1,2}$")


class VisitCallSerializer(CardCallSerializer):
    treat_item = serializers.ChoiceField(choices=sorted(TREAT_ITEMS))
    newborn = serializers.ChoiceField(choices=list(NEWBORN), allow_blank=True, default="")
    make_up = serializers.ChoiceField(choices=list(MAKE_UP), default="1")
    request = serializers.UUIDField()


class InsuranceCallSerializer(CardCallSerializer):
    treat_item = serializers.ChoiceField(choices=sorted(TREAT_ITEMS))


class IdentifierCallSerializer(CardCallSerializer):
    visited_at = MomentField()


class TakeBackCallSerializer(CardCallSerializer):
    visited_at = MomentField()


class WriteCallSerializer(CardCallSerializer):
    """The visit is named as the HIS names it; `hpc` are the certificates of the card in the reader in
    base64, the holder's first, or null with fast authentication.
    """

    visited_at = MomentField()
    national_id = serializers.CharField(max_length=10)
    birth_date = DayField()
    hpc = serializers.ListField(
        child=serializers.CharField(max_length=8000), max_length=5, allow_null=True, default=None
    )


class FeesSerializer(serializers.Serializer):
    fee = serializers.IntegerField(min_value=0, max_value=99_999_999, allow_null=True)
    copayment = serializers.IntegerField(min_value=0, max_value=99_999_999, allow_null=True)
    inpatient_fee = serializers.IntegerField(min_value=0, max_value=99_999_999, allow_null=True)
    inpatient_copayment_30 = serializers.IntegerField(
        min_value=0, max_value=9_999_999, allow_null=True
    )
    inpatient_copayment_180 = serializers.IntegerField(
        min_value=0, max_value=9_999_999, allow_null=True
    )


class TreatmentCallSerializer(WriteCallSerializer):
    """Diagnoses (1.16), fees (1.17) or both (1.47)."""

    make_up = serializers.ChoiceField(choices=list(MAKE_UP), default="1")
    diagnoses = serializers.ListField(
        child=serializers.RegexField(r"^[A-Z][0-9][0-9A-Z]{1,5}$"),
        min_length=1,
        max_length=6,
        required=False,
    )
    fees = FeesSerializer(required=False)

    def validate(self, attrs: Any) -> Any:
        if "diagnoses" not in attrs and "fees" not in attrs:
            raise serializers.ValidationError({"diagnoses": "M35"}, code="missing")
        return attrs


class PrescriptionCallSerializer(WriteCallSerializer):
    """`orders`: each 61 characters, as API 1.48 has them."""

    orders = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False, max_length=61),
        min_length=1,
        max_length=MOST,
    )


class RandomCallSerializer(serializers.Serializer):
    service_code = serializers.ChoiceField(choices=[WEB_SERVICE])


class RandomSerializer(serializers.Serializer):
    random = serializers.CharField(help_text="20 characters: version 4, random 16")
    expires_at = serializers.DateTimeField()


class TreatNumberQuestionSerializer(serializers.Serializer):
    """The JSON of the web API; names in the style of the manual's sCardType."""

    sServiceCode = serializers.ChoiceField(choices=[WEB_SERVICE])
    sCardType = serializers.ChoiceField(choices=[SAM_CARD])
    sRandom = PatternField(r"^[0-9]{4}[0-9A-Z]{16}$")
    sSignature = PatternField(r"^[0-9a-fA-F]{256}$")
    sHospid = PatternField(r"^[0-9]{10}$")
    sSamid = PatternField(r"^[0-9A-Z]{12}$")
    sPatid = serializers.CharField(max_length=10)
    sPatbirth = DayField()
    sVisitdt = MomentField()


class TreatNumberSerializer(serializers.Serializer):
    sReturnCode = serializers.CharField()
    sTreatnum = serializers.CharField(help_text="20 positions")


class TreatmentSerializer(serializers.Serializer):
    doctor_id = serializers.CharField(help_text="empty for fees alone")
    revision = serializers.IntegerField()


class PrescriptionSerializer(serializers.Serializer):
    signatures = serializers.ListField(child=serializers.CharField())


class ChallengeSerializer(serializers.Serializer):
    challenge = serializers.CharField()
    expires_in = serializers.IntegerField()
    institution_code = serializers.CharField()
    module_code = serializers.CharField()


class RegisterSerializer(serializers.Serializer):
    """Days are YYYMMDD of the Republic, seven blanks where there is none."""

    insurer = serializers.CharField()
    identity_mark = serializers.CharField()
    valid_until = serializers.CharField()
    visits_left = serializers.IntegerField()
    newborn_birth_date = serializers.CharField()
    newborn_mark = serializers.CharField()
    last_year = serializers.CharField()
    last_sequence = serializers.CharField()
    password_set = serializers.BooleanField(allow_null=True)


class VisitSerializer(serializers.Serializer):
    visited_at = serializers.CharField()
    sequence = serializers.CharField()
    institution_code = serializers.CharField()
    signature = serializers.CharField()
    module_code = serializers.CharField()
    same_day = serializers.CharField()
    identifier = serializers.CharField()


class IdentifierSerializer(serializers.Serializer):
    identifier = serializers.CharField()


class TakenBackSerializer(serializers.Serializer):
    visited_at = serializers.CharField()
    sequence = serializers.CharField(help_text="stays used up")


class SignatureQuestionSerializer(serializers.Serializer):
    """A visit's signature alone; or with whom it should be about; or an order's with its visit."""

    signature = serializers.CharField(max_length=256)
    card_number = serializers.CharField(max_length=12, required=False)
    national_id = serializers.CharField(max_length=10, required=False)
    birth_date = serializers.RegexField(r"^[0-9]{7}$", required=False)
    identifier = serializers.CharField(max_length=20, required=False)
    order = serializers.CharField(
        max_length=61, min_length=61, required=False, trim_whitespace=False
    )


class SignatureAnswerSerializer(serializers.Serializer):
    valid = serializers.BooleanField()
    statement = serializers.DictField(required=False)
    taken_back = serializers.BooleanField(
        required=False, help_text="the visit was taken back since (API 1.39)"
    )
    patient_matches = serializers.BooleanField(required=False)


class VisitKeySerializer(serializers.Serializer):
    id = serializers.CharField()
    algorithm = serializers.CharField()
    public_key = serializers.CharField(help_text="base64 of 32 bytes")
