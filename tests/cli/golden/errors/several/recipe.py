Stage0 += baseimage(image="debian:12")
first = demo(prefixx="/opt")
Stage0 += first
Stage0 += shell(commands=first.name)
Stage0 += copy(src="here")
Stage0 += demo(level=3, fast="yes")
Stage0 += unknown_block()
