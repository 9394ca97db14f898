"""What a recipe downloads, and how a mirror of it is filled."""

from hpcgen.sourcing.listing import FileSource, GitSource, Source, as_json, as_text, sources

__all__ = ("FileSource", "GitSource", "Source", "as_json", "as_text", "sources")
