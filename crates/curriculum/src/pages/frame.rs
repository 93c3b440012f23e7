//! The document around every page: head, skip link, top bar, footer.

use hopscope_core::scenario::Panel;
use maud::{DOCTYPE, Markup, html};

use crate::load::{Curriculum, LANGUAGE};
use crate::pages::topbar;
use crate::site::Assets;

/// What differs from page to page.
pub struct Page<'a> {
    /// `home`, `lesson`, `embed`, `glossary`, `cheatsheet`, `cheatsheets`,
    /// `progress`, `certificate` or `verify`; the script reads it.
    pub kind: &'a str,
    /// The pictures that its labs show below their stages.
    pub panels: Vec<Panel>,
    /// Way to the site's root, for example `../../`.
    pub root: &'a str,
    /// The lesson that the page belongs to.
    pub slug: Option<&'a str>,
    /// Text of the browser's tab.
    pub title: String,
    /// One or two sentences for search results.
    pub description: String,
    /// The pieces of wasm that its labs cannot do without, by name.
    pub needs: Vec<&'static str>,
    /// What stands in `<main>`.
    pub main: Markup,
}

/// Stylesheets that only pages of some kinds link, by the stem of their name.
const ONLY_ON: [(&str, &[&str]); 4] = [
    ("progress", &["progress"]),
    ("review", &["progress", "lesson"]),
    ("cheatsheets", &["cheatsheets"]),
    ("certificate", &["certificate", "verify"]),
];

/// The stylesheet of pages with a lab that shows a picture below its stage.
const PICTURES: &str = "connections";

/// Stylesheets of single pictures, by the stem of their name.
const OF_PICTURES: [(&str, Panel); 2] = [("health", Panel::Health), ("sessions", Panel::Sessions)];

/// Whether a page links a stylesheet. What stands behind the last hyphen of its name is a hash.
fn links(page: &Page<'_>, style: &str) -> bool {
    let stem = style.trim_start_matches("./").trim_end_matches(".css");
    let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem);
    let is_for_its_kind = ONLY_ON.iter().find(|(name, _)| *name == stem).is_none_or(|(_, kinds)| kinds.contains(&page.kind));
    let is_shown = OF_PICTURES.iter().find(|(name, _)| *name == stem).is_none_or(|(_, panel)| page.panels.contains(panel));
    is_for_its_kind && is_shown && (stem != PICTURES || !page.panels.is_empty())
}

/// The bundled home page without the links to stylesheets that it has no use for.
pub(crate) fn without_styles_of_others(document: &str, page: &Page<'_>, assets: &Assets) -> String {
    let mut text = document.to_owned();
    for style in assets.styles.iter().filter(|style| !links(page, style)) {
        let tag = text.find(style.as_str()).and_then(|at| Some((text[..at].rfind("<link")?, at + text[at..].find('>')? + 1)));
        if let Some((start, end)) = tag {
            text.replace_range(start..end, "");
        }
    }
    text
}

/// The whole document of a page with top bar and footer.
pub fn document(page: &Page<'_>, curriculum: &Curriculum, assets: &Assets) -> String {
    bare(page, assets, &chrome(page, curriculum)).into_string()
}

/// A document whose body is given whole: an embedded lab has no top bar.
pub fn bare(page: &Page<'_>, assets: &Assets, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(LANGUAGE) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @for style in assets.styles.iter().filter(|style| links(page, style)) {
                    link rel="stylesheet" href={ (page.root) (style) };
                }
                (head(page, assets))
            }
            body data-root=(page.root) data-page=(page.kind) data-slug=[page.slug] { (body) }
        }
    }
}

/// What the head says beside character set, viewport and styles.
pub fn head(page: &Page<'_>, assets: &Assets) -> Markup {
    html! {
        title { (page.title) }
        meta name="description" content=(page.description);
        meta name="color-scheme" content="light dark";
        meta name="theme-color" content="#F5F3EE" media="(prefers-color-scheme: light)";
        meta name="theme-color" content="#11141A" media="(prefers-color-scheme: dark)";
        link rel="icon" type="image/svg+xml" href={ (page.root) "favicon.svg" };
        (code_of_labs(page, assets))
        script src={ (page.root) (assets.theme) } {}
        script type="module" src={ (page.root) (assets.boot) } {}
    }
}

/// The files that the page's labs run on. A page of one lab asks for them with its head; on a
/// lesson's page a script asks once the reader comes near a lab (`web/src/page.rs`).
fn code_of_labs(page: &Page<'_>, assets: &Assets) -> Markup {
    let mut files: Vec<&str> = page.needs.iter().filter_map(|piece| assets.pieces.get(*piece)).flatten().map(String::as_str).collect();
    files.sort_unstable();
    files.dedup();
    let addresses: Vec<String> = files.iter().map(|file| format!("{}{file}", page.root)).collect();
    html! {
        @if page.kind == "embed" {
            @for address in &addresses { link rel="preload" as="fetch" crossorigin="anonymous" href=(address); }
        } @else if !addresses.is_empty() {
            meta name="hopscope-labs" content=(addresses.join(" "));
        }
    }
}

/// Skip link, top bar, main and footer.
pub fn chrome(page: &Page<'_>, curriculum: &Curriculum) -> Markup {
    html! {
        a.skip-link href="#main" { "Skip to the content" }
        (topbar::topbar(page, curriculum))
        main #main tabindex="-1" { (page.main) }
        (footer(page.root))
    }
}

fn footer(root: &str) -> Markup {
    html! {
        footer.site-footer {
            p { "Hopscope runs in your browser. Progress stays on this device." }
            nav aria-label="Footer" {
                a href={ (root) "#core" } { "Course" }
                a href={ (root) "glossary/" } { "Glossary" }
                a href={ (root) "cheatsheets/" } { "Cheatsheets" }
                a href={ (root) "progress/" } { "Your progress" }
                a href={ (root) "certificate/" } { "Certificate" }
                a href={ (root) "verify/" } { "Check a certificate" }
            }
        }
    }
}
