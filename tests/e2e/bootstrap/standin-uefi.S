/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Stands in for pvsnbpx64.efi: a PE32+ application for x64 UEFI, headers by hand. It says
 * whose it is on the QEMU debug port and on the console, then ends QEMU with status 85. The
 * farm's name is the last thing in the file, so that only a file that arrived whole can say
 * it. Offsets in the file and in memory are equal, so one flat section holds everything. */

#define PAGE 0x1000
#define SIZE 0x11000
#define DEBUG_PORT 0xe9
#define EXIT_PORT 0xf4
#define EXIT_VALUE 42 /* QEMU ends with 2 * 42 + 1 */

/* EFI_SYSTEM_TABLE.ConOut, EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.OutputString */
#define CON_OUT 64
#define OUTPUT_STRING 8

	.code64
	.text
start:
	.ascii	"MZ"
	.org	0x3c
	.long	pe - start
pe:
	.ascii	"PE\0\0"
	.short	0x8664		/* x64 */
	.short	1		/* sections */
	.long	0, 0, 0		/* time, symbols */
	.short	sections - optional
	.short	0x0022		/* executable, large addresses */
optional:
	.short	0x020b		/* PE32+ */
	.byte	0, 0		/* linker version */
	.long	SIZE - PAGE	/* code */
	.long	0, 0		/* data, bss */
	.long	entry - start
	.long	PAGE		/* base of code */
	.quad	0		/* image base: anywhere */
	.long	PAGE, PAGE	/* alignment in memory, in the file */
	.short	0, 0, 0, 0, 0, 0
	.long	0
	.long	SIZE, PAGE	/* image, headers */
	.long	0		/* checksum */
	.short	10		/* EFI application */
	.short	0
	.quad	0, 0, 0, 0	/* stack, heap */
	.long	0
	.long	16		/* data directories, all empty: no address needs relocation */
	.fill	16, 8, 0
sections:
	.ascii	".text\0\0\0"
	.long	SIZE - PAGE, PAGE	/* in memory */
	.long	SIZE - PAGE, PAGE	/* in the file */
	.long	0, 0, 0
	.long	0xe0000020	/* code; may be executed, read and written */

	.org	PAGE
/* entry(ImageHandle in %rcx, SystemTable in %rdx) */
entry:
	push	%rbx
	push	%rsi
	sub	$8, %rsp	/* with the return address and two registers: 32 */
	mov	CON_OUT(%rdx), %rbx
	lea	banner(%rip), %rsi
	call	say
	lea	farm(%rip), %rsi
	call	say
	lea	newline(%rip), %rsi
	call	say
	mov	$EXIT_VALUE, %al
	out	%al, $EXIT_PORT
	xor	%eax, %eax
	add	$8, %rsp
	pop	%rsi
	pop	%rbx
	ret

/* Says the text at %rsi up to its NUL; %rbx is ConOut. */
say:
	/* 32 bytes are the callee's home space, the last 8 hold one UTF-16 character. */
	sub	$40, %rsp
next:
	movzbl	(%rsi), %eax
	inc	%rsi
	test	%al, %al
	jz	said
	out	%al, $DEBUG_PORT
	mov	%eax, 32(%rsp)
	lea	32(%rsp), %rdx
	mov	%rbx, %rcx
	call	*OUTPUT_STRING(%rbx)
	jmp	next
said:
	add	$40, %rsp
	ret

banner:	.asciz	"Provisioning Services bootstrap (stand-in, uefi) of farm "
newline: .asciz	"\r\n"

	.org	SIZE - 64
farm:	.fill	63, 1, '@'
	.byte	0
