/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/looks.h"

#include "lib/base/rd.h"
#include "lib/base/text.h"

#include <string.h>

/* Offsets and sizes are those of Microsoft's PE/COFF specification; its numbers are little
 * endian. */
enum {
	DOS_LEN = 64,
	DOS_HEADER_AT = 60,
	MAGIC_PE32 = 0x10b,
	MAGIC_PE32_PLUS = 0x20b,
	DIRECTORY_SIGNATURE = 4, /* the only one that is a place in the file */
	DIRECTORY_LEN = 8,
};

static const char mark[] = "Provisioning Services bootstrap";
enum { MARK_LEN = sizeof(mark) - 1 };
_Static_assert((int)MARK_LEN < (int)LOOKS_MARK_MAX, "the tail holds all but one of it");

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);
	return len >= strlen(end) && text_casecmp(name + len - strlen(end), end) == 0;
}

void
looks_begin(struct looks *looks, const char *name)
{
	*looks = (struct looks){.kind = LOOKS_ANY};
	if (text_casecmp(name, "ARDBP32.BIN") == 0) {
		looks->kind = LOOKS_BIOS;
	} else if (ends_in(name, ".efi")) {
		looks->kind = LOOKS_EFI;
	}
}

static size_t
least(uint64_t a, uint64_t b)
{
	return (size_t)(a < b ? a : b);
}

static bool
holds_mark(const void *bytes, size_t len)
{
	return memmem(bytes, len, mark, MARK_LEN) != NULL;
}

/* The text lies in the piece, or across the seam with those before. */
static void
seek_mark(struct looks *looks, const char *bytes, size_t len)
{
	char seam[2 * MARK_LEN];
	size_t begun = least(len, MARK_LEN - 1);
	memcpy(seam, looks->tail, looks->tail_len);
	memcpy(seam + looks->tail_len, bytes, begun);
	size_t seam_len = looks->tail_len + begun;
	looks->marked =
	    looks->marked || holds_mark(seam, seam_len) || holds_mark(bytes, len);

	bool replaced = len >= MARK_LEN - 1;
	const char *end = replaced ? bytes + len : seam + seam_len;
	looks->tail_len = least(replaced ? len : seam_len, MARK_LEN - 1);
	memcpy(looks->tail, end - looks->tail_len, looks->tail_len);
}

static uint16_t
le16(struct rd *r)
{
	return __builtin_bswap16(rd_be16(r));
}

static uint32_t
le32(struct rd *r)
{
	return __builtin_bswap32(rd_be32(r));
}

/* The DOS header is whole: from now on the head is that of the PE header. One that overlaps
 * the DOS header follows what is there. */
static void
enter_header(struct looks *looks)
{
	struct rd dos = rd_init(looks->head, looks->head_len);
	looks->is_dos = rd_be16(&dos) == 0x4d5a; /* "MZ" */
	rd_skip(&dos, DOS_HEADER_AT - 2);
	looks->header_at = le32(&dos);
	if (looks->header_at >= DOS_LEN) {
		looks->head_from = looks->header_at;
		looks->head_len = 0;
	}
}

/* Adds to the head what of a piece at offset at belongs there, until it holds room bytes. */
static void
fill_head(
    struct looks *looks, size_t room, uint64_t at, const uint8_t *bytes, size_t len)
{
	uint64_t next = looks->head_from + looks->head_len;
	if (next < at || next - at >= len || looks->head_len >= room) {
		return;
	}
	size_t skip = (size_t)(next - at);
	size_t count = least(len - skip, room - looks->head_len);
	memcpy(looks->head + looks->head_len, bytes + skip, count);
	looks->head_len += count;
}

static void
keep_head(struct looks *looks, const uint8_t *bytes, size_t len)
{
	if (looks->size < DOS_LEN) {
		fill_head(looks, DOS_LEN, looks->size, bytes, len);
		if (looks->head_len < DOS_LEN) {
			return;
		}
		enter_header(looks);
	}
	fill_head(looks, LOOKS_HEAD, looks->size, bytes, len);
}

void
looks_bytes(struct looks *looks, const void *bytes, size_t len)
{
	if (len == 0) {
		return;
	}
	if (looks->kind == LOOKS_BIOS) {
		seek_mark(looks, bytes, len);
	} else if (looks->kind == LOOKS_EFI) {
		keep_head(looks, bytes, len);
	}
	looks->size += len;
}

static bool
lies_within(const struct looks *looks, uint64_t at, uint64_t len)
{
	return at <= looks->size && len <= looks->size - at;
}

/* UEFI firmware refuses an image whose certificates end behind its end. The place of the
 * directories depends on the width of the optional header's addresses. */
static bool
signature_lies_within(const struct looks *looks, struct rd optional)
{
	uint16_t magic = le16(&optional);
	rd_skip(&optional, magic == MAGIC_PE32_PLUS ? 106 : 90);
	uint32_t directories = le32(&optional);
	rd_skip(&optional, DIRECTORY_SIGNATURE * DIRECTORY_LEN);
	uint32_t at = le32(&optional);
	uint32_t len = le32(&optional);
	bool is_signed =
	    optional.err == 0 && directories > DIRECTORY_SIGNATURE && len > 0;
	return !is_signed || lies_within(looks, at, len);
}

/* And one whose sections do. Those whose entries the head does not hold are passed over, unless
 * it ended with the file. */
static bool
sections_lie_within(const struct looks *looks, struct rd *table, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct rd section = rd_sub(table, 40);
		rd_skip(&section, 16);
		uint32_t len = le32(&section);
		uint32_t at = le32(&section);
		if (section.err != 0) {
			return looks->head_len == LOOKS_HEAD;
		}
		if (len > 0 && !lies_within(looks, at, len)) {
			return false;
		}
	}
	return true;
}

/* pe is behind the signature. */
static const char *
wrong_in_header(const struct looks *looks, struct rd pe)
{
	rd_skip(&pe, 2);
	uint16_t sections = le16(&pe);
	rd_skip(&pe, 12);
	uint16_t optional_len = le16(&pe);
	rd_skip(&pe, 2);
	struct rd peek = pe;
	uint16_t magic = le16(&peek);
	if (peek.err != 0 || (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)) {
		return NULL;
	}
	struct rd optional = rd_init(pe.p, least(optional_len, pe.left));
	rd_skip(&pe, optional_len);
	if (!sections_lie_within(looks, &pe, sections)) {
		return "it is cut off: its sections reach beyond its end";
	}
	if (!signature_lies_within(looks, optional)) {
		return "it is cut off: its signature reaches beyond its end";
	}
	return NULL;
}

static const char *
wrong_efi(const struct looks *looks)
{
	struct rd pe = rd_init(looks->head, looks->head_len);
	rd_skip(&pe, (size_t)(looks->header_at - looks->head_from));
	if (!looks->is_dos || rd_be32(&pe) != 0x50450000) {
		return "it has no PE signature";
	}
	return wrong_in_header(looks, pe);
}

const char *
looks_wrong(const struct looks *looks)
{
	if (looks->size == 0) {
		return "it is empty";
	}
	if (looks->kind == LOOKS_BIOS && !looks->marked) {
		return "it lacks the text 'Provisioning Services bootstrap'";
	}
	return looks->kind == LOOKS_EFI ? wrong_efi(looks) : NULL;
}

const char *
looks_kind_text(enum looks_kind kind)
{
	static const char *const texts[] = {
	    [LOOKS_ANY] = "a bootstrap",
	    [LOOKS_BIOS] = "an ARDBP32.BIN",
	    [LOOKS_EFI] = "an EFI program",
	};
	return texts[kind];
}
