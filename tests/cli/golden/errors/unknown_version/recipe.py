Stage0 += baseimage(image="debian:12")
Stage0 += demo(version="3.0")
