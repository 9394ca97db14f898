"""The size audit: what an image holds, what of it nobody sees, and who is charged for it."""
