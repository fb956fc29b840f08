#include <zlib.h>

/* inflateInit2 is a macro, which Swift does not import. 32 = zlib or gzip by the header, below 0 = bare data as in zip archives. */
static inline int penstock_inflate_init(z_stream *stream, int is_bare) { return inflateInit2(stream, is_bare ? -15 : 15 + 32); }
