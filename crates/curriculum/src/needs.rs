//! Which parts of the engine a lab needs beside those that every page loads.

use hopscope_core::policy::balance::PolicyKind;
use hopscope_core::scenario::{KnobKind, Panel, Pool, Scenario};

/// The policies that lessons about balancing teach.
pub(crate) const POLICIES: &str = "policies";
/// The policies that one server alone has.
pub(crate) const SERVERS: &str = "servers";

/// What watches the health of members.
pub(crate) const HEALTH: &str = "health";

/// What every lab runs on.
const LABS: &str = "labs";

/// What keeps the users of pools.
const STICKY: &str = "sticky";

/// What draws a lab's pictures.
const fn piece_of(panel: Panel) -> &'static str {
    match panel {
        Panel::Sequence | Panel::Connections | Panel::Slots => "panels",
        Panel::Health => "checks",
        Panel::Sessions => "sessions",
    }
}

/// The pieces that a lab needs beside those of all labs, by name.
pub(crate) fn of_lab(scenario: &Scenario) -> Vec<&'static str> {
    let asked = policies(scenario);
    let among = |kinds: &[PolicyKind]| kinds.iter().any(|kind| asked.contains(&called(*kind)));
    let rare = |kind: &PolicyKind| !PolicyKind::COMMON.contains(kind) && !PolicyKind::TAUGHT.contains(kind);
    let others: Vec<PolicyKind> = PolicyKind::ALL.iter().copied().filter(rare).collect();
    let makers = match (among(&others), among(PolicyKind::TAUGHT)) {
        (true, _) => Some(SERVERS),
        (false, true) => Some(POLICIES),
        (false, false) => None,
    };
    let health = pools(scenario).any(|pool| pool.checks.is_some() || pool.outlier.is_some()).then_some(HEALTH);
    let sticky = pools(scenario).any(|pool| pool.sticky.is_some()).then_some(STICKY);
    makers.into_iter().chain(health).chain(sticky).chain(scenario.panels.iter().map(|&panel| piece_of(panel))).collect()
}

/// The pieces that a page needs to show these labs.
pub(crate) fn of_page<'a>(labs: impl IntoIterator<Item = &'a Scenario>) -> Vec<&'static str> {
    [LABS].into_iter().chain(labs.into_iter().flat_map(of_lab)).collect()
}

/// The pools of a scenario.
fn pools(scenario: &Scenario) -> impl Iterator<Item = &Pool> {
    scenario.proxies.iter().flat_map(|proxy| &proxy.pools).chain(scenario.forwarders.iter().map(|f| &f.pool))
}

/// The policies of a scenario's pools, and those that its knobs offer.
fn policies(scenario: &Scenario) -> Vec<String> {
    let turned = scenario.knobs.iter().filter(|knob| knob.sets.iter().any(|path| path.ends_with(".policy")));
    let offered = turned.flat_map(|knob| match &knob.kind {
        KnobKind::Choice { of, .. } => of.clone(),
        _ => Vec::new(),
    });
    pools(scenario).map(|pool| called(pool.policy)).chain(offered).collect()
}

/// A policy's name in a lab.
fn called(kind: PolicyKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scenario: &str, expect: &[&str]) {
        let scenario: Scenario = toml::from_str(scenario).expect("a scenario");
        assert_eq!(of_lab(&scenario), expect);
    }

    #[test]
    fn what_is_rare_is_asked_for_by_pools_and_by_knobs() {
        let pool = |policy: &str| format!("[[proxies]]\nname = \"lb\"\npools = [{{ name = \"web\", policy = \"{policy}\" }}]\n");
        check(&pool("least_conn"), &[]);
        check(&pool("ketama"), &[POLICIES]);
        check("[[proxies]]\nname = \"lb\"\npools = [{ name = \"web\", sticky = { cookie = { name = \"SRV\" } } }]\n", &[STICKY]);
        let knob = |of: &str| {
            format!(
                "{}[[knobs]]\nid = \"policy\"\nsets = [\"lb.web.policy\"]\nkind = {{ choice = {{ of = [\"random\", \"{of}\"], default = \"random\" }} }}\n",
                pool("random")
            )
        };
        check(&knob("ip_hash"), &[]);
        check(&knob("maglev"), &[POLICIES]);
        check(&knob("haproxy_first"), &[SERVERS]);
        check(&pool("random\", checks = {}, by = \"client"), &[HEALTH]);
        check(&pool("ketama\", outlier = {}, by = \"client"), &[POLICIES, HEALTH]);
        check(&format!("panels = [\"slots\"]\n{}", pool("maglev")), &[POLICIES, "panels"]);
        check(&format!("panels = [\"health\", \"sessions\"]\n{}", pool("random")), &["checks", "sessions"]);
    }
}
