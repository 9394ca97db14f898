"""Arguments alone: the base image's own entrypoint stays."""

Stage0 += baseimage(image="debian:12")
Stage0 += cmd(["bash", "-l"])
