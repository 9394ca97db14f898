"""What a container starts, and what it says of itself."""

Stage0 += baseimage(image="debian:12")
Stage0 += label(metadata={"maintainer": "A Person <a@example.org>", "org.example.note": "it's \"quoted\" # not a comment"})
Stage0 += workdir("/work")
Stage0 += workdir("/work/here")
Stage0 += shell(commands=["pwd > where"])
Stage0 += entrypoint(["/bin/echo", "first word"])
Stage0 += cmd(["default", "words here"])
