Stage0 += baseimage(image=USERARG.get("image", "rockylinux:9"), distro=USERARG.get("distro"), name="devel")
Stage0 += yum(ospackages=["numactl-devel", "ninja-build"], powertools=True, modules=["nodejs:20"])
