"""Words that only containers of engines have."""

Stage0 += baseimage(image="debian:12")
Stage0 += expose(8888)
Stage0 += volume("/data")
Stage0 += user("65534:65534")
Stage0 += healthcheck(words=["/bin/true"], interval=30, retries=3)
Stage0 += stopsignal("SIGINT")
