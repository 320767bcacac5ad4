/* The one place where the machine's numbers are kept. */
#include "mg_tuning.h"

mg_tuning mg_tuned = {
    .block_a_bytes = 344064, /* 84 K floats: a third of 1 MB, beside a panel of B and the tiles of C */
    .in_place_columns = 256,
    .ffn_tiles = 3,
    .crew_nanoseconds = 200,
    .crew_f32 = 100,
    .crew_bytes = 64,
};

void mg_tuning_set(const mg_tuning *tuning) { mg_tuned = *tuning; }

mg_tuning mg_tuning_get(void) { return mg_tuned; }
