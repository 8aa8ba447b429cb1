"""Many rows made in a moment."""

from django.db import connection


def let_postgresql_count() -> None:
    """It does so by itself within minutes of a COMMIT, which the rows of a test never see.

    Uncounted, joins of thousands of them were tried row by row and ran for an hour.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
