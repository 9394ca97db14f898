Stage0 += baseimage(image="debian:12", name="devel")
Stage1 += baseimage(image="debian:12")
Stage1 += copy(stage="devl", src="/opt/app", dest="/opt/app")
