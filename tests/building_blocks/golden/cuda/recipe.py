Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += cuda(version=USERARG.get("cuda", "13.3"), parts=["nvcc", "cudart", "nvml", "cublas"], architectures=["80", "90"])
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
