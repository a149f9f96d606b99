"""Vaccines that campaigns and records speak of; codes of the national programme's schedule."""

from apps.immunizations.models import Vaccine

VACCINES = [
    Vaccine(code="COVID19", name="COVID-19疫苗", name_en="COVID-19 vaccine"),
    Vaccine(code="FLU", name="流感疫苗", name_en="Influenza vaccine", is_influenza=True),
    Vaccine(code="BCG", name="卡介苗", name_en="BCG vaccine"),
    Vaccine(code="HEPA", name="A型肝炎疫苗", name_en="Hepatitis A vaccine"),
    Vaccine(code="HEPB", name="B型肝炎疫苗", name_en="Hepatitis B vaccine"),
    Vaccine(code="DTAPIPVHIB", name="五合一疫苗", name_en="DTaP-Hib-IPV vaccine"),
    Vaccine(code="DTAPIPV", name="四合一疫苗", name_en="DTaP-IPV vaccine"),
    Vaccine(code="TDAP", name="破傷風減量白喉非細胞性百日咳混合疫苗", name_en="Tdap vaccine"),
    Vaccine(
        code="MMR",
        name="麻疹、腮腺炎、德國麻疹混合疫苗",
        name_en="Measles, mumps and rubella vaccine",
    ),
    Vaccine(code="VAR", name="水痘疫苗", name_en="Varicella vaccine"),
    Vaccine(code="JE", name="日本腦炎疫苗", name_en="Japanese encephalitis vaccine"),
    Vaccine(
        code="PCV13", name="13價結合型肺炎鏈球菌疫苗", name_en="13-valent pneumococcal vaccine"
    ),
    Vaccine(
        code="PPV23", name="23價肺炎鏈球菌多醣體疫苗", name_en="23-valent pneumococcal vaccine"
    ),
]


def load() -> None:
    Vaccine.objects.bulk_create(VACCINES, ignore_conflicts=True)
