Stage0 += baseimage(image="example.org/app:1")
