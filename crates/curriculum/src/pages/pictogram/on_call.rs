//! Pictures of the track On call.

/// Each hop's share of one request's time.
pub(super) const TRACE_A_REQUEST: &str = r#"
<rect class="f-edge" x="14" y="10" width="18" height="9" rx="2"/>
<rect class="f-client" x="32" y="24" width="24" height="9" rx="2"/>
<rect class="f-proxy" x="56" y="38" width="22" height="9" rx="2"/>
<rect class="f-cache" x="78" y="52" width="10" height="9" rx="2"/>
<rect class="f-backend" x="88" y="66" width="58" height="9" rx="2"/>
<path class="wire dotted" d="M32 20V23M56 34V37M78 48V51M88 62V65"/>
"#;

/// A quiet line, a spike, and a flag where someone noticed.
pub(super) const INCIDENT_ROOM: &str = r#"
<path class="wire" d="M12 74H148"/>
<path class="s-ink3 dotted" d="M78 12V74"/>
<path class="s-error bold" d="M12 58H42L50 54 58 60 66 56 78 22 90 66 98 54 108 58H148"/>
<path class="f-error" d="M78 8H98L93 14 98 20H78Z"/>
"#;

/// One line of a configuration is marked.
pub(super) const CONFIG_REVIEW: &str = r#"
<rect class="s-ink3" x="40" y="8" width="80" height="68" rx="5"/>
<rect class="t-error" x="41" y="43" width="78" height="14"/>
<path class="s-ink3" d="M50 20H84M58 30H100M50 66H74"/><path class="s-link" d="M90 20H108M82 66H98"/>
<path class="s-error bold" d="M58 50H94"/><path class="s-error bold" d="M104 46.5 111 53.500M111 46.5 104 53.5"/>
"#;
