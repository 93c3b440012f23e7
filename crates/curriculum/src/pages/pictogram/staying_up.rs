//! Pictures of the track Staying up.

/// Probes go out; the one to the dead server fails, and it is left out.
pub(super) const HEALTH_AND_FAILOVER: &str = r#"
<rect class="s-proxy" x="14" y="30" width="26" height="24" rx="5"/>
<path class="wire" d="M41 42C80 42 76 17 118 17M41 42C80 42 76 67 118 67"/>
<path class="s-error dashed" d="M41 42H118"/>
<rect class="s-backend" x="119" y="9" width="28" height="16" rx="3"/><path class="s-backend" d="M125 17h.1"/>
<rect class="s-error t-error dashed" x="119" y="34" width="28" height="16" rx="3"/>
<rect class="s-backend" x="119" y="59" width="28" height="16" rx="3"/><path class="s-backend" d="M125 67h.1"/>
<path class="s-ok surface" d="M84 18.5 90 24.5 84 30.5 78 24.500ZM84 53.5 90 59.5 84 65.5 78 59.500Z"/>
<path class="f-error" d="M72 34 80 42 72 50 64 42Z"/><path class="cross" d="M69.5 39.5 74.5 44.500M74.5 39.5 69.5 44.5"/>
"#;

/// Whoever comes again is led to the server that knows them.
pub(super) const STICKY_SESSIONS: &str = r#"
<path class="wire" d="M34 17C82 17 78 42 116 42M34 42C82 42 78 67 116 67M34 67C82 67 78 17 116 17"/>
<rect class="f-edge" x="18" y="12" width="10" height="10" rx="1"/>
<circle class="f-proxy" cx="23" cy="42" r="5.5"/>
<path class="f-cache" d="M23 60.5 29.5 72 16.5 72Z"/>
<rect class="s-backend" x="117" y="7" width="30" height="20" rx="3"/><path class="f-cache" d="M132 11.5 137.5 21.5 126.5 21.500Z"/>
<rect class="s-backend" x="117" y="32" width="30" height="20" rx="3"/><rect class="f-edge" x="127.5" y="37.5" width="9" height="9" rx="1"/>
<rect class="s-backend" x="117" y="57" width="30" height="20" rx="3"/><circle class="f-proxy" cx="132" cy="67" r="5"/>
"#;

/// A bucket takes what fits; the rest is refused.
pub(super) const RATE_LIMITING: &str = r#"
<circle class="f-ok" cx="14" cy="44" r="3.5"/><circle class="f-ok" cx="34" cy="44" r="3.5"/>
<circle class="f-proxy" cx="80" cy="6" r="2.8"/><circle class="f-proxy" cx="80" cy="19" r="2.8"/>
<path class="t-proxy" d="M63.5 50H96.500L94 74H66Z"/>
<path class="s-proxy bold" d="M60 20 66 75H94L100 20"/>
<circle class="f-proxy" cx="72" cy="57" r="2.8"/><circle class="f-proxy" cx="82" cy="59" r="2.8"/><circle class="f-proxy" cx="90" cy="55" r="2.8"/><circle class="f-proxy" cx="75" cy="67" r="2.8"/><circle class="f-proxy" cx="86" cy="68" r="2.8"/>
<path class="s-ok" d="M108 44H128M123.5 39.5 128 44 123.5 48.5"/><circle class="f-ok" cx="142" cy="44" r="3.5"/>
<path class="s-error dotted" d="M107 60 130 67"/><path class="s-error bold" d="M138 65 146 73M146 65 138 73"/>
"#;

/// Server by server the new version replaces the old one.
pub(super) const ROLLOUTS_AND_DRAINING: &str = r#"
<g class="f-backend"><rect x="24" y="14" width="18" height="18" rx="4"/><rect x="48" y="14" width="18" height="18" rx="4"/><rect x="72" y="14" width="18" height="18" rx="4"/><rect x="24" y="38" width="18" height="18" rx="4"/><rect x="48" y="38" width="18" height="18" rx="4"/></g>
<rect class="s-edge dotted" x="72" y="38" width="18" height="18" rx="4"/><circle class="f-edge" cx="81" cy="47" r="2.5"/>
<g class="s-edgeui"><rect x="96" y="14" width="18" height="18" rx="4"/><rect x="120" y="14" width="18" height="18" rx="4"/><rect x="96" y="38" width="18" height="18" rx="4"/><rect x="120" y="38" width="18" height="18" rx="4"/></g>
<path class="s-ink3" d="M24 70H138M132.5 65 138 70 132.5 75"/>
"#;
