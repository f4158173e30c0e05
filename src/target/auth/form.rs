//! HTML forms: what a page offers and what a browser would send (HTML Standard, form submission).

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use super::super::secret::Secret;
use super::config::FormStep;

/// A form of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it goes, as written; empty for the page itself.
    pub action: String,
    /// Whether it is sent by POST.
    pub is_post: bool,
    fields: Vec<Field>,
    buttons: Vec<Button>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Field {
    name: String,
    value: String,
    /// Whether a browser sends it untouched: a box or a radio button that is not checked is not sent.
    is_set: bool,
    /// Whether it is a box, a radio button or a choice, of which the one with the wanted value is sent.
    is_choice: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Button {
    name: String,
    value: String,
    text: String,
}

/// The forms of a page, in order.
pub(super) fn forms(html: &str) -> Vec<Form> {
    let mut reader = Reader::default();
    let mut emitter = DefaultEmitter::default();
    // What stands in a script is no markup.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => reader.open(&tag),
            Token::EndTag(tag) => reader.close(&tag.name),
            Token::String(text) => reader.text.push_str(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.forms.extend(reader.form.take());
    reader.forms
}

/// What is being read.
#[derive(Default)]
struct Reader {
    forms: Vec<Form>,
    form: Option<Form>,
    text: String,
    select: Option<String>,
    area: Option<String>,
    button: Option<Button>,
}

impl Reader {
    fn open(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &str| tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned());
        let (name, value) = (attribute("name").unwrap_or_default(), attribute("value"));
        if tag.name.as_slice() == b"form" {
            self.forms.extend(self.form.take());
            let is_post = attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            self.form = Some(Form { action: attribute("action").unwrap_or_default(), is_post, ..Form::default() });
            return;
        }
        let Some(form) = &mut self.form else { return };
        let is_disabled = attribute("disabled").is_some();
        match tag.name.as_slice() {
            _ if is_disabled => {}
            b"input" => match attribute("type").unwrap_or_default().to_ascii_lowercase().as_str() {
                "submit" | "image" => {
                    let text = value.clone().unwrap_or_default();
                    form.buttons.push(Button { name, value: value.unwrap_or_default(), text });
                }
                "button" | "reset" | "file" => {}
                "checkbox" | "radio" => {
                    let value = value.unwrap_or_else(|| "on".to_owned());
                    form.fields.push(Field { name, value, is_set: attribute("checked").is_some(), is_choice: true });
                }
                _ => form.fields.push(Field { name, value: value.unwrap_or_default(), is_set: true, is_choice: false }),
            },
            b"button" if attribute("type").is_none_or(|kind| kind.eq_ignore_ascii_case("submit")) => {
                self.text.clear();
                self.button = Some(Button { name, value: value.unwrap_or_default(), text: String::new() });
            }
            b"select" => self.select = Some(name),
            b"option" => {
                if let Some(name) = &self.select {
                    let first = !form.fields.iter().any(|field| field.name == *name);
                    if attribute("selected").is_some() {
                        form.fields.iter_mut().filter(|field| field.name == *name).for_each(|field| field.is_set = false);
                    }
                    let is_set = first || attribute("selected").is_some();
                    form.fields.push(Field { name: name.clone(), value: value.unwrap_or_default(), is_set, is_choice: true });
                }
            }
            b"textarea" => {
                self.text.clear();
                self.area = Some(name);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        match name {
            b"form" => self.forms.extend(self.form.take()),
            b"select" => self.select = None,
            b"button" => {
                if let (Some(form), Some(button)) = (&mut self.form, self.button.take()) {
                    form.buttons.push(Button { text: self.text.split_whitespace().collect::<Vec<_>>().join(" "), ..button });
                }
            }
            b"textarea" => {
                if let (Some(form), Some(name)) = (&mut self.form, self.area.take()) {
                    form.fields.push(Field { name, value: std::mem::take(&mut self.text), is_set: true, is_choice: false });
                }
            }
            _ => {}
        }
    }
}

impl Form {
    /// Whether it has every field of a step, and its button.
    pub fn fits(&self, step: &FormStep) -> bool {
        let has_field = |name: &String| self.fields.iter().any(|field| field.name == *name);
        step.fields.iter().all(|(name, _)| has_field(name)) && (step.button.is_none() || self.button(step).is_some())
    }

    /// What a browser sends when the step's fields are filled in and its button is pressed.
    pub fn submission(&self, step: &FormStep) -> Vec<(String, Secret)> {
        let wanted = |field: &Field| step.fields.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
        let mut sent: Vec<(String, Secret)> = Vec::new();
        for field in self.fields.iter().filter(|field| !field.name.is_empty()) {
            match (wanted(field), field.is_choice) {
                (Some(value), true) if value.expose() == field.value => sent.push((field.name.clone(), value.clone())),
                (Some(_), true) => {}
                (Some(value), false) => sent.push((field.name.clone(), value.clone())),
                (None, _) if field.is_set => sent.push((field.name.clone(), Secret::new(&field.value))),
                (None, _) => {}
            }
        }
        if let Some(button) = self.button(step).filter(|button| !button.name.is_empty()) {
            sent.push((button.name.clone(), Secret::new(&button.value)));
        }
        sent
    }

    fn button(&self, step: &FormStep) -> Option<&Button> {
        match &step.button {
            Some(wanted) => self.buttons.iter().find(|button| [&button.name, &button.value, &button.text].contains(&wanted)),
            None => self.buttons.first(),
        }
    }

    /// The names of its fields and buttons, for messages.
    pub fn names(&self) -> String {
        let fields = self.fields.iter().map(|field| field.name.as_str());
        let buttons = self.buttons.iter().map(|button| if button.text.is_empty() { button.value.as_str() } else { button.text.as_str() });
        let mut names: Vec<&str> = fields.filter(|name| !name.is_empty()).chain(buttons).collect();
        names.dedup();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!DOCTYPE html><script>document.write("<form><input name=trap></form>")</script>
        <form action="/search"><input name="q"></form>
        <form method="POST" action="../login?x=1&amp;y=2">
          <input type="hidden" name="csrf" value="a&quot;b"><input name="user" value="old"><input type=password name="password">
          <input type="checkbox" name="stay" value="yes"><input type="checkbox" name="terms" checked>
          <select name="who"><option value="1">One</option><option value="2" selected>Two</option></select>
          <textarea name="note">hello</textarea><input name="off" disabled>
          <button name="action" value="cancel">Cancel</button><button name="action" value="go"><b>Sign</b> in</button>
        </form>"#;

    fn step(fields: &[(&str, &str)], button: Option<&str>) -> FormStep {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        FormStep { fields, button: button.map(str::to_owned) }
    }

    #[test]
    fn a_form_is_sent_as_a_browser_sends_it() {
        let forms = forms(PAGE);
        assert_eq!(forms.len(), 2, "{forms:?}");
        let step = step(&[("user", "jane"), ("password", "pw")], Some("Sign in"));
        let form = forms.iter().find(|form| form.fits(&step)).unwrap();
        assert_eq!((form.action.as_str(), form.is_post), ("../login?x=1&y=2", true));
        let sent = form.submission(&step);
        let sent: Vec<String> = sent.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        assert_eq!(sent, ["csrf=a\"b", "user=jane", "password=pw", "terms=on", "who=2", "note=hello", "action=go"]);
    }

    #[test]
    fn a_choice_takes_the_wanted_value() {
        let forms = forms(PAGE);
        let step = step(&[("who", "1"), ("stay", "yes")], Some("cancel"));
        let sent = forms[1].submission(&step);
        let value = |wanted: &str| sent.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.expose()).collect::<Vec<_>>();
        assert_eq!((value("who"), value("stay"), value("action")), (vec!["1"], vec!["yes"], vec!["cancel"]));
    }

    #[test]
    fn a_form_without_the_fields_does_not_fit() {
        let forms = forms(PAGE);
        assert!(!forms.iter().any(|form| form.fits(&step(&[("otp", "1")], None))));
        assert!(!forms.iter().any(|form| form.fits(&step(&[("user", "1")], Some("Register")))));
        assert!(super::forms("<p>none</p><input name=x>").is_empty());
        assert_eq!(forms[0].names(), "q");
    }
}
