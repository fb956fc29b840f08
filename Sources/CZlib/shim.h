#include <zlib.h>

/* inflateInit2 is a macro, which Swift does not import. 32 = zlib or gzip by the header. */
static inline int penstock_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }
