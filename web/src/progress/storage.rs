//! The browser's storage as a shelf.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, Storage};

use super::keeper::{Refusal, Shelf};

/// `localStorage`, or nothing where the browser keeps it closed.
pub(crate) struct LocalStorage(Option<Storage>);

impl LocalStorage {
    /// Asks the browser for it.
    pub(crate) fn new() -> Self {
        Self(web_sys::window().and_then(|window| window.local_storage().ok().flatten()))
    }

    fn storage(&self) -> Result<&Storage, Refusal> {
        self.0.as_ref().ok_or(Refusal::Blocked)
    }
}

impl Shelf for LocalStorage {
    fn get(&self, key: &str) -> Result<Option<String>, Refusal> {
        self.storage()?.get_item(key).map_err(|_| Refusal::Blocked)
    }

    fn set(&self, key: &str, text: &str) -> Result<(), Refusal> {
        self.storage()?.set_item(key, text).map_err(|error| refusal(&error))
    }

    fn remove(&self, key: &str) {
        if let Ok(storage) = self.storage() {
            let _ = storage.remove_item(key);
        }
    }
}

fn refusal(error: &JsValue) -> Refusal {
    let is_full = error.dyn_ref::<DomException>().is_some_and(|e| e.name() == "QuotaExceededError");
    if is_full { Refusal::Full } else { Refusal::Blocked }
}
