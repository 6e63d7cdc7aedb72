// What Portico needs of Linux and `import Glibc` does not show: epoll, eventfd, accept4, child processes, some
// constants. Functions return what the system call returned, or -errno where their comment says so.

#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// epoll_ctl with `token` as the event's data. 0, or -errno.
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);

/// Accepts a connection as non-blocking and close-on-exec. The descriptor, or -errno.
/// `address` gets the peer's 16 bytes of IPv6 or 4 of IPv4 in network order, `family` 4 or 6 (0:
/// neither), `port` host order.
int clinux_accept(int listener, uint8_t address[16], int *family, uint16_t *port);

/// A non-blocking listening TCP socket with SO_REUSEADDR, TCP_NODELAY and, if `reuse_port`, SO_REUSEPORT.
/// `family` 4 or 6; an IPv6 wildcard takes IPv4 too. The descriptor, or -errno.
int clinux_listen(int family, const uint8_t address[16], uint16_t port, int reuse_port, int backlog);

/// The port that a bound socket has, or -errno.
int clinux_local_port(int descriptor);

/// recv; if `peek`, the bytes stay to be received again. The count, 0 at the end, or -errno.
ssize_t clinux_receive(int descriptor, void *bytes, size_t count, int peek);

/// send without SIGPIPE. The count, or -errno.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count);

/// Sends two pieces in one call, without SIGPIPE. The count, or -errno.
ssize_t clinux_send_pair(int descriptor, const void *first, size_t first_count, const void *second, size_t second_count);

/// Makes a later close drop the connection with a reset, which frees what the kernel still holds for it.
void clinux_reset_on_close(int descriptor);

/// Monotonic clock in milliseconds, and the wall clock in whole seconds; both of the kernel's cheap, coarse kind.
int64_t clinux_monotonic_milliseconds(void);
int64_t clinux_wall_seconds(void);

/// Whether something, such as NTP, keeps the machine's clock right, as far as the kernel was told (adjtimex(2)).
int clinux_clock_is_kept(void);

/// An empty file in memory, closed on exec. The descriptor, or -errno.
int clinux_memory_file(void);

/// Starts the program at the path `arguments[0]` with the three given standard streams, the empty signal mask and no
/// other descriptor. The process id, or -errno.
int clinux_spawn(char *const arguments[], int input, int output, int error);

/// Waits for a child, at most so many milliseconds; one that takes longer is killed. Its exit code, 128 and the
/// signal's number, -ETIMEDOUT for one that was killed here, or -errno.
int clinux_wait(int child, int milliseconds);

/// Names the calling thread for ps and perf.
void clinux_name_thread(const char *name);

#endif
