"""One construct, every format, one assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from formats import Refused, everywhere, graph

from hpcgen.graph import nodes
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

PODMANS = ("podman", "podman5")
CONSTRUCTS: dict[str, tuple[str, Mapping[str, str | Refused]]] = {
    "a chain": (
        "Stage0 += shell(commands=['a', 'b'])",
        {"dockers": "a && \\\n    b\n", "singularity": "    (\n        a && \\\n        b\n    ) || exit\n", "bash": "    as_sh\n    a && \\\n    b\n}"},
    ),
    "a list in a chain": ("Stage0 += shell(commands=['a; b', 'c'])", {"*": "{ a; b; } && \\\n"}),
    "a script": (
        "Stage0 += shell(commands=['for x in 1; do\\n  a\\ndone', 'b && c'])",
        {
            "docker": "\nfor x in 1; do\n  a\ndone\nb && c || exit\nEOF\n",
            "podman5": "RUN --mount=type=tmpfs,target=/run/hpcgen <<'EOF'\nset -e\n",
            "dockers": 'RUN ["/bin/sh", "-c", "set -e\\n',
            "singularity": "    ( set -e\nfor x in 1; do\n  a\ndone\nb && c || exit\n    )\n",
            "bash": "    as_sh; set -e\nfor x in 1; do\n  a\ndone\nb && c || exit\n}",
        },
    ),
    "a variable": (
        "Stage0 += environment(variables={'A': 'b c'})",
        {"dockers": 'ENV A="b c"\n', "singularity": "%environment\n    # environment (recipe.py:2)\n    export A='b c'\n", "bash": "\nexport A='b c'\n"},
    ),
    "a variable with a newline": (
        "Stage0 += environment(variables={'A': 'b\\nc'})",
        {"dockers": Refused("environment variable A holds a newline"), "singularity": "export A='b\nc'\n", "bash": "export A='b\nc'\n"},
    ),
    "a variable with a NUL": ("Stage0 += environment(variables={'A': 'b\\0c'})", {"*": Refused("NUL")}),
    "a list that is there": ("Stage0 += path('/opt/bin')", {"dockers": "ENV PATH=/opt/bin:$PATH\n", "*": 'export PATH="/opt/bin${PATH:+:$PATH}"\n'}),
    "a list that may be empty": (
        "Stage0 += path('/opt/lib', name='LD_LIBRARY_PATH')",
        {"portable": "ENV LD_LIBRARY_PATH=/opt/lib\n", "dockers": "ENV LD_LIBRARY_PATH=/opt/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n", "*": 'export LD_LIBRARY_PATH="/opt/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n'},
    ),
    "a copy": (
        "Stage0 += copy(src='a', dest='/b')",
        {"dockers": "COPY a /b\n", "singularity": "    hpcgen_place /.hpcgen/copy/0 /b\n", "bash": "    place context '' '' /b \"$context\"/a\n"},
    ),
    "a copy with an owner": (
        "Stage0 += copy(src='a', dest='/b', owner='1:2', mode='0640')",
        {
            "portable": "COPY a /b\nRUN chown -R 1:2 /b && \\\n    chmod -R 0640 /b\n",
            "dockers": "COPY --chown=1:2 --chmod=0640 a /b\n",
            "singularity": "    hpcgen_place /.hpcgen/copy/0 /b 1:2 0640\n",
            "bash": '    place context 1:2 0640 /b "$context"/a\n',
        },
    ),
    "a copy that leaves out": ("Stage0 += copy(src='a', dest='/b', exclude=['c'])", {"*": Refused("files cannot be left out")}),
    "a copy of an image": (
        "Stage0 += copy(src='/a', dest='/b', stage='alpine:3')",
        {"dockers": "COPY --from=alpine:3 /a /b\n", "singularity": "Bootstrap: docker\nFrom: alpine:3\nStage: image-0\n", "bash": Refused("cannot take files from the image alpine:3")},
    ),
    "a copy to the host's folder": (
        "Stage0 += copy(src='a', dest='/tmp/b')",
        {"dockers": "COPY a /tmp/b\n", "singularity": Refused("/tmp/b is the host's own while Apptainer builds"), "bash": "place context '' '' /tmp/b"},
    ),
    "a file": (
        "Stage0 += write_file(path='/etc/a', content='b\\n', mode='0600')",
        {"bash": "    printf 'b\\n' > \"$root\"/etc/a\n    chmod 0600 \"$root\"/etc/a\n", "*": "printf 'b\\n' > /etc/a && \\\n"},
    ),
    "a file on the host": ("Stage0 += write_file(path='/var/tmp/a', content='b')", {"singularity": Refused("/var/tmp/a is the host's own"), "*": "printf 'b' > "}),
    "a label": ("Stage0 += label(metadata={'a.b': 'c d'})", {"dockers": 'LABEL a.b="c d"\n', "singularity": "%labels\n    # label (recipe.py:2)\n    a.b c d\n", "bash": "# a.b=c d\n"}),
    "a label of two lines": ("Stage0 += label(metadata={'a': 'b\\nc'})", {"bash": "# a=b\n# c\n", "*": Refused("label a holds a newline")}),
    "a working folder": ("Stage0 += workdir('/work')", {"dockers": "WORKDIR /work\n", "singularity": "    mkdir -p /work\n    cd /work\n", "bash": "\nworkdir /work\n"}),
    "an entrypoint": (
        "Stage0 += entrypoint(['/bin/a', 'b c'])",
        {"dockers": 'ENTRYPOINT ["/bin/a", "b c"]\n', "singularity": "    exec /bin/a 'b c' \"$@\"\n", "bash": "start() {\n    exec /bin/a 'b c' \"$@\"\n}\n"},
    ),
    "arguments": ("Stage0 += cmd(['a', 'b c'])", {"dockers": 'CMD ["a", "b c"]\n', "*": "[ \"$#\" -gt 0 ] || set -- a 'b c'\n"}),
    "an argument of the build": ("Stage0 += arg('A', default='b c')", {"dockers": 'ARG A="b c"\n', "singularity": "%arguments\n    # arg (recipe.py:2)\n    A=b c\n", "bash": "\nargument A 'b c'\n"}),
    "a shell": (
        "Stage0 += use_shell(['/bin/bash', '-c'])\nStage0 += shell(commands=['a=(1)', 'b'])",
        {**dict.fromkeys(PODMANS, Refused("Podman's image format drops SHELL")), "dockers": 'SHELL ["/bin/bash", "-c"]\n', "singularity": "    /bin/bash -c 'a=(1) && \\\n    b' || exit\n", "bash": "    /bin/bash -c 'a=(1) && \\\n    b'\n"},
    ),
    "a cache": (
        "Stage0 += shell(commands=['a'], mounts=[mount('cache', '/c', id='x')])",
        {"portable": Refused("has no RUN --mount"), "dockers": "RUN --mount=type=cache,target=/c,id=x \\\n", "singularity": "mkdir -p /c && : > /c/.hpcgen-made", "bash": "    mkdir -p /c && \\\n    a\n"},
    ),
    "a secret": (
        "Stage0 += shell(commands=['a'], mounts=[mount('secret', id='x')])",
        {"portable": Refused("has no RUN --mount"), "dockers": "--mount=type=secret,id=x", "*": Refused("no secret mounts")},
    ),
    "a secret that need not be there": (
        "Stage0 += shell(commands=['a'], mounts=[mount('secret', id='x', options=['required=false'])])",
        {
            "portable": " && \\\n    a\n",
            "dockers": "--mount=type=secret,id=x,required=false \\\n",
            "singularity": "        a\n    ) || exit\n",
            "bash": "    as_sh\n    a\n}",
        },
    ),
    "words for RUN": ("Stage0 += shell(commands=['a'], _arguments='--network=none')", {"dockers": "RUN --network=none \\\n", "*": Refused("--network=none is a word for Docker's RUN")}),
    "a port": ("Stage0 += expose('53/udp')", {"dockers": "EXPOSE 53/udp\n", "*": Refused("no port")}),
    "a volume": ("Stage0 += volume('/d')", {"dockers": 'VOLUME ["/d"]\n', "*": Refused("Volume: ")}),
    "a user": ("Stage0 += user('1:2')", {"dockers": "USER 1:2\n", "*": Refused("User: ")}),
    "a health check": ("Stage0 += healthcheck(words=['a'], interval=3)", {**dict.fromkeys(PODMANS, Refused("drops HEALTHCHECK")), "dockers": 'HEALTHCHECK --interval=3s CMD ["a"]\n', "*": Refused("Healthcheck: ")}),
    "no health check": ("Stage0 += healthcheck()", {"dockers": "HEALTHCHECK NONE\n", "*": Refused("Healthcheck: ")}),
    "a stop signal": ("Stage0 += stopsignal('SIGINT')", {"dockers": "STOPSIGNAL SIGINT\n", "*": Refused("StopSignal: ")}),
    "a test": (
        "Stage0 += test(commands=['a', 'b'])",
        {"dockers": "FROM stage0 AS test\nRUN a && \\\n    b\n\nFROM stage0\n", "singularity": "%test\n    # test (recipe.py:2)\n    set -e\n    (\n        a && \\\n        b\n    ) || exit\n", "bash": "check 'test (recipe.py:2)' step_test\n"},
    ),
    "words for the reader": ("Stage0 += comment('read this')", {"*": "# read this\n"}),
    "text for one format": ("Stage0 += raw(docker='ONBUILD RUN a', singularity='%help\\n    b', bash='c')", {"dockers": "ONBUILD RUN a\n", "singularity": "%help\n    b\n", "bash": "\nc\n"}),
    "scratch": (
        "Stage0 += baseimage(image='debian:12', name='one')\nStage1 += baseimage(image='scratch')\nStage1 += copy(src='/a', dest='/a', stage='one')",
        {"dockers": "FROM scratch\n", "singularity": 'Bootstrap: scratch\nStage: stage1\n# stage stage1 (recipe.py:2)\n\n%files from one\n    # copy (recipe.py:3)\n    "/a" "/a"\n', "bash": "place stage '' '' /a /a"},
    ),
    "a build upon another stage": (
        "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += shell(commands=['first'])\nStage1 += baseimage(image='one')\nStage1 += shell(commands=['second'])",
        {"dockers": "FROM one\n", "singularity": "        first\n    ) || exit\n\n    # shell (recipe.py:4)\n    (\n        second\n", "bash": "    second\n}\n"},
    ),
}


@pytest.mark.parametrize("case", CONSTRUCTS)
def test_construct_in_every_format(case: str) -> None:
    """Each format writes a construct by its own means, or refuses it with a reason."""
    recipe, expected = CONSTRUCTS[case]
    everywhere(recipe, expected)


def test_a_choice_by_architecture_in_every_format() -> None:
    """What differs by architecture is one `case` over what the builder or the kernel calls it."""
    target = Target("debian", "12", ("x86_64", "aarch64"))
    choice = nodes.ByArch((("x86_64", (nodes.Run(("intel",)),)), ("aarch64", (nodes.Run(("arm", "arm2")),))))
    everywhere(
        StageGraph((Stage("one", Base("debian:12"), target, (choice,)),)),
        {
            "portable": 'case "$(uname -m)" in \\\n        x86_64) \\\n            intel ;; \\\n        aarch64) \\\n            arm && \\\n',
            "dockers": 'ARG TARGETARCH\n\n# byarch\nRUN case "$(uname -m)" in x86_64|aarch64)',
            "*": 'case "$(uname -m)" in \\\n',
        },
    )


def test_what_holds_while_building_and_while_running() -> None:
    """`phase` decides which of %environment and %post has a variable; a script unsets what only building needs before tests and program."""
    target = Target("debian", "12")
    made = (nodes.SetEnv("B", "1", "build"), nodes.SetEnv("R", "2", "run"), nodes.SetEnv("A", "3"), nodes.Test(("true",)))
    everywhere(
        StageGraph((Stage("one", Base("debian:12"), target, made),)),
        {"dockers": "ENV B=1 \\\n    R=2 \\\n    A=3\n", "singularity": "%environment\n    # environment\n    export R=2\n    export A=3\n", "bash": "unset B\nexport R=2\n\n# test"},
    )


def test_all_that_a_recipe_says_of_a_base_by_its_map() -> None:
    """A base image from an archive is loaded first in a Dockerfile, and is the definition file's own."""
    import hpcgen

    planned = hpcgen.plan("r.py", text="Stage0 += baseimage(image='debian:12')", base={"debian:12": "docker-archive:/images/debian.tar"})
    everywhere(planned, {"dockers": "# debian:12: load it from docker-archive:/images/debian.tar first\n", "singularity": "Bootstrap: docker-archive\nFrom: /images/debian.tar\n", "bash": "check_machine debian 12 x86_64\n"})


def test_a_mirror_url_is_asked_first() -> None:
    """A mirror's URL is a secret of BuildKit's, a variable elsewhere."""
    from formats import written

    planned = graph("Stage0 += fetch(url='https://example.org/a-1.tar.gz', sha256='" + "0" * 64 + "', dest='/opt/a')")
    near = f'for url in ${{MIRROR:+"$MIRROR/{"0" * 64}/a-1.tar.gz"}} \\\n'
    heads = {"docker": 'MIRROR="$(cat /run/secrets/mirror', "portable": "MIRROR=https://mirror", "singularity": "    export MIRROR=https://mirror\n", "bash": "\nmirror=https://mirror "}
    for name, head in heads.items():
        text = written(planned, name, mirror="https://mirror").text
        assert head in text, name
        assert near in text, name
