//! `brownout completions SHELL`: what a shell completes.

use super::args::{self, Shell};
use super::error::Error;
use super::exit::Exit;
use super::terminal::Terminal;
use clap_complete::generate;

/// Prints the script of a shell.
///
/// # Errors
/// If stdout cannot be written.
pub(super) fn run(completions: args::Completions, terminal: Terminal) -> Result<Exit, Error> {
    terminal.print(&script(completions.shell))?;
    Ok(Exit::Passed)
}

fn script(shell: Shell) -> String {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
        Shell::Zsh => clap_complete::Shell::Zsh,
    };
    let mut bytes = Vec::new();
    generate(shell, &mut args::definition(), "brownout", &mut bytes);
    String::from_utf8(bytes).expect("a script is text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_completes_every_command_and_its_flags() {
        for shell in [
            Shell::Bash,
            Shell::Elvish,
            Shell::Fish,
            Shell::Powershell,
            Shell::Zsh,
        ] {
            let script = script(shell);
            for command in args::definition().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell:?}: {command}");
            }
            for flag in ["replications", "max-time"] {
                assert!(script.contains(flag), "{shell:?}: {flag}");
            }
        }
    }
}
