Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
compiler = llvm(version=USERARG.get("llvm"))
Stage0 += compiler
Stage0 += fftw()
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
