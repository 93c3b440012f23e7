//! How servers are told apart where there is little room: a short label first, then a shape, then
//! a tint. The same server looks alike in every picture of a lab.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{NodeKind, Spec};
use hopscope_core::world::NodeId;
use maud::{Markup, html};

use crate::views::names;

/// The longest label that fits on a mark.
const LABEL: usize = 3;

/// A member of a pool.
#[derive(Clone, Debug)]
pub struct Server {
    /// Who.
    pub node: NodeId,
    /// What the lab calls it.
    pub name: String,
    /// As much of the name as tells it from the others, or its number.
    pub label: String,
}

/// The servers of a lab in the order of its scenario.
#[derive(Clone, Debug)]
pub struct Servers(Vec<Server>);

impl Servers {
    /// Every backend that a pool lists, and every other node that a pool of several lists.
    pub fn of(spec: &Spec, lab: &Lab) -> Self {
        let pools = || spec.nodes.iter().flat_map(|n| n.pools());
        let listed = |name: &str, alone: bool| pools().any(|p| (alone || p.members.len() > 1) && p.members.iter().any(|m| m.node == name));
        let members = spec.nodes.iter().enumerate().filter(|(_, n)| listed(&n.name, matches!(n.kind, NodeKind::Backend(_))));
        let found: Vec<(NodeId, String)> = members.map(|(i, n)| (NodeId::new(i), names::shown(lab, &n.name).to_owned())).collect();
        let labels = labels(&found.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>());
        Self(found.into_iter().zip(labels).map(|((node, name), label)| Server { node, name, label }).collect())
    }

    /// All of them.
    pub fn all(&self) -> &[Server] {
        &self.0
    }

    /// A server's place among them.
    pub fn index(&self, node: NodeId) -> Option<usize> {
        self.0.iter().position(|server| server.node == node)
    }

    /// A mark of 26 by 26 around the origin: shape, tint and label.
    pub fn mark(&self, index: usize) -> Markup {
        html! {
            path class=(tint(index)) d=(shape(index)) {}
            text y="4" text-anchor="middle" class=(format_args!("sv-label {}", tint(index))) { (self.0[index].label) }
        }
    }

    /// A server's mark beside its name.
    pub fn named(&self, index: usize) -> Markup {
        html! {
            svg width="22" height="22" viewBox="-13 -13 26 26" aria-hidden="true" class="sv-svg" { (self.mark(index)) }
            (self.0[index].name)
        }
    }

    /// The marks with the names that they stand for.
    pub fn legend(&self) -> Markup {
        html! {
            ul class="sv-legend" {
                @for (index, server) in self.0.iter().enumerate() {
                    li {
                        svg width="26" height="26" viewBox="-13 -13 26 26" aria-hidden="true" class="sv-svg" { (self.mark(index)) }
                        @if server.label != server.name { (server.name) }
                    }
                }
            }
        }
    }
}

/// The class of a server's tint.
pub const fn tint(index: usize) -> &'static str {
    ["sv-0", "sv-1", "sv-2", "sv-3"][(index + index / 4) % 4]
}

/// The outline of a server's shape, 24 by 24 around the origin.
pub const fn shape(index: usize) -> &'static str {
    [
        "M-9 -12h18a3 3 0 0 1 3 3v18a3 3 0 0 1 -3 3h-18a3 3 0 0 1 -3 -3v-18a3 3 0 0 1 3 -3z",
        "M0 -12a12 12 0 1 1 0 24a12 12 0 1 1 0 -24z",
        "M-7 -12h14l5 12 -5 12h-14l-5 -12z",
        "M0 -13l12 8v17h-24v-17z",
    ][index % 4]
}

/// Labels of at most three characters: the names themselves, what is left of them without what
/// all begin with, or numbers.
fn labels(names: &[&str]) -> Vec<String> {
    let distinct = names.iter().enumerate().all(|(at, name)| !names[..at].contains(name));
    let shortest = names.iter().map(|name| name.chars().count()).min().unwrap_or(0);
    let alike = |at: &usize| names.iter().all(|name| name.chars().nth(*at) == names[0].chars().nth(*at));
    let common = (0..shortest.saturating_sub(1)).take_while(alike).count();
    let rest = |name: &str, cut: usize| name.chars().skip(cut).collect::<String>();
    // What is left of a name may not be a piece of a word.
    let whole = |name: &&str, cut: usize| cut == 0 || rest(name, cut - 1).chars().take(2).any(|c| !c.is_ascii_alphabetic());
    let fits = |cut: &usize| distinct && names.iter().all(|name| rest(name, *cut).chars().count() <= LABEL && whole(name, *cut));
    match [0, common].into_iter().find(fits) {
        Some(cut) => names.iter().map(|name| rest(name, cut)).collect(),
        None => (1..=names.len()).map(|n| n.to_string()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::labels;

    fn check(names: &[&str], expect: &[&str]) {
        assert_eq!(labels(names), expect, "{names:?}");
    }

    #[test]
    fn labels_tell_servers_apart() {
        check(&["b1", "b2"], &["b1", "b2"]);
        check(&["backend-1", "backend-12"], &["1", "12"]);
        check(&["old server", "new server"], &["1", "2"]);
        check(&["same", "same"], &["1", "2"]);
        check(&["web", "web-2"], &["1", "2"]);
        check(&["app1", "app2"], &["1", "2"]);
        check(&["lion", "lily"], &["1", "2"]);
        check(&[], &[]);
    }
}
