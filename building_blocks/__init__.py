"""The building blocks: one file a block, found by its name."""
