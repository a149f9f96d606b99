"""Routes of vaccine booking."""

urlpatterns: list[object] = []
