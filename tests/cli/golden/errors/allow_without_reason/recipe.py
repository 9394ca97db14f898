Stage0 += baseimage(image="debian:12")
Stage0 += allow("R2")
Stage0 += allow("R2", reason="one\ntwo")
