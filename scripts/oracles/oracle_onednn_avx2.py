"""oneDNN without AVX-512: a rival of `--isa avx2`."""

import dnnl

dnnl.serve("AVX2")
