#pragma once

namespace nasmyth {

/// Makes SIGINT and SIGTERM set a flag instead of ending the program, so that a run can save its
/// state first. The second signal of a kind ends the program as usual. For programs, not for the
/// library; call it once, before threads start.
void install_interrupt_handler();

/// Whether such a signal has come. Thread-safe and cheap enough for every step.
bool interrupted();

/// Forgets a signal that has been dealt with; the handler must be installed again.
void clear_interrupt();

}  // namespace nasmyth
