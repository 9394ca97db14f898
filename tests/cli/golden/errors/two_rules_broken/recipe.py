Stage0 += baseimage(image="debian:12")
Stage0 += openmpi(pmix="/opt/pmix", prrte="/opt/prrte", pmi="/opt/slurm", hwloc=False)
