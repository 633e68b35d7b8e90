//! Hands over to [`brownout::cli`], which turns what happened into an exit code.

fn main() -> std::process::ExitCode {
    brownout::cli::main()
}
