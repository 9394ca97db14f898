Stage0 += baseimage(image="debian:12")
return Stage0
