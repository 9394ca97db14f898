"""Words that readers of a file take for their own."""

Stage0 += baseimage(image="debian:12")
Stage0 += comment("syntax=docker/dockerfile:1\n%post {{ x }}")
Stage0 += environment(variables={"TEMPLATE": "{{ x }} and %post"})
Stage0 += shell(commands=["echo '{{ x }}' > /template", "printf '%s\\n' a > /percent"])
Stage0 += shell(commands=["cat > /sections <<'E'\n%post\nBootstrap: docker\n{{ x }}\nE"])
Stage0 += label(metadata={"template": "{ { x } }"})
