#include "textflag.h"

// What one token gets of four columns of eight rows: the four numbers eight times over, times
// the weights, pairs added up to 16 bits. Eight of these sums fit: 8·2·15·127 < 32768.
#define COLUMNS(at, numbers, sum) \
	VPBROADCASTD at(numbers), Y1 \
	VPMADDUBSW Y1, Y0, Y1 \
	VPADDW Y1, sum, sum

#define FOUR(at, rows) \
	VMOVDQU rows(DI), Y0 \
	COLUMNS(at, R8, Y4) \
	COLUMNS(at, R9, Y5) \
	COLUMNS(at, R10, Y6) \
	COLUMNS(at, R11, Y7)

// The end of a block: pairs added up to 32 bits, less the offset, times both scales.
#define BLOCK(factors, offsets, sum, total) \
	VPMADDWD Y3, sum, Y0 \
	VPBROADCASTD offsets, Y1 \
	VPSUBD Y1, Y0, Y0 \
	VCVTDQ2PS Y0, Y0 \
	VBROADCASTSS factors, Y1 \
	VMULPS Y2, Y1, Y1 \
	VFMADD231PS Y1, Y0, total

// func multiplyFast(weights *byte, scales, bias *float32, numbers *int8, factors *float32, offsets *int32, blocks int, out *float32, width int)
TEXT ·multiplyFast(SB), NOSPLIT, $0-72
	MOVQ weights+0(FP), DI
	MOVQ scales+8(FP), SI
	MOVQ bias+16(FP), AX
	MOVQ numbers+24(FP), R8
	MOVQ factors+32(FP), R12
	MOVQ offsets+40(FP), R13
	MOVQ blocks+48(FP), CX

	// The numbers of the other three tokens lie 32 bytes a block further.
	MOVQ CX, BX
	SHLQ $5, BX
	LEAQ (R8)(BX*1), R9
	LEAQ (R9)(BX*1), R10
	LEAQ (R10)(BX*1), R11

	// Their factors and offsets lie 4 bytes a block further.
	MOVQ CX, BX
	SHLQ $2, BX
	LEAQ (BX)(BX*2), DX

	VPCMPEQW Y3, Y3, Y3
	VPSRLW $15, Y3, Y3 // ones

	VMOVUPS (AX), Y8
	VMOVAPS Y8, Y9
	VMOVAPS Y8, Y10
	VMOVAPS Y8, Y11

loop:
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	FOUR(0, 0)
	FOUR(4, 32)
	FOUR(8, 64)
	FOUR(12, 96)
	FOUR(16, 128)
	FOUR(20, 160)
	FOUR(24, 192)
	FOUR(28, 224)
	VMOVUPS (SI), Y2
	BLOCK((R12), (R13), Y4, Y8)
	BLOCK((R12)(BX*1), (R13)(BX*1), Y5, Y9)
	BLOCK((R12)(BX*2), (R13)(BX*2), Y6, Y10)
	BLOCK((R12)(DX*1), (R13)(DX*1), Y7, Y11)
	ADDQ $256, DI
	ADDQ $32, SI
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $32, R10
	ADDQ $32, R11
	ADDQ $4, R12
	ADDQ $4, R13
	DECQ CX
	JNZ loop

	MOVQ out+56(FP), DI
	MOVQ width+64(FP), BX
	SHLQ $2, BX
	VMOVUPS Y8, (DI)
	ADDQ BX, DI
	VMOVUPS Y9, (DI)
	ADDQ BX, DI
	VMOVUPS Y10, (DI)
	ADDQ BX, DI
	VMOVUPS Y11, (DI)
	VZEROUPPER
	RET

// func dotsFast(query, keys *float32, width, n int, out *float32)
TEXT ·dotsFast(SB), NOSPLIT, $0-40
	MOVQ query+0(FP), SI
	MOVQ keys+8(FP), DI
	MOVQ width+16(FP), BX
	MOVQ n+24(FP), CX
	MOVQ out+32(FP), DX
	SHLQ $2, BX
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS 64(SI), Y2
	VMOVUPS 96(SI), Y3

key:
	VMULPS (DI), Y0, Y4
	VMULPS 32(DI), Y1, Y5
	VFMADD231PS 64(DI), Y2, Y4
	VFMADD231PS 96(DI), Y3, Y5
	VADDPS Y5, Y4, Y4
	VEXTRACTF128 $1, Y4, X5
	VADDPS X5, X4, X4
	VHADDPS X4, X4, X4
	VHADDPS X4, X4, X4
	VMOVSS X4, (DX)
	ADDQ BX, DI
	ADDQ $4, DX
	DECQ CX
	JNZ key
	VZEROUPPER
	RET

// func mixFast(parts, values *float32, width, n int, out *float32)
TEXT ·mixFast(SB), NOSPLIT, $0-40
	MOVQ parts+0(FP), SI
	MOVQ values+8(FP), DI
	MOVQ width+16(FP), BX
	MOVQ n+24(FP), CX
	MOVQ out+32(FP), DX
	SHLQ $2, BX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3

value:
	VBROADCASTSS (SI), Y4
	VFMADD231PS (DI), Y4, Y0
	VFMADD231PS 32(DI), Y4, Y1
	VFMADD231PS 64(DI), Y4, Y2
	VFMADD231PS 96(DI), Y4, Y3
	ADDQ BX, DI
	ADDQ $4, SI
	DECQ CX
	JNZ value
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	VMOVUPS Y2, 64(DX)
	VMOVUPS Y3, 96(DX)
	VZEROUPPER
	RET

DATA order<>+0(SB)/4, $0
DATA order<>+4(SB)/4, $4
DATA order<>+8(SB)/4, $1
DATA order<>+12(SB)/4, $5
DATA order<>+16(SB)/4, $2
DATA order<>+20(SB)/4, $6
DATA order<>+24(SB)/4, $3
DATA order<>+28(SB)/4, $7
GLOBL order<>(SB), RODATA|NOPTR, $32

DATA limit<>+0(SB)/4, $0x42fe0000 // 127
GLOBL limit<>(SB), RODATA|NOPTR, $4

// func quantizeFast(x *float32, blocks int, numbers *int8, scales *float32, offsets *int32)
TEXT ·quantizeFast(SB), NOSPLIT, $0-40
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ numbers+16(FP), DI
	MOVQ scales+24(FP), R8
	MOVQ offsets+32(FP), R9
	VMOVDQU order<>(SB), Y10
	VMOVSS limit<>(SB), X11
	VPCMPEQD Y12, Y12, Y12
	VPSRLD $1, Y12, Y12 // all but the sign
	VXORPS X13, X13, X13

next:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS 64(SI), Y2
	VMOVUPS 96(SI), Y3

	// The greatest of the 32, whatever the sign.
	VANDPS Y12, Y0, Y4
	VANDPS Y12, Y1, Y5
	VANDPS Y12, Y2, Y6
	VANDPS Y12, Y3, Y7
	VMAXPS Y5, Y4, Y4
	VMAXPS Y7, Y6, Y6
	VMAXPS Y6, Y4, Y4
	VEXTRACTF128 $1, Y4, X5
	VMAXPS X5, X4, X4
	VPSHUFD $0x4e, X4, X5
	VMAXPS X5, X4, X4
	VPSHUFD $0xb1, X4, X5
	VMAXPS X5, X4, X4

	// Its scale, and the factor: 0 of nothing but zeros.
	VDIVSS X11, X4, X5
	VMOVSS X5, (R8)
	VDIVSS X4, X11, X5
	VCMPSS $4, X13, X4, X4
	VANDPS X4, X5, X5
	VBROADCASTSS X5, Y5

	VMULPS Y5, Y0, Y0
	VMULPS Y5, Y1, Y1
	VMULPS Y5, Y2, Y2
	VMULPS Y5, Y3, Y3
	VCVTPS2DQ Y0, Y0
	VCVTPS2DQ Y1, Y1
	VCVTPS2DQ Y2, Y2
	VCVTPS2DQ Y3, Y3

	// Eight times the sum.
	VPADDD Y1, Y0, Y4
	VPADDD Y3, Y2, Y5
	VPADDD Y5, Y4, Y4
	VEXTRACTI128 $1, Y4, X5
	VPADDD X5, X4, X4
	VPSHUFD $0x4e, X4, X5
	VPADDD X5, X4, X4
	VPSHUFD $0xb1, X4, X5
	VPADDD X5, X4, X4
	VPSLLD $3, X4, X4
	VMOVD X4, (R9)

	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPERMD Y0, Y10, Y0
	VMOVDQU Y0, (DI)

	ADDQ $128, SI
	ADDQ $32, DI
	ADDQ $4, R8
	ADDQ $4, R9
	DECQ CX
	JNZ next
	VZEROUPPER
	RET
