Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += pip(requirements="requirements.txt", wheels=True)
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
