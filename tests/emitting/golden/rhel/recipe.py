"""The RHEL family."""

Stage0 += baseimage(image="rockylinux:9")
Stage0 += repository(name="vendor", url="https://example.org/el9", key="https://example.org/key.asc", fingerprint="0123456789ABCDEF0123456789ABCDEF01234567")
Stage0 += shell(commands=["dnf install -y vendor-tool", "vendor-tool --version"])
