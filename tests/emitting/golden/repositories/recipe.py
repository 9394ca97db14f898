"""Package repositories whose key is named by its fingerprint, of both families."""

Stage0 += baseimage(image="debian:12", name="apt")
Stage0 += repository(name="vendor", url="https://example.org/debian", key="https://example.org/key.asc", fingerprint="0123456789ABCDEF0123456789ABCDEF01234567", suite="stable", components=["main"])
Stage1 += baseimage(image="debian:12")
Stage1 += repository(name="flat", url="https://example.org/flat", key="https://example.org/key.asc", fingerprint="0123456789ABCDEF0123456789ABCDEF01234567", suite="/")
