/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/hold.h"

#include "lib/wire/dhcp4.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Before the socket has its port, so that nothing is ever queued. */
static int
drop_everything(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &nothing};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

int
hold_open(int *ret_fd)
{
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_port = htons(DHCP4_SERVER_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -errno;
	}
	if (drop_everything(fd) != 0 ||
	    bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0) {
		int err = -errno;
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}
