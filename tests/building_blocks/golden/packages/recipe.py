Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += packages(ospackages=["git", "make"], epel=False)
Stage0 += packages(apt=["libnuma-dev"], yum=["numactl-devel"], powertools=True)
