"""Building blocks of a site: each is named in pyproject.toml, in the group `hpcgen.blocks`."""
