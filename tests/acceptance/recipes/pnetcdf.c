/* All ranks write their part of one file by PnetCDF, and each reads what the next one wrote: prints "rank R of N: VALUE". */
#include <mpi.h>
#include <pnetcdf.h>
#include <stdio.h>

enum { EACH = 1000 };

static void must(int error) {
    if (error != NC_NOERR) {
        fprintf(stderr, "%s\n", ncmpi_strerror(error));
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
}

int main(int argc, char **argv) {
    int rank, ranks, file, dim, set, values[EACH];
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    for (int i = 0; i < EACH; i++)
        values[i] = rank * EACH + i;
    must(ncmpi_create(MPI_COMM_WORLD, "/tmp/numbers.nc", NC_CLOBBER, MPI_INFO_NULL, &file));
    must(ncmpi_def_dim(file, "i", (MPI_Offset)EACH * ranks, &dim));
    must(ncmpi_def_var(file, "a", NC_INT, 1, &dim, &set));
    must(ncmpi_enddef(file));
    MPI_Offset start = (MPI_Offset)rank * EACH, count = EACH;
    must(ncmpi_put_vara_int_all(file, set, &start, &count, values));
    must(ncmpi_close(file));
    must(ncmpi_open(MPI_COMM_WORLD, "/tmp/numbers.nc", NC_NOWRITE, MPI_INFO_NULL, &file));
    start = (MPI_Offset)((rank + 1) % ranks) * EACH;
    must(ncmpi_get_vara_int_all(file, set, &start, &count, values));
    must(ncmpi_close(file));
    printf("rank %d of %d: %d\n", rank, ranks, values[EACH - 1]);
    MPI_Finalize();
    return 0;
}
