"""Who may import whom: the table of the house, checked from the code's own imports.

bank, dev -> adapters (flask) -> manager -> pure core and stores.base -> standard library.
Imports inside functions and under TYPE_CHECKING count like any other.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CORE = r"nightlatch(\.(?!manager\b|drafts\b|stores\b|flask\b|testing\b|dev\b)\w+)?"
CONTRACT = r"nightlatch\.stores\.base"
# A store may keep drafts too; their contract stands with their rules.
SHARED = rf"{CORE}|{CONTRACT}|nightlatch\.drafts|nightlatch\.stores\.steps"


class Rule(NamedTuple):
    """What the modules that match `who` may import, besides the standard library."""

    who: str
    ours: str
    theirs: frozenset[str] = frozenset()


# The first rule that matches a module's name is the one that holds for it.
RULES = [
    Rule(r"nightlatch\.codec", CORE, frozenset({"msgspec"})),
    Rule(r"nightlatch", rf"{CORE}|{CONTRACT}|nightlatch\.(manager|drafts)"),
    # The status document tells of sessions that have ended, in the contract's own word for them.
    Rule(r"nightlatch\.status", rf"{CORE}|{CONTRACT}"),
    # A store round a store: it knows the contract and no store that keeps it.
    Rule(r"nightlatch\.breaker", rf"{CORE}|{CONTRACT}"),
    # Requirements of standards: facts in, findings out.
    Rule(r"nightlatch\.checks(\.\w+)?", rf"{CORE}|nightlatch\.checks\.\w+"),
    Rule(CORE, CORE),
    Rule(r"nightlatch\.(manager|drafts)", rf"{CORE}|{CONTRACT}|nightlatch\.drafts"),
    Rule(CONTRACT, CORE),
    # The one place that turns an address into a store.
    Rule(r"nightlatch\.stores", rf"{CORE}|nightlatch\.stores\.\w+"),
    # A store may be several modules, all beginning with its name; stores share steps.py.
    Rule(r"nightlatch\.stores\.sqlite(_\w+)?", rf"{SHARED}|nightlatch\.stores\.sqlite_\w+"),
    Rule(
        r"nightlatch\.stores\.redis(_\w+)?",
        rf"{SHARED}|nightlatch\.stores\.redis_\w+",
        frozenset({"redis"}),
    ),
    Rule(
        r"nightlatch\.stores\.postgres(_\w+)?",
        rf"{SHARED}|nightlatch\.stores\.postgres_\w+",
        frozenset({"psycopg", "psycopg_pool"}),
    ),
    Rule(r"nightlatch\.stores\.memory(_\w+)?", rf"{SHARED}|nightlatch\.stores\.memory_\w+"),
    Rule(r"nightlatch\.stores\.\w+", SHARED),
    Rule(
        r"nightlatch\.flask(\..+)?",
        rf"{CORE}|{CONTRACT}|nightlatch\.(stores|manager|drafts)|nightlatch\.checks\.\w+"
        r"|nightlatch\.flask(\.\w+)*",
        frozenset({"blinker", "click", "flask", "flask_login", "jinja2", "markupsafe", "werkzeug"}),
    ),
    Rule(
        r"nightlatch\.testing(\..+)?",
        rf"{CORE}|{CONTRACT}|nightlatch\.(manager|drafts)|nightlatch\.testing(\.\w+)*",
        frozenset({"hypothesis", "pytest"}),
    ),
    Rule(
        r"nightlatch\.dev(\..+)?",
        r"nightlatch|nightlatch\.(flask|stores)|nightlatch\.dev(\.\w+)*",
        frozenset({"click", "flask", "werkzeug"}),
    ),
    # The application sees the front doors only, and may choose its store by name.
    Rule(
        r"bank(\..+)?",
        r"nightlatch|nightlatch\.(flask|stores)|nightlatch\.stores\.(memory|sqlite|redis|postgres)"
        r"|bank(\.\w+)*",
        frozenset(
            {"alembic", "argon2", "bcrypt", "click", "flask", "flask_bootstrap", "flask_login"}
            | {"flask_wtf", "gunicorn", "jinja2", "limits", "markupsafe", "passlib", "sqlalchemy"}
            | {"werkzeug", "wtforms", "zxcvbn"}
        ),
    ),
]

# Only these modules may import the key.
ONLY = {"sqlite3": r"nightlatch\.stores\.sqlite(_\w+)?"}

_TIME_READERS = {
    "time": {
        "clock_gettime", "clock_gettime_ns", "ctime", "gmtime", "localtime", "monotonic",
        "monotonic_ns", "perf_counter", "perf_counter_ns", "time", "time_ns",
    },
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
}  # fmt: skip


class Import(NamedTuple):
    """One module named by an import statement."""

    module: str
    line: int
    inside_a_function: bool


def _imports(tree: ast.Module, name: str, is_package: bool, modules: set[str]) -> Iterator[Import]:
    deferred = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        late = id(node) in deferred
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, late)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parents = name.split(".")
                parents = parents[: len(parents) - node.level + is_package]
                source = ".".join([*parents, source] if source else parents)
            for alias in node.names:
                # `from nightlatch import policy` names the module policy, not the front door.
                whole = f"{source}.{alias.name}"
                yield Import(whole if whole in modules else source, node.lineno, late)


def _time_reads(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in _TIME_READERS["time"]:
                    yield node.lineno, f"time.{alias.name}"
        elif isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else None
            owner = node.value.id if isinstance(node.value, ast.Name) else owner
            if node.attr in _TIME_READERS.get(owner or "", ()):
                yield node.lineno, f"{owner}.{node.attr}"


def _faults_of_an_import(name: str, rule: Rule, found: Import) -> Iterator[str]:
    package = found.module.partition(".")[0]
    limited = ONLY.get(package)
    if limited and name.startswith("nightlatch") and not re.fullmatch(limited, name):
        yield f"may not import {found.module}: it belongs to one store alone"
    elif package in {"nightlatch", "bank"}:
        if not re.fullmatch(rule.ours, found.module):
            yield f"may not import {found.module}"
        elif (
            name == "nightlatch.stores"
            and not found.inside_a_function
            and re.fullmatch(r"nightlatch\.stores\.(?!base).+", found.module)
        ):
            yield f"may import {found.module} only inside the function that chooses it"
    elif package not in sys.stdlib_module_names and package not in rule.theirs:
        yield f"may not import {found.module}"


def faults(root: Path) -> list[str]:
    """Return one line for every import under `root` that the table does not allow.

    ``root`` is laid out like the repository: ``src/nightlatch`` and, if there is one, ``bank``.
    A line reads ``src/nightlatch/stores/memory.py:3: may not import flask``; no line, no fault.
    """
    files = {
        ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): path
        for base, package in ((root / "src", "nightlatch"), (root, "bank"))
        for path in sorted((base / package).rglob("*.py"))
    }
    lines = []
    for name, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = path.relative_to(root).as_posix()
        rule = next(rule for rule in RULES if re.fullmatch(rule.who, name))
        for found in _imports(tree, name, path.name == "__init__.py", set(files)):
            lines += [
                f"{where}:{found.line}: {fault}"
                for fault in _faults_of_an_import(name, rule, found)
            ]
        if name.startswith("nightlatch") and name != "nightlatch.clock":
            lines += [
                f"{where}:{line}: may not read the time ({call}): clock.py does, or it is given"
                for line, call in _time_reads(tree)
            ]
    # One statement may name a module several times.
    return list(dict.fromkeys(lines))
