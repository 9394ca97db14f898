"""The size audit: what an image holds, what of it nobody sees, and who is charged for it."""

from __future__ import annotations

from hpcgen.auditing.assembling import audit

__all__ = ("audit",)
