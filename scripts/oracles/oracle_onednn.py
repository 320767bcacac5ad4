"""oneDNN with every instruction that this CPU has."""

import dnnl

dnnl.serve()
