// Linux functions and constants that `import Glibc` does not provide: epoll, eventfd, accept4, child processes.
// Functions return the result of the system call, or -errno where documented.

#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// epoll_ctl with `token` as the event's data. Returns 0 or -errno.
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);

/// Accepts a connection as non-blocking and close-on-exec. Returns the descriptor or -errno.
/// Writes the peer's 4 (IPv4) or 16 (IPv6) bytes in network order to `address`, 4, 6 or 0 (other) to `family`, and the
/// port in host order to `port`.
int clinux_accept(int listener, uint8_t address[16], int *family, uint16_t *port);

/// Opens a non-blocking listening TCP socket with SO_REUSEADDR, TCP_NODELAY and, if `reuse_port`, SO_REUSEPORT.
/// `family` is 4 or 6; an IPv6 wildcard also accepts IPv4. Returns the descriptor or -errno.
int clinux_listen(int family, const uint8_t address[16], uint16_t port, int reuse_port, int backlog);

/// Returns the port of a bound socket, or -errno.
int clinux_local_port(int descriptor);

/// recv, with MSG_PEEK if `peek`. Returns the count, 0 at the end, or -errno.
ssize_t clinux_receive(int descriptor, void *bytes, size_t count, int peek);

/// send without SIGPIPE. Returns the count or -errno.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count);

/// Sends two buffers in one call, without SIGPIPE. Returns the count or -errno.
ssize_t clinux_send_pair(int descriptor, const void *first, size_t first_count, const void *second, size_t second_count);

/// Makes close reset the connection, which discards unsent data in the kernel.
void clinux_reset_on_close(int descriptor);

/// Monotonic clock in milliseconds, and real time in whole seconds; both from the kernel's coarse clocks.
int64_t clinux_monotonic_milliseconds(void);
int64_t clinux_wall_seconds(void);

/// Whether the machine's clock is synchronized, for example by NTP, as reported by adjtimex(2).
int clinux_clock_is_synchronized(void);

/// Creates an empty file in memory, closed on exec. Returns the descriptor or -errno.
int clinux_memory_file(void);

/// Starts the program at the path `arguments[0]` with the given standard streams, an empty signal mask and no other
/// descriptors. Returns the process id or -errno.
int clinux_spawn(char *const arguments[], int input, int output, int error);

/// Waits for a child process at most `milliseconds`, then kills it. Returns its exit code, 128 plus the number of the
/// signal that ended it, -ETIMEDOUT if it was killed here, or -errno.
int clinux_wait(int child, int milliseconds);

/// Sets the name of the calling thread, as shown by ps and perf.
void clinux_name_thread(const char *name);

#endif
