#include "CCurl.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

enum { digest_length = 32 };

CURLcode portico_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode portico_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode portico_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode portico_curl_set_body(CURL *handle, const void *bytes, size_t count) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    // With NULL, libcurl would read the body from a callback.
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, count == 0 ? "" : bytes);
}

CURLcode portico_curl_set_authority(CURL *handle, const void *pem, size_t count) {
    struct curl_blob blob = {.data = (void *)pem, .len = count, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
}

CURLcode portico_curl_set_receiver(CURL *handle, CURLoption option, portico_curl_receiver receiver, void *context) {
    CURLcode result = curl_easy_setopt(
        handle, option == CURLOPT_WRITEFUNCTION ? CURLOPT_WRITEDATA : CURLOPT_HEADERDATA, context);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, option, receiver);
}

static void free_digest(void *parent, void *digest, CRYPTO_EX_DATA *data, int index, long argl, void *argp) {
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    OPENSSL_free(digest);
}

static CRYPTO_ONCE digest_once = CRYPTO_ONCE_STATIC_INIT;
static int digest_index = -1;

static void make_digest_index(void) {
    digest_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_digest);
}

static int verify_pin(X509_STORE_CTX *store, void *wanted) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    int matches = leaf != NULL && X509_digest(leaf, EVP_sha256(), digest, &length) == 1 && length == digest_length &&
                  CRYPTO_memcmp(digest, wanted, digest_length) == 0;
    X509_STORE_CTX_set_error(store, matches ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return matches;
}

// The context may outlive its transfer in libcurl's connection pool, so it owns a copy of the digest.
static CURLcode install_pin(CURL *handle, void *context, void *sha256) {
    (void)handle;
    CRYPTO_THREAD_run_once(&digest_once, make_digest_index);
    unsigned char *digest = OPENSSL_memdup(sha256, digest_length);
    if (digest == NULL || digest_index < 0 || SSL_CTX_set_ex_data(context, digest_index, digest) != 1) {
        OPENSSL_free(digest);
        return CURLE_OUT_OF_MEMORY;
    }
    SSL_CTX_set_cert_verify_callback(context, verify_pin, digest);
    return CURLE_OK;
}

CURLcode portico_curl_set_pin(CURL *handle, const unsigned char *sha256) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, (void *)sha256);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, install_pin);
}

static long long seconds_since_1970(const ASN1_TIME *time) {
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    int known = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    return known ? days * 86400LL + seconds : 0;
}

static void write_name(const X509_NAME *name, char *text, size_t capacity) {
    int length = X509_NAME_get_text_by_NID((X509_NAME *)name, NID_commonName, text, (int)capacity);
    if (length < 0) length = X509_NAME_get_text_by_NID((X509_NAME *)name, NID_organizationName, text, (int)capacity);
    if (length < 0) text[0] = 0;
}

static int observe(X509_STORE_CTX *store, void *argument) {
    portico_curl_certificate *seen = argument;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    if (leaf == NULL) return 0;
    // X509_verify_cert builds its own chain. The host is checked separately, to report the two results separately.
    if (X509_verify_cert(store) == 1) X509_STORE_CTX_set_error(store, X509_V_OK);
    seen->error = X509_STORE_CTX_get_error(store);
    seen->sent = sk_X509_num(X509_STORE_CTX_get0_untrusted(store));
    unsigned int length = sizeof seen->sha256;
    X509_digest(leaf, EVP_sha256(), seen->sha256, &length);
    seen->matches_host = X509_check_ip_asc(leaf, seen->host, 0) == 1 || X509_check_host(leaf, seen->host, 0, 0, NULL) == 1;
    seen->is_self_signed = X509_self_signed(leaf, 0) == 1;
    seen->not_before = seconds_since_1970(X509_get0_notBefore(leaf));
    seen->not_after = seconds_since_1970(X509_get0_notAfter(leaf));
    write_name(X509_get_subject_name(leaf), seen->subject, sizeof seen->subject);
    write_name(X509_get_issuer_name(leaf), seen->issuer, sizeof seen->issuer);
    seen->seen = 1;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static CURLcode install_observer(CURL *handle, void *context, void *seen) {
    (void)handle;
    SSL_CTX_set_cert_verify_callback(context, observe, seen);
    return CURLE_OK;
}

CURLcode portico_curl_observe(CURL *handle, portico_curl_certificate *seen) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    if (result == CURLE_OK) result = curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    if (result == CURLE_OK) result = curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    if (result == CURLE_OK) result = curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, seen);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, install_observer);
}

const char *portico_curl_certificate_error(int error) { return X509_verify_cert_error_string(error); }

CURLcode portico_curl_set_opener(CURL *handle, portico_curl_opener opener, void *context) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, opener);
}

size_t portico_curl_address_octets(const struct curl_sockaddr *target, unsigned char octets[16]) {
    if (target->family == AF_INET) {
        memcpy(octets, &((const struct sockaddr_in *)(const void *)&target->addr)->sin_addr, 4);
        return 4;
    }
    if (target->family == AF_INET6) {
        memcpy(octets, &((const struct sockaddr_in6 *)(const void *)&target->addr)->sin6_addr, 16);
        return 16;
    }
    return 0;
}

curl_socket_t portico_curl_open(const struct curl_sockaddr *target) {
    return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

CURLcode portico_curl_set_tracer(CURL *handle, portico_curl_tracer tracer, void *context) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_DEBUGDATA, context);
    if (result == CURLE_OK) result = curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, tracer);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
}

static size_t read_upload(char *buffer, size_t size, size_t count, void *context) {
    struct portico_curl_upload *upload = context;
    size_t left = upload->count - upload->sent;
    size_t taken = left < size * count ? left : size * count;
    memcpy(buffer, upload->bytes + upload->sent, taken);
    upload->sent += taken;
    return taken;
}

CURLcode portico_curl_set_upload(CURL *handle, struct portico_curl_upload *upload) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_READDATA, upload);
    if (result == CURLE_OK) result = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read_upload);
    if (result == CURLE_OK) result = curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->count);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
}

long portico_curl_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

int portico_curl_get_socket(CURL *handle) {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &descriptor) == CURLE_OK ? descriptor : CURL_SOCKET_BAD;
}

CURLMcode portico_curl_multi_poll(CURLM *multi, int descriptor, int milliseconds) {
    struct curl_waitfd wait = {.fd = descriptor, .events = CURL_WAIT_POLLIN};
    return curl_multi_poll(multi, &wait, 1, milliseconds, NULL);
}

CURLMcode portico_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

CURL *portico_curl_multi_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}
