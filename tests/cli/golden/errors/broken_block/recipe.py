Stage0 += baseimage(image="debian:12")
Stage0 += broken()
Stage0 += shell(comands=["and the next fault is shown too"])
