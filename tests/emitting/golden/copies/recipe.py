"""Copies: from beside the recipe and from a stage; files, folders, patterns, owners and modes."""

Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += shell(commands=["mkdir -p /opt/app/bin", "touch /opt/app/bin/run"])
Stage1 += baseimage(image="debian:12")
Stage1 += shell(commands=["mkdir -p /opt/data"])
Stage1 += copy(src="main.c", dest="/src/main.c")
Stage1 += copy(src=["a.txt", "b.txt"], dest="/opt/data/")
Stage1 += copy(src="src/*.c", dest="/src/")
Stage1 += copy(src="data", dest="/opt/data")
Stage1 += copy(src="/opt/app", dest="/opt/app", stage="devel")
Stage1 += copy(src=__import__("pathlib").Path("odd [name].txt"), dest="/opt/odd.txt")
