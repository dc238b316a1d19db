/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdint.h>

/* A small map in LMDB, for what reads one: farms east (four servers, delivery boot-server, option 11) and
 * west (direct, root path), boot server 10.0.0.5; scopes 10.20.0.0/16 -> the farm named,
 * 10.20.64.0/18 west, 10.40.0.0/16 none, subnet id 42 west, default none; the device
 * 02:00:00:00:00:99 in west. dir is created where it is missing.
 * These abort the program on failure. */
void hook_map(const char *dir, const char *farm);

/* The same with a farm east that has nobody to deliver, which apply would refuse. */
void hook_map_without_server(const char *dir);

/* More of the same map: count devices 06:00:00:00:00:00 and on, in turn east and west, and
 * count disjoint prefixes /24 from 172.16.0.0 on. */
void hook_map_fill(const char *dir, uint32_t devices, uint32_t prefixes);

/* A state in which every server of both farms is up, but for the address named (or 0). */
void hook_map_state(const char *dir, uint32_t down);
