// zlib, with functions that wrap macros which Swift cannot import.

#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

/// deflateInit2 for a gzip member (RFC 1952) with the largest window.
static inline int czlib_begin_gzip(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
}

#endif
