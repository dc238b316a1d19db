/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/mac.h"
#include "lib/base/text.h"
#include "lib/net/loop.h"
#include "lib/net/udp.h"
#include "tests/bench/boot_machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A storm of machines that boot again and again, by Kea and TFTP, until SIGTERM: every machine
 * once in a period, one whose try failed again after a while of its own (its next try). A line
 * of JSON each second on stdout, and one for each try that failed. Machines stand behind one
 * relay for each --farm, whose address this host holds, as it does all those of their leases. */

enum { TICK_MS = 20, REPORT_MS = 1000, FARMS_MAX = 8 };

struct storm;
struct farm {
	struct storm *storm;
	uint32_t giaddr;
	struct boot_file bios, uefi;
	int fd;
	struct loop_watch *watch;
};

struct machine {
	struct boot_machine boot;
	struct storm *storm;
	const struct farm *farm;
	int fd; /* its transfer's, or -1 */
	struct loop_watch *watch;
	uint64_t due_ms; /* of its next try */
	uint64_t tries, boots;
	bool failed;          /* its last try */
	uint32_t last_server; /* that booted it; 0: none */
};

struct storm {
	uint64_t count, period_ms, retry_ms, patience_ms;
	uint32_t server;
	unsigned farm_count;
	struct farm farms[FARMS_MAX];
	struct machine *machines;
	uint32_t tries; /* xid of the next */

	struct loop *loop;
	struct udp_inbox *inbox;
	uint64_t report_ms;
	uint64_t boots, first_failures, next_failures, moved, lost;
	uint64_t ends[BOOT_ENDS];
};

static const char usage[] =
    "usage: boot_storm --server ADDR --farm GIADDR,BIOS-FILE,UEFI-FILE...\n"
    "                  [--machines N] [--period MS] [--retry MS] [--patience MS]\n";

static void
send_said(struct machine *machine)
{
	const struct boot_machine *boot = &machine->boot;
	const struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(boot->to_port),
	    .sin_addr.s_addr = htonl(boot->to)};
	int fd = boot->to_port == DHCP4_SERVER_PORT ? machine->farm->fd : machine->fd;
	if (sendto(fd, boot->said, boot->said_len, 0, (const struct sockaddr *)&to,
		sizeof(to)) < 0) {
		machine->storm->lost++;
	}
}

static void
close_transfer(struct machine *machine)
{
	loop_unwatch(machine->watch);
	machine->watch = NULL;
	if (machine->fd >= 0) {
		(void)close(machine->fd);
		machine->fd = -1;
	}
}

static void
say_failure(const struct machine *machine)
{
	char mac[MAC_TEXT], server[IP4_TEXT];
	const struct mac name = storm_mac(&machine->boot.who);
	(void)printf("{\"failed\": \"%s\", \"try\": %lu, \"next\": %s, \"why\": \"%s\","
		     " \"server\": \"%s\", \"file\": \"%s\"}\n",
	    mac_format(&name, mac), machine->tries, machine->failed ? "true" : "false",
	    boot_end_text(machine->boot.end), ip4_format(machine->boot.server, server),
	    machine->boot.name);
}

static void
failed(struct storm *storm, struct machine *machine, uint64_t now_ms)
{
	say_failure(machine);
	storm->next_failures += machine->failed;
	storm->first_failures += !machine->failed;
	machine->failed = true;
	machine->due_ms = now_ms + storm->retry_ms;
}

static void
booted(struct storm *storm, struct machine *machine, uint64_t now_ms)
{
	storm->boots++;
	storm->moved +=
	    machine->last_server != 0 && machine->last_server != machine->boot.server;
	machine->boots++;
	machine->failed = false;
	machine->last_server = machine->boot.server;
	/* Not all at the same beat for ever: up to a fourth sooner. */
	machine->due_ms =
	    now_ms + storm->period_ms - (uint64_t)random() % (storm->period_ms / 4);
}

/* Sends what a step wants sent, and sees to a try that is over. */
static void
stepped(struct machine *machine, bool sends, uint64_t now_ms)
{
	struct storm *storm = machine->storm;
	if (sends) {
		send_said(machine);
	}
	if (machine->boot.end == BOOT_RUNS) {
		return;
	}
	close_transfer(machine);
	storm->ends[machine->boot.end]++;
	(machine->boot.end == BOOT_RAN ? booted : failed)(storm, machine, now_ms);
}

static void
receive_tftp(void *ctx)
{
	struct machine *machine = ctx;
	const struct udp_packet *packets;
	unsigned count;
	if (udp_receive(machine->storm->inbox, machine->fd, &packets, &count) != 0) {
		return; /* what ICMP said: firmware does not hear it */
	}
	uint64_t now_ms = loop_now_ms();
	for (unsigned i = 0; i < count && machine->boot.end == BOOT_RUNS; i++) {
		bool sends = boot_tftp(&machine->boot, packets[i].peer,
		    packets[i].peer_port, packets[i].bytes, packets[i].len, now_ms);
		stepped(machine, sends, now_ms);
	}
}

static void
open_transfer(struct machine *machine)
{
	int err = udp_open(machine->boot.addr, 0, &machine->fd);
	if (err == 0) {
		err = loop_watch(machine->storm->loop, machine->fd, receive_tftp,
		    machine, &machine->watch);
	}
	if (err != 0) {
		(void)fprintf(stderr, "boot_storm: %s\n", err_str(err));
		exit(EXIT_FAILURE);
	}
}

static void
take_reply(struct storm *storm, const struct udp_packet *packet, uint64_t now_ms)
{
	struct dhcp4 reply;
	if (dhcp4_decode(packet->bytes, packet->len, &reply) != 0 ||
	    reply.header.op != DHCP4_BOOTREPLY) {
		return;
	}
	uint64_t number = storm_number(reply.header.chaddr);
	if (number >= storm->count ||
	    storm->machines[number].boot.who.xid != reply.header.xid) {
		return;
	}
	struct machine *machine = &storm->machines[number];
	if (machine->boot.end != BOOT_RUNS) {
		return;
	}
	bool sends = boot_dhcp(&machine->boot, &reply, now_ms);
	if (machine->boot.stage == BOOT_FETCHES && machine->fd < 0) {
		open_transfer(machine);
	}
	stepped(machine, sends, now_ms);
}

static void
receive_dhcp(void *ctx)
{
	struct farm *farm = ctx;
	const struct udp_packet *packets;
	unsigned count;
	if (udp_receive(farm->storm->inbox, farm->fd, &packets, &count) == 0) {
		for (unsigned i = 0; i < count; i++) {
			take_reply(farm->storm, &packets[i], loop_now_ms());
		}
	}
}

static void
report(const struct storm *storm)
{
	uint64_t retrying = 0, rounds = UINT64_MAX;
	uint32_t oldest = storm->tries + 1; /* of the tries that are not over */
	for (uint64_t i = 0; i < storm->count; i++) {
		const struct machine *machine = &storm->machines[i];
		rounds = machine->boots < rounds ? machine->boots : rounds;
		retrying += machine->failed;
		if (machine->boot.stage != BOOT_OFF && machine->boot.who.xid < oldest) {
			oldest = machine->boot.who.xid;
		}
	}
	(void)printf("{\"tries\": %u, \"oldest\": %u, \"boots\": %lu, \"rounds\": %lu, "
		     "\"first_failures\": %lu, \"next_failures\": %lu, "
		     "\"retrying\": %lu, \"moved\": %lu, \"lost\": %lu, \"why\": {",
	    storm->tries, oldest, storm->boots, rounds, storm->first_failures,
	    storm->next_failures, retrying, storm->moved, storm->lost);
	for (enum boot_end end = BOOT_NO_OFFER; end < BOOT_ENDS; end++) {
		(void)printf("\"%s\": %lu%s", boot_end_text(end), storm->ends[end],
		    end + 1 < BOOT_ENDS ? ", " : "}}\n");
	}
	(void)fflush(stdout);
}

static void
tick(void *ctx)
{
	struct storm *storm = ctx;
	uint64_t now_ms = loop_now_ms();
	for (uint64_t i = 0; i < storm->count; i++) {
		struct machine *machine = &storm->machines[i];
		if (machine->boot.stage != BOOT_OFF) {
			stepped(machine, boot_timeout(&machine->boot, now_ms), now_ms);
		} else if (now_ms >= machine->due_ms) {
			machine->tries++;
			stepped(machine,
			    boot_start(&machine->boot, ++storm->tries, now_ms), now_ms);
		}
	}
	if (now_ms >= storm->report_ms) {
		storm->report_ms = now_ms + REPORT_MS;
		report(storm);
	}
}

static int
read_file(const char *path, struct boot_file *ret)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		return -errno;
	}
	enum { ROOM = 4 << 20 };
	ret->bytes = malloc(ROOM);
	ret->size = ret->bytes != NULL ? fread(ret->bytes, 1, ROOM, file) : 0;
	(void)fclose(file);
	return ret->size > 0 && ret->size < ROOM ? 0 : ERR_ROOM;
}

/* GIADDR,BIOS-FILE,UEFI-FILE */
static int
take_farm(struct storm *storm, char *text)
{
	char *bios = strchr(text, ',');
	char *uefi = bios != NULL ? strchr(bios + 1, ',') : NULL;
	if (uefi == NULL || storm->farm_count == FARMS_MAX) {
		return ERR_BADOPT;
	}
	*bios++ = *uefi++ = '\0';
	struct farm *farm = &storm->farms[storm->farm_count++];
	int err = ip4_parse(text, &farm->giaddr);
	err = err != 0 ? err : read_file(bios, &farm->bios);
	return err != 0 ? err : read_file(uefi, &farm->uefi);
}

static int
open_farm(struct storm *storm, struct farm *farm)
{
	farm->storm = storm;
	int err = udp_open(farm->giaddr, DHCP4_SERVER_PORT, &farm->fd);
	return err != 0
	    ? err
	    : loop_watch(storm->loop, farm->fd, receive_dhcp, farm, &farm->watch);
}

/* Half of the machines are BIOS, half UEFI, in every farm; the first tries are spread over a
 * period. */
static void
make_machines(struct storm *storm)
{
	uint64_t now_ms = loop_now_ms();
	for (uint64_t i = 0; i < storm->count; i++) {
		const struct farm *farm = &storm->farms[i / 2 % storm->farm_count];
		bool uefi = i % 2 != 0;
		storm->machines[i] = (struct machine){.storm = storm,
		    .farm = farm,
		    .fd = -1,
		    .due_ms = now_ms + storm->period_ms * i / storm->count,
		    .boot = {.who = {.number = (uint32_t)i,
				 .uefi = uefi,
				 .giaddr = farm->giaddr},
			.file = uefi ? &farm->uefi : &farm->bios,
			.dhcp_server = storm->server,
			.patience_ms = (uint32_t)storm->patience_ms}};
	}
}

static int
blow(struct storm *storm)
{
	struct loop_timer *timer = NULL;
	storm->machines = calloc(storm->count, sizeof(*storm->machines));
	int err = storm->machines != NULL ? loop_new(&storm->loop) : -ENOMEM;
	err = err != 0 ? err : udp_inbox_new(&storm->inbox);
	for (unsigned i = 0; err == 0 && i < storm->farm_count; i++) {
		err = open_farm(storm, &storm->farms[i]);
	}
	err = err != 0 ? err : loop_timer_new(storm->loop, tick, storm, &timer);
	if (err == 0) {
		make_machines(storm);
		loop_timer_every(timer, TICK_MS);
		loop_run(storm->loop);
		report(storm);
	}
	return err; /* what is open ends with the process */
}

static int
take_option(struct storm *storm, int option)
{
	enum { HOUR_MS = 3600000 };
	switch (option) {
	case 's':
		return ip4_parse(optarg, &storm->server);
	case 'f':
		return take_farm(storm, optarg);
	case 'm':
		return text_u64(optarg, 1, 1u << 20, &storm->count);
	case 'p':
		return text_u64(optarg, 100, HOUR_MS, &storm->period_ms);
	case 'r':
		return text_u64(optarg, 0, HOUR_MS, &storm->retry_ms);
	case 'q':
		return text_u64(optarg, 100, HOUR_MS, &storm->patience_ms);
	default:
		return ERR_BADOPT;
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"server", required_argument, NULL, 's'},
	    {"farm", required_argument, NULL, 'f'},
	    {"machines", required_argument, NULL, 'm'},
	    {"period", required_argument, NULL, 'p'},
	    {"retry", required_argument, NULL, 'r'},
	    {"patience", required_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	static struct storm storm = {
	    .count = 2000, .period_ms = 15000, .retry_ms = 5000, .patience_ms = 4000};
	int option, err = 0;
	while (
	    err == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		err = take_option(&storm, option);
	}
	if (err != 0 || optind != argc || storm.farm_count == 0 || storm.server == 0) {
		(void)fputs(usage, stderr);
		return 2;
	}
	err = blow(&storm);
	if (err != 0) {
		(void)fprintf(stderr, "boot_storm: %s\n", err_str(err));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
