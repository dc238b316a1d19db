/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether bytes look like the bootstrap that a file's name stands for, judged as they pass by:
 * ARDBP32.BIN holds the text "Provisioning Services bootstrap", an .efi file is a PE program
 * whose sections and signature lie within it. Pure; allocates nothing. */

enum {
	LOOKS_MARK_MAX = 64,
	LOOKS_HEAD = 4096 /* bytes of a PE header that are looked at: 95 sections */
};

enum looks_kind { LOOKS_ANY, LOOKS_BIOS, LOOKS_EFI };

struct looks {
	enum looks_kind kind;
	uint64_t size; /* of what passed by */

	/* BIOS */
	bool marked;     /* the text was seen */
	size_t tail_len; /* the last bytes, for a text that is cut between pieces */
	char tail[LOOKS_MARK_MAX];

	/* EFI */
	bool is_dos;        /* the DOS header passed by and leads on */
	uint64_t header_at; /* where to */
	uint64_t head_from; /* what head holds the bytes from */
	size_t head_len;
	uint8_t head[LOOKS_HEAD];
};

/* Begins; name is a file's, looked at without regard to case. */
void looks_begin(struct looks *looks, const char *name);
void looks_bytes(struct looks *looks, const void *bytes, size_t len);

/* What is wrong with all that passed by, in a few words that follow a file's name and a colon;
 * NULL: nothing. An empty file always is. A PE header that no loader could make sense of is
 * judged by its signature alone. */
const char *looks_wrong(const struct looks *looks);

/* What the name stands for, with its article: "an EFI program". */
const char *looks_kind_text(enum looks_kind kind);
