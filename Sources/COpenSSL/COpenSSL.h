// OpenSSL for the web server, with functions that wrap macros which Swift cannot import.

#ifndef COPENSSL_H
#define COPENSSL_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <string.h>

/// Configures TLS 1.2 and 1.3 according to Mozilla's "intermediate" profile. Returns 1 on success.
static inline int copenssl_use_intermediate_profile(SSL_CTX *context) {
    static const char ciphers[] =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
        && SSL_CTX_set_cipher_list(context, ciphers) == 1
        && SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

/// Frees empty buffers, allows partial writes and retries from another buffer, and uses stateless resumption only.
static inline void copenssl_spare_memory(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                                  | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"portico", 7);
}

/// Copies the ticket keys of `old`, so that its session tickets remain valid.
static inline void copenssl_keep_ticket_keys(SSL_CTX *new_context, SSL_CTX *old) {
    unsigned char keys[80];
    if (SSL_CTX_get_tlsext_ticket_keys(old, keys, sizeof keys) == 1)
        SSL_CTX_set_tlsext_ticket_keys(new_context, keys, sizeof keys);
    OPENSSL_cleanse(keys, sizeof keys);
}

static inline int copenssl_select_http1(
    SSL *session, const unsigned char **out, unsigned char *out_length, const unsigned char *offered,
    unsigned int offered_length, void *argument) {
    static const unsigned char http1[] = "\x08http/1.1";
    (void)session;
    (void)argument;
    int found = SSL_select_next_proto(
        (unsigned char **)out, out_length, http1, sizeof http1 - 1, offered, offered_length);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Selects `http/1.1` in ALPN; refuses a client that offers only other protocols (RFC 7301 section 3.2).
static inline void copenssl_offer_http1(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, copenssl_select_http1, NULL);
}

#endif
