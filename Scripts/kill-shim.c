// Counts the calls that make files last (rename, fsync), and kills the process before one of them.
// Loaded with LD_PRELOAD by Scripts/test-kill.
//
// PARE_KILL_LOG   a file that gets the name of each call, a line each
// PARE_KILL_AT    the number of the call, from 1, before which the process is killed
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int calls;

static void before(const char *line) {
  int number = atomic_fetch_add(&calls, 1) + 1;
  const char *log = getenv("PARE_KILL_LOG");
  if (log) {
    int descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor >= 0) {
      if (write(descriptor, line, strlen(line)) < 0) _exit(99);
      close(descriptor);
    }
  }
  const char *at = getenv("PARE_KILL_AT");
  if (at && atoi(at) == number) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to) {
  before("rename\n");
  return NEXT(rename)(from, to);
}

int renameat2(int fromFolder, const char *from, int toFolder, const char *to, unsigned flags) {
  before("renameat2\n");
  return NEXT(renameat2)(fromFolder, from, toFolder, to, flags);
}

int fsync(int descriptor) {
  before("fsync\n");
  return NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
  before("fdatasync\n");
  return NEXT(fdatasync)(descriptor);
}
