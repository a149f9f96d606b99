"""Compiles the translation catalogues, where a .po file is newer than its .mo file."""

from pathlib import Path

CATALOGUES = (("locale", "django"), ("agent/locale", "agent"))


def outdated(project: Path) -> list[Path]:
    """The .po files that have no .mo file of the same or a later time beside them."""
    found = []
    for folder, domain in CATALOGUES:
        for source in sorted(project.glob(f"{folder}/*/LC_MESSAGES/{domain}.po")):
            compiled = source.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
                found.append(source)
    return found


def compile_catalogues(project: Path) -> list[Path]:
    """Compile what is outdated and return it."""
    sources = outdated(project)
    if sources:  # Babel takes a tenth of a second to import
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        for source in sources:
            with source.open("rb") as file:
                catalogue = read_po(file, domain=source.stem)
            draft = source.with_suffix(".mo.new")
            with draft.open("wb") as file:
                write_mo(file, catalogue)
            draft.replace(source.with_suffix(".mo"))
    return sources
