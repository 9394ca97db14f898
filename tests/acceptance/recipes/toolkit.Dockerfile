# What NVIDIA's devel images have, made of a machine's own toolkit: docker build --build-context toolkit=/usr/local/cuda-13.0
FROM debian:12
COPY --from=toolkit / /usr/local/cuda
RUN echo /usr/local/cuda/lib64 > /etc/ld.so.conf.d/000_cuda.conf && ldconfig
