/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/hold.h"

#include "lib/net/packet_filter.h"
#include "lib/wire/dhcp4.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int
hold_open(int *ret_fd)
{
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_port = htons(DHCP4_SERVER_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -errno;
	}
	/* Before the socket has its port, so that nothing is ever queued. */
	int err = packet_filter_deafen(fd);
	if (err == 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0) {
		err = -errno;
	}
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}
