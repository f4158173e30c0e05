//! A heat map: a square for each thing of each row, darker the more of it is there. The tables beside it say the same in numbers.

use super::escape;

/// Pixels.
const LABEL: usize = 190;
const WIDE: usize = 900;
const TALL: usize = 14;
const GAP: usize = 6;

/// What a row is made of.
pub struct Strip<'a> {
    /// Its name.
    pub label: &'a str,
    /// What each square stands for, with how many of how many have it; `None` where there is nothing to have.
    pub squares: Vec<Option<(String, usize, usize)>>,
}

/// The drawing with its key.
pub fn map(what: &str, strips: &[Strip<'_>]) -> String {
    let longest = strips.iter().map(|strip| strip.squares.len()).max().unwrap_or_default();
    if longest == 0 {
        return String::new();
    }
    let wide = (WIDE / longest).clamp(3, 14);
    let rows: String = strips.iter().enumerate().map(|(place, strip)| row(strip, place * (TALL + GAP), wide)).collect();
    let (width, height) = (LABEL + wide * longest, strips.len() * (TALL + GAP));
    format!(
        "<p class=\"soft\">{}<span class=\"key there\"></span>in all<span class=\"key some\"></span>in some<span class=\"key none\"></span>in none</p>\
         <svg role=\"img\" aria-label=\"{what}: the tables below say the same in numbers\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">{rows}</svg>\n",
        escape(what),
        what = escape(what),
    )
}

fn row(strip: &Strip<'_>, y: usize, wide: usize) -> String {
    let squares: String = strip
        .squares
        .iter()
        .enumerate()
        .filter_map(|(place, square)| Some((place, square.as_ref()?)))
        .map(|(place, (name, present, of))| {
            // Less than all is lower too, so that it can be told without colour.
            let (shade, tall) = match present {
                0 => ("none", TALL / 3),
                all if all == of => ("there", TALL),
                _ => ("some", TALL * 2 / 3),
            };
            format!(
                "<rect class=\"{shade}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{tall}\"><title>{}: {present} of {of}</title></rect>",
                LABEL + place * wide,
                y + TALL - tall,
                wide - 1,
                escape(name)
            )
        })
        .collect();
    format!("<text x=\"0\" y=\"{}\">{}</text>{squares}", y + TALL - 3, escape(strip.label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_square_says_what_it_stands_for_and_what_is_not_asked_has_none() {
        let square = |name: &str, present| Some((name.to_owned(), present, 4));
        let strips = [Strip { label: "<Patient>", squares: vec![square("a", 4), None, square("b", 1), square("<c>", 0)] }];
        let drawing = map("Elements", &strips);
        assert_eq!(drawing.matches("<rect").count(), 3, "{drawing}");
        for said in ["&lt;Patient&gt;", "<title>a: 4 of 4</title>", "<title>b: 1 of 4</title>", "<title>&lt;c&gt;: 0 of 4</title>"] {
            assert!(drawing.contains(said), "{said}: {drawing}");
        }
        for shade in ["there", "some", "none"] {
            assert_eq!(drawing.matches(&format!("<rect class=\"{shade}\"")).count(), 1, "{shade}: {drawing}");
        }
        assert_eq!(map("Elements", &[]), "");
    }
}
