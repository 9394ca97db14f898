"""Owners and modes of copies."""

Stage0 += baseimage(image="debian:12")
Stage0 += copy(src="run.sh", dest="/usr/local/bin/run", mode="0755", owner="root:root")
Stage0 += copy(src="run.sh", dest="/usr/local/bin/", mode="0755")
