"""Runs Ankang and the servers it needs on one machine, for demonstrations and tests.

`python -m config.supervisor demo | reset | test [-- PYTEST ARGUMENTS] | run -- COMMAND`

It knows neither Django nor the apps: it starts programs, hands them their environment, restarts what dies
and stops everything in reverse order. A production machine uses its own service manager instead
(docker-compose.yml shows the same programs).
"""
