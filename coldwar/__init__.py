"""The Django project.

The standard library's SQLite is replaced here, before Django is imported: SQLite 3.7.0 to
3.51.2 can corrupt a write-ahead log when two connections write or checkpoint at once
(mended in 3.51.3), and Linux distributions ship older ones. Where no wheel of pysqlite3
exists the standard library's stays, and a system check says so (`lessons.core.checks`).
"""

import sys

try:
    import pysqlite3
    import pysqlite3.dbapi2
except ImportError:
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
