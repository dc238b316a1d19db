/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

void
send_from(struct msghdr *header, union send_control *control, uint32_t local)
{
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(local)};
	header->msg_control = control;
	header->msg_controllen = sizeof(*control);
	struct cmsghdr *c = CMSG_FIRSTHDR(header);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

unsigned
send_batch(int fd, struct mmsghdr *headers, unsigned count)
{
	unsigned at = 0;
	unsigned lost = 0;
	while (at < count) {
		int sent = sendmmsg(fd, &headers[at], count - at, MSG_DONTWAIT);
		if (sent > 0) {
			at += (unsigned)sent;
		} else if (errno != EINTR) {
			at++;
			lost++;
		}
	}
	return lost;
}
