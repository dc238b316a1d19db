/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <sys/types.h>

/* Folders and files that belong to pvsboot: their modes whatever the umask, and as root their
 * owner, user and group pvsboot where these exist. What is there already is left as it is.
 * Each returns 0, ERR_ACCESS, ERR_READONLY, ERR_NOTFOUND, or a negated errno. */

enum { OWN_FOLDER_MODE = 02770, OWN_FILE_MODE = 0660 };

/* Creates the folder, if there is none, and the folders that it lies in (mode 0755). */
int own_folder(const char *dir) __attribute__((warn_unused_result));

/* Opens the folder called name in another, created if there is none; the change is on disk
 * when this returns. */
int own_folder_at(int dir_fd, const char *name, int *ret_fd)
    __attribute__((warn_unused_result));

/* Creates an empty file in the folder, if there is none; also puts right one that is still
 * empty, which a killed writer or another umask may have left. ERR_NOTDB or
 * -EISDIR: what has the name is no regular file. */
int own_file(int folder_fd, const char *name) __attribute__((warn_unused_result));

/* The ids of user and group pvsboot; where there is none, the id that chown leaves alone: -1. */
void own_ids(uid_t *ret_uid, gid_t *ret_gid);

/* Opens those of descriptors 0, 1 and 2 that are closed, so that no database gets one of them
 * and, with it, what is printed. Using one still fails with EBADF. Every program calls it
 * first. Returns 0 or a negated errno. */
int own_streams(void) __attribute__((warn_unused_result));

/* Gives something just created its mode and owner. */
int own_settle(int fd, mode_t mode) __attribute__((warn_unused_result));
