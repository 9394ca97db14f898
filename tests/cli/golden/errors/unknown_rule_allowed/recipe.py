Stage0 += baseimage(image="debian:12")
Stage0 += allow("demo-fast-without-helpers", reason="seen to work")
Stage0 += demo(fast=True)
