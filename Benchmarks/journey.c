// Runs whole guest journeys: entry, page, code, status until it says "online". Each thread runs one guest after the
// other, each on a new connection. Every response is checked; the first wrong one ends the run.
//
//     journey PORT SITE THREADS GUESTS PAGE
//
// GUESTS has a line "MAC IP CODE" for each guest; PAGE has the compressed bytes of the page.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 1 << 16, TARGET = 4096 };

enum step { ENTRY, PAGE, CODE, STATUS, STEPS };
struct guest { char mac[18], ip[16], code[16]; double milliseconds, at[STEPS + 1]; };
struct answer { int status, refresh; char location[TARGET], *body; size_t length; char bytes[LONGEST]; };

static struct guest *guests;
static size_t guest_count, page_length;
static atomic_size_t next_guest, polls;
static char page[LONGEST];
static const char *site;
static int port;

static void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int open_connection(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int socket_ = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (socket_ < 0 || connect(socket_, (struct sockaddr *)&address, sizeof address) != 0) fail("cannot connect: %m");
    return socket_;
}

static const char *field(const struct answer *answer, const char *name) {
    const char *found = strcasestr(answer->bytes, name);
    return found && found < answer->body ? found + strlen(name) : NULL;
}

// Stores the target of a redirect, without its origin.
static void keep_location(struct answer *answer) {
    const char *target = field(answer, "\r\nLocation: http://");
    answer->location[0] = 0;
    if (target && (target = strchr(target, '/'))) sscanf(target, "%4095[^\r]", answer->location);
}

static void receive(int connection, struct answer *answer) {
    size_t have = 0, need = LONGEST;
    answer->body = NULL;
    while (have < need) {
        ssize_t got = recv(connection, answer->bytes + have, LONGEST - 1 - have, 0);
        if (got <= 0) fail("connection lost after %zu bytes of a response", have);
        answer->bytes[have += got] = 0;
        if (answer->body || !(answer->body = strstr(answer->bytes, "\r\n\r\n"))) continue;
        answer->body += 4;
        const char *length = field(answer, "\r\nContent-Length: ");
        answer->length = length ? strtoul(length, NULL, 10) : 0;
        need = answer->body - answer->bytes + answer->length;
        if (need >= LONGEST) fail("a response of %zu bytes", need);
    }
    const char *refresh = field(answer, "\r\nRefresh: ");
    answer->refresh = refresh ? atoi(refresh) : 0;
    answer->status = atoi(answer->bytes + 9);
    keep_location(answer);
}

static void ask(
    int connection, struct answer *answer, int status, const char *method, const char *path, const char *form
) {
    char request[2 * TARGET];
    int length = snprintf(request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: Mozilla/5.0 (iPhone)\r\nAccept-Language: en\r\n%s"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
        method, path, port, form ? "" : "Accept-Encoding: gzip\r\n", form ? strlen(form) : 0, form ? form : "");
    if (send(connection, request, length, MSG_NOSIGNAL) != length) fail("cannot send: %m");
    receive(connection, answer);
    if (answer->status != status) fail("%s %.60s: %d instead of %d", method, path, answer->status, status);
    if (status != 200 && !*answer->location) fail("%s %.60s: a redirect without a target", method, path);
}

static void travel(struct guest *guest, struct answer *answer) {
    char path[TARGET], form[32];
    guest->at[ENTRY] = now();
    int connection = open_connection();
    snprintf(path, sizeof path, "/hotspot/%s?mac=%s&ip=%s&link-orig=http%%3A%%2F%%2Fneverssl.example%%2F", site,
        guest->mac, guest->ip);
    ask(connection, answer, 302, "GET", path, NULL);
    guest->at[PAGE] = now();
    strcpy(path, answer->location);
    ask(connection, answer, 200, "GET", path, NULL);
    if (answer->length != page_length || memcmp(answer->body, page, page_length)) fail("another page than expected");
    guest->at[CODE] = now();
    snprintf(form, sizeof form, "code=%s", guest->code);
    ask(connection, answer, 303, "POST", path, form);
    guest->at[STATUS] = now();
    strcpy(path, answer->location);
    for (;;) {
        ask(connection, answer, 200, "GET", path, NULL);
        if (strstr(answer->body, "action=\"/logout?token=")) break;
        if (!answer->refresh) fail("the status page says neither online nor connecting");
        // As a browser does.
        polls++;
        sleep(answer->refresh);
    }
    close(connection);
    guest->at[STEPS] = now();
    guest->milliseconds = guest->at[STEPS] - guest->at[ENTRY];
}

static void *be_guests(void *unused) {
    struct answer *answer = malloc(sizeof *answer);
    for (size_t index; (index = next_guest++) < guest_count;) travel(&guests[index], answer);
    free(answer);
    return unused;
}

static void read_guests(const char *path) {
    FILE *file = fopen(path, "r");
    struct guest guest = {0};
    if (!file) fail("%s: %m", path);
    while (fscanf(file, "%17s %15s %15s", guest.mac, guest.ip, guest.code) == 3) {
        guests = realloc(guests, (guest_count + 1) * sizeof guest);
        guests[guest_count++] = guest;
    }
    fclose(file);
}

static void read_page(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail("%s: %m", path);
    page_length = fread(page, 1, sizeof page, file);
    fclose(file);
}

static int by_time(const void *left, const void *right) {
    double a = ((const struct guest *)left)->milliseconds, b = ((const struct guest *)right)->milliseconds;
    return (a > b) - (a < b);
}

static double mean(enum step step) {
    double sum = 0;
    for (size_t i = 0; i < guest_count; i++) sum += guests[i].at[step + 1] - guests[i].at[step];
    return sum / guest_count;
}

int main(int count, char **values) {
    if (count != 6) fail("usage: journey PORT SITE THREADS GUESTS PAGE");
    port = atoi(values[1]);
    site = values[2];
    int threads = atoi(values[3]);
    read_guests(values[4]);
    read_page(values[5]);
    if (!guest_count) fail("no guests");
    pthread_t running[threads];
    double start = now();
    for (int i = 0; i < threads; i++)
        if (pthread_create(&running[i], NULL, be_guests, NULL)) fail("no thread");
    for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
    double seconds = (now() - start) / 1e3;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    long micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + micros / 1e6;
    qsort(guests, guest_count, sizeof *guests, by_time);
    printf("{\"journeys\":%zu,\"seconds\":%.4f,\"p50\":%.3f,\"p99\":%.3f,\"polls\":%zu,\"cpu\":%.4f,"
        "\"steps\":{\"entry\":%.2f,\"page\":%.2f,\"code\":%.2f,\"status\":%.2f}}\n", guest_count, seconds,
        guests[guest_count / 2].milliseconds, guests[guest_count * 99 / 100].milliseconds, (size_t)polls, cpu,
        mean(ENTRY), mean(PAGE), mean(CODE), mean(STATUS));
    return 0;
}
