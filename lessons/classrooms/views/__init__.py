"""Pages of classes, one module for each kind."""
