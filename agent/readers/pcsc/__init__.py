"""Real readers through PC/SC: winscard on Windows, pcscd on Linux, the system's own on macOS."""
