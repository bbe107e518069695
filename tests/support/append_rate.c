// How many messages a second a program delivers when several run at once; and the least that such a program can be.
// SPDX-License-Identifier: Apache-2.0
//
//   append_rate WRITERS COUNT MESSAGE PROGRAM WORD...   each writer runs the program COUNT times, stdin = MESSAGE;
//                                                       prints messages a second, or ends with 1 if a run failed
//   append_rate append FILE                             locks FILE, appends stdin to it, fsyncs
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static int append(const char* path) {
  static char text[1 << 16];
  const ssize_t length = read(0, text, sizeof text);
  const int file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (length < 0 || file < 0 || fcntl(file, F_SETLKW, &lock) != 0) return 1;
  return write(file, text, (size_t)length) == length && fsync(file) == 0 ? 0 : 1;
}

static int write_all(int count, const char* message, char** command) {
  for (int run = 0; run < count; ++run) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, message, O_RDONLY, 0);
    pid_t child;
    int status;
    if (posix_spawn(&child, command[0], &actions, 0, command, environ) != 0) return 1;
    if (waitpid(child, &status, 0) != child || status != 0) return 1;
    posix_spawn_file_actions_destroy(&actions);
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "append") == 0) return append(argv[2]);
  if (argc < 5) return 64;
  const int writers = atoi(argv[1]), count = atoi(argv[2]);
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int writer = 0; writer < writers; ++writer)
    if (fork() == 0) _exit(write_all(count, argv[3], argv + 4));
  int failed = 0, status;
  for (int writer = 0; writer < writers; ++writer)
    if (wait(&status) < 0 || status != 0) failed = 1;
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
  printf("%.0f\n", writers * count / seconds);
  return failed;
}
