"""Mounts that cannot be left out."""

Stage0 += baseimage(image="debian:12", name="devel")
Stage1 += baseimage(image="debian:12")
Stage1 += shell(commands=["cat /run/secrets/token > /dev/null"], mounts=[mount("secret", id="token")])
Stage1 += shell(commands=["ls /from"], mounts=[mount("bind", "/from", source="/opt", stage="devel")])
