/* Each rank hands its number round: prints "rank R of N: SUM", the sum of all of them. */
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv) {
    int rank, ranks, sum, got, all;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    sum = got = rank + 1;
    for (int turn = 1; turn < ranks; turn++) {
        int mine = got;
        MPI_Sendrecv(&mine, 1, MPI_INT, (rank + 1) % ranks, 0, &got, 1, MPI_INT, (rank + ranks - 1) % ranks, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        sum += got;
    }
    got = rank + 1;
    MPI_Allreduce(&got, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (all != sum)
        MPI_Abort(MPI_COMM_WORLD, 1);
    printf("rank %d of %d: %d\n", rank, ranks, sum);
    MPI_Finalize();
    return 0;
}
