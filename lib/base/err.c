/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"

#include <errno.h>
#include <string.h>

static const struct {
	int code;
	const char *text;
} texts[] = {
    {ERR_SHORT, "the data ends too early"},
    {ERR_ROOM, "the value does not fit"},
    {ERR_MALFORMED, "malformed data"},
    {ERR_RANGE, "a number is out of range"},
    {ERR_NOTFOUND, "not found"},
    {ERR_EXISTS, "already there"},
    {ERR_BADOPT, "an option cannot be honoured"},
    {ERR_FORMAT, "database of another format version"},
    {ERR_CHECKSUM, "a stored value fails its checksum"},
    {ERR_READONLY, "the folder is on a read-only mount"},
    {ERR_BUSY, "all reader slots are in use"},
    {ERR_FULL, "the database is full"},
    {ERR_EMPTY, "nothing was applied to the database yet"},
    {ERR_NOTDB, "not an LMDB database"},
    {ERR_ACCESS, "permissions refuse access"},
    {ERR_REFUSED, "refused"},
};

int
err_of_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
		return ERR_ACCESS;
	case EROFS:
		return ERR_READONLY;
	default:
		return errnum > 0 ? -errnum : -EIO;
	}
}

const char *
err_str(int code)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].code == code) {
			return texts[i].text;
		}
	}
	return code == 0             ? "no error"
	    : strerrordesc_np(-code) ? strerrordesc_np(-code)
				     : "unknown error";
}
