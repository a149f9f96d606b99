"""The back office speaks Traditional Chinese: names of apps, models, columns and fields."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.admin import ModelAdmin, site
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.utils import translation

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def names(admin: ModelAdmin, request) -> Iterator[str]:
    meta = admin.model._meta
    yield from (meta.app_config.verbose_name, meta.verbose_name, meta.verbose_name_plural)
    form = admin.get_form(request)
    yield from (str(field.label) for field in form.base_fields.values())
    columns = [*admin.get_list_display(request), *flatten_fieldsets(admin.get_fieldsets(request))]
    for column in columns:
        if column != "__str__" and column not in form.base_fields:
            yield label_for_field(column, admin.model, admin)


@pytest.mark.parametrize("admin", site._registry.values(), ids=str)
def test_every_name_is_chinese(admin, rf) -> None:
    with translation.override("zh-hant"):
        said = [str(name) for name in names(admin, rf.get("/"))]
    assert [name for name in said if not CHINESE.search(name)] == []
