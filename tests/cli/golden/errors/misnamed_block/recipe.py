Stage0 += baseimage(image="debian:12")
Stage0 += broken()
