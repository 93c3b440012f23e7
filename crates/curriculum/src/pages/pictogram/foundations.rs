//! Pictures of the track Foundations.

/// Two connections meet in the proxy.
pub(super) const WHAT_REVERSE_PROXIES_DO: &str = r#"
<g class="s-client"><circle cx="20" cy="34" r="5"/><path d="M11 54C11 42 29 42 29 54"/></g>
<path class="s-client thick" d="M36 42H61"/>
<rect class="s-proxy" x="62" y="18" width="36" height="48" rx="7"/>
<rect class="f-client" x="66" y="38" width="8" height="8" rx="2"/>
<rect class="f-backend" x="86" y="38" width="8" height="8" rx="2"/>
<path class="s-proxy dotted" d="M76 42H84"/>
<path class="s-backend thick" d="M99 42H122"/>
<g class="s-backend"><rect x="123" y="26" width="24" height="14" rx="3"/><rect x="123" y="44" width="24" height="14" rx="3"/><path d="M128 33h.1M128 51h.1M133 33h8M133 51h8"/></g>
"#;

/// An address leads to one server, a request line to several.
pub(super) const L4_VS_L7: &str = r#"
<rect class="s-client" x="16" y="10" width="46" height="24" rx="3"/>
<text class="f-client" x="39" y="26.5">:443</text>
<path class="s-client" d="M70 22H114M109.5 17.5 114 22 109.5 26.5"/>
<rect class="s-backend" x="122" y="14" width="26" height="16" rx="3"/><path class="s-backend" d="M128 22h.1"/>
<rect class="s-proxy" x="16" y="49" width="46" height="24" rx="3"/>
<text class="f-proxy" x="39" y="65.5">GET /</text>
<path class="s-proxy" d="M63 61C88 61 92 49 121 49"/>
<path class="s-proxy faint" d="M63 61C88 61 92 71 121 71"/>
<rect class="s-backend" x="122" y="41" width="26" height="16" rx="3"/><path class="s-backend" d="M128 49h.1"/>
<rect class="s-backend" x="122" y="63" width="26" height="16" rx="3"/><path class="s-backend" d="M128 71h.1"/>
"#;

/// Four servers, each as full as its bar; the next request goes to the lowest.
pub(super) const BALANCING_ALGORITHMS: &str = r#"
<rect class="s-backend t-backend" x="30" y="30" width="18" height="42" rx="3"/>
<rect class="s-backend f-backend" x="58" y="48" width="18" height="24" rx="3"/>
<rect class="s-backend t-backend" x="86" y="20" width="18" height="52" rx="3"/>
<rect class="s-backend t-backend" x="114" y="36" width="18" height="36" rx="3"/>
<path class="s-ink" d="M67 10V39M62 34 67 39.5 72 34"/>
<path class="wire" d="M22 76H140"/>
"#;
