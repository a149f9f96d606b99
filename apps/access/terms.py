"""Words of authorization."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

USE_SERVICE = "use_service"  # the one permission that a grant gives, on an entitlement
NEVER_FAST = ("HIQS", "IMQ", "TCH")  # services that need the card itself, whatever operators tick
AGENT_VERSION = r"^([0-9]{1,6}(\.[0-9]{1,6}){0,3})?$"


class MembershipRole(TextChoices):
    """Representatives log in with the institution's card and have no membership."""

    MANAGER = "MANAGER", _("manager")
    USER = "USER", _("user")


class MembershipState(TextChoices):
    ACTIVE = "ACTIVE", _("active")
    ENDED = "ENDED", _("ended")


class Profession(TextChoices):
    """The codes of the health professional card (醫事人員類別)."""

    SPEECH_THERAPIST = "1", _("speech therapist")
    DENTAL_TECHNICIAN = "2", _("dental technician")
    AUDIOLOGIST = "3", _("audiologist")
    ASSISTANT_DENTAL_TECHNICIAN = "4", _("assistant dental technician")
    OPTOMETRIST = "5", _("optometrist")
    ASSISTANT_OPTOMETRIST = "6", _("assistant optometrist")
    PHYSICIAN = "A", _("physician")
    CHINESE_MEDICINE_DOCTOR = "B", _("doctor of Chinese medicine")
    DENTIST = "C", _("dentist")
    PHARMACIST = "D", _("pharmacist")
    ASSISTANT_PHARMACIST = "E", _("assistant pharmacist")
    REGISTERED_NURSE = "F", _("registered nurse")
    NURSE = "G", _("nurse")
    ASSISTANT_MIDWIFE = "H", _("assistant midwife")
    MIDWIFE = "I", _("midwife")
    MEDICAL_TECHNOLOGIST = "J", _("medical technologist")
    ASSISTANT_MEDICAL_TECHNOLOGIST = "K", _("assistant medical technologist")
    DENTURIST = "L", _("denturist")
    CHINESE_MEDICINE_DISPENSER = "M", _("dispenser of Chinese medicine")
    DENTAL_MOULDER = "N", _("dental moulder")
    OTHER = "O", _("not a medical profession")
    BONE_SETTER = "P", _("bone setter")
    PHYSICAL_THERAPIST = "Q", _("physical therapist")
    OCCUPATIONAL_THERAPIST = "R", _("occupational therapist")
    RADIOLOGICAL_TECHNOLOGIST = "S", _("radiological technologist")
    RADIOGRAPHER = "T", _("radiographer")
    ASSISTANT_PHYSICAL_THERAPIST = "U", _("assistant physical therapist")
    RESPIRATORY_THERAPIST = "V", _("respiratory therapist")
    ASSISTANT_OCCUPATIONAL_THERAPIST = "W", _("assistant occupational therapist")
    COUNSELLING_PSYCHOLOGIST = "X", _("counselling psychologist")
    CLINICAL_PSYCHOLOGIST = "Y", _("clinical psychologist")
    DIETITIAN = "Z", _("dietitian")


class ProfessionProof(TextChoices):
    """What proves a profession; a manager's word does not (FEATURES A4)."""

    CARD = "CARD", _("health professional card")
    REGISTER = "REGISTER", _("practice register")


class ApplicationState(TextChoices):
    REQUESTED = "REQUESTED", _("requested")
    APPROVED = "APPROVED", _("approved")
    REJECTED = "REJECTED", _("rejected")


class NetworkState(TextChoices):
    """Of an application for a system network (系統網路服務申請)."""

    REQUESTED = "REQUESTED", _("requested")
    APPROVED = "APPROVED", _("approved")
    REJECTED = "REJECTED", _("rejected")
    ENDED = "ENDED", _("ended")


class ProposalDeed(TextChoices):
    ADD = "ADD", _("add")
    CHANGE = "CHANGE", _("change")
    REMOVE = "REMOVE", _("remove")


class ProposalState(TextChoices):
    DRAFT = "DRAFT", _("draft")
    # In force already, because it could not wait; a second operator confirms or withdraws it.
    URGENT = "URGENT", _("in force, to be confirmed")
    PUBLISHED = "PUBLISHED", _("published")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class CampaignState(TextChoices):
    DRAFT = "DRAFT", _("draft")
    PUBLISHED = "PUBLISHED", _("published")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class EntitlementSource(TextChoices):
    APPLICATION = "APPLICATION", _("applied for")
    UNIFIED = "UNIFIED", _("unified authorization")
    OPERATOR = "OPERATOR", _("set by the operator")


class EntitlementState(TextChoices):
    ACTIVE = "ACTIVE", _("active")
    SUSPENDED = "SUSPENDED", _("suspended")
    ENDED = "ENDED", _("ended")


class GrantSource(TextChoices):
    MANAGER = "MANAGER", _("by the manager")
    UNIFIED = "UNIFIED", _("unified authorization")
    OPERATOR = "OPERATOR", _("by the operator")


class ProofRecency(TextChoices):
    """How fresh the card proof must be; the seconds stand beside it (FEATURES B7)."""

    SESSION = "SESSION", _("once per session")
    WITHIN = "WITHIN", _("within a number of seconds")
    SLIDING = "SLIDING", _("within a number of seconds from the last query")
    EACH = "EACH", _("at each query")


class Facility(TextChoices):
    """What an institution has or offers, by the register."""

    EMERGENCY = "EMERGENCY", _("emergency department")
    VIDEO = "VIDEO", _("video consultation")


class Reason(TextChoices):
    """The condition that failed on the path that got furthest; for the access log, not for the person."""

    SESSION_ENDED = "session_ended", _("The session has ended.")
    PERSON_INACTIVE = "person_inactive", _("The person is not active.")
    CARD_BLOCKED = "card_blocked", _("The card was blocked.")
    NOT_STAFF = "not_staff", _("The session does not stand for staff of an institution.")
    NOT_REPRESENTATIVE = (
        "not_representative",
        _("The session does not stand for the institution itself."),
    )
    NOT_MANAGER = "not_manager", _("The person is not a manager of the institution.")
    INSTITUTION_INACTIVE = "institution_inactive", _("The institution is suspended or closed.")
    NO_MEMBERSHIP = "no_membership", _("The person does not belong to the institution.")
    MEMBERSHIP_ENDED = "membership_ended", _("The membership has ended or not begun.")
    SERVICE_OFF = "service_off", _("The service is switched off.")
    WRONG_AUDIENCE = "wrong_audience", _("The service is not meant for this kind of institution.")
    WRONG_FACILITY = (
        "wrong_facility",
        _("The institution does not have what the service asks for."),
    )
    NOT_ENTITLED = "not_entitled", _("The institution is not entitled to the service.")
    ENTITLEMENT_ENDED = "entitlement_ended", _("The entitlement is suspended or not in force.")
    NOT_GRANTED = "not_granted", _("The person has no grant for the service.")
    GRANT_EXPIRED = "grant_expired", _("The grant has expired.")
    OFFICE_LEFT = "office_left", _("The person is no longer the responsible professional.")
    WRONG_PROFESSION = "wrong_profession", _("The profession may not use the service.")
    WRONG_CARD_KIND = "wrong_card_kind", _("The service needs another kind of card.")
    WRONG_PURPOSE = "wrong_purpose", _("The service is not open for this purpose.")
    NO_WORKSTATION = "no_workstation", _("The service needs an enrolled workstation.")
    UNKNOWN_NETWORK = (
        "unknown_network",
        _("The service needs a network that the institution has registered."),
    )
    AGENT_TOO_OLD = "agent_too_old", _("The service needs a newer reader program.")
    CARD_REMOVED = "card_removed", _("The login card was removed from the reader.")
    PROOF_TOO_OLD = "proof_too_old", _("The card must be read again.")
    PERMITTED = "", _("permitted")
