/* Opens each provider of rdma-core as libibverbs does, and sends a message to itself by libfabric's tcp and shm: prints how many, and each that worked. */
#include <dlfcn.h>
#include <glob.h>
#include <rdma/fabric.h>
#include <rdma/fi_cm.h>
#include <rdma/fi_domain.h>
#include <rdma/fi_endpoint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int good, const char *what) {
    if (!good) {
        fprintf(stderr, "%s failed\n", what);
        exit(1);
    }
}

static void providers(void) {
    glob_t found;
    must(glob("/usr/local/rdma-core/lib/libibverbs/*-rdmav*.so", 0, NULL, &found) == 0, "finding the providers of verbs");
    for (size_t i = 0; i < found.gl_pathc; i++)
        must(dlopen(found.gl_pathv[i], RTLD_NOW) != NULL, dlerror() ?: found.gl_pathv[i]);
    printf("verbs: %zu providers\n", found.gl_pathc);
}

static void message(const char *name) {
    char sent[] = "a message", got[sizeof sent] = "", address[256];
    size_t length = sizeof address;
    struct fi_info *hints = fi_allocinfo(), *info;
    struct fid_fabric *fabric;
    struct fid_domain *domain;
    struct fid_ep *ep;
    struct fid_av *av;
    struct fid_cq *cq;
    struct fi_av_attr tables = {.type = FI_AV_TABLE};
    struct fi_cq_attr queues = {.format = FI_CQ_FORMAT_CONTEXT, .size = 16};
    struct fi_cq_entry done;
    fi_addr_t self;
    hints->fabric_attr->prov_name = strdup(name);
    hints->ep_attr->type = FI_EP_RDM;
    hints->caps = FI_MSG;
    must(fi_getinfo(FI_VERSION(2, 0), NULL, NULL, 0, hints, &info) == 0, name);
    must(fi_fabric(info->fabric_attr, &fabric, NULL) == 0 && fi_domain(fabric, info, &domain, NULL) == 0, "fi_domain");
    must(fi_av_open(domain, &tables, &av, NULL) == 0 && fi_cq_open(domain, &queues, &cq, NULL) == 0, "fi_cq_open");
    must(fi_endpoint(domain, info, &ep, NULL) == 0 && fi_ep_bind(ep, &av->fid, 0) == 0, "fi_endpoint");
    must(fi_ep_bind(ep, &cq->fid, FI_SEND | FI_RECV) == 0 && fi_enable(ep) == 0, "fi_enable");
    must(fi_getname(&ep->fid, address, &length) == 0 && fi_av_insert(av, address, 1, &self, 0, NULL) == 1, "fi_av_insert");
    must(fi_recv(ep, got, sizeof got, NULL, self, NULL) == 0, "fi_recv");
    ssize_t said;
    while ((said = fi_send(ep, sent, sizeof sent, NULL, self, NULL)) == -FI_EAGAIN)
        fi_cq_read(cq, NULL, 0);
    must(said == 0, "fi_send");
    for (int left = 2; left > 0;) {
        said = fi_cq_read(cq, &done, 1);
        must(said == 1 || said == -FI_EAGAIN, "fi_cq_read");
        left -= said == 1;
    }
    must(strcmp(sent, got) == 0, "what was received");
    printf("libfabric, %s: %s\n", name, got);
}

int main(void) {
    providers();
    message("tcp");
    message("shm");
    return 0;
}
