"""From a recipe file to stages."""
