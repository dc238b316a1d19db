/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

/* What the outboxes share. */

/* Aligned room for one IP_PKTINFO. */
union send_control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

/* Makes local, an address of this host in host order, the source that a message is routed by
 * and, where the kernel writes the header, sent from. control is borrowed until it is sent. */
void send_from(struct msghdr *header, union send_control *control, uint32_t local);

/* Sends what the kernel takes at once. Returns how many it did not take; one that cannot go out
 * does not keep the others back. */
unsigned send_batch(int fd, struct mmsghdr *headers, unsigned count);
