/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* Modes and owners of what a writer creates, whatever the umask: folders 2770, files 0660; as
 * root, user and group pvsboot where they exist. What already had content is left as it is. */

/* Creates the folder, if there is none. Its parent must exist: else ERR_NOTFOUND. */
int perm_folder(const char *dir) __attribute__((warn_unused_result));

/* Creates an empty file in the folder, if there is none; also puts right one that is still
 * empty, which a killed writer or another umask may have left. ERR_NOTDB: not a file. */
int perm_file(int folder_fd, const char *name) __attribute__((warn_unused_result));
