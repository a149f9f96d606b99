"""The demo: people, cards, sites and slots to try the platform with. Nothing here runs on a real server."""
