"""A program that sets its logging up by dictConfig or fileConfig after the bank has started."""

from __future__ import annotations

import logging
import logging.config
import sys
from pathlib import Path

from bank import create_app
from tests.bank.audit.ways import take_all

FILE = """
[loggers]
keys=root,configured
[handlers]
keys=file
[formatters]
keys=plain
[logger_root]
level=NOTSET
handlers=file
[logger_configured]
level=NOTSET
handlers=file
propagate=0
qualname=configured
[handler_file]
class=FileHandler
args=({path!r}, "a", "utf-8")
formatter=plain
[formatter_plain]
format=%(levelname)s %(name)s %(message)s
"""


def by_dict(path: Path) -> None:
    """As Django and many services do."""
    handler = {"class": "logging.FileHandler", "filename": str(path), "encoding": "utf-8"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"file": handler},
            "root": {"handlers": ["file"], "level": "DEBUG"},
            "loggers": {"configured": {"handlers": ["file"], "propagate": False}},
        }
    )


def by_file(path: Path) -> None:
    """As Alembic and Pyramid do."""
    ini = path.with_suffix(".ini")
    ini.write_text(FILE.format(path=str(path)), encoding="utf-8")
    logging.config.fileConfig(ini, disable_existing_loggers=False, encoding="utf-8")


if __name__ == "__main__":
    create_app()
    {"dictConfig": by_dict, "fileConfig": by_file}[sys.argv[1]](Path(sys.argv[2]))
    take_all("configured", "configured.child", "bank", "")
