"""The workstation agent: reads cards, checks PINs, and signs for the servers it was installed for.

It knows nothing of Django or of the platform's apps: docs/reference/card-protocol.md is all that
the two share.
"""

__version__ = "0.1.0"
