"""What commands see beside the image."""

Stage0 += baseimage(image="debian:12")
Stage0 += shell(commands=["ccache --version"], mounts=[mount("cache", "/root/.ccache", id="ccache")])
Stage0 += shell(commands=["ls /scratch"], mounts=[mount("tmpfs", "/scratch")])
