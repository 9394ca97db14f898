Stage0 += baseimage(image="debian:12")
