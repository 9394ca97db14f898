"""What is downloaded: archives, files, repositories at a commit and at a branch."""

Stage0 += baseimage(image="debian:12")
Stage0 += fetch(url="https://example.org/tool-1.0.tar.gz", sha256="a" * 64, dest="/opt/tool", unpack=True, strip=1)
Stage0 += fetch(url="https://example.org/data.bin", sha256=None, dest="/opt/data")
Stage0 += git(repository="https://example.org/code.git", commit="b" * 40, dest="/opt/code", recursive=True)
Stage0 += git(repository="https://example.org/code.git", branch="v1", dest="/opt/branch")
