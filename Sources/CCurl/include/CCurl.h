// CCurl gives Swift the parts of libcurl that it cannot import: the functions with variable arguments, each here once
// for each type of argument, and the check of a pinned certificate.
#ifndef PORTICO_CCURL_H
#define PORTICO_CCURL_H

#include <curl/curl.h>

/// Receives `count` bytes (`size` is always 1) and the pointer set with it; anything but `count` ends the transfer.
typedef size_t (*portico_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

/// Opens a socket to `target` or answers CURL_SOCKET_BAD (-1), which refuses the address.
typedef curl_socket_t (*portico_curl_opener)(void *context, curlsocktype purpose, struct curl_sockaddr *target);
/// Is told what goes over the wire as text (CURLINFO_HEADER_IN, CURLINFO_HEADER_OUT among others); answers 0.
typedef int (*portico_curl_tracer)(CURL *handle, curl_infotype kind, char *bytes, size_t count, void *context);
/// Bytes to upload; `sent` is libcurl's. Kept by the caller until the transfer ends.
struct portico_curl_upload {
    const unsigned char *bytes;
    size_t count;
    size_t sent;
};

CURLcode portico_curl_set_long(CURL *handle, CURLoption option, long value);
/// libcurl keeps a copy of `value`, except for CURLOPT_ERRORBUFFER. NULL unsets the option.
CURLcode portico_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode portico_curl_set_pointer(CURL *handle, CURLoption option, void *value);
/// Copies `count` bytes as the request's body.
CURLcode portico_curl_set_body(CURL *handle, const void *bytes, size_t count);
/// Hands over PEM text; copied.
CURLcode portico_curl_set_authority(CURL *handle, const void *pem, size_t count);
/// `option` is CURLOPT_WRITEFUNCTION or CURLOPT_HEADERFUNCTION, `context` its data.
CURLcode portico_curl_set_receiver(CURL *handle, CURLoption option, portico_curl_receiver receiver, void *context);
/// Accepts exactly the server certificate whose DER form has this SHA-256 digest (32 bytes, kept by the caller until
/// the transfer ends), whatever its name, dates and issuer are.
CURLcode portico_curl_set_pin(CURL *handle, const unsigned char *sha256);

/// What a server showed in a handshake that was let pass whatever it showed. All fields are as
/// OpenSSL understands them.
typedef struct {
    /// The name or address that the certificate should be for; set before the transfer.
    char host[256];
    /// 1 once a certificate has been seen; the rest means nothing before.
    int seen;
    /// X509_V_OK, or why the chain does not lead to a known authority or is not valid now.
    int error;
    int matches_host;
    int is_self_signed;
    /// Certificates that came, the server's own included.
    int sent;
    unsigned char sha256[32];
    /// Seconds since 1970.
    long long not_before;
    long long not_after;
    char subject[256];
    char issuer[256];
} portico_curl_certificate;

/// Lets any certificate pass and notes in `seen` what was shown; `seen` is kept by the caller until the connection is
/// closed, which is at the end of the transfer.
CURLcode portico_curl_observe(CURL *handle, portico_curl_certificate *seen);
/// OpenSSL's words for an `error` of `portico_curl_certificate`.
const char *portico_curl_certificate_error(int error);

CURLcode portico_curl_set_opener(CURL *handle, portico_curl_opener opener, void *context);
/// Writes the address's octets in network order: 4 or 16, 0 for another family.
size_t portico_curl_address_octets(const struct curl_sockaddr *target, unsigned char octets[16]);
/// The socket that libcurl itself would open.
curl_socket_t portico_curl_open(const struct curl_sockaddr *target);
CURLcode portico_curl_set_tracer(CURL *handle, portico_curl_tracer tracer, void *context);
CURLcode portico_curl_set_upload(CURL *handle, struct portico_curl_upload *upload);

long portico_curl_get_long(CURL *handle, CURLINFO info);
/// The socket of a handle that was told CURLOPT_CONNECT_ONLY and has connected; -1 if there is none.
int portico_curl_get_socket(CURL *handle);

/// Waits as curl_multi_poll does, and until `descriptor` is readable.
CURLMcode portico_curl_multi_poll(CURLM *multi, int descriptor, int milliseconds);

CURLMcode portico_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
/// Takes the next transfer that is over; NULL if none is.
CURL *portico_curl_multi_next_done(CURLM *multi, CURLcode *result);

#endif
