/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/state.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* "01234567-89ab-cdef-0123-456789abcdef" and a newline. */
enum { BOOT_ID_TEXT = 36 };

static int
boot_id_parse(const char text[static BOOT_ID_TEXT], uint8_t ret[static DB_BOOT_ID_LEN])
{
	char digits[2 * DB_BOOT_ID_LEN + 1] = "";
	size_t count = 0;
	for (size_t i = 0; i < BOOT_ID_TEXT; i++) {
		if (text[i] != '-' && count < 2 * DB_BOOT_ID_LEN) {
			digits[count++] = text[i];
		}
	}
	return hex_parse(digits, ret, DB_BOOT_ID_LEN);
}

static int
boot_id_read(uint8_t ret[static DB_BOOT_ID_LEN])
{
	char text[BOOT_ID_TEXT];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return -errno;
	}
	ssize_t len = read(fd, text, sizeof(text));
	int err = len < 0 ? -errno : 0;
	(void)close(fd);
	if (err != 0) {
		return err;
	}
	return len == BOOT_ID_TEXT && boot_id_parse(text, ret) == 0 ? 0 : -EINVAL;
}

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now = {0};
	(void)clock_gettime(clock, &now); /* both clocks are there since Linux 2.6.39 */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
db_heartbeat_now(struct db_heartbeat *ret)
{
	struct db_heartbeat now = {.pid = (uint32_t)getpid()};
	int err = boot_id_read(now.boot_id);
	if (err != 0) {
		return err;
	}
	now.boottime_ms = (uint64_t)clock_ms(CLOCK_BOOTTIME);
	now.time_ms = clock_ms(CLOCK_REALTIME);
	*ret = now;
	return 0;
}

int64_t
db_heartbeat_age_ms(
    const struct db_heartbeat *heartbeat, const struct db_heartbeat *now)
{
	bool this_boot =
	    memcmp(heartbeat->boot_id, now->boot_id, sizeof(now->boot_id)) == 0;
	if (!this_boot || heartbeat->boottime_ms > now->boottime_ms) {
		return INT64_MAX;
	}
	return (int64_t)(now->boottime_ms - heartbeat->boottime_ms);
}
