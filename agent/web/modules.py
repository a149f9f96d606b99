"""Enrolling this workstation with a `.SAM` file, on the console."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from agent.modules import LARGEST_FILE
from agent.problems import Problem
from agent.web import guards
from agent.web.context import agent_of
from agent.web.render import leave

LARGEST_UPLOAD = LARGEST_FILE + 4096


async def upload_module(request: Request) -> Response:
    """POST /modules: a form with one file, `module`."""
    guards.require_own_upload(request)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_UPLOAD:
        raise Problem("module_malformed", status=413, return_url="/")
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("module")
        if not isinstance(file, UploadFile):
            raise Problem("module_malformed", status=422, return_url="/")
        content = await file.read()
    await agent_of(request).enrolment.upload(content)
    return leave("/")
