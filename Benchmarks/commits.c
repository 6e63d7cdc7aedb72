// Measures the durable commits a second of a file's disk: appends 4 KB and waits for fdatasync, as SQLite's
// write-ahead log does.
//
//     commits FILE SECONDS

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **values) {
    static char block[4096] = "a commit";
    if (count != 3) return 64;
    int file = open(values[1], O_CREAT | O_TRUNC | O_WRONLY, 0600);
    double start = now(), end = start + atof(values[2]);
    long commits = 0;
    for (; now() < end; commits++)
        if (file < 0 || write(file, block, sizeof block) != sizeof block || fdatasync(file) != 0) {
            perror(values[1]);
            return 1;
        }
    printf("{\"commits\":%.1f}\n", commits / (now() - start));
    return 0;
}
