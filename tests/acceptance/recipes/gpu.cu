/* Adds numbers on a GPU where there is one, and says so where there is none: prints "CUDA RUNTIME, SUM of N numbers on WHERE". */
#include <cstdio>

static const int count = 1 << 20;

__global__ void add(const int *numbers, unsigned long long *sum) {
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < count)
        atomicAdd(sum, (unsigned long long)numbers[at]);
}

static int failed(const char *what, cudaError_t error) {
    fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
    return 1;
}

int main() {
    static int numbers[count];
    unsigned long long sum = 0;
    int runtime = 0, devices = 0;
    cudaError_t error = cudaRuntimeGetVersion(&runtime);
    if (error != cudaSuccess)
        return failed("cudaRuntimeGetVersion", error);
    for (int at = 0; at < count; at++)
        numbers[at] = at % 3;
    error = cudaGetDeviceCount(&devices);
    const char *where = "a GPU";
    if (error == cudaErrorNoDevice || error == cudaErrorInsufficientDriver || devices == 0) {
        where = "the processor, since there is no GPU";
        for (int at = 0; at < count; at++)
            sum += numbers[at];
    } else if (error != cudaSuccess) {
        return failed("cudaGetDeviceCount", error);
    } else {
        int *there = nullptr;
        unsigned long long *result = nullptr;
        if ((error = cudaMalloc(&there, sizeof numbers)) != cudaSuccess || (error = cudaMalloc(&result, sizeof sum)) != cudaSuccess)
            return failed("cudaMalloc", error);
        cudaMemcpy(there, numbers, sizeof numbers, cudaMemcpyHostToDevice);
        cudaMemset(result, 0, sizeof sum);
        add<<<(count + 255) / 256, 256>>>(there, result);
        if ((error = cudaMemcpy(&sum, result, sizeof sum, cudaMemcpyDeviceToHost)) != cudaSuccess)
            return failed("add", error);
    }
    printf("CUDA %d.%d, %llu of %d numbers on %s\n", runtime / 1000, runtime % 1000 / 10, sum, count, where);
    return 0;
}
