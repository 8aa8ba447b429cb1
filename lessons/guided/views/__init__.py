"""Pages of the guided reading, one module for each kind."""
