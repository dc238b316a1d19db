/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/args.h"

/* The commands. Each does what its line of the table says, prints data on stdout and what is
 * wrong on stderr, and returns the exit status. */
int cmd_check(const struct args *args);
int cmd_apply(const struct args *args);
int cmd_export(const struct args *args);
int cmd_explain(const struct args *args);
int cmd_device_add(const struct args *args);
int cmd_device_get(const struct args *args);
int cmd_device_del(const struct args *args);
int cmd_device_list(const struct args *args);
int cmd_bootstrap_add(const struct args *args);
int cmd_bootstrap_list(const struct args *args);
int cmd_bootstrap_remove(const struct args *args);
int cmd_doctor(const struct args *args);
int cmd_drain(const struct args *args);
int cmd_undrain(const struct args *args);
int cmd_status(const struct args *args);
