"""Text for single formats."""

Stage0 += raw(docker="# syntax=docker/dockerfile:1")
Stage0 += baseimage(image="debian:12")
Stage0 += raw(docker="ONBUILD RUN true", singularity="%help\n    Says what this is for.\n\n%environment\n    export RAW=1", bash="echo raw")
Stage0 += shell(commands=["true"])
Stage0 += raw(singularity="    echo within post")
