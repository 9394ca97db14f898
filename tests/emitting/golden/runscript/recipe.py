"""A runscript, and the shell that reads commands."""

Stage0 += baseimage(image="debian:12")
Stage0 += use_shell(["/bin/bash", "-o", "pipefail", "-c"])
Stage0 += shell(commands=["words=(a b c)", "echo \"${words[1]}\" | tee /words"])
Stage0 += shell(commands=["for word in a b; do\n  echo \"$word\"\ndone"])
Stage0 += runscript(commands=["cd /", "LANG=C ls"])
