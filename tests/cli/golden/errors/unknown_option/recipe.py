Stage0 += baseimage(image="debian:12")
Stage0 += demo(version="2.1.0", helpr=True)
