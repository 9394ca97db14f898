Stage0 += shell(commands=["echo hello"])
