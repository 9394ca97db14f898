"""libfabric upon rdma-core, and a program that opens every provider of verbs and sends a message by providers that need no device.

User arguments: kind (packages, files, scratch: how the runtime stage is filled).
"""

image = "debian:12"
kind = USERARG.get("kind", "files")
scratch = kind == "scratch"

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
Stage0 += rdma_core()
Stage0 += libfabric(rdma=True)
Stage0 += copy(src="fabrics.c", dest="/opt/fabrics/fabrics.c")
Stage0 += shell(commands=["cd /opt/fabrics", "gcc -O2 -o fabrics fabrics.c -lfabric", "./fabrics"])

Stage1 += baseimage(image="scratch" if scratch else image)
Stage1 += Stage0.runtime(kind=kind, shell=scratch)
Stage1 += copy(stage="devel", src="/opt/fabrics/fabrics", dest="/usr/local/bin/fabrics")
Stage1 += cmd(["fabrics"])
Stage1 += test(commands=["fabrics", "fi_info -l"])
