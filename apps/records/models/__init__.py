"""One table per tab of manual 3, the code lists they speak in, and the card password flag."""

from apps.records.models.base import ClinicalRecord as ClinicalRecord
from apps.records.models.base import CodeName as CodeName
from apps.records.models.base import Drug as Drug
from apps.records.models.base import PasswordFlag as PasswordFlag
from apps.records.models.care import Allergy as Allergy
from apps.records.models.care import DentalTreatment as DentalTreatment
from apps.records.models.care import Discharge as Discharge
from apps.records.models.care import Examination as Examination
from apps.records.models.care import ExaminationResult as ExaminationResult
from apps.records.models.care import Rehabilitation as Rehabilitation
from apps.records.models.care import Surgery as Surgery
from apps.records.models.drugs import ChineseMedicine as ChineseMedicine
from apps.records.models.drugs import CoagulationFactor as CoagulationFactor
from apps.records.models.drugs import ControlledDrug as ControlledDrug
from apps.records.models.drugs import Medication as Medication
