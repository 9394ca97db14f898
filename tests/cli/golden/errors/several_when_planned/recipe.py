Stage0 += baseimage(image="debian:12")
Stage0 += demo(fast=True)
Stage0 += blob(docker="no-such-file")
Stage0 += git(repository="https://example.org/a.git", dest="/a", branch="main")
