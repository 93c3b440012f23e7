//! The certificate as it is shown, and what can be done with it: print, save, copy, tell.

use std::rc::Rc;

use hopscope_core::certificate::{Issued, Report, linkedin};
use hopscope_paper::{Paper, Sheet, qr, svg};
use js_sys::{Array, Date};
use leptos::prelude::{document, window};
use maud::{PreEscaped, html};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, Element, Event, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url};

use super::desk::Desk;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// The name that people know a size of paper by.
const fn name(paper: Paper) -> &'static str {
    match paper {
        Paper::A4 => "A4",
        Paper::Letter => "Letter",
    }
}

/// Links beyond this are cut short by some chat programs.
const LONG: usize = 2_000;

/// Pixels of the picture for each CSS pixel of the sheet.
const SHARP: u32 = 2;

/// Shows the certificate with what can be done with it.
pub(super) fn show(desk: &Desk, report: &Report) {
    let course: Vec<&str> = desk.course.iter().map(String::as_str).collect();
    let Some(issued) = Issued::of(report, &course) else { return desk.paper.set_inner_html("") };
    let link = link(desk);
    let today = Date::new_0();
    let profile = linkedin(&issued, "Hopscope", (today.get_full_year() as u16, today.get_month() as u8 + 1), &link);
    let sheet = drawn(&issued, Paper::A4, &link);
    let page = html! {
        section.paper aria-labelledby="paper-title" {
            h2.visually-hidden #paper-title { "Your certificate" }
            div.paper-actions {
                p.paper-note role="status" data-said { "Made on this device. Nothing was sent anywhere." }
                button.primary-button type="button" data-do="copy" { "Copy link" }
                button.outline-button type="button" data-do="print" { "Print or save as PDF" }
                button.outline-button type="button" data-do="png" { "PNG" }
                @for paper in [Paper::A4, Paper::Letter] {
                    button.outline-button type="button" data-do="svg" data-id=(name(paper)) { "SVG, " (name(paper)) }
                }
                a.outline-button href=(profile) target="_blank" rel="noopener" { "Add to LinkedIn" }
                a.outline-button href=(link) { "See it checked" }
            }
            div.paper-sheet data-sheet { (PreEscaped(sheet)) }
            div.paper-link {
                label for="paper-link" { "The link. It is the certificate" }
                textarea #paper-link rows="3" readonly spellcheck="false" { (link) }
                p {
                    "It has " (link.len()) " characters"
                    @if link.len() > LONG { "; some chat programs cut links longer than 2,000. Send it by mail, or as a file" }
                    ". Whoever has it sees the name and can replay the work; keep it, and the certificate can be made again from it."
                }
            }
        }
    };
    desk.paper.set_inner_html(&page.into_string());
    desk.issued.replace(Some(issued));
}

/// The address that checks the certificate that is shown.
fn link(desk: &Desk) -> String {
    let here = window().location().href().unwrap_or_default();
    let verify = Url::new_with_base(&desk.verify, &here).map_or_else(|_| desk.verify.clone(), |url| url.href());
    format!("{verify}#{}", desk.shown.borrow())
}

fn drawn(issued: &Issued, paper: Paper, link: &str) -> String {
    let today = Date::new_0();
    let month = MONTHS.get(today.get_month() as usize).copied().unwrap_or_default();
    let finished = format!("{} {month} {}", today.get_date(), today.get_full_year());
    let address = link.split('#').next().unwrap_or(link);
    let code = qr(link);
    svg(&Sheet { issued, finished: &finished, address, code: code.as_ref() }, paper)
}

/// A button beside the certificate was pushed.
pub(super) fn clicked(desk: &Rc<Desk>, event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let button = target.and_then(|target| target.closest(".paper-actions [data-do]").ok().flatten());
    let (Some(button), Some(issued)) = (button, desk.issued.borrow().clone()) else { return };
    let link = link(desk);
    match button.get_attribute("data-do").as_deref() {
        Some("copy") => copy(desk, &link),
        Some("print") => {
            let _ = window().print();
        }
        Some("svg") => {
            let is_letter = button.get_attribute("data-id").as_deref() == Some(name(Paper::Letter));
            let sheet = drawn(&issued, if is_letter { Paper::Letter } else { Paper::A4 }, &link);
            if let Some(address) = address_of(&sheet, "image/svg+xml") {
                save(&address, "hopscope-certificate.svg");
            }
        }
        _ => picture(desk, &drawn(&issued, Paper::A4, &link)),
    }
}

fn copy(desk: &Rc<Desk>, link: &str) {
    let copied = window().navigator().clipboard().write_text(link);
    let desk = Rc::clone(desk);
    spawn_local(async move {
        let done = JsFuture::from(copied).await.is_ok();
        say(&desk, if done { "Link copied." } else { "The browser did not let the page copy. Copy the link from the field below." });
    });
}

fn say(desk: &Desk, what: &str) {
    if let Ok(Some(place)) = desk.paper.query_selector("[data-said]") {
        place.set_text_content(Some(what));
    }
}

/// An address within this page for a file made here.
fn address_of(text: &str, kind: &str) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts: Array = [JsValue::from_str(text)].into_iter().collect();
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

fn save(address: &str, name: &str) {
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(address);
        link.set_download(name);
        link.click();
    }
}

/// Paints the SVG on a canvas of twice its size and saves that.
fn picture(desk: &Rc<Desk>, svg: &str) {
    let (Some(address), Ok(image)) = (address_of(svg, "image/svg+xml"), HtmlImageElement::new()) else { return };
    let (desk, painted) = (Rc::clone(desk), image.clone());
    let ready = Closure::<dyn FnMut()>::new(move || {
        if paint(&painted).is_none() {
            say(&desk, "This browser could not make the picture. The SVG is the same sheet.");
        }
    });
    image.set_onload(Some(ready.as_ref().unchecked_ref()));
    image.set_src(&address);
    // Called once, after this function is long over.
    ready.forget();
}

fn paint(image: &HtmlImageElement) -> Option<()> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    let (w, h) = (image.natural_width() * SHARP, image.natural_height() * SHARP);
    canvas.set_width(w);
    canvas.set_height(h);
    let context: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, f64::from(w), f64::from(h)).ok()?;
    save(&canvas.to_data_url_with_type("image/png").ok()?, "hopscope-certificate.png");
    Some(())
}
