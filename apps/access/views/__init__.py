"""Pages of representatives (`managers`) and of managers (`users`, `applications`, `authorizing`)."""
