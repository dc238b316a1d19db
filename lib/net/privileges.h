/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* Gives up every privilege but CAP_NET_RAW, for good: capabilities, the bounding set as far as
 * we may, and the right to gain any by exec. Started as root, the process becomes the owner and
 * group of folder, with that user's groups; where the folder is root's, it stays root without
 * root's rights. A folder that cannot be looked at counts as that of user pvsboot, where there
 * is such. Call it before threads start. Returns 0, -EPERM when CAP_NET_RAW is missing,
 * -EACCES for a root without the right to become that owner, or a negated errno. */
int privileges_keep_net_raw(const char *folder) __attribute__((warn_unused_result));
