Stage0 += baseimage(image="debian:12", name="first")
Stage0 += copy(stage="second", src="/opt/app", dest="/opt/app")
Stage1 += baseimage(image="debian:12", name="second")
