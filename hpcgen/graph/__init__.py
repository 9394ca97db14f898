"""The stage graph: what a recipe means, before any format."""
