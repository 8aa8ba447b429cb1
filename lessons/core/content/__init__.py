"""Content from files to the database: compare, decide, write, in one transaction.

The files are ordinary Django fixtures (YAML, natural keys) in `FIXTURE_DIRS[0]/<app label>/`.
`loaddata` can load them into an empty database; this is the road for every later load. It knows
rows it wrote by the reason in their history, so it can tell an editor's change from a file's.
"""

from .exporting import Change, Export, export, files_are_newer
from .files import Mistake, content_is_current, files_digest, fixture_files, read_files
from .loading import load
from .outcome import Conflict, EditedInAdmin, Prefer, Report
from .relations import content_models, many_references
from .rules import REASON, before_saving, checks, freeze, prepares

__all__ = [
    "REASON",
    "Change",
    "Conflict",
    "EditedInAdmin",
    "Export",
    "Mistake",
    "Prefer",
    "Report",
    "before_saving",
    "checks",
    "content_is_current",
    "content_models",
    "export",
    "files_are_newer",
    "files_digest",
    "fixture_files",
    "freeze",
    "load",
    "many_references",
    "prepares",
    "read_files",
]
