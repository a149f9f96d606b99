"""Who may do what: services, entitlements, memberships, grants and decide()."""
