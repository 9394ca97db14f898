"""A dollar sign that is one."""

Stage0 += baseimage(image="debian:12")
Stage0 += environment(variables={"PRICE": "5 $ or $HOME"})
