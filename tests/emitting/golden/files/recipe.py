"""Files with exactly this content."""

Stage0 += baseimage(image="debian:12")
Stage0 += write_file(path="/etc/plain", content="one\ntwo\n")
Stage0 += write_file(path="/usr/local/bin/tool", content="#!/bin/sh\nexec echo \"$@\"\n", mode="0755")
Stage0 += write_file(path="/etc/odd", content="%post\nBootstrap: none\n{{ word }}\nEOF\n\ttab 'quotes' \\n <<EOF no newline at the end")
Stage0 += write_file(path="/etc/empty", content="")
