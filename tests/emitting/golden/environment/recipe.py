"""Variables: exact values, lists, what holds only while running."""

Stage0 += baseimage(image="debian:12")
Stage0 += environment(variables={"PLAIN": "value", "QUOTED": "it's a \"test\" of \\ and `that`", "EMPTY": ""})
Stage0 += environment(variables={"PATH": "/opt/bin:$PATH", "LD_LIBRARY_PATH": "$LD_LIBRARY_PATH:/opt/lib"})
Stage0 += path("/opt/with space/bin")
Stage0 += environment(variables={"ONLY_RUNNING": "yes"}, _export=False)
Stage0 += shell(commands=["echo \"$PLAIN\" > /value"])
