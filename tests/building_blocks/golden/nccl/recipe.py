Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += nccl(cuda=USERARG.get("cuda", "13.3"), infiniband=True)
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
