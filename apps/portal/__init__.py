"""Home, my services, announcements, downloads and the other public pages."""
