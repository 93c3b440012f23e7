//! Pictures of the track Caching.

/// The answer comes from the shelf, and the server is not asked.
pub(super) const PROXY_CACHING: &str = r#"
<circle class="f-ok" cx="22" cy="28" r="4"/><path class="s-ok" d="M28 28H62"/>
<path class="s-cache bold" d="M62 58H28C22 58 22 58 22 48M16.5 53.5 22 46.5 27.5 53.5"/>
<rect class="s-proxy" x="63" y="10" width="34" height="64" rx="6"/>
<path class="s-proxy thin" d="M63 31H97M63 53H97"/>
<g class="f-cache"><rect x="69" y="16" width="9" height="9" rx="1.5"/><rect x="82" y="16" width="9" height="9" rx="1.5"/><rect x="69" y="37.5" width="9" height="9" rx="1.5"/><rect x="69" y="59" width="9" height="9" rx="1.5"/><rect x="82" y="59" width="9" height="9" rx="1.5"/></g>
<rect class="s-cache hollow" x="82.7" y="38.2" width="7.6" height="7.6" rx="1.5"/>
<path class="s-ink3 dotted" d="M99 42H119"/>
<rect class="s-backend" x="121" y="34" width="26" height="16" rx="3"/><path class="s-backend" d="M127 42h.1"/>
"#;

/// Copies all over the globe, each close to someone.
pub(super) const CDN_EDGE: &str = r#"
<g class="wire"><circle cx="80" cy="42" r="33"/><ellipse cx="80" cy="42" rx="14" ry="33"/><path d="M47 42H113M52 25H108M52 59H108"/></g>
<path class="s-client dotted" d="M24 20 58 29M26 66 60 56M136 62 101 54"/>
<circle class="f-client" cx="20" cy="19" r="3.5"/><circle class="f-client" cx="22" cy="67" r="3.5"/><circle class="f-client" cx="140" cy="63" r="3.5"/>
<g class="s-edge t-edge"><path d="M64 22.5 71 26.5 71 34.5 64 38.5 57 34.5 57 26.500Z"/><path d="M97 20.5 104 24.5 104 32.5 97 36.5 90 32.5 90 24.500Z"/><path d="M66 47.5 73 51.5 73 59.5 66 63.5 59 59.5 59 51.500Z"/><path d="M95 45.5 102 49.5 102 57.5 95 61.5 88 57.5 88 49.500Z"/></g>
"#;
