//! Files and folders, natively and in Node: the tests that run in both read the same ones.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::*;
#[cfg(target_arch = "wasm32")]
pub(crate) use node::*;

/// Files and folders on this machine.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    pub(crate) fn list(folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|why| panic!("{folder}: {why}"));
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
    }

    pub(crate) fn exists(path: &str) -> bool {
        std::path::Path::new(path).exists()
    }

    pub(crate) fn read(path: &str) -> String {
        std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{path}: {why}"))
    }
}

/// The same in Node, whose wasm has no file system of its own.
#[cfg(target_arch = "wasm32")]
mod node {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen(module = "fs")]
    extern "C" {
        #[wasm_bindgen(js_name = readdirSync)]
        pub(crate) fn list(folder: &str) -> Vec<String>;
        #[wasm_bindgen(js_name = existsSync)]
        pub(crate) fn exists(path: &str) -> bool;
        #[wasm_bindgen(js_name = readFileSync)]
        fn read_as(path: &str, encoding: &str) -> String;
    }

    pub(crate) fn read(path: &str) -> String {
        read_as(path, "utf8")
    }
}
