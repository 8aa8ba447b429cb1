"""Reports: functions from querysets to typed dataclasses, in a constant number of queries."""
