"""One block built from source and a program that links with it: the smallest recipe that goes all the way."""

Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu(fortran=False)
Stage0 += libevent(version="2.1.12")
Stage0 += copy(src="program.c", dest="/opt/program/")
Stage0 += shell(commands=["cd /opt/program && gcc -o program program.c -levent_core -Wl,-rpath,/usr/local/libevent/lib", "/opt/program/program"])

Stage1 += baseimage(image="debian:12")
Stage1 += Stage0.runtime()
Stage1 += copy(stage="devel", src="/opt/program/program", dest="/usr/local/bin/program")
Stage1 += environment(variables={"GREETING": USERARG.get("greeting", "it's a \"test\" of $quotes & spaces")})
Stage1 += label(metadata={"maintainer": "A Person <a@example.org>"})
Stage1 += runscript(commands=["program"])
Stage1 += test(commands=["program | grep -q 'libevent 2.1.12'"])
