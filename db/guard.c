/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/guard.h"

#include "db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

int
guard_mount(int folder_fd)
{
	struct statvfs vfs;
	if (fstatvfs(folder_fd, &vfs) != 0) {
		return store_err(errno);
	}
	return (vfs.f_flag & ST_RDONLY) != 0 ? ERR_READONLY : 0;
}

int
guard_reader_files(int folder_fd)
{
	bool usable = faccessat(folder_fd, "data.mdb", R_OK, AT_EACCESS) == 0 &&
	    faccessat(folder_fd, "lock.mdb", R_OK | W_OK, AT_EACCESS) == 0;
	return usable ? 0 : store_err(errno);
}

/* LMDB 0.9's meta page on a 64-bit machine, in the machine's byte order:
 *   0 page number 8, pad 2, flags 2, bounds 4       the page's head
 *  16 magic 4, version 4, address 8, map size 8     the meta
 *  40 free list's database 48, main database 48     page size: the first 4 bytes at 40
 * 136 last page 8, transaction 8 */
enum {
	META_LEN = 152,
	META_PAGE_FLAG = 0x08,
	META_MAGIC = (int)0xBEEFC0DE,
	META_VERSION = 1,
	PAGE_SIZE_MIN = 512,
	PAGE_SIZE_MAX = 65536,
};

struct meta {
	uint32_t page_size;
	uint64_t last_page;
	uint64_t txn;
};

static int
meta_decode(struct rd r, struct meta *ret)
{
	uint16_t flags;
	uint32_t magic;
	uint32_t version;
	rd_skip(&r, 10);
	rd_bytes(&r, &flags, sizeof(flags));
	rd_skip(&r, 4);
	rd_bytes(&r, &magic, sizeof(magic));
	rd_bytes(&r, &version, sizeof(version));
	rd_skip(&r, 16);
	rd_bytes(&r, &ret->page_size, sizeof(ret->page_size));
	rd_skip(&r, 92);
	rd_bytes(&r, &ret->last_page, sizeof(ret->last_page));
	rd_bytes(&r, &ret->txn, sizeof(ret->txn));
	if (r.err != 0 || (flags & META_PAGE_FLAG) == 0 ||
	    magic != (uint32_t)META_MAGIC) {
		return ERR_NOTDB;
	}
	return version == META_VERSION ? 0 : ERR_FORMAT;
}

static int
meta_read(int fd, off_t offset, struct meta *ret)
{
	uint8_t bytes[META_LEN];
	ssize_t len = pread(fd, bytes, sizeof(bytes), offset);
	return len < 0 ? store_err(errno)
		       : meta_decode(rd_init(bytes, (size_t)len), ret);
}

/* The two meta pages, of which the newer transaction's counts. What it calls the last page
 * must lie in the file: LMDB maps the file and would be killed by SIGBUS beyond its end. Our
 * writers extend the file to its map size, so that no sound file is shorter than that. */
static int
data_check(int fd, off_t size)
{
	struct meta first;
	struct meta second;
	int ret = meta_read(fd, 0, &first);
	if (ret != 0) {
		return ret;
	}
	if (first.page_size < PAGE_SIZE_MIN || first.page_size > PAGE_SIZE_MAX) {
		return ERR_NOTDB;
	}
	ret = meta_read(fd, (off_t)first.page_size, &second);
	if (ret != 0) {
		return ret;
	}
	const struct meta *newer = second.txn > first.txn ? &second : &first;
	uint64_t pages = (uint64_t)size / first.page_size;
	return newer->last_page < pages ? 0 : ERR_NOTDB;
}

int
guard_data(int folder_fd, struct stat *ret_data)
{
	struct stat st;
	int fd = openat(folder_fd, "data.mdb",
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		return store_err(errno);
	}
	int ret = fstat(fd, &st) != 0 ? store_err(errno) : 0;
	if (ret == 0 && !S_ISREG(st.st_mode)) {
		ret = ERR_NOTDB;
	}
	if (ret == 0 && st.st_size > 0) {
		ret = data_check(fd, st.st_size);
	}
	if (ret == 0) {
		*ret_data = st;
	}
	(void)close(fd);
	return ret;
}

enum { LOCK_LOOKS = 10, LOCK_PAUSE_NS = 10 * 1000 * 1000 };

/* The lock that LMDB takes on the first byte while it sets up the table of readers. */
static int
lock_is_free(int fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};
	if (fcntl(fd, F_GETLK, &lock) != 0) {
		return store_err(errno);
	}
	return lock.l_type == F_UNLCK ? 0 : ERR_BUSY;
}

int
guard_lock(int folder_fd)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
	int fd = openat(folder_fd, "lock.mdb",
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		return store_err(errno);
	}
	int ret = lock_is_free(fd);
	for (unsigned i = 1; ret == ERR_BUSY && i < LOCK_LOOKS; i++) {
		(void)nanosleep(&pause, NULL);
		ret = lock_is_free(fd);
	}
	(void)close(fd);
	return ret;
}
