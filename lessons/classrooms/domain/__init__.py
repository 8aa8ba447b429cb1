"""Every write to classes and what belongs to them. Nothing here takes a request."""
