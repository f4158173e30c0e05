//! Extensions against their definitions (R4 extensibility.html).

use super::base::Here;
use super::occurrence::Occurrence;
use super::rules::Rules;
use super::schema::Node;
use super::walk::{Frame, Walk, Wrong};
use super::{Path, Severity};
use crate::fhir::fhirpath::Model;
use crate::fhir::json::Value;
use crate::guide::errata;
use crate::guide::profile::ExtensionContext;

impl<'a> Walk<'a> {
    /// One extension. `inside` is the type Extension, `holder` the element that has the extension.
    pub fn extension(&mut self, value: &'a Value, inside: Here<'a>, holder: Here<'a>, node: &'a Node, path: &Path<'_>, frame: &Frame<'a>) {
        let Some(fields) = value.as_object() else { return };
        let url = fields.get("url").and_then(Value::as_str);
        self.within.push(url.unwrap_or_default());
        self.structure(fields, inside, path, frame);
        self.within.pop();
        let Some(url) = url else { return };
        let is_part = holder.type_name == "Extension" && !url.contains(':');
        if is_part {
            return self.part(url, path);
        }
        let defined = self.library.entry(url).filter(|entry| entry.type_name == "Extension");
        let rules = defined.and_then(|_| self.library.rules(url));
        let Some(rules) = rules else {
            return self.unknown_extension(url, &node.name, path);
        };
        let is_allowed = rules.context.is_empty() || self.may_stand(rules, holder) || errata::allows_extension(url, holder.owner);
        if !is_allowed {
            let places: Vec<&str> = rules.context.iter().map(|context| context.expression.as_str()).collect();
            let message = format!("move the extension {url} to where its definition allows it");
            self.error(path, "extension.context", places.join(" or "), holder.owner, message);
        }
        if rules.is_modifier != (&*node.name == "modifierExtension") {
            let wanted = if rules.is_modifier { "modifierExtension" } else { "extension" };
            self.error(path, "extension.modifier", wanted, &*node.name, format!("send {url} as {wanted}: its definition says so"));
        }
        let occurrence = Occurrence { value: Some(value), companion: None, type_name: "Extension", index: None };
        self.profile(rules, occurrence, path, frame);
    }

    fn unknown_extension(&mut self, url: &str, name: &str, path: &Path<'_>) {
        if name == "modifierExtension" {
            let message = format!(
                "{url} changes the meaning of what holds it and is not known here: give its definition with --package, or take it out"
            );
            return self.error(path, "extension.modifier", "a known modifier extension", url, message);
        }
        let wrong = Wrong {
            severity: Severity::Information,
            rule: "extension.unknown".into(),
            expected: "a known extension".to_owned(),
            actual: url.to_owned(),
            message: format!("{url} was not checked: give its definition with --package"),
        };
        self.report(path, wrong);
    }

    /// A part of a complex extension, which the extension's definition knows by a slice.
    fn part(&mut self, url: &str, path: &Path<'_>) {
        let Some(outer) = self.within.last().and_then(|outer| self.library.rules(outer)) else { return };
        if !outer.parts.is_empty() && !outer.parts.iter().any(|part| part == url) {
            let message = format!("{} has no part {url}: use one of its own parts", outer.url());
            self.error(path, "extension.unknown", outer.parts.join(", "), url.to_owned(), message);
        }
    }

    fn may_stand(&self, rules: &Rules, holder: Here<'_>) -> bool {
        rules.context.iter().any(|context| self.is_context(context, holder))
    }

    fn is_context(&self, context: &ExtensionContext, holder: Here<'_>) -> bool {
        let expression = context.expression.as_str();
        match context.kind.as_str() {
            "element" => {
                let is_type = self.library.is_subtype(holder.type_name, expression);
                is_type || expression == "Element" || expression == holder.owner || expression.contains("://") || expression.contains('#')
            }
            "extension" => self.within.last().is_some_and(|outer| *outer == expression),
            // A FHIRPath context is not evaluated: it may hold.
            _ => true,
        }
    }
}
