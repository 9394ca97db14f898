"""A CUDA program for several GPUs, compiled on an image that has the toolkit, as NVIDIA's devel images have it.

User arguments: kind (packages, files, scratch: how the runtime stage is filled), toolkit (the image), distro (its distribution),
architectures (of GPUs, separated by commas: code for each, and PTX of the last).
"""

image = "debian:12"
kind = USERARG.get("kind", "files")
scratch = kind == "scratch"
architectures = USERARG.get("architectures", "75,80,90,100").split(",")
codes = [f"-gencode=arch=compute_{one},code=sm_{one}" for one in architectures]
ptx = f"-gencode=arch=compute_{architectures[-1]},code=compute_{architectures[-1]}"

Stage0 += baseimage(image=USERARG.get("toolkit", "site/cuda:13.0-devel-debian12"), distro=USERARG.get("distro", "debian12"), name="devel")
Stage0 += gnu(fortran=False)
Stage0 += copy(src="gpu.cu", dest="/opt/gpu/gpu.cu")
Stage0 += shell(commands=["cd /opt/gpu", f"/usr/local/cuda/bin/nvcc -O2 -cudart shared {' '.join(codes)} {ptx} -o gpu gpu.cu"])

Stage1 += baseimage(image="scratch" if scratch else image)
Stage1 += Stage0.runtime(kind=kind, shell=scratch)
Stage1 += copy(stage="devel", src="/opt/gpu/gpu", dest="/usr/local/bin/gpu")
Stage1 += environment(variables={"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"})
Stage1 += cmd(["gpu"])
Stage1 += test(commands=["gpu"])
