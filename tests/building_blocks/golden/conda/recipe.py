Stage0 += baseimage(image=USERARG.get("image", "debian:12"), distro=USERARG.get("distro"), name="devel")
Stage0 += conda(environment="environment.yml")
Stage1 += baseimage(image=USERARG.get("image", "debian:12"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
