"""Checks that every link inside the repository's own pages leads somewhere.

Addresses on the network are not asked for: a gate must not fail because another site is down.
"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

from tools.files import ROOT, own_files

_CODE = re.compile(r"^(```|~~~).*?^\1\s*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def anchors(page: str) -> set[str]:
    """Return the fragment names that the headings of a Markdown page offer."""
    names: set[str] = set()
    for heading in _HEADING.findall(re.sub(r"^(```|~~~).*?^\1\s*$", "", page, flags=re.M | re.S)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 1
        unique = name
        while unique in names:
            unique = f"{name}-{number}"
            number += 1
        names.add(unique)
    return names


def broken_links(pages: list[Path], root: Path) -> list[str]:
    """Return one line for every link in `pages` whose file or heading is not there."""
    problems = []
    for page in pages:
        for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, fragment = unquote(target).partition("#")
            found = (page.parent / path).resolve() if path else page
            where = page.relative_to(root)
            if not found.exists():
                problems.append(f"{where}: {target}: no such file")
            elif not found.is_relative_to(root.resolve()):
                problems.append(f"{where}: {target}: leads out of the repository")
            elif (
                fragment
                and found.suffix == ".md"
                and fragment not in anchors(found.read_text(encoding="utf-8"))
            ):
                problems.append(f"{where}: {target}: no such heading")
    return problems


if __name__ == "__main__":
    checked = own_files("*.md")
    broken = broken_links(checked, ROOT)
    print("\n".join(broken) or f"links: {len(checked)} pages, none broken (no site is built yet)")
    sys.exit(bool(broken))
