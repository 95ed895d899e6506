//! QR codes in the terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// The code of a text, two modules to a character, with its quiet zone; `None` for a text that is too
/// long for any code.
///
/// In colour it is black on white whatever the terminal's own colours are. Without colours it is drawn
/// for light letters on a dark ground; phones read the opposite too.
pub(crate) fn code(text: &str, in_colour: bool) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (dark, light) = if in_colour {
        (Dense1x2::Dark, Dense1x2::Light)
    } else {
        (Dense1x2::Light, Dense1x2::Dark)
    };
    let drawn = code
        .render::<Dense1x2>()
        .quiet_zone(true)
        .dark_color(dark)
        .light_color(light)
        .build();
    if !in_colour {
        return Some(drawn);
    }
    let paper = Style::new()
        .fg_color(Some(AnsiColor::Black.into()))
        .bg_color(Some(AnsiColor::BrightWhite.into()));
    let mut coloured = String::new();
    for line in drawn.lines() {
        if !coloured.is_empty() {
            coloured.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = write!(coloured, "{paper}{line}{paper:#}");
    }
    Some(coloured)
}

/// Whether what is printed to stdout keeps its colours.
pub(crate) fn stdout_has_colour() -> bool {
    anstream::stdout().current_choice() != anstream::ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a drawing back as a picture: `true` is dark.
    fn pixels(drawn: &str, filled_is_dark: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in drawn.lines() {
            let halves = |upper: &str| {
                line.chars()
                    .map(|c| upper.contains(c) == filled_is_dark)
                    .collect::<Vec<bool>>()
            };
            rows.push(halves("█▀"));
            rows.push(halves("█▄"));
        }
        rows
    }

    fn read(drawn: &str, filled_is_dark: bool) -> String {
        const SCALE: usize = 4;
        let rows = pixels(drawn, filled_is_dark);
        let (width, height) = (rows[0].len() * SCALE, rows.len() * SCALE);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            if rows[y / SCALE][x / SCALE] { 0 } else { 255 }
        });
        image.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn both_drawings_can_be_read() {
        let text =
            "ethereum:0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359@1?value=2014000000000000000";
        let plain = code(text, false).unwrap();
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(read(&plain, false), text);

        let coloured = code(text, true).unwrap();
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(read(&stripped, true), text);
    }

    #[test]
    fn a_text_that_fits_no_code_has_none() {
        assert!(code(&"x".repeat(5000), true).is_none());
    }
}
