/// The files that `mgbench new-kernel` writes. `NAME` stands for the kernel's name.
enum KernelTemplate {
    static let all = [
        "attention": attention, "elementwise": elementwise, "ffn": ffn, "matmul": matmul, "norm": norm,
        "quantized_matmul": quantizedMatmul, "softmax": softmax,
    ]

    static let makefile = #"""
        CFLAGS = -std=gnu17 -O3 -march=native -Wall -Wextra

        libNAME.so: NAME.c $(wildcard include/*.h)
        	$(CC) $(CFLAGS) -fPIC -shared -Iinclude -o $@ $< -lm

        clean:
        	rm -f libNAME.so

        .PHONY: clean

        """#

    // MARK: - Pieces of several

    static let element =
        #"""


        /* Element `index` of an operand: an f32, or a bf16, which is the upper half of one. */
        static double element(const void *matrix, mg_dtype dtype, int64_t index) {
            if (dtype == MG_F32) return ((const float *)matrix)[index];
            uint32_t bits = (uint32_t)((const uint16_t *)matrix)[index] << 16;
            float value;
            memcpy(&value, &bits, sizeof value);
            return value;
        }
        """#

    static let activate =
        #"""


        static double activate(mg_activation activation, double x) {
            switch (activation) {
            case MG_GELU_ERF: return x / 2 * (1 + erf(x / sqrt(2)));
            case MG_GELU_TANH: return x / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
            case MG_SILU: return x / (1 + exp(-x));
            default: return x;
            }
        }
        """#

    /// The table at the end of each file.
    ///
    /// - Parameter scratch: the function that says how much scratch the kernel needs.
    static func table(_ family: String, scratch: String? = nil) -> String {
        #"""


        /* What the harness calls; `refuses`, `packed_bytes`, `pack` and `workspace_bytes` may be NULL and are described in
           mg_variant.h. */
        static const mg_kernel simple = {SCRATCH.run = run};

        /* The table: one row for each variant. `needs` names CPU features (mg_cpu.h) without which it is skipped. */
        static const mg_variant variants[] = {
            {.name = "simple",
             .kind = MG_SIMD,
             .needs = 0,
             .story = "the definition in C, sums in double",
             .kernel = &simple},
        };

        const mg_plugin *mgbench_plugin(void) {
            static const mg_plugin plugin = {.abi = MG_PLUGIN_ABI,
                                             .count = (int32_t)(sizeof variants / sizeof *variants),
                                             .family = "FAMILY",
                                             .argument_bytes = sizeof(mg_FAMILY),
                                             .variants = variants};
            return &plugin;
        }

        """#.replacing("FAMILY", with: family).replacing(
            "SCRATCH", with: scratch.map { ".workspace_bytes = \($0), " } ?? "")
    }
}
