"""What changes about authorization, by subject."""

from apps.access.services.grants import close_grant, open_grant

__all__ = ["close_grant", "open_grant"]
