/* Needs a library that a block built, one that a package of the distribution owns, and one that libc opens by name. */
#include <event2/event.h>
#include <iconv.h>
#include <numa.h>
#include <stdio.h>

int main(void) {
    iconv_t converter = iconv_open("UTF-16", "UTF-8");
    printf("libevent %s, libnuma %s, UTF-16 %s\n", event_get_version(), numa_available() >= -1 ? "there" : "", converter != (iconv_t)-1 ? "there" : "missing");
    return 0;
}
