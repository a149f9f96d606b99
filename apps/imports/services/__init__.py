"""Starting, publishing and cancelling an import, and the worker's part of it."""

from apps.imports.services.running import process_import
from apps.imports.services.starting import (
    cancel_import,
    expire_imports,
    publish_import,
    start_import,
)

__all__ = ["cancel_import", "expire_imports", "process_import", "publish_import", "start_import"]
