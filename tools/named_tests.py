"""Finds the tests that a page of the repository names and that nobody has written."""

import ast
import re

from tools.files import ROOT

_NAMED = re.compile(r"`([\w/.]+\.py)::(\w+)(?:\[[^`]*\])?`")


def missing_tests(page: str) -> list[str]:
    """Return every ``file::test`` of a page, in its order, that is not in its file."""
    missing = []
    for path, name in _NAMED.findall(page):
        file = ROOT / path
        tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.parse("")
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        if name not in defined:
            missing.append(f"{path}::{name}")
    return missing
