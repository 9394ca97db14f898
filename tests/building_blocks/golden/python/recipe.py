Stage0 += baseimage(image=USERARG.get("image", "debian:12"), distro=USERARG.get("distro"), name="devel")
Stage0 += python(devel=True, alternatives=True)
Stage1 += baseimage(image=USERARG.get("image", "debian:12"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
