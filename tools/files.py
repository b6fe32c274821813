"""The repository's own files: what is committed, and what is about to be."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def own_files(*patterns: str, root: Path = ROOT) -> list[Path]:
    """Return the files that Git knows or does not ignore, those that match `patterns` if given."""
    listed = subprocess.run(
        # The clone may belong to another user than the one who runs the gate.
        [
            *("git", "-c", "safe.directory=*", "ls-files", "-z"),
            *("--cached", "--others", "--exclude-standard", "--", *patterns),
        ],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(set(filter(None, listed.stdout.split("\0"))))
    return [path for name in names if (path := root / name).is_file()]
