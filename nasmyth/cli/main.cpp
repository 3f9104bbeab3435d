#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "nasmyth/cli/program.h"

int main(int argc, char** argv) {
  // A reader that went away (`nasmyth list | head`) shows up as a failed write, not as a signal.
  std::signal(SIGPIPE, SIG_IGN);
  // So does a file that may not grow any more.
  std::signal(SIGXFSZ, SIG_IGN);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const int code = nasmyth::run_program(arguments, std::cout, std::cerr);
  errno = 0;
  std::cout.flush();
  if (std::cout.good() || errno == EPIPE) return code;
  std::cerr << "nasmyth: error: [standard output] it cannot be written";
  if (errno != 0) std::cerr << ": " << std::strerror(errno);
  std::cerr << "; check the disk or the reader\n";
  return code == 0 ? 1 : code;
}
