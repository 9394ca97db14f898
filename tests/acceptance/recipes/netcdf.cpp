// Reads by netCDF's C++ library what the program beside wrote by the C one.
#include <cstdio>
#include <netcdf>
#include <vector>

int main() {
    netCDF::NcFile file("/tmp/numbers.nc", netCDF::NcFile::read);
    netCDF::NcVar set = file.getVar("a");
    std::vector<double> found(set.getDim(0).getSize() * set.getDim(1).getSize());
    set.getVar(found.data());
    std::printf("netcdf-cxx4: %zu numbers, the last %g\n", found.size(), found.back());
    return found.size() == 90000 && found.back() == 1.0 + (299 * 7 + 299 * 3) % 11 ? 0 : 1;
}
