"""Settings, routes and the processes that run Ankang."""
