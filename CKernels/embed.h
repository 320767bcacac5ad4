#pragma once
/* A file as a string that ends with a zero. The assembler copies it in, found in the same folders as for #include. The
   build does not know that the object depends on it: a test holds the two against each other. */
#define MG_EMBED(symbol, file)                                                                                         \
    __asm__(".pushsection .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n");                       \
    extern const char symbol[] __attribute__((visibility("hidden")))
