"""Commands: chains, lists, scripts, folders and variables of their own."""

Stage0 += baseimage(image="debian:12")
Stage0 += shell(commands=["mkdir -p /opt/a", "echo one > /opt/a/one"])
Stage0 += shell(commands=["test -d /nowhere || echo none", "cd /opt; ls", "true && false || true"])
Stage0 += shell(commands=["make", "make install"], cwd="/opt/src", env={"CC": "gcc", "CFLAGS": "-O2 -g"})
Stage0 += shell(commands=["if true; then\n  echo yes\nfi", "cd /opt; ls", "cat > /opt/file <<E\nhello\nE"])
Stage0 += shell(commands=["make -j\"$JOBS\""])
