//! Makes the output of installers and targets safe to show.

const LINES: usize = 20;

/// The last lines of an output.
pub(super) fn tail_of(output: &[u8]) -> String {
    let lines: Vec<&[u8]> = output.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    let skipped = lines.len().saturating_sub(LINES);
    let shown: Vec<String> = lines.into_iter().skip(skipped).map(line_of).collect();
    if shown.is_empty() { "(it is empty)".to_owned() } else { shown.join("\n") }
}

/// One line, shortened and without control characters.
pub(super) fn line_of(line: &[u8]) -> String {
    const LONGEST: usize = 400;
    let text = String::from_utf8_lossy(line.trim_ascii_end());
    text.chars().filter(|c| *c == '\t' || !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines_without_blank_ones() {
        let output: Vec<String> = (0..100).map(|n| format!("line {n}\n\n")).collect();
        let tail = tail_of(output.concat().as_bytes());
        assert_eq!(tail.lines().count(), 20);
        assert!(tail.starts_with("line 80\n") && tail.ends_with("line 99"), "{tail}");
        assert_eq!(tail_of(b"\n"), "(it is empty)");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(line_of(b"a\x1b[31mb\tc\xff\r\n"), "a[31mb\tc\u{fffd}");
        assert_eq!(line_of(&[b'x'; 1000]).len(), 400);
    }
}
