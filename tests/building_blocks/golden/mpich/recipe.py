Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
compiler = gnu()
Stage0 += compiler
Stage0 += ucx()
Stage0 += hwloc()
Stage0 += mpich(toolchain=compiler.toolchain)
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
