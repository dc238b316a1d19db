/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Stands in for ARDBP32.BIN: a flat 16-bit program at 0000:7c00, as PXE starts it. It says
 * whose it is on the QEMU debug port and on the screen, then ends QEMU with status 85. The
 * farm's name is the last thing in the file, so that only a file that arrived whole can say
 * it. */

#define LOAD 0x7c00
#define SIZE 20480
#define DEBUG_PORT 0xe9
#define EXIT_PORT 0xf4
#define EXIT_VALUE 42 /* QEMU ends with 2 * 42 + 1 */

	.code16
	.text
start:
	xor	%ax, %ax
	mov	%ax, %ds
	cld
	mov	$(banner - start + LOAD), %si
	call	say
	mov	$(farm - start + LOAD), %si
	call	say
	mov	$(newline - start + LOAD), %si
	call	say
	mov	$EXIT_VALUE, %al
	out	%al, $EXIT_PORT
stop:
	hlt
	jmp	stop

/* Says the text at %si up to its NUL. */
say:
	lodsb
	test	%al, %al
	jz	said
	out	%al, $DEBUG_PORT
	mov	$0x0e, %ah
	mov	$0x0007, %bx
	int	$0x10
	jmp	say
said:
	ret

banner:	.asciz	"Provisioning Services bootstrap (stand-in, bios) of farm "
newline: .asciz	"\r\n"

	.org	SIZE - 64, 0x90
farm:	.fill	63, 1, '@'
	.byte	0
