//! The person at the terminal, as a sign-in needs them: a browser, an address to paste, and a file for tokens.

use std::io::BufRead;
use std::path::PathBuf;

use super::token_store;
use crate::target::{Attendant, Kept};

/// The person at the terminal.
#[derive(Debug)]
pub struct Person {
    /// Where tokens are kept.
    pub store: PathBuf,
    /// Whether a browser is opened; otherwise the address is printed, and the one that the browser comes back to can be pasted.
    pub opens_browser: bool,
}

impl Attendant for Person {
    fn show(&self, url: &str) {
        if self.opens_browser && open::that_detached(url).is_ok() {
            anstream::eprintln!("Sign in as the member in the browser that opens; if none does, go to\n{url}");
        } else {
            anstream::eprintln!(
                "Sign in as the member at\n{url}\nthen paste the address that the browser ends up at, if this program does not go on by itself:"
            );
        }
    }

    fn pasted(&self) -> Option<String> {
        if self.opens_browser {
            return None;
        }
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then_some(line)
    }

    fn kept(&self, base: &str, client_id: &str) -> Option<Kept> {
        match token_store::read(&self.store) {
            Ok(store) => store.find(base, client_id).cloned(),
            Err(error) => {
                anstream::eprintln!("payerspec: {error}");
                None
            }
        }
    }

    fn keep(&self, kept: &Kept) {
        // What is no token store is not overwritten.
        let written = token_store::read(&self.store).and_then(|mut store| {
            store.put(kept.clone());
            token_store::write(&self.store, &store)
        });
        if let Err(error) = written {
            anstream::eprintln!("payerspec: the token is not kept: {error}");
        }
    }
}
