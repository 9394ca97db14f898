"""A file for two architectures."""

Stage0 += baseimage(image="debian:12", arch=["x86_64", "aarch64"])
Stage0 += shell(commands=["uname -m > /arch"])
