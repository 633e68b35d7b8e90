//! `brownout man`: the manual, as one page with all commands or as a page for each.

use super::args;
use super::error::Error;
use super::exit::Exit;
use super::terminal::Terminal;
use clap_mangen::Man;
use std::fmt::Write as _;
use std::fs;
use std::io;

/// Prints the page, or writes those of all commands and prints where.
///
/// # Errors
/// If stdout, the folder or a file in it cannot be written.
pub(super) fn run(man: &args::Man, terminal: Terminal) -> Result<Exit, Error> {
    let Some(folder) = &man.dir else {
        terminal.print(&whole())?;
        return Ok(Exit::Passed);
    };
    fs::create_dir_all(folder).map_err(Error::write(folder))?;
    for (name, text) in pages() {
        let path = folder.join(name);
        fs::write(&path, text).map_err(Error::write(&path))?;
        terminal.print(&format!("{}\n", path.display()))?;
    }
    Ok(Exit::Passed)
}

/// How a quote is written, on old and new systems: every section may use it.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// All commands in one page: the sections of each stand below a heading of its own.
fn whole() -> String {
    let mut program = args::definition().disable_help_subcommand(true);
    program.build();
    let page = Man::new(program.clone());
    let mut text = PREAMBLE.to_owned() + &roff(|to| page.render_title(to));
    text += &sections(&page, true);
    text += &examples(program.get_after_help());
    for command in program.get_subcommands() {
        let name = format!("{} {}", program.get_name(), command.get_name());
        writeln!(text, ".SH \"{}\"", name.to_uppercase()).expect("a string takes any text");
        let own = sections(&Man::new(command.clone()), false) + &examples(command.get_after_help());
        text += &own.replace("\n.SH ", "\n.SS ").replacen(".SH ", ".SS ", 1);
    }
    text
}

/// A page for the program and for each command, by the name of its file.
fn pages() -> Vec<(String, String)> {
    let mut program = args::definition().disable_help_subcommand(true);
    program.build();
    let mut all = vec![(program.clone(), true)];
    all.extend(
        program
            .get_subcommands()
            .map(|command| (command.clone(), false)),
    );
    let page = |(command, has_commands): (_, bool)| {
        let page = Man::new(command);
        let mut text = PREAMBLE.to_owned() + &roff(|to| page.render_title(to));
        text += &sections(&page, has_commands);
        (page, text)
    };
    let after = all
        .iter()
        .map(|(command, _)| examples(command.get_after_help()));
    let after: Vec<String> = after.collect();
    let pages = all.into_iter().map(page).zip(after);
    pages
        .map(|((page, text), after)| (page.get_filename(), text + &after))
        .collect()
}

/// Name, synopsis, description, options, and the commands of what has some.
fn sections(page: &Man, has_commands: bool) -> String {
    let mut text = roff(|to| page.render_name_section(to));
    text += &roff(|to| page.render_synopsis_section(to));
    text += &roff(|to| page.render_description_section(to));
    text += &roff(|to| page.render_options_section(to));
    if has_commands {
        text += &roff(|to| page.render_subcommands_section(to));
    }
    text
}

/// What stands after the help, line by line as it was written.
fn examples(after: Option<&impl ToString>) -> String {
    let Some(after) = after else {
        return String::new();
    };
    let mut text = String::from(".SH EXAMPLES AND NOTES\n.nf\n");
    for line in after.to_string().lines() {
        // A stroke begins a command of roff anywhere, a dot or a quote at the begin of a line.
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        let guard = if line.starts_with(['.', '\'']) {
            "\\&"
        } else {
            ""
        };
        writeln!(text, "{guard}{line}").expect("a string takes any text");
    }
    text + ".fi\n"
}

/// What a section writes, without its own [`PREAMBLE`].
fn roff(section: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    section(&mut bytes).expect("a vector takes any text");
    let text = String::from_utf8(bytes).expect("a page is text");
    let is_own = |line: &&str| !line.starts_with(".ie \\n(.g") && !line.starts_with(".el .ds Aq");
    let lines: Vec<&str> = text.lines().filter(is_own).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page_and_its_place_in_the_whole() {
        let (whole, pages) = (whole(), pages());
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        let commands = args::definition();
        for command in commands.get_subcommands() {
            let name = command.get_name();
            assert!(
                names.contains(&format!("brownout-{name}.1").as_str()),
                "{names:?}"
            );
            let heading = format!(".SH \"BROWNOUT {}\"\n", name.to_uppercase());
            assert!(whole.contains(&heading), "{name}");
        }
        assert_eq!(names.len(), commands.get_subcommands().count() + 1);
        for (name, text) in pages {
            assert!(text.contains("\n.TH brownout"), "{name}: {text}");
            for section in [".SH NAME", ".SH SYNOPSIS", ".SH EXAMPLES"] {
                assert!(text.contains(section), "{name} lacks {section}");
            }
        }
    }

    #[test]
    fn examples_stand_as_they_were_written() {
        let text = examples(Some(&"a:\n  x -y \\z\n.dot"));
        assert_eq!(
            text,
            ".SH EXAMPLES AND NOTES\n.nf\na:\n  x \\-y \\ez\n\\&.dot\n.fi\n"
        );
    }
}
