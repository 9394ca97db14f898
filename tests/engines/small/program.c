#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *greeting = getenv("GREETING");
    struct event_base *base = event_base_new();
    printf("libevent %s, %s\n", event_get_version(), base ? "works" : "broken");
    if (greeting) printf("%s\n", greeting);
    event_base_free(base);
    return base ? 0 : 1;
}
