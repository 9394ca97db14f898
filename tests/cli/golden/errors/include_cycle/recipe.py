Stage0 += baseimage(image="debian:12")
include("other.py")
