#pragma once
#include <curl/curl.h>

// libcurl's setters and getters are variadic, which Swift cannot call: one typed wrapper for each
// kind of argument.

typedef size_t (*shim_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*shim_seek_callback)(void *context, curl_off_t offset, int origin);
typedef int (*shim_socket_callback)(void *context, curl_socket_t socket, curlsocktype purpose);

static inline CURLcode shim_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_data_callback(
    CURL *easy, CURLoption option, shim_data_callback value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_seek_callback(
    CURL *easy, CURLoption option, shim_seek_callback value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_set_socket_callback(
    CURL *easy, CURLoption option, shim_socket_callback value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode shim_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode shim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// Macros that Swift does not import at the type it needs.
static inline size_t shim_write_pause(void) { return CURL_WRITEFUNC_PAUSE; }
static inline size_t shim_read_abort(void) { return CURL_READFUNC_ABORT; }
static inline int shim_pause_none(void) { return CURLPAUSE_CONT; }
static inline long shim_tls_1_2(void) { return CURL_SSLVERSION_TLSv1_2; }
static inline long shim_http_1_1(void) { return CURL_HTTP_VERSION_1_1; }
