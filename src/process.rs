//! Processes that this program starts, and their end: each leads a process
//! group, so that what it starts in turn does not outlive it.
//!
//! A program that begins a group or a session of its own (`setsid`, a shell's
//! job control) leaves the group, and is not ended. Where there are no process
//! groups, as on Windows, the process alone is ended.

use std::collections::BTreeSet;
use std::io;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The leaders of the groups that have not been ended.
static ALIVE: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// A process with all that it starts. Dropping it ends them.
#[derive(Debug)]
pub(crate) struct Group {
    /// The leader's id, which is also the group's; none once it has been ended.
    leader: Option<u32>,
}

/// A command that can be started.
pub(crate) trait Spawn {
    /// What is started.
    type Process;
    /// The command as the standard library has it.
    #[cfg_attr(not(unix), expect(dead_code, reason = "it is for process groups"))]
    fn command(&mut self) -> &mut Command;
    /// Starts it; gives its id, too.
    ///
    /// # Errors
    /// Where the system gives one.
    fn spawn(&mut self) -> io::Result<(Self::Process, Option<u32>)>;
}

impl Spawn for Command {
    type Process = std::process::Child;

    fn command(&mut self) -> &mut Command {
        self
    }

    fn spawn(&mut self) -> io::Result<(Self::Process, Option<u32>)> {
        let process = Self::spawn(self)?;
        let id = process.id();
        Ok((process, Some(id)))
    }
}

impl Spawn for tokio::process::Command {
    type Process = tokio::process::Child;

    fn command(&mut self) -> &mut Command {
        self.as_std_mut()
    }

    fn spawn(&mut self) -> io::Result<(Self::Process, Option<u32>)> {
        let process = Self::spawn(self)?;
        let id = process.id();
        Ok((process, id))
    }
}

impl Group {
    /// Starts a command as the leader of a group.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub(crate) fn start<C: Spawn>(command: &mut C) -> io::Result<(C::Process, Self)> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command.command(), 0);
        // Held meanwhile, so that `exit` leaves no process out.
        let mut alive = ALIVE.lock().unwrap_or_else(PoisonError::into_inner);
        let (process, leader) = command.spawn()?;
        alive.extend(leader);
        Ok((process, Self { leader }))
    }

    /// Ends what is left of the group. Where the leader has ended and been
    /// waited for, this is due at once: later, its id may be another group's.
    pub(crate) fn end(&mut self) {
        if let Some(leader) = self.leader.take() {
            ALIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(&leader);
            kill(leader);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends every group, and then this program, at once.
#[cfg(feature = "cli")]
pub(crate) fn exit(code: u8) -> ! {
    // Held to the end, so that no process starts meanwhile.
    let alive = ALIVE.lock().unwrap_or_else(PoisonError::into_inner);
    alive.iter().copied().for_each(kill);
    std::process::exit(code.into())
}

#[cfg(unix)]
fn kill(leader: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // The group may have ended by itself.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_leader: u32) {}
