/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <sys/stat.h>

/* What must hold of a database's folder and files before LMDB may touch them. folder_fd is a
 * descriptor of the folder; O_PATH is enough. */

/* ERR_READONLY on a read-only mount: LMDB would read there without locks and see torn data. */
int guard_mount(int folder_fd) __attribute__((warn_unused_result));

/* That both files are there and we may use them: ERR_NOTFOUND, ERR_ACCESS, ERR_READONLY. Also
 * a reader writes lock.mdb, and would create a missing one with the modes of its umask. */
int guard_reader_files(int folder_fd) __attribute__((warn_unused_result));

/* That data.mdb is an LMDB file of this format and word size, and not cut off. Returns 0 with
 * *ret_data its status (st_size 0: an empty file, not a database yet), ERR_NOTDB,
 * ERR_FORMAT, or what opening it said. Opens only data.mdb: closing any descriptor of lock.mdb
 * would drop the locks that this process may hold on it. */
int guard_data(int folder_fd, struct stat *ret_data)
    __attribute__((warn_unused_result));

/* That no other process holds lock.mdb whole: LMDB does for a moment while it opens, and waits
 * for who does without an end. Looks for a tenth of a second, then ERR_BUSY. Opens lock.mdb: only
 * for a database that is not open in this process. */
int guard_lock(int folder_fd) __attribute__((warn_unused_result));
