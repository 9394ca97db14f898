/* Writes numbers by HDF5 and by netCDF, reads them back, and multiplies matrices by OpenBLAS: says what was right, ends with 1 at what was not. */
#include <cblas.h>
#include <hdf5.h>
#include <math.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 300 };
static double a[N][N], b[N][N], c[N][N];

static void must(int good, const char *what) {
    if (!good) {
        fprintf(stderr, "%s failed\n", what);
        exit(1);
    }
}

static void by_hdf5(void) {
    hsize_t size[] = {N, N}, chunk[] = {N / 10, N};
    hid_t file = H5Fcreate("/tmp/numbers.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), how = H5Pcreate(H5P_DATASET_CREATE);
    must(H5Pset_chunk(how, 2, chunk) >= 0 && H5Pset_deflate(how, 6) >= 0, "HDF5: deflate");
    hid_t set = H5Dcreate2(file, "a", H5T_IEEE_F64BE, H5Screate_simple(2, size, NULL), H5P_DEFAULT, how, H5P_DEFAULT);
    must(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, a) >= 0, "HDF5: writing");
    must(H5Dclose(set) >= 0 && H5Fclose(file) >= 0, "HDF5: closing");
    file = H5Fopen("/tmp/numbers.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    must(H5Dread(H5Dopen2(file, "a", H5P_DEFAULT), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, c) >= 0, "HDF5: reading");
    must(memcmp(a, c, sizeof a) == 0, "HDF5: what was read");
    unsigned major, minor, patch;
    H5get_libversion(&major, &minor, &patch);
    printf("hdf5 %u.%u.%u\n", major, minor, patch);
}

static void by_netcdf(void) {
    int file, dims[2], set;
    must(nc_create("/tmp/numbers.nc", NC_NETCDF4 | NC_CLOBBER, &file) == NC_NOERR, "netCDF: creating");
    must(nc_def_dim(file, "i", N, &dims[0]) == NC_NOERR && nc_def_dim(file, "j", N, &dims[1]) == NC_NOERR, "netCDF: dimensions");
    must(nc_def_var(file, "a", NC_DOUBLE, 2, dims, &set) == NC_NOERR && nc_def_var_deflate(file, set, 1, 1, 6) == NC_NOERR, "netCDF: deflate");
    must(nc_put_var_double(file, set, a[0]) == NC_NOERR && nc_close(file) == NC_NOERR, "netCDF: writing");
    memset(c, 0, sizeof c);
    must(nc_open("/tmp/numbers.nc", NC_NOWRITE, &file) == NC_NOERR && nc_inq_varid(file, "a", &set) == NC_NOERR, "netCDF: opening");
    must(nc_get_var_double(file, set, c[0]) == NC_NOERR && memcmp(a, c, sizeof a) == 0, "netCDF: what was read");
    printf("netcdf %.5s\n", nc_inq_libvers());
}

static void by_openblas(void) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, N, N, N, 2.0, a[0], N, b[0], N, 0.0, c[0], N);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += 2.0 * a[i][k] * b[j][k];
            must(fabs(c[i][j] - sum) <= 1e-12 * N * fabs(sum), "OpenBLAS: dgemm");
        }
    printf("%.15s\n", openblas_get_config());
}

int main(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = 1.0 + (i * 7 + j * 3) % 11;
            b[i][j] = 0.5 + (i * 5 + j * 2) % 13;
        }
    by_hdf5();
    by_netcdf();
    by_openblas();
    return 0;
}
