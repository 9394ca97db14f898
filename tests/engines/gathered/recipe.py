"""What a program needs of its builder: a library of a block's, one of a package's, and what libc opens by name. User arguments: kind, stamp."""

kind = USERARG.get("kind", "packages")
scratch = kind == "scratch"

Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu(fortran=False)
Stage0 += libevent(version="2.1.12")
Stage0 += packages(ospackages=["libnuma-dev"])
Stage0 += copy(src="program.c", dest="/opt/program/")
Stage0 += shell(commands=["gcc -g -o /opt/program/program /opt/program/program.c -levent_core -lnuma -Wl,-rpath,/usr/local/libevent/lib"])

Stage1 += baseimage(image="scratch" if scratch else "debian:12")
Stage1 += Stage0.runtime(kind=kind, shell=scratch, debug=USERARG.get("debug") == "yes", version="1.0")
Stage1 += copy(stage="devel", src="/opt/program/program", dest="/usr/local/bin/program")
Stage1 += cmd(["program"])
Stage1 += test(commands=[f"program && echo stamp={USERARG.get('stamp', '')}"])
