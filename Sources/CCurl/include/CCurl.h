// CCurl wraps the parts of libcurl that Swift cannot import: variadic functions, one wrapper per argument type, and the
// verification of a pinned certificate.
#ifndef PORTICO_CCURL_H
#define PORTICO_CCURL_H

#include <curl/curl.h>

/// Receives `count` bytes (`size` is always 1) and its context. A return value other than `count` ends the transfer.
typedef size_t (*portico_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

/// Returns a socket for `target`, or CURL_SOCKET_BAD (-1) to refuse the address.
typedef curl_socket_t (*portico_curl_opener)(void *context, curlsocktype purpose, struct curl_sockaddr *target);
/// Receives the protocol text (CURLINFO_HEADER_IN, CURLINFO_HEADER_OUT and others). Must return 0.
typedef int (*portico_curl_tracer)(CURL *handle, curl_infotype kind, char *bytes, size_t count, void *context);
/// Bytes to upload; `sent` is updated during the transfer. Must remain valid until the transfer ends.
struct portico_curl_upload {
    const unsigned char *bytes;
    size_t count;
    size_t sent;
};

CURLcode portico_curl_set_long(CURL *handle, CURLoption option, long value);
/// libcurl copies `value`, except for CURLOPT_ERRORBUFFER. NULL unsets the option.
CURLcode portico_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode portico_curl_set_pointer(CURL *handle, CURLoption option, void *value);
/// Sets the request's body; `bytes` are copied.
CURLcode portico_curl_set_body(CURL *handle, const void *bytes, size_t count);
/// Sets the trusted authorities as PEM text, which is copied.
CURLcode portico_curl_set_authority(CURL *handle, const void *pem, size_t count);
/// `option` is CURLOPT_WRITEFUNCTION or CURLOPT_HEADERFUNCTION; `context` is passed to `receiver`.
CURLcode portico_curl_set_receiver(CURL *handle, CURLoption option, portico_curl_receiver receiver, void *context);
/// Accepts only the server certificate whose DER form has this SHA-256 digest, regardless of its name, dates and
/// issuer. The 32 bytes must remain valid until the transfer ends.
CURLcode portico_curl_set_pin(CURL *handle, const unsigned char *sha256);

/// The certificate that a server presented in a handshake that accepts any certificate, as interpreted by OpenSSL.
typedef struct {
    /// The expected name or address of the certificate; set before the transfer.
    char host[256];
    /// 1 if a certificate was received; the fields below are valid only then.
    int seen;
    /// X509_V_OK, or why the chain is not trusted or not currently valid.
    int error;
    int matches_host;
    int is_self_signed;
    /// Number of certificates received, including the server's own.
    int sent;
    unsigned char sha256[32];
    /// Seconds since 1970.
    long long not_before;
    long long not_after;
    char subject[256];
    char issuer[256];
} portico_curl_certificate;

/// Accepts any certificate and describes it in `seen`, which must remain valid until the connection is closed at the
/// end of the transfer.
CURLcode portico_curl_observe(CURL *handle, portico_curl_certificate *seen);
/// OpenSSL's text for the `error` of a `portico_curl_certificate`.
const char *portico_curl_certificate_error(int error);

CURLcode portico_curl_set_opener(CURL *handle, portico_curl_opener opener, void *context);
/// Writes the address's octets in network order and returns their number: 4 or 16, or 0 for another family.
size_t portico_curl_address_octets(const struct curl_sockaddr *target, unsigned char octets[16]);
/// Opens a socket as libcurl does by default.
curl_socket_t portico_curl_open(const struct curl_sockaddr *target);
CURLcode portico_curl_set_tracer(CURL *handle, portico_curl_tracer tracer, void *context);
CURLcode portico_curl_set_upload(CURL *handle, struct portico_curl_upload *upload);

long portico_curl_get_long(CURL *handle, CURLINFO info);
/// The socket of a connected handle with CURLOPT_CONNECT_ONLY; -1 if there is none.
int portico_curl_get_socket(CURL *handle);

/// curl_multi_poll that also returns when `descriptor` is readable.
CURLMcode portico_curl_multi_poll(CURLM *multi, int descriptor, int milliseconds);

CURLMcode portico_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
/// Returns the handle of the next completed transfer and its result; NULL if there is none.
CURL *portico_curl_multi_next_done(CURLM *multi, CURLcode *result);

#endif
